/*
 * The start page: reads and changes the sandbox through its control API. Shows no secret: a customer token appears
 * as a fingerprint, the journal without bodies and with identifiers shortened.
 */
import { showCallbacks } from "./start/callbacks.js";
import { prepareCases, showFaults, showSwitches } from "./start/cases.js";
import { showCheckouts } from "./start/checkouts.js";
import { prepareClock, showClock } from "./start/clock.js";
import { showJournal } from "./start/journal.js";
import { showLinks } from "./start/links.js";
import { showOrders } from "./start/orders.js";
import { clockTime, control, find, run, say, showAll, shows } from "./start/page.js";
import { showPaymentTokens } from "./start/payment_tokens.js";
import { showPeople } from "./start/people.js";
import { prepareKeys, showKeys, showSignIns } from "./start/sign_in.js";

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
const question = find("reset-question");
find("reset").addEventListener("click", () => {
  question.returnValue = "";
  question.showModal();
});
question.addEventListener("close", () => {
  if (question.returnValue === "reset") run(() => control("POST", "reset"), "Everything is as at the beginning.");
});
find("refresh").addEventListener("click", async () => {
  say("");
  if (await showAll()) say(`This page shows what there was at ${clockTime(new Date())}, by your own clock.`);
});
find("dismiss").addEventListener("click", () => say(""));
for (const name of ["reset", "refresh", "dismiss"]) find(name).disabled = false;
document.addEventListener("visibilitychange", () => document.hidden || showAll());
prepareCases();
prepareClock();
prepareKeys();
showAll();
