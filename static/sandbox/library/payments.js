/*
 * `Klarna.Payments`, as a page sees it. A wrong call throws; before it throws, its callback has been called with
 * a refusal. Everything else reaches the callback in a later turn, also when the answer is known at once.
 */

const NOT_SHOWN = { show_form: false };
const NOT_APPROVED = { show_form: false, approved: false };

const current = {
  clientToken: null,
  loaded: new Map(), // widgetKey -> container
  agreement: null, // what the shopper confirmed with auto_finalize: false, until finalize
  country: null, // of the session, once the widget was loaded
};

/** How often something was drawn into each container. */
const turns = new WeakMap();

function answer(callback, result) {
  if (callback) setTimeout(() => callback({ ...result }), 0);
}

/** Runs the checks of a call; what they throw is thrown on, after the callback has been told. */
function checked(callback, refusal, checks) {
  try {
    return checks();
  } catch (error) {
    if (callback) callback({ ...refusal });
    throw error;
  }
}

function requireInitialised() {
  if (!current.clientToken) throw new ApplicationNotInitializedError("Call Klarna.Payments.init first");
}

/** A call after `load` must name what `load` named; an empty category counts as "the one that is loaded". */
function requireLoaded(options) {
  requireInitialised();
  if (current.loaded.size === 0) throw new ApplicationNotLoadedError("Call Klarna.Payments.load first");
  if (options.payment_method_category === "") return;
  if (!current.loaded.has(widgetKey(options))) {
    throw new PaymentMethodCategoryNotSupportedError(`Not loaded: ${widgetKey(options)}`);
  }
}

const PAYMENT_METHODS = [
  "klarna", "pay_now", "pay_later", "pay_over_time", "direct_bank_transfer", "direct_debit",
];

function requireKnownMethod(options) {
  const preferred = options.preferred_payment_method;
  if (preferred === undefined || preferred === null || PAYMENT_METHODS.includes(preferred)) return;
  throw new PreferredPaymentMethodNotSupportedError(`No such payment method: ${String(preferred)}`);
}

/**
 * Starts the library for one session. Starting it again with another token forgets what was loaded.
 *
 * @param {{client_token: string}} options the token of the session, from the merchant's server
 * @throws InvalidClientTokenError
 */
function init(options) {
  const token = options?.client_token;
  if (!looksLikeClientToken(token)) throw new InvalidClientTokenError("client_token is not a token");
  if (token === current.clientToken) return;
  current.clientToken = token;
  current.loaded.clear();
  current.agreement = null;
  current.country = null;
}

/**
 * Draws the widget.
 *
 * @param {Object} options `container`; `payment_method_category`, or `payment_method_categories` with
 *   `instance_id`, or neither; `preferred_payment_method`
 * @param {Object} [data] part of a session, merged into it first
 * @param {function({show_form: boolean, error: (Object|undefined)}): void} [callback]
 */
function load(...given) {
  const { options, data, callback } = readArguments(given);
  const { container, categories } = checked(callback, NOT_SHOWN, () => {
    requireInitialised();
    const found = { container: findContainer(options.container), categories: readCategories(options) };
    requireKnownMethod(options);
    return found;
  });
  current.loaded.set(widgetKey(options), container);
  show("load", container, { data, categories }).then((result) => answer(callback, result));
}

/** Asks for a frame and draws it. When the page has asked for another one meanwhile, that one stays. */
async function show(operation, container, request) {
  const turn = (turns.get(container) || 0) + 1;
  turns.set(container, turn);
  try {
    const { frame, country, ...result } = await ask(operation, current.clientToken, request);
    if (country) current.country = country;
    if (turns.get(container) === turn) await drawFrame(container, frame);
    return result;
  } catch (error) {
    if (turns.get(container) === turn) clearFrame(container);
    return { ...NOT_SHOWN, error: describeFailure(error) };
  }
}

