/*
 * What is being clicked must not move: a control that is replaced while the mouse button is held loses its click.
 */
let pressed = Promise.resolve();

/** Ends when no mouse button is held, and what was clicked has been told. */
export const released = () => pressed;

document.addEventListener("pointerdown", ({ target }) => {
  if (target.closest("select")) return; // its list takes the end of the press for itself
  pressed = new Promise((resolve) => {
    for (const name of ["pointerup", "pointercancel"]) {
      document.addEventListener(name, () => setTimeout(resolve, 0), { once: true, capture: true });
    }
  });
}, true);
