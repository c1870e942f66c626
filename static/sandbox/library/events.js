/*
 * What a page may listen to: the widget's height in whole pixels, and the full-screen window coming and going.
 */

const handlers = new Map([
  ["heightChanged", new Set()],
  ["fullscreenOverlayShown", new Set()],
  ["fullscreenOverlayHidden", new Set()],
]);

/** @param {string} name one of the three events */
function handlersOf(name) {
  const found = handlers.get(name);
  if (!found) throw new EventNotSupportedError(`No such event: ${String(name)}`);
  return found;
}

/** Tells the page, each handler in a turn of its own: a handler that fails hurts nobody else. */
function emit(name, ...values) {
  for (const handler of handlersOf(name)) setTimeout(() => handler(...values), 0);
}
