/**
 * While Klarna's answer is outstanding, look every few seconds, for a minute, whether the page says something else by
 * now. It is loaded anew only then: without news nobody loses their place on it, or the press of a button. The button
 * "Check again" does the same by hand, and asks Klarna.
 */
const PAUSE_MS = 4000;
const script = new URL(import.meta.url).pathname; // in the page as long as it waits
let left = 15;
let pressed = false;

async function look() {
  left -= 1;
  if (left === 0) clearInterval(watch);
  // An order that Klarna refused is a page, too, though its status is 409; a shop that stumbles has no news.
  const page = await fetch(location.href).then((answer) => (answer.status < 500 ? answer.text() : "")).catch(() => "");
  if (page && !page.includes(script) && !pressed) location.reload();
}

const watch = setInterval(look, PAUSE_MS);
addEventListener("submit", () => {
  pressed = true; // a reload would cut it off
  clearInterval(watch);
});
