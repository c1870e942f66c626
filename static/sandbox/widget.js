/* Tells the merchant's page how high the widget is, whenever that changes. */
"use strict";

(() => {
  const { origin } = document.body.dataset;
  const report = () => {
    const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
    if (window.parent !== window) window.parent.postMessage({ type: "klarna:height", height }, origin);
  };
  new ResizeObserver(report).observe(document.documentElement);
})();
