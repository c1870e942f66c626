/**
 * Listens to what the page says to Klarna's script and what it answers. Arguments and answers pass unchanged;
 * what is told to the shop is masked here already, so that no token leaves the page for the console's sake.
 */

import { tell } from "./feed.js";

const WATCHED = ["init", "load", "authorize", "reauthorize", "finalize"];
const SECRETS = new Set(["client_token", "authorization_token", "customer_token", "klarna_access_token"]);
const MASK = "•••";

/** @param {HTMLElement} demo */
export function watchKlarna(demo) {
  let ready = null;
  // Klarna's script calls this when it is there; the shop's page writes it.
  Object.defineProperty(window, "klarnaAsyncCallback", {
    configurable: true,
    get: () => ready && ((...parts) => { watchPayments(demo); return ready(...parts); }),
    set: (callback) => { ready = callback; },
  });
}

function watchPayments(demo) {
  const payments = window.Klarna?.Payments;
  if (!payments) return;
  const watched = { ...payments };
  const place = { of: "Klarna.Payments", script: "static/shop/checkout.js" };
  for (const name of WATCHED) if (typeof payments[name] === "function") watched[name] = watch(demo, payments, name, place);
  try {
    window.Klarna = { ...window.Klarna, Payments: watched };
  } catch {
    // A script that does not let itself be watched is left alone.
  }
}

/** A function of Klarna's that does what it did, and is told of. `place` says of what it is, and in which script of ours. */
export function watch(demo, owner, name, place) {
  return (...sent) => {
    const answered = begin(demo, { call: `${place.of}.${name}`, script: place.script }, sent);
    const last = sent.at(-1);
    if (typeof last !== "function") {
      const result = owner[name](...sent);
      answered(null);
      return result;
    }
    return owner[name](...sent.slice(0, -1), (...answer) => {
      answered(answer[0]);
      return last(...answer);
    });
  };
}

/** Tells that a call began; the function to tell its answer with. What goes wrong here must not reach the payment. */
function begin(demo, called, sent) {
  const started = performance.now();
  const key = `${started}-${Math.random()}`; // a page without https has no crypto.randomUUID
  const call = { ...called, key };
  const report = async (more) => {
    try {
      await tell(demo, demo.dataset.note, { ...call, ...more() }, true);
    } catch {
      // The page is on its way out, or something cannot be written as JSON.
    }
  };
  const [options, data] = sent.filter((part) => typeof part !== "function");
  const begun = report(() => ({ request: masked({ options: named(options), data }) }));
  return (response) => {
    const seconds = (performance.now() - started) / 1000;
    begun.then(() => report(() => ({ response: masked(response), seconds })));
  };
}

/** A container may be an element, which is no JSON. */
function named(options) {
  return options?.container instanceof Element ? { ...options, container: options.container.id } : options;
}

export function masked(value) {
  if (Array.isArray(value)) return value.map(masked);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, SECRETS.has(key) && part ? MASK : masked(part)]));
}
