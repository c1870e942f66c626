/*
 * The frame's line to the merchant's page: one origin, the one the server wrote into the page.
 */
const { origin } = document.body.dataset;

/** The part of the page that each answer replaces. */
export const middle = () => document.querySelector("main");

/** @param {Object} message goes to the merchant's page and to no other */
export function tell(message) {
  if (window.parent !== window && origin) window.parent.postMessage(message, origin);
}

/** @param {function(Object): void} listener gets what the merchant's page says */
export function hear(listener) {
  window.addEventListener("message", (event) => {
    if (event.source === window.parent && event.origin === origin) listener(event.data || {});
  });
}

export function reportHeight() {
  const report = () => {
    tell({ type: "kco:height", height: Math.ceil(document.documentElement.getBoundingClientRect().height) });
  };
  new ResizeObserver(report).observe(document.documentElement);
}
