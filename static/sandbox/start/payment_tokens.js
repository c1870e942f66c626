/*
 * The saved ways of paying, and what becomes of their next charge. No token is shown: a fingerprint stands for each.
 */
import { fingerprint } from "./links.js";
import { control, fill, find, nameOf, onClick, redraw, time } from "./page.js";

const NEXT = { decline: "next charge is refused", step_up: "next charge is stepped up" };
const ACTIONS = {
  suspend: { body: { status: "SUSPENDED" }, from: ["ACTIVE"], done: "was suspended: charges are refused until it is resumed." },
  resume: { body: { status: "ACTIVE" }, from: ["SUSPENDED"], done: "may be charged again." },
  cancel: { body: { status: "CANCELLED" }, from: ["ACTIVE", "SUSPENDED"], done: "was cancelled for good." },
  decline: { body: { next_charge: "decline" }, from: ["ACTIVE"], done: "is refused at its next charge." },
  "step-up": { body: { next_charge: "step_up" }, from: ["ACTIVE"], done: "needs the shopper at its next charge." },
  approve: { body: { next_charge: "approve" }, from: ["ACTIVE"], done: "is charged as usual." },
};

export async function showPaymentTokens() {
  const [tokens, people] = await Promise.all([control("GET", "payment-tokens"), control("GET", "people")]);
  const names = new Map(people.map((person) => [person.id, `${nameOf(person)}, ${person.email}`]));
  await redraw(find("payment-tokens"), await Promise.all(tokens.map((token) => tokenCard(token, names.get(token.person)))));
  find("no-payment-tokens").hidden = tokens.length > 0;
}

async function tokenCard(token, person) {
  const print = await fingerprint(token.token_id);
  const card = fill("payment-token", {
    name: person,
    purpose: `${token.description}, ${token.purchase_currency}${token.subscription ? ", subscription" : ""}`,
    fingerprint: print,
    since: time(token.created_at),
    next: NEXT[token.next_charge] ?? "",
    status: token.status.toLowerCase(),
  });
  find("next", card).hidden = !(token.next_charge in NEXT) || token.status !== "ACTIVE";
  find("status", card).classList.add(token.status === "ACTIVE" ? "status--good" : "status--plain");
  find("actions", card).hidden = token.status === "CANCELLED";
  for (const [name, { body, from, done }] of Object.entries(ACTIONS)) {
    const button = find(name, card);
    button.hidden = !from.includes(token.status) || body.next_charge === token.next_charge;
    button.dataset.key = `${name} ${print}`;
    button.setAttribute("aria-label", `${button.textContent}: ${person}`);
    onClick(button, () => control("POST", `payment-tokens/${token.token_id}`, body), `The payment token of ${person} ${done}`);
  }
  return card;
}
