/** Whether another delivery is chosen than the server drew: the shopper was quicker than the script, or came back. */
export function chosenEarly(form) {
  return [...form.querySelectorAll("[name=delivery]")].some((option) => option.checked !== option.defaultChecked);
}