/**
 * Lets the shopper buy. Call it inside the click, or the browser blocks the window.
 *
 * @param {Object} options what `load` was given, and `auto_finalize` (true unless said otherwise)
 * @param {Object} [data] part of a session, merged into it first: the place for addresses
 * @param {function(Object): void} [callback] `approved`, `show_form`, `authorization_token`,
 *   `finalize_required`, `error`
 */
function authorize(...given) {
  const { options, data, callback } = readArguments(given);
  checked(callback, NOT_APPROVED, () => requireLoaded(options));
  confirm(callback, "authorize", { data, auto_finalize: options.auto_finalize !== false });
}

/** Opens the window at once and asks for its ticket meanwhile. */
function confirm(callback, operation, request) {
  const token = current.clientToken;
  purchase(token, () => ask(operation, token, request)).then(({ agreement, ...result }) => {
    if (token === current.clientToken) current.agreement = agreement || null;
    answer(callback, result);
  });
}

/**
 * Authorizes again after the cart changed, on a page without the widget. Where the shopper has to agree anew,
 * the window opens.
 *
 * @param {Object} options `payment_method_category`
 * @param {Object} [data] part of a session, merged into it first
 * @param {function(Object): void} [callback]
 */
function reauthorize(...given) {
  const { options, data, callback } = readArguments(given);
  checked(callback, NOT_APPROVED, () => {
    requireInitialised();
    readCategories(options);
    if (current.loaded.size > 0) requireLoaded(options);
  });
  const token = current.clientToken;
  ask("reauthorize", token, { data }).then(
    (reply) => {
      if (reply.result) answer(callback, reply.result);
      else purchase(token, () => Promise.resolve(reply)).then((result) => answer(callback, result));
    },
    (error) => answer(callback, { ...CLOSED_BY_SHOPPER, error: describeFailure(error) }),
  );
}

/**
 * Finishes a purchase that was authorized with `auto_finalize: false`. On a page that did not authorize it, the
 * shopper confirms in the window.
 *
 * @param {Object} options what `load` was given
 * @param {Object} [data] part of a session, merged into it first
 * @param {function(Object): void} [callback]
 */
function finalize(...given) {
  const { options, data, callback } = readArguments(given);
  checked(callback, NOT_APPROVED, () => requireLoaded(options));
  const { agreement, clientToken } = current;
  if (!agreement) return confirm(callback, "authorize", { data, auto_finalize: true });
  current.agreement = null;
  return void ask("finalize", clientToken, { agreement, data }).then(
    (reply) => answer(callback, reply.result),
    (error) => answer(callback, { ...CLOSED_BY_SHOPPER, error: describeFailure(error) }),
  );
}

/**
 * Draws a summary of how the shopper pays. United States only.
 *
 * @param {{container: (Element|string)}} options
 * @param {function({show_form: boolean}): void} [callback]
 */
function loadPaymentReview(...given) {
  const { options, callback } = readArguments(given);
  const container = checked(callback, NOT_SHOWN, () => {
    requireInitialised();
    requireUnitedStates();
    return findContainer(options.container);
  });
  show("review", container, {}).then((result) => answer(callback, result));
}

/** Before the widget was loaded the country is not known here; the server then refuses. */
function requireUnitedStates() {
  if (current.country === null || current.country === "US") return;
  throw new OperationNotSupportedError("A payment review exists in the United States only");
}

/**
 * @param {string} name `heightChanged`, `fullscreenOverlayShown` or `fullscreenOverlayHidden`
 * @param {function(number=): void} handler
 * @throws EventNotSupportedError
 */
function on(name, handler) {
  handlersOf(name).add(handler);
}

/**
 * @param {string} name
 * @param {function(number=): void} [handler] all of them when left out
 * @throws EventNotSupportedError
 */
function off(name, handler) {
  if (handler) handlersOf(name).delete(handler);
  else handlersOf(name).clear();
}
