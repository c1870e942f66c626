/** The side by side: starts every shopper, hears what they do, keeps and shows what it took. */

import { chart, save } from "./chart.js";
import { element } from "./element.js";
import { makeRun } from "./run.js";

const page = document.querySelector("[data-side-by-side]");
const part = (name) => page.querySelector(`[data-do=${name}]`);
const KEY = "demo-side-by-side";
const FIGURES = ["clicks", "keystrokes", "screens", "seconds"];
const HEAD = ["Shopper", "Known by", "Clicks", "Keystrokes", "Screens", "Seconds", "In Klarna’s window"];
const NARROW = window.matchMedia("(max-width: 60rem)");

const lanes = [...page.querySelectorAll("[data-lane]")];
const runs = lanes.map((node) => makeRun(node, (figures) => keep(node.dataset.lane, figures)));

/* ---------------------------------------------------------------- figures, kept in this browser */

function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) || {};
  } catch {
    return {};
  }
}

function keep(lane, figures) {
  localStorage.setItem(KEY, JSON.stringify({ ...kept(), [lane]: figures }));
  draw();
}

/** One row a shopper: lane, name, carrier; `figures` is null where nothing was bought yet. */
function rows() {
  const found = kept();
  return lanes.map(({ dataset }) => ({ ...dataset, figures: found[dataset.lane] ?? null }));
}

function cells({ name, carrier, figures }) {
  const counted = figures ? (figures.atKlarna ? "counted" : "not counted") : "–";
  return [name, carrier, ...FIGURES.map((figure) => figures?.[figure] ?? "–"), counted];
}

/* ---------------------------------------------------------------- shown */

function draw() {
  const found = rows();
  page.querySelector("[data-result]").hidden = !found.some(({ figures }) => figures);
  page.querySelector("[data-chart]").replaceChildren(chart(found, NARROW.matches ? 1 : FIGURES.length));
  page.querySelector("[data-rows]").replaceChildren(...found.map(row));
  page.querySelector("[data-sum]").textContent = saved(found);
}

function row(one) {
  const [name, ...values] = cells(one);
  return element("tr", {}, element("th", { scope: "row" }, name), values.map((value) => element("td", {}, String(value))));
}

/** What linking spares, in a sentence. */
function saved(found) {
  const figures = Object.fromEntries(found.map((one) => [one.lane, one.figures]));
  if (!figures.first || !figures.returning) return "";
  const less = FIGURES.map((name) => [name, figures.first[name] - figures.returning[name]]).filter(([, by]) => by > 0);
  if (!less.length) return "";
  const words = less.map(([name, by]) => `${Math.round(by * 10) / 10} ${by === 1 ? name.slice(0, -1) : name}`);
  return `Linking saves ${new Intl.ListFormat("en-GB").format(words)}.`;
}

/* ---------------------------------------------------------------- buttons */

const actions = {
  start() {
    for (const run of runs) run.start();
    page.scrollIntoView();
  },
  export: () => save(chart(rows(), FIGURES.length, `${page.dataset.shop}: what a purchase takes`), "side-by-side.svg"),
  async copy() {
    await navigator.clipboard.writeText([HEAD, ...rows().map(cells)].map((line) => line.join("\t")).join("\n"));
    part("copy").textContent = "Copied";
  },
  forget() {
    localStorage.removeItem(KEY);
    draw();
    part("start").focus();
  },
};

page.addEventListener("click", (event) => actions[event.target.closest("button[data-do]")?.dataset.do]?.());
window.addEventListener("message", (event) => {
  if (event.origin === window.location.origin) runs.forEach((run) => run.hears(event));
});
NARROW.addEventListener("change", draw);
part("start").disabled = false; // sent disabled: before somebody listened a press would have been lost
draw();
