/*
 * The start page: reads and changes the sandbox through its control API. Shows no secret: a customer token appears
 * as a fingerprint, the journal without bodies and with identifiers shortened.
 */
import { showCallbacks } from "./start/callbacks.js";
import { prepareCases, showFaults, showSwitches } from "./start/cases.js";
import { showCheckouts } from "./start/checkouts.js";
import { showJournal } from "./start/journal.js";
import { showLinks } from "./start/links.js";
import { showOrders } from "./start/orders.js";
import { control, find, onClick, showAll, shows, time } from "./start/page.js";
import { showPaymentTokens } from "./start/payment_tokens.js";
import { showPeople } from "./start/people.js";
import { prepareKeys, showKeys, showSignIns } from "./start/sign_in.js";

async function showClock() {
  const { now } = await control("GET", "clock");
  find("clock").textContent = time(now);
}

shows(
  showClock,
  showPeople,
  showSwitches,
  showFaults,
  showLinks,
  showPaymentTokens,
  showSignIns,
  showKeys,
  showCheckouts,
  showOrders,
  showCallbacks,
  showJournal,
);
for (const button of document.querySelectorAll("[data-advance]")) {
  const seconds = Number(button.dataset.advance);
  const done = `The clock is ${seconds / 3600} h ahead of where it was.`;
  onClick(button, () => control("POST", "clock", { advance: seconds }), done);
}
onClick(find("reset"), () => control("POST", "reset"), "Everything is as at the beginning.");
find("refresh").addEventListener("click", showAll);
find("refresh").disabled = false;
document.addEventListener("visibilitychange", () => document.hidden || showAll());
prepareCases();
prepareKeys();
showAll();
