/** What the payment section says: a quiet status line, and an alert with a way on. */

const status = document.getElementById("payment-status");
const problem = document.getElementById("payment-problem");

export function say(text) {
  status.textContent = text;
}

/**
 * Show what went wrong and offer a way on. Focus moves there after the shopper pressed something; while the page
 * is still loading the alert is announced and the focus left alone.
 */
export function complain(text, { retry = null, correlation = "" } = {}) {
  problem.replaceChildren();
  const words = document.createElement("p");
  words.textContent = text;
  problem.append(words);
  if (correlation) {
    const reference = document.createElement("p");
    reference.className = "reference";
    reference.textContent = `Reference: ${correlation}`;
    problem.append(reference);
  }
  if (retry) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-secondary";
    button.textContent = "Try again";
    button.addEventListener("click", retry);
    problem.append(button);
  }
  problem.hidden = false;
  if (navigator.userActivation?.hasBeenActive) problem.focus();
  say("");
}

export function clearProblem() {
  problem.hidden = true;
  problem.replaceChildren();
}
