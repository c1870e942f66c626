/**
 * While Klarna's answer is outstanding, look again every few seconds, for a minute. The button "Check again" does
 * the same by hand, and asks Klarna.
 */
const KEY = "confirming";
const looked = Number(sessionStorage.getItem(KEY) ?? 0);
if (looked < 15) {
  sessionStorage.setItem(KEY, String(looked + 1));
  const next = setTimeout(() => location.reload(), 4000);
  addEventListener("submit", () => clearTimeout(next)); // a reload would cut the press of a button off
}
