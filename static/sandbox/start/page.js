/*
 * What the parts of the start page share: asking the control API, saying how it went, filling templates.
 */
import { released } from "../pressed.js";

/** @returns {?Element} the place named `data-…` */
export const find = (name, within = document) => within.querySelector(`[data-${name}]`);

export const time = (text) => new Date(text).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });
export const clockTime = (text) => new Date(text).toLocaleTimeString("en-GB");
export const nameOf = (person) => [person.given_name, person.family_name].filter(Boolean).join(" ") || "New to Klarna";

/** Asks the control API; the JSON of its answer. An answer that is not a success throws, in the API's words. */
export async function control(method, path, body) {
  const response = await fetch(`/_sandbox/${path}`, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (response.status === 204) return null;
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error || `${method} ${path} was answered with ${response.status}`);
  return answer;
}

const GOOD_NEWS_MS = 10_000;
let fading;

/** Says how something went. What went well makes room after a while, what did not stays until it is dismissed. */
export function say(text, bad = false) {
  const message = find("message");
  message.textContent = text;
  message.parentElement.classList.toggle("message--bad", bad);
  clearTimeout(fading);
  if (!bad) fading = setTimeout(() => { message.textContent = ""; }, GOOD_NEWS_MS);
}

const parts = [];

/** Adds a part of the page: a function that reads the sandbox and draws what it found. */
export function shows(...draw) {
  parts.push(...draw);
}

let shown = Promise.resolve();

/** Reads and draws everything, one time after the other: what was read last stays. Whether all could be read. */
export function showAll() {
  shown = shown.then(drawAll);
  return shown;
}

async function drawAll() {
  let whole = true;
  for (const draw of parts) {
    try {
      await draw();
    } catch (error) {
      whole = false;
      say(`Some of this page could not be read: ${error.message}.`, true);
    }
  }
  return whole;
}

/** Does something, says how it went, and shows the state after it. */
export async function run(action, done) {
  try {
    await action();
    say(done);
  } catch (error) {
    say(`That did not work: ${error.message.replace(/\.$/, "")}.`, true);
  }
  await showAll();
}

/** What the server sends can be pressed from now on: before somebody listened a press would have been lost. */
export function onClick(button, action, done) {
  button.addEventListener("click", () => run(action, done));
  button.disabled = false;
}

/** A copy of a template with its `data-…` places filled in. */
export function fill(template, texts) {
  const copy = find(`${template}-template`).content.firstElementChild.cloneNode(true);
  for (const [name, text] of Object.entries(texts)) find(name, copy).textContent = text;
  return copy;
}

/**
 * Puts new rows into a list, once nothing is being clicked. Whoever stood on a control with a `data-key` stands on its
 * successor afterwards.
 */
export async function redraw(list, rows) {
  await released();
  const key = list.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  list.replaceChildren(...rows);
  if (key) [...list.querySelectorAll("[data-key]")].find((control) => control.dataset.key === key)?.focus();
}

/** A path without what could be a secret: long parts, and the last part of what is sent to a merchant. */
export function shorten(path) {
  const parts = path.split("?")[0].split("/");
  const toMerchant = path.startsWith("http");
  return parts.map((part, i) => {
    if (toMerchant && i === parts.length - 1) return "…";
    return part.length > 24 ? `${part.slice(0, 8)}…` : part;
  }).join("/");
}
