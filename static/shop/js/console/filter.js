/**
 * What one wants to see of the timeline: steps that touch one of the pressed lanes and say every word that was typed.
 * Kept for this tab; the exported drawing shows the same.
 */

const KEY = "demo-filter";

/**
 * @param {HTMLElement} drawer
 * @param {Object} feed everything that happened
 * @param {function(): void} onChange other steps fit than before
 */
export function makeFilter(drawer, feed, onChange) {
  const find = drawer.querySelector("[data-do=find]");
  const lanes = [...drawer.querySelectorAll("button[data-lane]")];
  const fitting = drawer.querySelector(".demo-fitting");
  const drawing = drawer.querySelector("a[download]");
  const whole = drawing.getAttribute("href");
  let ids = [];

  const pressed = () => lanes.filter((lane) => lane.getAttribute("aria-pressed") === "true").map(({ dataset }) => dataset.lane);
  const isOn = () => Boolean(find.value.trim() || pressed().length);

  function refresh() {
    const wanted = pressed();
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const touches = ({ source, target }) => !wanted.length || wanted.includes(source) || wanted.includes(target);
    const fits = (entry) => touches(entry) && words.every((word) => entry.words.includes(word));
    ids = isOn() ? feed.ids().filter((id) => fits(feed.get(id))) : feed.ids();
    fitting.hidden = !isOn();
    fitting.firstElementChild.textContent = `${ids.length} of ${feed.length} steps fit.`;
  }

  function change() {
    sessionStorage.setItem(KEY, JSON.stringify({ lanes: pressed(), text: find.value }));
    const asked = new URLSearchParams(pressed().map((lane) => ["lane", lane]));
    if (find.value.trim()) asked.append("text", find.value.trim());
    drawing.href = isOn() ? `${whole}?${asked}` : whole;
    refresh();
    onChange();
  }

  function put({ lanes: wanted = [], text = "" }) {
    find.value = text;
    for (const lane of lanes) lane.setAttribute("aria-pressed", String(wanted.includes(lane.dataset.lane)));
  }

  function kept() {
    try {
      return JSON.parse(sessionStorage.getItem(KEY)) ?? {};
    } catch {
      return {}; // somebody else's words under our key
    }
  }

  for (const lane of lanes) {
    lane.addEventListener("click", () => {
      lane.setAttribute("aria-pressed", String(lane.getAttribute("aria-pressed") !== "true"));
      change();
    });
  }
  find.addEventListener("input", change);
  find.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !find.value) return;
    event.preventDefault();
    event.stopPropagation(); // the first Escape empties the field, the second closes the drawer
    find.value = "";
    change();
  });
  put(kept());

  return {
    refresh,
    clear() {
      put({});
      change();
      find.focus();
    },
    /** After everything stands: what was kept counts from the beginning. */
    start: change,
    get length() {
      return ids.length;
    },
    at: (index) => feed.get(ids[index]),
    indexOf: (id) => ids.indexOf(id),
  };
}
