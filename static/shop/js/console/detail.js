/** One step in full: why, what was sent, what came back, what changed since the last of its kind, how to repeat it. */

import { element } from "./element.js";

export function showDetail(pane, entry) {
  const facts = [
    ["Took", entry.seconds === null ? "" : `${Math.round(entry.seconds * 1000)} ms${entry.attempts > 1 ? `, ${entry.attempts} tries` : ""}`],
    ["Answer", entry.status === null ? "" : entry.status || "none"],
    ["Correlation id", entry.correlation_id],
    ["Idempotency key", entry.idempotency_key],
    ["In our source", entry.place],
  ].filter(([, value]) => value !== "");
  pane.replaceChildren(
    element("h2", {}, entry.title),
    ...(entry.method && entry.title !== `${entry.method} ${entry.path}` ? [element("p", { class: "demo-path" }, `${entry.method} ${entry.path}`)] : []),
    ...(entry.rule ? [rule(entry)] : []),
    element("dl", {}, facts.map(([name, value]) => [element("dt", {}, name), element("dd", {}, String(value))])),
    ...(entry.differences.length ? [changes(entry)] : []),
    ...body("Sent", entry.request),
    ...body(entry.kind === "event" ? "Told" : "Answered", entry.response),
    ...(entry.curl ? [curl(entry)] : []),
  );
  pane.scrollTop = 0;
}

function rule(entry) {
  const link = element("a", { href: entry.page, rel: "noopener", target: "_blank" }, "Klarna’s page");
  return element("p", { class: "demo-rule" }, `${entry.rule} `, link);
}

function changes(entry) {
  const shown = (value) => (value === null ? "–" : typeof value === "string" ? value : JSON.stringify(value));
  const rows = entry.differences.map((one) =>
    element("tr", {}, element("th", { scope: "row" }, one.path), element("td", {}, shown(one.before)), element("td", {}, shown(one.after))));
  const head = element("tr", {}, ["Field", "Last time", "Now"].map((name) => element("th", { scope: "col" }, name)));
  return element("details", { open: "" },
    element("summary", {}, `${entry.differences.length} changed since the last one`),
    element("table", {}, element("thead", {}, head), element("tbody", {}, rows)));
}

function body(name, value) {
  if (value === null || (typeof value === "object" && !Object.keys(value).length)) return [];
  return [element("details", { open: "" }, element("summary", {}, name), element("pre", { tabindex: "0" }, JSON.stringify(value, null, 2)))];
}

function curl(entry) {
  const copy = element("button", { type: "button" }, "Copy as curl");
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(entry.curl);
    copy.textContent = "Copied";
  });
  return element("details", {}, element("summary", {}, "As a command"), copy, element("pre", { tabindex: "0" }, entry.curl));
}
