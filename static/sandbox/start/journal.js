/*
 * The latest exchanges, without bodies and with identifiers shortened.
 */
import { clockTime, control, fill, find, shorten } from "./page.js";
import { some } from "./some.js";

const LATEST = 20;

export async function showJournal() {
  const entries = some(find("journal"), (await control("GET", "journal")).reverse(), LATEST);
  find("journal").replaceChildren(...entries.map((entry) => {
    const row = fill("journal", {
      at: clockTime(entry.at),
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
