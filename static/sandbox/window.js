/*
 * The purchase window's side of the conversation with the page that opened it, and small comforts of its forms.
 * Speaks to one origin only, the one the server wrote into the page, and listens to that origin's window only.
 *
 * A courtesy of the offline Klarna, for demonstrations: it tells the merchant's page how many clicks, keystrokes and
 * screens a shopper needs here, never which. Klarna's own window tells nobody.
 */
"use strict";

(() => {
  const { origin, outcome } = document.body.dataset;
  const host = window.opener || (window.parent === window ? null : window.parent);
  const MODIFIERS = new Set(["Alt", "AltGraph", "CapsLock", "Control", "Meta", "Shift"]);
  const LEFT = { approved: false, show_form: true };
  const AFTER_THE_CLICK_MS = 100; // a window that closes inside a click cuts the click's own events off

  /** @param {Object} message goes to the merchant's page and to no other, wherever that window is by now */
  function tell(message) {
    if (host && origin) host.postMessage(message, origin);
  }

  /** @param {Object} result how the purchase ended; the merchant's page closes the window */
  function leaveWith(result) {
    tell({ type: "klarna:outcome", result, last: true });
    if (window.parent === window) window.close();
  }

  /** What was done since the last time: `klarna:effort` with `clicks`, `keystrokes` or `screens`. */
  function tellEffort() {
    const tellOf = (effort) => tell({ type: "klarna:effort", ...effort });
    document.addEventListener("click", (event) => isClick(event) && tellOf({ clicks: 1 }), true);
    document.addEventListener("keydown", (event) => isKeystroke(event) && tellOf({ keystrokes: 1 }), true);
    const passing = document.querySelector("[data-takes-ticket]") || (outcome && JSON.parse(outcome).approved);
    if (!passing) tellOf({ screens: 1 });
  }

  /** One a press: keys click without a place, and a click on a label comes once more on what it labels. */
  function isClick(event) {
    const control = event.target.closest("label")?.control;
    return event.isTrusted && event.detail > 0 && (!control || control === event.target);
  }

  function isKeystroke(event) {
    return event.isTrusted && !event.repeat && !MODIFIERS.has(event.key);
  }

  function waitForTicket(form) {
    if (!host || !origin) {
      document.querySelector("[data-waiting]").hidden = true;
      document.querySelector("[data-alone]").hidden = false;
      return;
    }
    window.addEventListener("message", (event) => {
      if (event.source !== host || event.origin !== origin) return;
      if (event.data?.type !== "klarna:ticket") return;
      form.elements.ticket.value = event.data.ticket;
      form.submit();
    });
    tell({ type: "klarna:window-ready" });
  }

  /** A second click on a form that is under way does nothing; the button says so. */
  function sendOnce(form) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) return event.preventDefault();
      form.dataset.sent = "yes";
      for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
      return undefined;
    });
  }

  function fillFrom(button) {
    const field = document.getElementById(button.dataset.fills);
    field.value = button.dataset.value;
    field.focus();
  }

  /** The server sends such buttons disabled: before somebody listens a press would be lost. */
  function onClick(buttons, act) {
    for (const button of document.querySelectorAll(buttons)) {
      button.addEventListener("click", () => act(button));
      button.disabled = false;
    }
  }

  tellEffort();
  for (const form of document.querySelectorAll("form")) sendOnce(form);
  onClick("[data-fills]", fillFrom);
  onClick("[data-cancel]", () => setTimeout(leaveWith, AFTER_THE_CLICK_MS, LEFT));
  onClick("[data-close]", () => setTimeout(leaveWith, AFTER_THE_CLICK_MS, JSON.parse(outcome)));

  const waiting = document.querySelector("form[data-takes-ticket]");
  if (waiting) waitForTicket(waiting);
  document.querySelector("[data-focus]")?.focus();

  // A refusal is reported at once but read at leisure; an approval takes the shopper back by itself.
  if (outcome) {
    const result = JSON.parse(outcome);
    if (result.approved) leaveWith(result);
    else tell({ type: "klarna:outcome", result, last: false });
  }
  // A page brought back by the browser's back button may be sent again.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) for (const form of document.querySelectorAll("form")) delete form.dataset.sent;
  });
})();
