/**
 * One shopper's purchase: waiting, preparing (or stopped), ready, running, bought. Counts what its frame reports; the clock runs
 * from the first action to "Thank you".
 */

const NAMES = ["clicks", "keystrokes", "screens"];
const WORDS = {
  waiting: "Press “Start”",
  preparing: "Getting ready …",
  stopped: "Not ready: “Start” again",
  ready: "Ready to pay",
  running: "Under way",
  bought: "Thank you",
};
const TICK_MS = 100;

/**
 * @param {HTMLElement} node the lane's section
 * @param {function(Object): void} onBought is given clicks, keystrokes, screens, seconds, and whether Klarna's window counted
 */
export function makeRun(node, onBought) {
  const frame = node.querySelector("iframe");
  let done;
  let began;
  let ticking = 0;

  function become(state) {
    node.dataset.state = state;
    node.querySelector(".beside-state").textContent = WORDS[state];
  }

  function show(seconds) {
    for (const [name, value] of Object.entries({ ...done, seconds: seconds.toFixed(1) })) {
      const shown = node.querySelector(`[data-figure=${name}]`);
      if (shown) shown.textContent = value;
    }
  }

  const elapsed = () => (began === null ? 0 : (performance.now() - began) / 1000);

  function clear(screens) {
    clearInterval(ticking);
    done = { clicks: 0, keystrokes: 0, screens, atKlarna: false };
    began = null;
    show(0);
  }

  function count(effort) {
    for (const name of NAMES) if (Number.isInteger(effort[name])) done[name] += effort[name];
    done.atKlarna ||= Boolean(effort.atKlarna);
    if (node.dataset.state === "ready" && (effort.clicks || effort.keystrokes)) {
      began = performance.now();
      ticking = setInterval(() => show(elapsed()), TICK_MS);
      become("running");
    }
    show(elapsed());
  }

  function finish() {
    clearInterval(ticking);
    const seconds = Math.round(elapsed() * 10) / 10;
    become("bought");
    show(seconds);
    onBought({ ...done, seconds });
  }

  const counting = () => ["ready", "running"].includes(node.dataset.state);
  const hearing = {
    "lane:page"({ bought, stopped }) {
      if (stopped && node.dataset.state === "preparing") become("stopped");
      if (!counting()) return;
      count({ screens: 1 });
      if (bought) finish();
    },
    "lane:ready"() {
      if (node.dataset.state !== "preparing") return;
      clear(1); // the checkout itself
      become("ready");
    },
    "lane:effort": (effort) => counting() && count(effort),
  };

  clear(0);
  return {
    start() {
      clear(0);
      become("preparing");
      frame.contentWindow.location.replace(node.dataset.start);
    },
    hears: (event) => event.source === frame.contentWindow && hearing[event.data?.type]?.(event.data),
  };
}
