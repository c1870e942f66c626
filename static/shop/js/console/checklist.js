/** Keeps what is ticked in this browser, and counts it. */

const KEY = "demo-checklist";
const form = document.querySelector("[data-checklist]");
const fields = [...form.querySelectorAll("input[name$='.result'], input[name$='.note']")];

function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {}; // somebody else's words under our key
  }
}

function keep() {
  const told = fields.filter((field) => field.type !== "radio" || field.checked).map((field) => [field.name, field.value]);
  localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(told)));
  count();
}

function restore(values) {
  for (const field of fields) {
    const value = values[field.name] ?? (field.type === "radio" ? "untested" : "");
    if (field.type === "radio") field.checked = field.value === value;
    else field.value = value;
  }
  count();
}

function count() {
  const results = fields.filter((field) => field.type === "radio" && field.checked).map((field) => field.value);
  const said = ["pass", "fail", "untested"].map((result) => `${results.filter((one) => one === result).length} ${result}`);
  form.querySelector("[data-sum]").textContent = said.join(" · ");
}

/** What somebody ticked or wrote before this script ran counts, too. */
const isEarly = (field) => (field.type === "radio" ? field.checked && !field.defaultChecked : field.value !== field.defaultValue);
const early = fields.filter(isEarly).map((field) => [field.name, field.value]);

restore({ ...kept(), ...Object.fromEntries(early) });
if (early.length) keep();
form.addEventListener("change", keep);
form.addEventListener("input", keep);
form.addEventListener("keydown", (event) => event.key === "Enter" && event.target.name?.endsWith(".note") && event.preventDefault());
const clear = form.querySelector("[data-do=clear]");
clear.addEventListener("click", () => {
  localStorage.removeItem(KEY);
  restore({});
});
clear.disabled = false;
