/*
 * Klarna's ledger: what became of each order, and the end of a review where one is pending.
 */
import { control, fill, find, onClick, redraw, time } from "./page.js";
import { some } from "./some.js";

const OPEN = ["AUTHORIZED", "PART_CAPTURED"];
const LOOKS = { CAPTURED: "status--good", CANCELLED: "status--bad", EXPIRED: "status--bad" };
const DONE = {
  accept: "was accepted: it may be shipped.",
  reject: "was rejected: it is cancelled in four hours, unless the shop captures it.",
  stop: "was stopped: it is cancelled in four hours, unless the shop captures it.",
};
const DECISIONS = { PENDING: ["accept", "reject"], ACCEPTED: ["stop"] };

export async function showOrders() {
  const orders = some(find("orders"), (await control("GET", "orders")).reverse());
  await redraw(find("orders"), orders.map(orderCard));
  find("no-orders").hidden = orders.length > 0;
}

function orderCard(order) {
  const { order_id: id, status, fraud_status: fraud } = order;
  const reference = order.merchant_reference1 || order.klarna_reference;
  const card = fill("order", {
    reference,
    amount: money(order.order_amount, order),
    id: `${id.slice(0, 8)}…`,
    money: history(order),
    fraud: words(fraud),
    status: words(status),
  });
  find("status", card).classList.add(LOOKS[status] ?? "status--plain");
  find("fraud", card).classList.add(fraud === "REJECTED" ? "status--bad" : "status--plain");
  find("fraud", card).hidden = fraud === "ACCEPTED";
  // Of an order that is only authorized the verdict says it all.
  find("status", card).hidden = fraud !== "ACCEPTED" && status === "AUTHORIZED";
  const possible = OPEN.includes(status) ? DECISIONS[fraud] ?? [] : [];
  find("actions", card).hidden = possible.length === 0;
  for (const [decision, done] of Object.entries(DONE)) {
    const button = find(decision, card);
    button.hidden = !possible.includes(decision);
    button.dataset.key = `${decision} ${id}`;
    button.setAttribute("aria-label", `${button.textContent} order ${reference}`);
    onClick(button, () => control("POST", `orders/${id}/decide`, { decision }), `Order ${reference} ${done}`);
  }
  return card;
}

/** What was taken, given back and is left, and until when; parts of nothing are not told. */
function history(order) {
  const left = order.remaining_authorized_amount;
  const until = order.fraud_status === "REJECTED" ? "to be cancelled" : `left until ${time(order.expires_at)}`;
  const parts = [
    [order.captured_amount, "captured"],
    [order.refunded_amount, "refunded"],
    [left, until],
  ];
  const told = parts.filter(([amount]) => amount > 0).map(([amount, word]) => `${money(amount, order)} ${word}`);
  return told.join(", ") || "nothing left";
}

function money(amount, { purchase_currency: currency }) {
  const format = new Intl.NumberFormat("en-GB", { style: "currency", currency });
  return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits);
}

const words = (code) => code.toLowerCase().replaceAll("_", " ");
