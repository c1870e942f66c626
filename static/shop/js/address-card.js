// The card with the known address says what its fields say.
for (const shown of document.querySelectorAll("[data-echo]")) {
  const field = document.getElementById(shown.dataset.echo);
  const follow = () => { shown.textContent = field.value; };
  field.addEventListener("input", follow);
  field.addEventListener("change", follow);
  follow(); // what was typed before this script was there, or what the browser brought back
}
