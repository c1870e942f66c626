/**
 * What each purchase took, as one SVG that needs nothing else: a panel for each figure, a bar for each shopper.
 */

const SVG = "http://www.w3.org/2000/svg";
const FONT = "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif";
const PANELS = [["clicks", "Clicks"], ["keystrokes", "Keystrokes"], ["screens", "Screens"], ["seconds", "Seconds"]];
const COLOURS = ["#8b8272", "#1f4036", "#d9628f"];
const INK = "#25231e";
const SOFT = "#5f594e";
const PANEL = { width: 280, gap: 36, head: 44, row: 64, bar: 30, value: 64 };

/**
 * @param {Array<{name: string, figures: Object|null}>} rows one a shopper; null where nothing was bought yet
 * @param {number} columns panels next to each other
 * @param {string} [title] drawn above, for a drawing that stands alone
 */
export function chart(rows, columns, title = "") {
  const height = PANEL.head + rows.length * PANEL.row;
  const lines = Math.ceil(PANELS.length / columns);
  const width = columns * (PANEL.width + PANEL.gap) - PANEL.gap + 40;
  const above = title ? 64 : 16;
  const full = above + lines * (height + PANEL.gap);
  const drawn = make("svg", { xmlns: SVG, viewBox: `0 0 ${width} ${full}`, role: "img", "font-family": FONT, "aria-label": title || "The figures of the table as bars" });
  drawn.append(make("rect", { width, height: full, fill: "#fffdf9" }), text(title, 20, 38, { "font-size": 20, "font-weight": 600 }));
  PANELS.forEach(([name, words], index) => {
    const x = 20 + (index % columns) * (PANEL.width + PANEL.gap);
    const y = above + Math.floor(index / columns) * (height + PANEL.gap);
    drawn.append(panel(name, words, rows, x, y));
  });
  return drawn;
}

function panel(name, words, rows, x, y) {
  const most = Math.max(1, ...rows.map(({ figures }) => figures?.[name] ?? 0));
  const group = make("g", { transform: `translate(${x} ${y})` });
  group.append(
    text(words, 0, 22, { "font-size": 18, "font-weight": 600 }),
    make("line", { x1: 0, x2: PANEL.width, y1: 34, y2: 34, stroke: "#e3d9c9" }),
  );
  rows.forEach((row, index) => group.append(...bar(row, name, most, index)));
  return group;
}

function bar({ name: shopper, figures }, name, most, index) {
  const top = PANEL.head + index * PANEL.row;
  const label = text(shopper, 0, top + 18, { "font-size": 15, fill: SOFT });
  if (!figures) return [label, text("not bought yet", 0, top + 46, { "font-size": 15, fill: SOFT })];
  const length = Math.max(3, ((PANEL.width - PANEL.value) * figures[name]) / most);
  return [
    label,
    make("rect", { y: top + 25, width: length, height: PANEL.bar, rx: 4, fill: COLOURS[index % COLOURS.length] }),
    text(String(figures[name]), length + 10, top + 48, { "font-size": 24, "font-weight": 700 }),
  ];
}

function text(words, x, y, more = {}) {
  const made = make("text", { x, y, fill: INK, ...more });
  made.textContent = words;
  return made;
}

function make(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) if (key !== "xmlns") made.setAttribute(key, value);
  return made;
}

/** The drawing as a file to keep. */
export function save(drawing, name) {
  const [, , width, height] = drawing.getAttribute("viewBox").split(" ");
  const kept = drawing.cloneNode(true);
  kept.setAttribute("width", width);
  kept.setAttribute("height", height);
  const address = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(kept)], { type: "image/svg+xml" }));
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  link.click();
  URL.revokeObjectURL(address);
}
