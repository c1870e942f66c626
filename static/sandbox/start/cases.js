/*
 * What can go wrong: switches that stay until they are set again, faults that meet the next calls.
 */
import { control, fill, find, onClick, redraw, run } from "./page.js";

const UNTIL_FORGOTTEN = 1_000_000;
const CREATE_ORDER = { method: "POST", path: "*/authorizations/*/order", times: 1 };
const TOKEN = { method: "POST", path: "*/oauth2/token", times: 1 };
const FAULTS = {
  "order-503": {
    rule: {
      ...CREATE_ORDER,
      action: { status: 503, body: { error_code: "SERVICE_UNAVAILABLE", error_messages: ["Service unavailable"] } },
    },
    done: "The next create-order call is answered with 503.",
  },
  "order-lost": {
    rule: { ...CREATE_ORDER, action: { drop: "after" } },
    done: "The next order is placed, and its answer is lost.",
  },
  "capture-lost": {
    rule: { method: "POST", path: "*/captures", times: 1, action: { drop: "after" } },
    done: "The next capture is made, and its answer is lost.",
  },
  "slow-sessions": {
    rule: { method: "POST", path: "*/payments/v1/sessions", times: UNTIL_FORGOTTEN, action: { delay: 8 } },
    done: "Opening a session takes 8 seconds from now on.",
  },
  "sessions-down": {
    rule: { method: "POST", path: "*/payments/v1/sessions", times: UNTIL_FORGOTTEN, action: { status: 503, body: {} } },
    done: "Sessions are answered with 503 from now on.",
  },
  "sessions-cut": {
    rule: { method: "POST", path: "*/payments/v1/sessions", times: UNTIL_FORGOTTEN, action: { drop: "before" } },
    done: "Sessions are cut off from now on.",
  },
  "token-lost": {
    rule: { ...TOKEN, action: { drop: "after" } },
    done: "The next tokens are given out, and their answer is lost.",
  },
  "token-down": {
    rule: { ...TOKEN, action: { status: 503, body: { error: "temporarily_unavailable" } } },
    done: "The next call of the token endpoint is answered with 503.",
  },
  "checkout-504": {
    rule: { method: "*", path: "*/checkout/v3/orders*", times: 1, action: { status: 504, body: "" } },
    done: "The next call to Klarna Checkout is answered with 504.",
  },
  "library-down": {
    rule: { method: "GET", path: "/kp/lib/*", times: UNTIL_FORGOTTEN, action: { status: 503, body: {} } },
    done: "The browser library is missing from now on.",
  },
};

export async function showSwitches() {
  const positions = await control("GET", "switches");
  for (const select of document.querySelectorAll("[data-switch]")) {
    select.value = positions[select.dataset.switch];
    select.disabled = false;
    select.closest(".case").classList.toggle("case--changed", select.selectedIndex > 0);
  }
}

export async function showFaults() {
  const faults = await control("GET", "faults");
  await redraw(find("faults"), faults.map(({ method, path, times, action }) => fill("fault", {
    calls: times >= UNTIL_FORGOTTEN / 2 ? "All calls" : times === 1 ? "Next call" : `Next ${times} calls`,
    rule: `${method} ${path}`,
    action: inWords(action),
  })));
  find("no-faults").hidden = faults.length > 0;
}

function inWords(action) {
  if ("delay" in action) return `${action.delay} s slower`;
  if (action.drop === "after") return "answer lost";
  return action.drop === "before" ? "cut off" : `answered ${action.status}`;
}

export function prepareCases() {
  for (const select of document.querySelectorAll("[data-switch]")) {
    select.addEventListener("change", () => run(
      () => control("PATCH", "switches", { [select.dataset.switch]: select.value }),
      `${select.labels[0].textContent}: ${select.selectedOptions[0].textContent.toLowerCase()}.`,
    ));
  }
  for (const button of document.querySelectorAll("[data-fault]")) {
    const { rule, done } = FAULTS[button.dataset.fault];
    onClick(button, () => control("POST", "faults", rule), done);
  }
  onClick(find("forget-faults"), () => control("DELETE", "faults"), "All faults are forgotten.");
}
