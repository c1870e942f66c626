/*
 * What a page may listen to. There is no way to stop listening; a name that is none is ignored.
 */
const EVENTS = [
  "load", "user_interacted", "customer", "change", "billing_address_change", "shipping_address_change",
  "shipping_option_change", "shipping_address_update_error", "can_not_complete_order", "network_error",
  "load_confirmation", "order_total_change", "checkbox_change", "redirect_initiated", "validation_callback",
];
const handlers = new Map(EVENTS.map((name) => [name, []]));

/** @param {Object<string, function>} wanted a function for each event */
function on(wanted) {
  for (const [name, handler] of Object.entries(wanted || {})) {
    if (typeof handler !== "function") continue;
    if (handlers.has(name)) handlers.get(name).push(handler);
    else console.warn(`Klarna Checkout: there is no event ${name}`);
  }
}

/** Tells the page, each handler in a turn of its own: a handler that fails hurts nobody else. */
function emit(name, data) {
  for (const handler of handlers.get(name) || []) setTimeout(() => handler(data), 0);
}

/** Asks the page whether to go on. Without a handler it has nothing against it; the first answer counts. */
function askPage() {
  const asked = handlers.get("validation_callback");
  if (asked.length === 0) return Promise.resolve({ should_proceed: true });
  return new Promise((resolve) => {
    const callback = (answer) => resolve({
      should_proceed: answer?.should_proceed === true,
      message: typeof answer?.message === "string" ? answer.message : "",
    });
    for (const handler of asked) setTimeout(() => handler({}, callback), 0);
  });
}
