/** Contact and address on the page: read for Klarna, checked, and marked where something is wrong. */

const form = document.getElementById("checkout-form");

/** The same cleaning as the server's, so that Klarna and the shop hold the same address. */
function clean(text) {
  return text.replace(/[\p{C}\p{Z}\s]+/gu, " ").trim();
}

export function billingAddress() {
  const names = [
    "email", "given_name", "family_name", "street_address", "street_address2",
    "postal_code", "city", "region", "country", "phone",
  ];
  const address = {};
  for (const name of names) {
    const value = clean(form.elements[name]?.value ?? "");
    if (value) address[name] = name === "region" ? value.toUpperCase() : value;
  }
  return address;
}

/** Put a message under each wrong field; focus goes to the first. */
export function showFieldErrors(errors) {
  let first = null;
  for (const [name, message] of Object.entries(errors)) {
    const field = form.elements[name];
    const place = document.getElementById(`${name}-error`);
    if (!field || !place) continue;
    field.setAttribute("aria-invalid", "true");
    field.closest("details")?.setAttribute("open", "");
    place.textContent = message;
    place.hidden = false;
    first ??= field;
  }
  if (first) first.focus();
  return first !== null;
}

export function clearFieldError(field) {
  field.removeAttribute("aria-invalid");
  const place = document.getElementById(`${field.name}-error`);
  if (place) {
    place.hidden = true;
    place.textContent = "";
  }
}

/** What the browser itself can see to be wrong, before Klarna's window opens. */
export function localErrors() {
  const errors = {};
  for (const field of form.elements) {
    if (!field.name || !field.willValidate) continue;
    const label = field.labels?.[0]?.textContent.trim() || field.name;
    if (field.required && !clean(field.value)) errors[field.name] = `${label} is missing.`;
    else if (!field.validity.valid) errors[field.name] = `Please check this: ${label}.`;
  }
  return errors;
}
