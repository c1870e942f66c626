/*
 * Takes over from the queue: what was waiting is called first, what comes later at once.
 */
const api = { suspend, resume, on };
const call = (callback) => { if (typeof callback === "function") callback(api); };

for (const [callback] of queue.q.splice(0)) call(callback);
window._klarnaCheckout = Object.assign(call, { config, q: [] });
openFrame().catch((error) => {
  console.error(`Klarna Checkout: ${error.message}`);
  emit("network_error", {});
  const page = document.getElementById("klarna-unsupported-page");
  if (page) page.hidden = false;
});
