/*
 * What the merchant's page is told: everything once when the frame is there, afterwards what has changed.
 */
import { middle, tell } from "./page.js";

const told = new Map();
let loaded = false;

export function tellEvent(name, data) {
  tell({ type: "kco:event", name, data });
}

/** Reads what the server wrote into the page. */
export function tellEvents() {
  const { load, events, tells } = middle().dataset;
  if (load && !loaded) {
    loaded = true;
    tellEvent("load", JSON.parse(load));
  }
  for (const [name, data] of Object.entries(JSON.parse(events || "{}"))) {
    const text = JSON.stringify(data);
    if (told.get(name) === text) continue;
    told.set(name, text);
    tellEvent(name, data);
  }
  if (tells) tellEvent(tells, {});
}

/** The first key or press only. */
export function tellFirstTouch() {
  const touched = ({ type }) => {
    for (const name of ["mousedown", "keydown"]) window.removeEventListener(name, touched, true);
    tellEvent("user_interacted", { type });
  };
  for (const name of ["mousedown", "keydown"]) window.addEventListener(name, touched, true);
}
