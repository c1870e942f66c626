/** The demo drawer: opens, follows what happens, steps through it, and holds calls back. */

import { showLogo, takeLogo } from "./brand.js";
import { watchCheckout } from "./checkout-frame.js";
import { showDetail } from "./detail.js";
import { makeFeed, tell } from "./feed.js";
import { makeFilter } from "./filter.js";
import { makeList } from "./list.js";
import { makePalette } from "./palette.js";
import { watchKlarna } from "./sdk.js";

const demo = document.getElementById("demo");
const drawer = document.getElementById("demo-drawer");
const pane = drawer.querySelector(".demo-detail");
const held = drawer.querySelector(".demo-held");
const pace = drawer.querySelector("[data-do=pace]");
const part = (name) => demo.querySelector(`[data-do=${name}]`);
const STEP_MS = 1600;

watchKlarna(demo);
watchCheckout(demo);
showLogo();
takeLogo();
const palette = makePalette(drawer.dataset.palette, document.getElementById("demo-palette"));

const feed = makeFeed(drawer.dataset.timeline, ({ changed, held: waiting, pace: current }) => {
  if (changed.length) filter.refresh();
  list.draw(changed);
  drawer.querySelector(".demo-empty").hidden = feed.length > 0;
  held.hidden = waiting.length === 0;
  if (waiting.length) held.firstElementChild.textContent = `Waiting before: ${waiting.map((call) => call.title).join(", ")}`;
  if (document.activeElement !== pace) pace.value = current;
}, forget);
const filter = makeFilter(drawer, feed, () => list.refit());
const list = makeList(drawer.querySelector(".demo-list"), filter, show);

let asked = 0;
function forget() {
  asked = 0;
  filter.refresh();
  list.clear();
  pane.replaceChildren();
}

async function show(id) {
  asked = id;
  const answer = await fetch(drawer.dataset.entry.replace("/0.json", `/${id}.json`));
  const told = answer.ok ? await answer.json() : null;
  if (asked !== id) return; // whoever walks fast has chosen another step meanwhile
  if (told) showDetail(pane, told);
  else pane.replaceChildren("This step is no longer kept.");
}

function open(on) {
  drawer.hidden = !on;
  part("toggle").setAttribute("aria-expanded", String(on));
  document.body.toggleAttribute("data-demo-open", on);
  sessionStorage.setItem("demo-open", on ? "1" : "");
  if (on) feed.start().then(() => list.draw([]));
  else feed.stop();
}

let playing = 0;
function play(on) {
  clearInterval(playing);
  playing = on ? setInterval(() => list.step(1) || play(false), STEP_MS) : 0;
  part("play").setAttribute("aria-pressed", String(on));
}

const actions = {
  toggle: () => open(drawer.hidden),
  close: () => { open(false); part("toggle").focus(); },
  previous: () => list.step(-1),
  next: () => list.step(1),
  play: () => play(!playing),
  palette: () => palette.open(),
  all: () => filter.clear(),
  outline() {
    const on = document.body.toggleAttribute("data-outline");
    part("outline").setAttribute("aria-pressed", String(on));
    localStorage.setItem("demo-outline", on ? "1" : "");
  },
  release: () => tell(demo, drawer.dataset.release, {}),
  async copy() {
    await navigator.clipboard.writeText(demo.querySelector(".demo-elsewhere a").href);
    part("copy").textContent = "Copied";
  },
  larger() {
    const on = demo.toggleAttribute("data-large");
    part("larger").setAttribute("aria-pressed", String(on));
    localStorage.setItem("demo-large", on ? "1" : "");
    list.clear();
  },
  async forget() {
    await tell(demo, drawer.dataset.forget, {});
    feed.clear();
    forget();
  },
};

demo.addEventListener("click", (event) => actions[event.target.closest("button[data-do]")?.dataset.do]?.());
pace.addEventListener("change", () => tell(demo, drawer.dataset.pace, { pace: pace.value }));
drawer.addEventListener("keydown", (event) => event.key === "Escape" && actions.close());
/* The card stays as it was left; on a phone it begins closed, or it would cover the shop. */
const card = demo.querySelector(".demo-card");
if (card) {
  if (part("copy") && navigator.clipboard) part("copy").hidden = false; // browsers have none but on https and localhost
  const left = sessionStorage.getItem("demo-card");
  card.open = left ? left === "open" : !matchMedia("(max-width: 52rem)").matches;
  card.addEventListener("toggle", () => sessionStorage.setItem("demo-card", card.open ? "open" : "closed"));
}
filter.start();
if (localStorage.getItem("demo-large")) actions.larger();
if (localStorage.getItem("demo-outline")) actions.outline();
if (sessionStorage.getItem("demo-open")) open(true);
for (const button of demo.querySelectorAll(".demo-bar button[data-do]")) button.disabled = false;
