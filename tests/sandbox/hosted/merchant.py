"""A merchant's checkout page with the strictest content policy Klarna's library has to live with, and its server.

The page has a place for the widget and a button; its script exposes what a test wants to know.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>A shop's checkout</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/style.css">
<script src="/page.js"></script><script src="{library}" async></script></head>
<body><main><h1>Checkout</h1><div id="widget"></div><button id="buy">Pay with Klarna</button></main></body></html>
"""

STYLE = """
body { margin: 0 auto; max-width: 40rem; padding: 1rem; background: #fff; color: #222; font-family: sans-serif; }
button { min-height: 3rem; padding: 0 1.5rem; }
"""

# `shop.call` returns what the callback got and what was thrown; `shop.data` goes with the button's authorize.
SCRIPT = """
"use strict";
const shop = { results: [], events: [], options: {}, data: undefined };
shop.ready = new Promise((resolve, reject) => {
  window.klarnaAsyncCallback = resolve;
  document.addEventListener("error", ({ target }) => {
    if (target.matches("script")) reject(new Error("Klarna's library did not come"));
  }, true);
});
shop.call = (method, ...given) => new Promise((resolve) => {
  let thrown = null;
  const callback = (result) => setTimeout(() => resolve({ result, thrown }), 0);
  try { Klarna.Payments[method](...given, callback); } catch (error) { thrown = error.name; }
  if (thrown) setTimeout(() => resolve({ result: null, thrown }), 50);
});
shop.open = async (clientToken, data) => {
  await shop.ready;
  for (const name of ["heightChanged", "fullscreenOverlayShown", "fullscreenOverlayHidden"]) {
    Klarna.Payments.on(name, (value) => shop.events.push([name, value]));
  }
  Klarna.Payments.init({ client_token: clientToken });
  return shop.call("load", { container: "#widget" }, data || {});
};
window.addEventListener("DOMContentLoaded", () => {
  document.getElementById("buy").addEventListener("click", () => {
    Klarna.Payments.authorize(shop.options, shop.data, (result) => shop.results.push(result));
  });
});
"""


class Merchant:
    """Serves the checkout page, and keeps what Klarna's server sent to it."""

    def __init__(self, klarna: str) -> None:
        self.callbacks: list[dict[str, Any]] = []
        self._news = threading.Condition()
        self._pages = {"/": ("text/html", PAGE.format(library=f"{klarna}/kp/lib/v1/api.js"))}
        self._pages |= {"/style.css": ("text/css", STYLE), "/page.js": ("text/javascript", SCRIPT)}
        self._pages |= {"/confirmation": ("text/html", "<!doctype html><title>Thank you</title><h1>Thank you</h1>")}
        self._policy = (
            f"default-src 'none'; script-src 'self' {klarna}; style-src 'self'; img-src data: {klarna}; "
            f"connect-src {klarna}; frame-src {klarna}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://localhost:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def told(self, times: int) -> list[dict[str, Any]]:
        """What Klarna's server sent, once it has done so this often."""
        with self._news:
            assert self._news.wait_for(lambda: len(self.callbacks) >= times, timeout=60)
            return list(self.callbacks)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        merchant = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                kind, text = merchant._pages.get(self.path.partition("?")[0], ("", ""))
                self.send_response(200 if kind else 404)
                self.send_header("Content-Type", f"{kind or 'text/plain'}; charset=utf-8")
                self.send_header("Content-Security-Policy", merchant._policy)
                self.send_header("Cross-Origin-Opener-Policy", "same-origin-allow-popups")
                self.end_headers()
                self.wfile.write(text.encode())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with merchant._news:
                    merchant.callbacks.append(json.loads(body) if body else {})
                    merchant._news.notify_all()
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                """Tests are quiet."""

        return Handler
