// The card with the known address says what its fields say, and opens when one of them has a fault.
for (const shown of document.querySelectorAll("[data-echo]")) {
  const field = document.getElementById(shown.dataset.echo);
  const follow = () => { shown.textContent = field.value; };
  field.addEventListener("input", follow);
  field.addEventListener("change", follow);
}

const card = document.querySelector(".known details");
if (card) {
  const openAtFault = () => { card.open ||= card.querySelector('[aria-invalid="true"]') !== null; };
  new MutationObserver(openAtFault).observe(card, { subtree: true, attributeFilter: ["aria-invalid"] });
}
