/**
 * The page with Klarna Checkout's frame. A change of the delivery suspends the frame, the shop's server tells Klarna
 * the new total, and the frame reads the order anew.
 *
 * https://docs.klarna.com/klarna-checkout/in-depth-knowledge/suspend-resume/
 */

import { chosenEarly } from "./js/checkout/delivery.js";

const form = document.getElementById("delivery");
const status = document.getElementById("delivery-status");
const problem = document.getElementById("delivery-problem");
const NO_LINE = "We cannot reach the shop right now. Nothing was charged; please load the page again.";

/** Klarna's snippet queues what comes before its library. */
function klarna(task) {
  if (window._klarnaCheckout) window._klarnaCheckout(task);
}

async function send(data) {
  const answer = await fetch(form.action, { method: "POST", body: data, headers: { Accept: "application/json" } });
  const body = await answer.json();
  return answer.ok ? body : { message: body.message || NO_LINE };
}

let latest = 0;
let line = Promise.resolve(); // one change after the other: the last one has to be the last at Klarna, too

function choose() {
  const mine = ++latest;
  problem.hidden = true;
  status.textContent = "Updating your order …";
  klarna((api) => api.suspend({ autoResume: { enabled: false } }));
  line = line.then(() => (mine === latest ? update(mine) : undefined));
}

async function update(mine) {
  const body = await send(new FormData(form)).catch(() => ({ message: NO_LINE }));
  if (mine !== latest) return; // a later choice waits for its turn
  if (body.redirect) {
    location.assign(body.redirect);
    return;
  }
  if (body.summary) document.getElementById("summary").outerHTML = body.summary;
  status.textContent = body.summary ? "Your order is updated." : "";
  problem.textContent = body.message || "";
  problem.hidden = !body.message;
  klarna((api) => api.resume());
}

form.addEventListener("change", choose);
if (chosenEarly(form)) choose();
