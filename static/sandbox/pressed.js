/*
 * What is being clicked must not move: a control that is replaced while the mouse button is held loses its click.
 */
let pressed = Promise.resolve();

/** Ends when no mouse button is held, and what was clicked has been told. */
export const released = () => pressed;

document.addEventListener("pointerdown", ({ button, ctrlKey, target }) => {
  // A list and the menu of the right button take the end of the press for themselves.
  if (button !== 0 || ctrlKey || target.closest("select")) return;
  const over = new AbortController();
  pressed = new Promise((resolve) => {
    for (const name of ["pointerup", "pointercancel"]) {
      document.addEventListener(name, () => {
        over.abort();
        setTimeout(resolve, 0);
      }, { capture: true, signal: over.signal });
    }
  });
}, true);
