/**
 * The checkout page, and every other one that leads into Klarna's window: the widget, the address, and the order.
 *
 * Klarna opens its window inside the click or not at all, so nothing may be awaited between the click and
 * `authorize`. The address therefore travels twice at the same time: to Klarna in `authorize`, to the shop by
 * `saveDetails`. The order is placed by the shop's server; from this page it takes the authorization token only.
 *
 * https://docs.klarna.com/payments/web-payments/integrate-with-klarna-payments/step-2-checkout/
 */

import { billingAddress, clearFieldError, localErrors, showFieldErrors } from "./js/checkout/address.js";
import { chosenEarly } from "./js/checkout/delivery.js";
import { clearProblem, complain, say } from "./js/checkout/notices.js";
import { NO_LINE, post, postUntilAnswered } from "./js/checkout/server.js";

const section = document.getElementById("payment");
const form = document.getElementById("checkout-form");
const container = "#klarna-payments-container";
const payButton = document.getElementById("pay");

/** What is said beside every way of not paying: each page has its own assurance. */
const KEPT = section.dataset.kept;
const PATIENCE_MS = 12000;

/** What the page knows about the attempt; replaced as a whole when the server sends a new one. */
let attempt = {
  id: section.dataset.attempt,
  version: section.dataset.version,
  clientToken: section.dataset.clientToken,
  category: section.dataset.category,
};
let widget = "loading"; // loading | ready | blocked | unavailable | refused
let doubted = false; // whether Klarna was asked once about a session whose widget did not load
let paying = false;
let refreshes = 0;

/** While Klarna's window is open nothing about the order may change; what is typed is kept and sent. */
function lock(on) {
  paying = on;
  form.toggleAttribute("data-locked", on);
  payButton.setAttribute("aria-disabled", String(on));
  for (const part of form.querySelectorAll("section")) part.inert = on && !part.contains(payButton);
}

function fields(more = {}) {
  const data = new FormData(form);
  for (const [name, value] of Object.entries({ attempt: attempt.id, version: attempt.version, ...more })) {
    data.set(name, value);
  }
  return data;
}

/** Take over what the server says about the cart and its session, and draw the widget anew. */
async function refresh(url = section.dataset.refreshUrl, more = {}) {
  widget = "loading";
  const mine = ++refreshes;
  say("Updating your order …");
  const { ok, body } = await post(url, fields(more));
  if (mine !== refreshes) return; // a later change is on its way; its answer counts
  if (body.redirect) {
    location.assign(body.redirect);
    return;
  }
  if (!ok) {
    widget = "unavailable";
    complain(body.message || NO_LINE, { retry: () => retryWith(url), correlation: body.correlation_id });
    return;
  }
  attempt = { id: body.attempt, version: body.version, clientToken: body.client_token, category: body.category };
  if (body.summary) document.getElementById("summary").outerHTML = body.summary;
  await draw();
  if (body.news.length) complain(body.news.join(" "));
}

function retryWith(url) {
  clearProblem();
  return refresh(url);
}

/* ---------------------------------------------------------------- Klarna's widget */

/** Load Klarna's library once; rejects when it is blocked or slow. */
function loadLibrary() {
  if (window.Klarna?.Payments) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("slow")), PATIENCE_MS);
    const done = (settle) => () => {
      clearTimeout(timer);
      settle(new Error("blocked"));
    };
    window.klarnaAsyncCallback = done(resolve);
    const script = document.createElement("script");
    script.src = section.dataset.sdkUrl;
    script.async = true;
    script.addEventListener("error", done(reject));
    document.head.append(script);
  });
}

/** What Klarna's library says of the widget; rejects when it says nothing for too long. */
function load() {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("slow")), PATIENCE_MS);
    window.Klarna.Payments.load({ container, payment_method_category: attempt.category }, resolve);
  });
}

/** Draw the widget; done when Klarna said whether it offers anything. Silence is told like a blocked script. */
async function draw() {
  clearProblem();
  widget = "loading";
  say("Loading Klarna …");
  try {
    await loadLibrary();
    window.Klarna.Payments.init({ client_token: attempt.clientToken });
    await drawn(await load());
  } catch {
    widget = "blocked";
    complain(
      "Klarna’s part of this page did not load. A content blocker or the network may hold it back. " +
        KEPT,
      { retry: () => draw() },
    );
  }
}

/** No form means no offer, or a session that Klarna let go: asked once, so that it cannot go round in circles. */
function drawn(result) {
  if (result.show_form) {
    widget = "ready";
    doubted = false;
    say("");
  } else if (!doubted) {
    doubted = true;
    return refresh(section.dataset.refreshUrl, { doubt: "1" });
  } else {
    widget = "refused";
    complain(`Klarna does not offer its payment for this purchase. ${KEPT}`);
  }
  return undefined;
}

/* ---------------------------------------------------------------- paying */

