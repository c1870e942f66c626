/*
 * Sign in with Klarna: who is logged in or agreed to something, and the keys that sign. No token is shown.
 */
import { control, fill, find, nameOf, onClick, redraw } from "./page.js";

export async function showSignIns() {
  const [people, chains] = await Promise.all([control("GET", "people"), control("GET", "sign-in/tokens")]);
  const known = people.filter((person) => person.signed_in || person.consents.length);
  await redraw(find("signed-in"), known.map((person) => personCard(person, chains.filter((chain) => chain.person === person.id))));
  find("no-signed-in").hidden = known.length > 0;
}

export async function showKeys() {
  const keys = await control("GET", "sign-in/keys");
  const old = keys.filter((key) => key.status === "old").length;
  find("keys").textContent = `${keys.length} are published, ${old || "none"} of them old.`;
}

function personCard(person, chains) {
  const refreshTokens = chains.map((chain) => chain.refresh_token).filter((token) => token?.status === "active");
  const name = `${nameOf(person)}, ${person.email}`;
  const card = fill("signed-in", {
    name,
    logins: counted(person.signed_in, "logged in nowhere", "logged in in 1 browser", "logged in in # browsers"),
    consents: counted(person.consents.length, "no consent", "1 consent", "# consents"),
    tokens: counted(refreshTokens.length, "no refresh token", "1 refresh token", "# refresh tokens"),
  });
  const change = (body) => control("PATCH", `people/${encodeURIComponent(person.id)}`, body);
  const newest = refreshTokens.at(-1)?.token;
  button("log-out", person.signed_in, () => change({ signed_in: false }), `${name} is logged out at Klarna.`);
  button("withdraw", person.consents.length, () => change({ consents: [] }), `${name} withdrew the consent.`);
  button("expire", newest, () => control("POST", "sign-in/tokens/expire", { token: newest }), "The newest refresh token expired.");
  return card;

  function button(does, possible, action, done) {
    const found = find(does, card);
    found.hidden = !possible;
    found.dataset.key = `${does} ${person.id}`;
    onClick(found, action, done);
  }
}

function counted(number, none, one, several) {
  if (!number) return none;
  return number === 1 ? one : several.replace("#", number);
}

export function prepareKeys() {
  onClick(find("rotate-keys"), () => control("POST", "sign-in/keys/rotate"), "New keys sign from now on; the old ones are still published.");
  onClick(find("retire-keys"), () => control("POST", "sign-in/keys/retire"), "Old keys are no longer published.");
}
