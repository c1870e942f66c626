// Puts "one less" and "one more" around a number field; without this the field alone does the job.
// In a form marked data-autosubmit the new number is sent once the shopper pauses, and the field is found again.
const PAUSE = 700;
const RETURN_TO = "stepper";

function button(sign, label, step) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = sign;
  made.setAttribute("aria-label", label);
  made.addEventListener("click", step);
  return made;
}

function send(input) {
  sessionStorage.setItem(RETURN_TO, input.id);
  input.form.requestSubmit();
}

function dress(stepper) {
  const input = stepper.querySelector("input");
  const about = input.labels[0].textContent.trim().replace(/^Quantity( of)?/, "");
  let timer;
  const step = (change) => () => {
    change();
    clearTimeout(timer);
    const changed = input.value !== input.defaultValue;
    if (changed && input.form.hasAttribute("data-autosubmit")) timer = setTimeout(send, PAUSE, input);
  };
  stepper.prepend(button("−", `One less${about}`, step(() => input.stepDown())));
  stepper.append(button("+", `One more${about}`, step(() => input.stepUp())));
  stepper.classList.add("stepper-on");
}

document.querySelectorAll("[data-stepper]").forEach(dress);
document.getElementById(sessionStorage.getItem(RETURN_TO))?.focus();
sessionStorage.removeItem(RETURN_TO);
