/**
 * What happened, as the shop tells it: asked for while somebody looks, kept in order, at most so many entries.
 */

const MOST = 10000;
const PAUSE_MS = 600;

/**
 * @param {HTMLElement} demo the element that carries the addresses and the CSRF token
 * @param {function(Object): void} onChange what changed, what waits, how calls leave
 * @param {function(): void} onAnew the shop began anew, and with it its timeline: all that was known is gone
 */
export function makeFeed(demo, onChange, onAnew) {
  const entries = new Map();
  let order = [];
  let revision = 0;
  let timeline = "";
  let timer = 0;
  let asked = false;
  let cleared = 0;

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
    cleared += 1;
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
    const before = cleared;
    try {
      const answer = await fetch(`${demo.dataset.timeline}?after=${revision}`, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      const { timeline: name, entries: found, held, pace } = await answer.json();
      if (before !== cleared) return; // on its way while everything was forgotten
      if (timeline && name !== timeline) {
        begin(name); // what was asked for counted in numbers of before; the next question begins at the beginning
        return;
      }
      timeline = name;
      take(found);
      onChange({ changed: found.map((entry) => entry.id), held, pace });
    } catch {
      // The page is on its way out, or the shop is: the next question will tell.
    } finally {
      asked = false;
    }
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
