/*
 * Puts the library where pages look for it, then tells the page that it is there.
 */

window.Klarna = window.Klarna || {};
window.Klarna.Payments = { init, load, authorize, reauthorize, finalize, loadPaymentReview, on, off };

const CALLBACK_CHECK_MS = 50;
const CALLBACK_PATIENCE_MS = 15000;

/** A page may define `klarnaAsyncCallback` before this script runs, or a little after: it is called once. */
function tellPage(waited) {
  if (typeof window.klarnaAsyncCallback === "function") window.klarnaAsyncCallback();
  else if (waited < CALLBACK_PATIENCE_MS) {
    setTimeout(() => tellPage(waited + CALLBACK_CHECK_MS), CALLBACK_CHECK_MS);
  }
}

setTimeout(() => tellPage(0), 0);
