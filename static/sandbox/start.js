/*
 * The start page: reads and changes the sandbox through its control API. Shows no secret: a customer token appears
 * as a fingerprint, the journal without bodies and with identifiers shortened.
 */
"use strict";

(() => {
  const LATEST = 20;
  const find = (name, within = document) => within.querySelector(`[data-${name}]`);

  async function control(method, path, body) {
    const response = await fetch(`/_sandbox/${path}`, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}`);
    return response.status === 204 ? null : response.json();
  }

  function say(text, bad = false) {
    const message = find("message");
    message.textContent = text;
    message.classList.toggle("message--bad", bad);
  }

  /** Runs what a button stands for, says how it went, and shows the state after it. */
  function onClick(button, action, done) {
    button.addEventListener("click", async () => {
      try {
        await action();
        say(done);
      } catch (error) {
        say(`That did not work: ${error.message}.`, true);
      }
      await showAll();
    });
  }

  /** A copy of a template with its `data-…` places filled in. */
  function fill(template, texts) {
    const copy = find(`${template}-template`).content.firstElementChild.cloneNode(true);
    for (const [name, text] of Object.entries(texts)) find(name, copy).textContent = text;
    return copy;
  }

  const time = (text) => new Date(text).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });
  const nameOf = (person) => [person.given_name, person.family_name].filter(Boolean).join(" ") || "New to Klarna";

  async function showClock() {
    const { now } = await control("GET", "clock");
    find("clock").textContent = time(now);
  }

  async function showPeople() {
    const markets = new Intl.DisplayNames(["en"], { type: "region" });
    const people = await control("GET", "people");
    find("people").replaceChildren(...people.map((person) => {
      const approved = person.decision === "approve";
      const card = fill("person", {
        market: markets.of(person.country),
        name: nameOf(person),
        phone: person.phone,
        email: person.email,
        decision: approved ? "Purchases approved" : "Purchases refused",
        decide: approved ? "Refuse" : "Approve",
      });
      find("decision", card).classList.add(approved ? "status--good" : "status--bad");
      const button = find("decide", card);
      button.setAttribute("aria-label", `${button.textContent} ${person.email}`);
      const decision = approved ? "refuse" : "approve";
      onClick(button, () => control("PATCH", `people/${encodeURIComponent(person.id)}`, { decision }),
        `Purchases of ${person.email} are ${approved ? "refused" : "approved"} from now on.`);
      return card;
    }));
  }

  async function showLinks() {
    const [links, people] = await Promise.all([control("GET", "customer-tokens"), control("GET", "people")]);
    const names = new Map(people.map((person) => [person.id, `${nameOf(person)}, ${person.email}`]));
    const cards = await Promise.all(links.map((link) => linkCard({ ...link, person: names.get(link.person) })));
    find("links").replaceChildren(...cards);
    find("no-links").hidden = cards.length > 0;
  }

  async function linkCard({ customer_token: token, person, status, issued_at: issued }) {
    const card = fill("link", { name: person, fingerprint: await fingerprint(token), issued: time(issued), status });
    find("status", card).classList.add(status === "active" ? "status--good" : "status--plain");
    find("actions", card).hidden = status !== "active";
    onClick(find("rotate", card), () => control("POST", "customer-tokens/rotate", { customer_token: token }),
      `The token of ${person} was rotated: the next order brings a new one.`);
    onClick(find("revoke", card), () => control("POST", "customer-tokens/revoke", { customer_token: token }),
      `The link of ${person} was revoked: the next purchase asks to log in.`);
    return card;
  }

  /** The first bytes of the token's hash; browsers compute it on secure origins and localhost only. */
  async function fingerprint(token) {
    if (!window.crypto?.subtle) return "not available here";
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token)));
    return [...hash.slice(0, 6)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  async function showJournal() {
    const entries = (await control("GET", "journal")).slice(-LATEST).reverse();
    find("journal").replaceChildren(...entries.map((entry) => {
      const row = fill("journal", {
        at: new Date(entry.at).toLocaleTimeString("en-GB"),
        actor: entry.actor,
        method: entry.method,
        path: shorten(entry.path),
        code: entry.status ?? "no answer",
      });
      find("code", row).classList.add(entry.status && entry.status < 400 ? "status--good" : "status--bad");
      return row;
    }));
    find("no-journal").hidden = entries.length > 0;
  }

  /** Identifiers and tokens in a path, cut to their beginning. */
  function shorten(path) {
    return path.split("?")[0].split("/").map((part) => (part.length > 24 ? `${part.slice(0, 8)}…` : part)).join("/");
  }

  async function showAll() {
    for (const show of [showClock, showPeople, showLinks, showJournal]) {
      try {
        await show();
      } catch (error) {
        say(`Some of this page could not be read: ${error.message}.`, true);
      }
    }
  }

  for (const button of document.querySelectorAll("[data-advance]")) {
    const seconds = Number(button.dataset.advance);
    onClick(button, () => control("POST", "clock", { advance: seconds }), `The clock is ${seconds / 3600} h ahead of where it was.`);
  }
  onClick(find("reset"), () => control("POST", "reset"), "Everything is as at the beginning.");
  find("refresh").addEventListener("click", showAll);
  document.addEventListener("visibilitychange", () => document.hidden || showAll());
  showAll();
})();
