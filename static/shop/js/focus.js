// A form that came back with faults: start at their summary.
document.querySelector("[data-focus]")?.focus();
