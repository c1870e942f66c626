/**
 * Listens to what Klarna Checkout's frame tells the page, and to what the page asks of it. Nobody is answered and
 * nothing is held back: the one event that waits for an answer, `validation_callback`, is not listened to.
 *
 * https://docs.klarna.com/klarna-checkout/in-depth-knowledge/client-side-events/
 */

import { tell } from "./feed.js";
import { masked, watch } from "./sdk.js";

const EVENTS = [
  "load", "user_interacted", "customer", "change", "billing_address_change", "shipping_address_change",
  "shipping_option_change", "shipping_address_update_error", "order_total_change", "checkbox_change",
  "can_not_complete_order", "network_error", "redirect_initiated", "load_confirmation",
];
const PLACE = { of: "_klarnaCheckout", script: "static/shop/klarna-checkout.js" };

/** @param {HTMLElement} demo */
export function watchCheckout(demo) {
  const queue = window._klarnaCheckout; // the snippet stands in the page, so it ran before this
  if (typeof queue !== "function") return;
  const hear = makeReporter(demo);
  queue((api) => {
    try {
      api.on(Object.fromEntries(EVENTS.map((event) => [event, (data) => hear(event, data)])));
    } catch {
      // A frame that does not let itself be listened to is left alone; what waits behind us is called.
    }
  });
  let seen = watchedQueue(demo, queue);
  try {
    Object.defineProperty(window, "_klarnaCheckout", {
      configurable: true,
      enumerable: true,
      get: () => seen,
      set: (given) => { seen = watchedQueue(demo, given); }, // Klarna's library, which takes over from the snippet
    });
  } catch {
    // As above.
  }
}

/** The queue or the library, whose callers get functions that are told of. */
function watchedQueue(demo, queue) {
  if (typeof queue !== "function") return queue;
  return new Proxy(queue, {
    apply: (target, self, [task, ...more]) =>
      Reflect.apply(target, self, [typeof task === "function" ? (api) => task(watchedApi(demo, api)) : task, ...more]),
  });
}

function watchedApi(demo, api) {
  return Object.create(api, {
    on: { value: (...sent) => api.on(...sent) },
    suspend: { value: watch(demo, api, "suspend", PLACE) },
    resume: { value: watch(demo, api, "resume", PLACE) },
  });
}

/** Tells in the order in which things happened: what comes while the shop is being told goes along with the next. */
function makeReporter(demo) {
  let waiting = [];
  let telling = false;

  async function send() {
    if (telling || !waiting.length) return;
    const told = waiting;
    waiting = [];
    telling = true;
    try {
      await tell(demo, demo.dataset.note, told.map(({ event, data }) => ({ event, data: masked(data) })), true);
    } catch {
      // The page is on its way out, or something cannot be written as JSON.
    }
    telling = false;
    send();
  }

  window.addEventListener("pagehide", () => {
    telling = false; // there is no next time
    send();
  });
  return (event, data) => {
    waiting.push({ event, data });
    send();
  };
}
