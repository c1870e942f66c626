/*
 * Long lists: the first few, and more each time their button is pressed.
 */
import { fill, find, showAll } from "./page.js";

const FEW = 8;
const MORE = 20;
const lists = new WeakMap();

/** The items of a list to show now; below it a button for the rest. */
export function some(list, items, few = FEW) {
  if (!lists.has(list)) lists.set(list, { shown: few, button: moreButton(list) });
  const { shown, button } = lists.get(list);
  const left = items.length - shown;
  button.hidden = left <= 0;
  find("left", button).textContent = left;
  return items.slice(0, shown);
}

function moreButton(list) {
  const button = fill("more", { of: list.closest("section").querySelector("h2").textContent });
  button.addEventListener("click", () => {
    lists.get(list).shown += MORE;
    showAll();
  });
  list.after(button);
  return button;
}
