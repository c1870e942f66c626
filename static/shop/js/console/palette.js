/** Ctrl-K or Cmd-K: every scenario, market and page of the demo by a few letters, without the mouse. */

export function makePalette(address, dialog) {
  let options = [];
  let current = 0;

  async function open() {
    if (dialog.open) return;
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    dialog.innerHTML = await answer.text(); // our own page, as any other of the shop
    options = [...dialog.querySelectorAll("[role=option]")];
    const input = dialog.querySelector("input[type=search]");
    input.addEventListener("input", () => filter(input.value));
    input.addEventListener("keydown", move);
    dialog.showModal();
    input.focus();
    filter("");
  }

  const shown = () => options.filter((option) => !option.hidden);

  function filter(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    for (const option of options) option.hidden = !words.every((word) => option.dataset.words.includes(word));
    select(0);
  }

  function select(index) {
    const list = shown();
    current = Math.max(0, Math.min(index, list.length - 1));
    for (const option of options) option.setAttribute("aria-selected", String(option === list[current]));
    dialog.querySelector("input").setAttribute("aria-activedescendant", list[current]?.id ?? "");
    list[current]?.scrollIntoView({ block: "nearest" });
  }

  function move(event) {
    if (event.key === "ArrowDown") select(current + 1);
    else if (event.key === "ArrowUp") select(current - 1);
    else if (event.key === "Enter") shown()[current]?.querySelector("button, a")?.click();
    else return;
    event.preventDefault();
  }

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
  return { open };
}
