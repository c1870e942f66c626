/*
 * What was sent to the shop's server. The newest callback of each session can be sent again, or forged.
 */
import { clockTime, control, fill, find, onClick, redraw } from "./page.js";

const LATEST = 8;
const KINDS = {
  authorization: "Authorization callback",
  push: "Push after the order",
  "checkout push": "Push after a checkout",
  webhook: "Webhook: link revoked",
};

export async function showCallbacks() {
  const deliveries = (await control("GET", "callbacks")).slice(-LATEST).reverse();
  const seen = new Set();
  redraw(find("callbacks"), deliveries.map((delivery) => {
    const first = delivery.kind === "authorization" && !seen.has(delivery.session_id);
    if (first) seen.add(delivery.session_id);
    return callbackCard(delivery, first);
  }));
  find("no-callbacks").hidden = deliveries.length > 0;
}

function callbackCard(delivery, hasButtons) {
  const { kind, state, session_id: session } = delivery;
  const card = fill("callback", {
    kind: delivery.forged ? `Forged: ${KINDS[kind].toLowerCase()}` : KINDS[kind],
    at: clockTime(delivery.queued_at),
    attempts: delivery.attempts === 1 ? "1 attempt" : `${delivery.attempts} attempts`,
    session: session ? `Session ${session.slice(0, 8)}…` : "No session",
    state,
  });
  const bad = state === "lost" || state === "given up";
  find("state", card).classList.add(state === "arrived" ? "status--good" : bad ? "status--bad" : "status--plain");
  find("actions", card).hidden = !hasButtons;
  for (const [call, done] of [["resend", "The callback was sent again."], ["forge", "A forged callback was sent."]]) {
    const button = find(call, card);
    button.dataset.key = `${call} ${session}`;
    onClick(button, () => control("POST", `callbacks/${call}`, { session_id: session }), done);
  }
  return card;
}
