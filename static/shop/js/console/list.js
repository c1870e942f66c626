/**
 * The sequence diagram as a list that draws only the rows one can see: ten thousand cost as much as thirty.
 */

import { element } from "./element.js";

const MORE = 8; // rows drawn above and below what is seen

/**
 * @param {HTMLElement} list the scrolling element, a listbox
 * @param {{length: number, at: function, indexOf: function}} feed what is to be seen, in its order
 */
export function makeList(list, feed, onChoose) {
  const rows = list.querySelector(".demo-rows");
  const drawn = new Map();
  let chosen = 0;

  const height = () => parseFloat(getComputedStyle(list).getPropertyValue("--row")) * 1 || 40;
  const atEnd = () => list.scrollHeight - list.scrollTop - list.clientHeight < 3 * height();

  function draw(changed = []) {
    const row = height();
    const first = Math.max(0, Math.floor(list.scrollTop / row) - MORE);
    const last = Math.min(feed.length, Math.ceil((list.scrollTop + list.clientHeight) / row) + MORE);
    rows.style.height = `${feed.length * row}px`;
    const wanted = new Set();
    for (let index = first; index < last; index += 1) {
      const entry = feed.at(index);
      wanted.add(entry.id);
      if (!drawn.has(entry.id) || changed.includes(entry.id)) place(entry);
      const node = drawn.get(entry.id);
      node.style.top = `${index * row}px`;
      node.setAttribute("aria-posinset", index + 1);
      node.setAttribute("aria-setsize", feed.length);
    }
    for (const [id, node] of drawn) if (!wanted.has(id)) { node.remove(); drawn.delete(id); }
    if (drawn.has(chosen)) list.setAttribute("aria-activedescendant", drawn.get(chosen).id);
    else list.removeAttribute("aria-activedescendant");
  }

  function place(entry) {
    drawn.get(entry.id)?.remove();
    const node = rowOf(entry);
    node.setAttribute("aria-selected", String(entry.id === chosen));
    drawn.set(entry.id, node);
    rows.append(node);
  }

  function choose(id) {
    chosen = id;
    for (const [other, node] of drawn) node.setAttribute("aria-selected", String(other === id));
    const index = feed.indexOf(id);
    const top = index * height();
    if (top < list.scrollTop || top + height() > list.scrollTop + list.clientHeight) list.scrollTop = top - list.clientHeight / 2;
    draw();
    onChoose(id);
  }

  function step(by) {
    if (!feed.length) return false;
    const index = feed.indexOf(chosen);
    const wanted = index < 0 ? (by > 0 ? 0 : feed.length - 1) : index + by;
    const next = Math.max(0, Math.min(feed.length - 1, wanted));
    if (next === index) return false;
    choose(feed.at(next).id);
    return true;
  }

  let waiting = false;
  list.addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; draw(); });
  }, { passive: true });
  rows.addEventListener("click", (event) => {
    const node = event.target.closest("[data-id]");
    if (node) choose(Number(node.dataset.id));
  });
  list.addEventListener("keydown", (event) => {
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -feed.length, End: feed.length };
    if (!(event.key in moves)) return;
    event.preventDefault();
    step(moves[event.key]);
  });

  return {
    step,
    choose,
    draw(changed) {
      const follow = atEnd();
      draw(changed);
      if (follow && !chosen) list.scrollTop = list.scrollHeight;
      draw();
    },
    /** Other rows than before: the chosen one stays in sight, else the newest comes into it. */
    refit() {
      draw();
      const index = feed.indexOf(chosen);
      list.scrollTop = index < 0 ? list.scrollHeight : index * height() - list.clientHeight / 2;
      draw();
    },
    clear() {
      chosen = 0;
      for (const node of drawn.values()) node.remove();
      drawn.clear();
      draw();
    },
  };
}

function rowOf(entry) {
  const failed = entry.status !== null && (entry.status === 0 || entry.status >= 400);
  const status = entry.status === null ? "" : entry.status || "no answer";
  const took = entry.seconds === null ? "" : `${Math.round(entry.seconds * 1000)} ms`;
  const again = entry.attempts > 1 ? `${entry.attempts} tries` : "";
  const time = new Date(entry.at * 1000).toISOString();
  const run = entry.run ? element("b", { class: "demo-run" }, entry.run) : "";
  const label = element("span", { class: "demo-label" }, run, entry.title);
  const facts = element("span", { class: "demo-facts" }, [status, took, again].filter(Boolean).join(" · "));
  const node = element("div", {
    class: "demo-row", id: `demo-entry-${entry.id}`, role: "option", "data-id": entry.id, "data-kind": entry.kind,
    "data-from": entry.source, "data-to": entry.target,
  });
  node.classList.toggle("is-failed", failed);
  const way = `${entry.source} to ${entry.target}: `;
  node.append(
    element("time", { datetime: time }, element("span", {}, time.slice(11, 14)), time.slice(14, 23)),
    element("span", { class: "demo-arrow" }, element("span", { class: "visually-hidden" }, way), label, facts),
  );
  return node;
}
