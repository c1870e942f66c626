/**
 * What happened, as the shop tells it: asked for while somebody looks, kept in order, at most so many entries.
 */

const MOST = 10000;
const PAUSE_MS = 600;

/**
 * @param {string} address where the shop tells what is new
 * @param {function(Object): void} onChange what changed, what waits, how calls leave
 * @param {function(): void} onAnew the shop began anew, and with it its timeline: all that was known is gone
 */
export function makeFeed(address, onChange, onAnew) {
  const entries = new Map();
  let order = [];
  let revision = 0;
  let timeline = "";
  let timer = 0;
  let asked = false;
  let era = 0; // an answer to what was asked before "Clear" is none any more

  function take(found) {
    let grew = false;
    for (const entry of found) {
      grew ||= !entries.has(entry.id);
      entries.set(entry.id, entry);
      revision = Math.max(revision, entry.revision);
    }
    if (grew) order = [...entries.keys()].sort((a, b) => a - b);
    while (order.length > MOST) entries.delete(order.shift());
  }

  function clear() {
    era += 1;
    entries.clear();
    order = [];
  }

  function begin(name) {
    timeline = name;
    revision = 0;
    clear();
    onAnew();
  }

  async function ask() {
    if (asked) return;
    asked = true;
    try {
      while (await fetchMore()); // a long timeline comes in several answers
    } catch {
      // The page is on its way out, or the shop is: the next question will tell.
    } finally {
      asked = false;
    }
  }

  /** Whether there is more to fetch. */
  async function fetchMore() {
    const began = era;
    const answer = await fetch(`${address}?after=${revision}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) return false;
    const { timeline: name, entries: found, more, held, pace } = await answer.json();
    if (began !== era) return true;
    if (timeline && name !== timeline) {
      begin(name); // what was asked for counted in numbers of before; the next question begins at the beginning
      return false;
    }
    timeline = name;
    take(found);
    onChange({ changed: found.map((entry) => entry.id), held, pace });
    return more;
  }

  return {
    start() {
      if (!timer) timer = setInterval(() => document.hidden || ask(), PAUSE_MS);
      return ask();
    },
    stop() {
      clearInterval(timer);
      timer = 0;
    },
    clear,
    get length() {
      return order.length;
    },
    ids: () => order,
    get: (id) => entries.get(id),
  };
}

/** Tell the shop something; the answer. */
export function tell(demo, address, body, json = false) {
  const headers = { "X-CSRFToken": demo.dataset.csrf, Accept: "application/json" };
  if (json) headers["Content-Type"] = "application/json";
  const sent = json ? JSON.stringify(body) : new URLSearchParams(body);
  return fetch(address, { method: "POST", headers, body: sent, keepalive: json && sent.length < 60000 });
}