function pay() {
  if (paying) return;
  clearProblem();
  for (const field of form.elements) if (field.name) clearFieldError(field);
  if (showFieldErrors(localErrors())) {
    say("Please complete the marked fields.");
    return;
  }
  if (widget !== "ready") {
    explainWidget();
    return;
  }
  lock(true);
  say("Please confirm in Klarna’s window.");
  const paid = { ...attempt, details: fields(), address: billingAddress() };
  paid.saved = postUntilAnswered(section.dataset.detailsUrl, () => paid.details);
  try {
    window.Klarna.Payments.authorize(
      { payment_method_category: paid.category },
      { billing_address: paid.address, shipping_address: paid.address },
      (result) => decided(result, paid),
    );
  } catch {
    lock(false);
    complain("Klarna’s window could not be opened. Nothing was charged.", { retry: () => draw() });
  }
}

/** Klarna may want a last word on the final page; this page is the final one. */
function decided(result, paid) {
  if (!result.finalize_required) {
    authorized(result, paid);
    return;
  }
  const category = { payment_method_category: paid.category };
  window.Klarna.Payments.finalize(category, {}, (final) => authorized(final, paid));
}

function explainWidget() {
  if (widget === "loading") say("One moment, Klarna is still loading …");
  else retryWith(section.dataset.refreshUrl);
}

async function authorized(result, paid) {
  if (!result.approved) {
    lock(false);
    await notApproved(result, paid);
    return;
  }
  say(section.dataset.placing);
  const details = await paid.saved;
  if (details.body.fields) {
    lock(false);
    showFieldErrors(details.body.fields);
    complain("Something in your address is not right, so no order was placed and nothing charged. Please check and pay again.");
    return;
  }
  await placeOrder(paid, result.authorization_token);
}

/** Every way of not paying has its own words; the shop's own word on the address is added to Klarna's. */
async function notApproved(result, paid) {
  const wrong = result.error?.invalid_fields;
  if (wrong?.length) {
    const errors = Object.fromEntries(
      wrong.map((path) => [path.split(".").pop(), "Klarna cannot use this. Please check it."]),
    );
    const ours = (await paid.saved).body.fields ?? {};
    complain("Klarna cannot use what is marked in your address. Nothing was charged. Please check it and pay again.");
    showFieldErrors({ ...errors, ...ours });
  } else if (result.error) {
    // The session is over, or Klarna lost the thread: a fresh one, and the shopper presses the button again.
    refresh(section.dataset.refreshUrl, { doubt: "1" }).then(() => {
      if (widget !== "unavailable") {
        complain(`Klarna asks you to confirm again. ${KEPT} Please press the button again.`);
      }
    });
  } else if (result.show_form) {
    complain(`You closed Klarna’s window before confirming. ${KEPT}`);
  } else {
    widget = "refused";
    complain(
      `Klarna cannot approve this purchase. ${KEPT} ` +
        "You may pay with another Klarna account, or try again later.",
      { retry: () => retryWith(section.dataset.refreshUrl) },
    );
  }
}

/**
 * Bring the token to the shop. The shop places the order once however often it is asked, so a broken line, or a
 * failure of the shop, is simply tried again with the same token. Only a refusal in words ends it.
 */
async function placeOrder(paid, token) {
  const data = new FormData();
  data.set("attempt", paid.id);
  data.set("version", paid.version);
  data.set("authorization_token", token);
  const { ok, body } = await postUntilAnswered(section.dataset.ordersUrl, () => data);
  if (ok && body.redirect) {
    say("Done. Taking you there …");
    location.assign(body.redirect);
  } else if (body.error) {
    await notPlaced(body);
  } else {
    complain(
      "The line to the shop broke before it could answer. Trying again is safe: you will not pay twice.",
      { retry: () => { clearProblem(); placeOrder(paid, token); }, correlation: body.correlation_id },
    );
  }
}

/** A refusal: the shop gave the attempt up, so the page gets a fresh one before the shopper tries again. */
async function notPlaced(body) {
  lock(false);
  if (body.renew) await refresh();
  if (widget !== "unavailable") complain(body.message, { correlation: body.correlation_id });
}

/* ---------------------------------------------------------------- start */

payButton.addEventListener("click", pay);
payButton.disabled = false; // sent disabled: before somebody listened a press would have been lost
form.addEventListener("submit", (event) => {
  event.preventDefault();
  pay();
});
form.addEventListener("input", (event) => clearFieldError(event.target));
form.addEventListener("change", (event) => {
  if (event.target.name === "delivery" && !paying) {
    refresh(section.dataset.deliveryUrl);
  }
});

if (chosenEarly(form)) {
  refresh(section.dataset.deliveryUrl);
} else if (attempt.clientToken) {
  draw();
} else {
  widget = "unavailable";
  complain(
    section.dataset.problem || `Klarna cannot be reached right now. ${KEPT}`,
    { retry: () => retryWith(section.dataset.refreshUrl), correlation: section.dataset.correlation },
  );
}
