/*
 * The form: what is typed is shown to Klarna as soon as a field is left, "Pay order" pays. Every answer is a whole
 * page; its middle takes the place of the one that was there, without another entry in the browser's history.
 */
import { released } from "../../pressed.js";
import { tellEvent, tellEvents } from "./events.js";
import { hear, middle, tell } from "./page.js";

const BROKEN = "The connection broke. Press the button again: nothing is charged twice.";
let looking = Promise.resolve(); // ends when the last look is on the screen
let looks = 0;
let paying = false;
let suspended = false;
let answerOfPage = null;

const form = () => document.querySelector("form");
const named = () => [...(form()?.elements || [])].filter((field) => field.name && field.type !== "hidden");

export function prepareForm() {
  document.addEventListener("change", () => isWorthALook() && look());
  document.addEventListener("submit", (event) => {
    event.preventDefault();
    pay();
  });
  hear(({ type, ...said }) => {
    if (type === "kco:suspend") suspend();
    if (type === "kco:resume") resume();
    if (type === "kco:validated") answerOfPage?.(said);
  });
}

function isWorthALook() {
  const fields = form()?.elements;
  return Boolean(fields?.email?.value && fields?.postal_code?.value) || Boolean(fields?.shipping_option);
}

/** Shows Klarna the form as it is. Of several on the way only the last one is drawn. */
function look() {
  if (paying || !form()) return looking;
  const number = (looks += 1);
  const posted = new FormData(form());
  looking = post(form().dataset.look, posted).then(async (page) => {
    await released();
    if (page && number === looks && !paying) draw(page, posted);
  });
  return looking;
}

async function pay() {
  if (paying || suspended) return undefined;
  setBusy(true);
  const shown = middle();
  await looking;
  if (!form()) return undefined; // the last look found it paid, or over
  if (middle() !== shown && "stopped" in middle().dataset) return setBusy(false); // the last look has to be read first
  paying = true;
  const page = (await pageAgrees()) && (await post(form().action, new FormData(form())));
  paying = false;
  setBusy(false);
  return page && draw(page);
}

/** A page that asked for it has a say before anything is paid. */
async function pageAgrees() {
  if (!("asksPage" in middle().dataset)) return true;
  const said = await new Promise((resolve) => {
    answerOfPage = resolve;
    tell({ type: "kco:validate" });
  });
  if (said.should_proceed) return true;
  notify(said.message || "The shop asks you to check your order first. Nothing was charged.");
  return false;
}

async function post(address, data) {
  try {
    const response = await fetch(address, { method: "POST", body: new URLSearchParams(data) });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (!page.querySelector("main")) throw new Error(`answered with ${response.status}`);
    return page;
  } catch {
    tellEvent("network_error", {});
    notify(BROKEN);
    return null;
  }
}

/** Puts the answer on the screen; whatever was typed since it was asked for stays, and so does who is typing. */
function draw(page, posted = null) {
  const focused = document.activeElement?.id || null;
  const isTyping = document.activeElement?.matches("input:not([type=radio])");
  const before = new Set(named().map(({ name }) => name));
  const newer = posted ? named().filter((field) => isText(field) && field.value !== (posted.get(field.name) ?? "")) : [];
  const opened = document.querySelector("details")?.open;
  middle().replaceWith(document.adoptNode(page.querySelector("main")));
  for (const { name, value } of newer) if (form()?.elements[name]) form().elements[name].value = value;
  if (opened && document.querySelector("details")) document.querySelector("details").open = true;
  // Fields that appear above where the keyboard has gone on to would be missed.
  const revealed = !isTyping && named().find((field) => isText(field) && !before.has(field.name) && !field.value);
  (document.querySelector("[data-focus]") || revealed || document.getElementById(focused))?.focus();
  middle().inert = suspended;
  tellEvents();
  if (middle().dataset.leadsTo) {
    tellEvent("redirect_initiated", true);
    tell({ type: "kco:leave", location: middle().dataset.leadsTo });
  }
}

const isText = (field) => field.type !== "radio";

function notify(words) {
  const notice = document.querySelector("[data-notice]");
  if (!notice) return;
  notice.textContent = words;
  notice.hidden = false;
  notice.focus();
}

function setBusy(busy) {
  document.querySelector("button[type=submit]")?.setAttribute("aria-disabled", String(busy));
}

function suspend() {
  suspended = true;
  middle().inert = true;
  if (document.querySelector(".waiting")) return;
  const waiting = document.createElement("p");
  waiting.className = "waiting";
  waiting.setAttribute("role", "status");
  waiting.textContent = "One moment, the shop is updating your order.";
  middle().before(waiting);
}

/** The order may be another one now. */
async function resume() {
  if (!suspended) return;
  await look();
  suspended = false;
  document.querySelector(".waiting")?.remove();
  middle().inert = false;
}
