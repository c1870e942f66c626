/*
 * The frame in the snippet's container, and the conversation with it. Only messages that come from that very frame
 * and from Klarna's origin count. Styles are set through properties, for pages that forbid inline ones.
 */
const AUTO_RESUME_MS = 10000;
const frame = document.createElement("iframe");
let frameIsThere = false;
let suspended = false;
let autoResume;

function say(message) {
  if (frameIsThere) frame.contentWindow?.postMessage(message, KLARNA_ORIGIN);
}

/** Stops the customer while the merchant's server changes the order; ends by itself unless the page says otherwise. */
function suspend(options) {
  suspended = true;
  clearTimeout(autoResume);
  if (options?.autoResume?.enabled !== false) autoResume = setTimeout(resume, AUTO_RESUME_MS);
  say({ type: "kco:suspend" });
}

/** The frame reads the order anew. */
function resume() {
  clearTimeout(autoResume);
  if (!suspended) return;
  suspended = false;
  say({ type: "kco:resume" });
}

const heard = {
  "kco:ready": () => {
    frameIsThere = true;
    document.getElementById("klarna-unsupported-page")?.remove();
    if (suspended) say({ type: "kco:suspend" });
  },
  "kco:height": ({ height }) => { frame.style.height = `${Math.max(0, Math.ceil(Number(height) || 0))}px`; },
  "kco:event": ({ name, data }) => emit(name, data),
  "kco:validate": async () => say({ type: "kco:validated", ...(await askPage()) }),
  "kco:leave": ({ location }) => window.location.assign(location),
};

function listen(event) {
  if (!frame.isConnected) return window.removeEventListener("message", listen);
  if (event.origin !== KLARNA_ORIGIN || event.source !== frame.contentWindow) return undefined;
  return heard[event.data?.type]?.(event.data);
}

async function openFrame() {
  const response = await fetch(config.ORDER_URL, {
    method: "POST",
    headers: { Authorization: config.AUTH_HEADER },
    credentials: "omit",
    referrerPolicy: "no-referrer",
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error((answer.error_messages || []).join("; ") || `answered with ${response.status}`);
  frame.title = "Klarna Checkout";
  Object.assign(frame.style, { display: "block", width: "100%", height: "0", border: "0" });
  window.addEventListener("message", listen);
  frame.src = KLARNA_ORIGIN + answer.frame;
  config.container.append(frame);
}
