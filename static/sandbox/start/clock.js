/*
 * The clock everything expires by: shown, and put forward by a button or a number of hours.
 */
import { control, find, run, say, time } from "./page.js";

const HOUR = 3600;
const UNITS = [["day", 24 * HOUR], ["hour", HOUR], ["minute", 60]];

export async function showClock() {
  const { now } = await control("GET", "clock");
  find("clock").textContent = time(now);
}

export function prepareClock() {
  for (const button of document.querySelectorAll("[data-advance]")) {
    button.addEventListener("click", () => advance(Number(button.dataset.advance)));
    button.disabled = false;
  }
  const form = find("advance-by");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const hours = form.elements.hours.valueAsNumber;
    if (hours > 0) advance(Math.round(hours * HOUR));
    else say("Say by how many hours, as a number above zero.", true);
  });
  form.querySelector("button").disabled = false;
}

function advance(seconds) {
  run(() => control("POST", "clock", { advance: seconds }), `The clock is ${inWords(seconds)} ahead of where it was.`);
}

/** In the largest unit that needs no fraction. */
function inWords(seconds) {
  const [name, size] = UNITS.find(([, unit]) => seconds % unit === 0) ?? ["second", 1];
  return `${seconds / size} ${name}${seconds === size ? "" : "s"}`;
}
