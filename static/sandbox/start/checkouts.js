/*
 * The checkouts. One that is open can be paid without a browser, by somebody of its market.
 */
import { control, fill, find, nameOf, onClick, redraw, time } from "./page.js";
import { some } from "./some.js";

export async function showCheckouts() {
  const [checkouts, people] = await Promise.all([control("GET", "checkouts"), control("GET", "people")]);
  const latest = some(find("checkouts"), checkouts.reverse());
  await redraw(find("checkouts"), latest.map((checkout) => checkoutCard(checkout, people)));
  find("no-checkouts").hidden = latest.length > 0;
}

function checkoutCard(checkout, people) {
  const { order_id: order, status, person: id, recognised, country } = checkout;
  const person = people.find((one) => one.id === id);
  const buyer = person || people.find((one) => one.country === country && one.given_name && one.outcome === "approve");
  const card = fill("checkout", {
    order: `Checkout ${order.slice(0, 8)}…`,
    customer: person ? `${recognised ? "recognised: " : ""}${nameOf(person)}` : "customer not known",
    until: time(checkout.expires_at),
    status: status.replaceAll("_", " "),
  });
  const done = status === "checkout_complete" || status === "created";
  find("status", card).classList.add(done ? "status--good" : "status--plain");
  find("actions", card).hidden = status !== "checkout_incomplete" || !buyer;
  const button = find("complete", card);
  button.dataset.key = `complete ${order}`;
  onClick(
    button,
    () => control("POST", "checkouts/complete", { order_id: order, person: buyer.id }),
    "The checkout was paid. The shop is told by push, two minutes from now by this clock.",
  );
  return card;
}
