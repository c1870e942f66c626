// Who changes the market at the checkout finds what they typed again: what is bound to no country in the new market,
// the rest when they come back to the old one. It waits in this tab for the next page, and not for long.
const KEY = "checkout-typed";
const ANYWHERE = ["email", "given_name", "family_name", "phone"];
const PLACE = ["street_address", "street_address2", "postal_code", "city", "region"];
const LASTS = 60_000; // milliseconds; later it may be somebody else's turn

const form = document.getElementById("checkout-form");
const here = form.elements.country.value;

function kept() {
  const found = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  sessionStorage.removeItem(KEY);
  return found && Date.now() - found.at < LASTS ? found : { anywhere: {}, places: {} };
}

function read(names) {
  return Object.fromEntries(names.map((name) => [name, form.elements[name]?.value ?? ""]));
}

function fillEmpty(values) {
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements[name];
    if (!field || field.value || !value) continue;
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

const { anywhere, places } = kept();
fillEmpty({ ...anywhere, ...places[here] });
document.querySelector("form.market").addEventListener("submit", () => {
  const typed = { at: Date.now(), anywhere: read(ANYWHERE), places: { ...places, [here]: read(PLACE) } };
  sessionStorage.setItem(KEY, JSON.stringify(typed));
});
