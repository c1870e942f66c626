/**
 * In a lane of the side by side: tells the page around it what is done here. In a tab of its own it keeps quiet.
 * What is done in Klarna's window only Klarna's window can tell; the offline one does.
 */

import { watchCheckout } from "./checkout-frame.js";
import { watchKlarna } from "./sdk.js";

const lane = document.getElementById("lane");
const MODIFIERS = new Set(["Alt", "AltGraph", "CapsLock", "Control", "Meta", "Shift"]);

watchKlarna(lane);
watchCheckout(lane);
if (window.parent !== window) report();

function tell(message) {
  window.parent.postMessage(message, window.location.origin);
}

function report() {
  document.addEventListener("click", (event) => isClick(event) && tell({ type: "lane:effort", clicks: 1 }), true);
  document.addEventListener("keydown", (event) => isKeystroke(event) && tell({ type: "lane:effort", keystrokes: 1 }), true);
  window.addEventListener("message", (event) => {
    const { type, clicks, keystrokes, screens } = event.data || {};
    if (event.origin !== lane.dataset.klarna || type !== "klarna:effort") return;
    tell({ type: "lane:effort", clicks, keystrokes, screens, atKlarna: true });
  });
  const heading = document.querySelector(".confirmation h1")?.textContent.trim();
  tell({ type: "lane:page", bought: heading === "Thank you", stopped: lane.dataset.page === "console.index" });
  if (lane.dataset.page === "checkout.show") tellWhenReady();
}

/** One a press: keys click without a place, and a click on a label comes once more on what it labels. */
function isClick(event) {
  const control = event.target.closest("label")?.control;
  return event.isTrusted && event.detail > 0 && (!control || control === event.target);
}

function isKeystroke(event) {
  return event.isTrusted && !event.repeat && !MODIFIERS.has(event.key);
}

/** Klarna is there when the page has nothing more to say about loading it. */
function tellWhenReady() {
  const status = document.getElementById("payment-status");
  const pay = document.getElementById("pay");
  const ready = () => !pay.disabled && !status.textContent.trim();
  const look = () => {
    if (!ready()) return;
    watch.disconnect();
    window.scrollTo(0, document.documentElement.scrollHeight); // to the button; the page around stays where it is
    tell({ type: "lane:ready" });
  };
  const watch = new MutationObserver(look);
  watch.observe(document.getElementById("payment"), { attributes: true, childList: true, characterData: true, subtree: true });
  look();
}
