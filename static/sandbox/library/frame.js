/*
 * The widget: a frame of Klarna's origin inside the merchant's page. Styles are set through properties only,
 * because a merchant's content policy may forbid inline styles.
 */

const FRAME_PATIENCE_MS = 15000;

/**
 * Draws a frame into the container, in the place of whatever Klarna drew there before, and keeps its height.
 *
 * @param {Element} container
 * @param {string} path of a page of Klarna's
 * @returns {Promise<void>} once the frame shows something
 */
function drawFrame(container, path) {
  const frame = document.createElement("iframe");
  frame.title = "Klarna";
  Object.assign(frame.style, { display: "block", width: "100%", height: "0", border: "0" });
  const shown = new Promise((resolve, reject) => {
    const giveUp = () => (frame.isConnected ? reject(new Error("The widget did not appear")) : resolve());
    const patience = setTimeout(giveUp, FRAME_PATIENCE_MS);
    const listen = (event) => {
      if (!frame.isConnected) return window.removeEventListener("message", listen);
      if (event.origin !== KLARNA_ORIGIN || event.source !== frame.contentWindow) return undefined;
      if (event.data?.type !== "klarna:height") return undefined;
      clearTimeout(patience);
      keepHeight(frame, event.data.height);
      return resolve();
    };
    window.addEventListener("message", listen);
  });
  clearFrame(container);
  frame.dataset.klarna = "widget";
  container.append(frame);
  frame.src = KLARNA_ORIGIN + path;
  return shown;
}

/** Takes away what Klarna drew, and nothing of the merchant's. */
function clearFrame(container) {
  for (const frame of container.querySelectorAll('iframe[data-klarna="widget"]')) frame.remove();
}

function keepHeight(frame, reported) {
  const height = Math.max(0, Math.ceil(Number(reported) || 0));
  if (frame.style.height === `${height}px`) return;
  frame.style.height = `${height}px`;
  emit("heightChanged", height);
}
