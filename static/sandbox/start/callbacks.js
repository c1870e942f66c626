/*
 * What was sent to the shop's server. The newest callback of each session or order can be sent again, or forged.
 */
import { clockTime, control, fill, find, onClick, redraw } from "./page.js";
import { some } from "./some.js";

const KINDS = {
  authorization: "Authorization callback",
  push: "Push after the order",
  "checkout push": "Push after a checkout",
  webhook: "Webhook: link revoked",
  notification: "Notification",
};
const REPEATABLE = ["authorization", "notification"];

export async function showCallbacks() {
  const deliveries = some(find("callbacks"), (await control("GET", "callbacks")).reverse());
  const seen = new Set();
  await redraw(find("callbacks"), deliveries.map((delivery) => {
    const subject = delivery.order_id ?? delivery.session_id;
    const first = REPEATABLE.includes(delivery.kind) && !seen.has(subject);
    if (first) seen.add(subject);
    return callbackCard(delivery, first);
  }));
  find("no-callbacks").hidden = deliveries.length > 0;
}

function callbackCard(delivery, hasButtons) {
  const { kind, state, session_id: session, order_id: order } = delivery;
  const news = delivery.body?.event_type ? `${KINDS[kind]}: ${decision(delivery)}` : KINDS[kind];
  const card = fill("callback", {
    kind: delivery.forged ? `Forged: ${news.toLowerCase()}` : news,
    at: clockTime(delivery.queued_at),
    attempts: delivery.attempts === 1 ? "1 attempt" : `${delivery.attempts} attempts`,
    about: order ? `Order ${order.slice(0, 8)}…` : session ? `Session ${session.slice(0, 8)}…` : "No session",
    state,
  });
  const bad = state === "lost" || state === "given up";
  find("state", card).classList.add(state === "arrived" ? "status--good" : bad ? "status--bad" : "status--plain");
  find("actions", card).hidden = !hasButtons;
  const subject = order ? { order_id: order, event_type: "FRAUD_RISK_ACCEPTED" } : { session_id: session };
  for (const [call, done] of [["resend", "The callback was sent again."], ["forge", "A forged callback was sent."]]) {
    const button = find(call, card);
    button.dataset.key = `${call} ${order ?? session}`;
    onClick(button, () => control("POST", `callbacks/${call}`, subject), done);
  }
  return card;
}

const decision = ({ body }) => `order ${body.event_type.replace("FRAUD_RISK_", "").toLowerCase()}`;
