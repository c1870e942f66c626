/*
 * The links between accounts. No token is shown: a fingerprint stands for each.
 */
import { control, fill, find, nameOf, onClick, redraw, time } from "./page.js";
import { some } from "./some.js";

const DONE = {
  rotate: (person) => `The token of ${person} was rotated: the next order brings a new one.`,
  expire: (person) => `The token of ${person} has expired: the next purchase asks to log in and brings a new one.`,
  revoke: (person) => `The link of ${person} was revoked: the next purchase asks to log in.`,
};

export async function showLinks() {
  const [links, people] = await Promise.all([control("GET", "customer-tokens"), control("GET", "people")]);
  const names = new Map(people.map((person) => [person.id, `${nameOf(person)}, ${person.email}`]));
  const cards = await Promise.all(some(find("links"), links.reverse()).map((link) => linkCard(link, names.get(link.person))));
  await redraw(find("links"), cards);
  find("no-links").hidden = cards.length > 0;
}

async function linkCard(link, person) {
  const { customer_token: token, status } = link;
  const print = await fingerprint(token);
  const card = fill("link", { name: person, fingerprint: print, issued: time(link.issued_at), status });
  find("status", card).classList.add(status === "active" ? "status--good" : "status--plain");
  find("actions", card).hidden = status !== "active";
  for (const [call, done] of Object.entries(DONE)) {
    const button = find(call, card);
    button.dataset.key = `${call} ${print}`;
    onClick(button, () => control("POST", `customer-tokens/${call}`, { customer_token: token }), done(person));
  }
  return card;
}

/** The first bytes of the token's hash; browsers compute it on secure origins and localhost only. */
export async function fingerprint(token) {
  if (!window.crypto?.subtle) return "not available here";
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token)));
  return [...hash.slice(0, 6)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
