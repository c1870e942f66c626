"""A shop that sells through Klarna Checkout: its pages, with the strictest content policy a snippet has to live with.

`/checkout/<order id>` shows the checkout's snippet, `/thanks/<order id>` the one of the order that was just made, each
read from Klarna at that moment. The page puts the snippet in as text, and makes its scripts anew with the nonce of its
policy: a script that comes with text does not run. `/printed/<order id>` is written with the snippet in it, where each
script was given the nonce.
"""

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

NONCE = "bm9uY2Utb2YtdGhlLXNob3A="
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/style.css">
<script src="/page.js" defer></script></head>
<body><main><h1>{title}</h1><div id="place"></div></main>
<script type="application/json" id="snippet">{snippet}</script></body></html>
"""
PRINTED = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Checkout</title><link rel="icon" href="data:,"></head>
<body><main><h1>Checkout</h1>{snippet}</main></body></html>
"""
STYLE = "body { margin: 0 auto; max-width: 40rem; padding: 1rem; background: #fff; font-family: sans-serif; }"
SCRIPT = """
"use strict";
const shop = { events: JSON.parse(sessionStorage.getItem("events") || "[]"), answers: [], asked: 0 };
shop.show = (snippet) => {
  const place = document.getElementById("place");
  place.innerHTML = snippet;
  for (const old of place.querySelectorAll("script")) {
    const script = document.createElement("script");
    for (const { name, value } of old.attributes) script.setAttribute(name, value);
    script.nonce = NONCE;
    script.textContent = old.textContent;
    old.replaceWith(script);
  }
  window._klarnaCheckout((api) => {
    shop.api = api;
    const names = ["load", "user_interacted", "customer", "change", "billing_address_change",
      "shipping_address_change", "shipping_option_change", "shipping_address_update_error",
      "can_not_complete_order", "network_error", "load_confirmation", "order_total_change", "redirect_initiated"];
    api.on(Object.fromEntries(names.map((name) => [name, (data) => {
      shop.events.push([name, data]);
      const times = shop.events.filter(([heard]) => heard === name).length;
      document.body.setAttribute(`data-${name.replaceAll("_", "-")}`, times);
      sessionStorage.setItem("events", JSON.stringify(shop.events));
    }])));
    api.on({ validation_callback: (data, callback) => {
      shop.asked += 1;
      callback(shop.answers.shift() || { should_proceed: true });
    } });
  });
};
shop.show(JSON.parse(document.getElementById("snippet").textContent));
""".replace("NONCE", json.dumps(NONCE))


@dataclass(frozen=True)
class Reply:
    """What the shop's server answers to Klarna, after so many seconds."""

    status: int = 200
    body: Any = None
    location: str = ""
    after: float = 0.0


@dataclass
class CheckoutShop:
    """The shop's pages, what Klarna's server sent to it, and what it answers there."""

    klarna: str
    auth: tuple[str, str]
    received: list[tuple[str, Any]] = field(default_factory=list)
    replies: dict[str, Reply] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://localhost:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def policy(self) -> str:
        """What a page with a snippet has to allow: the snippet's script by its nonce; Klarna's script, frame, calls."""
        return (
            f"default-src 'none'; script-src 'self' 'nonce-{NONCE}' {self.klarna}; frame-src {self.klarna}; "
            f"connect-src {self.klarna}; style-src 'self'; img-src data:; base-uri 'none'; form-action 'self'"
        )

    def urls(self, **more: str) -> dict[str, str]:
        return {
            "terms": f"{self.url}/terms",
            "checkout": f"{self.url}/checkout/{{checkout.order.id}}",
            "confirmation": f"{self.url}/thanks/{{checkout.order.id}}",
            "push": f"{self.url}/push",
            **{name: f"{self.url}{path}" for name, path in more.items()},
        }

    def page(self, path: str) -> tuple[str, str]:
        """Type and text of a page; both empty where there is none."""
        still = {"/style.css": ("text/css", STYLE), "/page.js": ("text/javascript", SCRIPT)}
        kind, _, order_id = path.removeprefix("/").partition("/")
        if path in still:
            return still[path]
        if kind == "sorry":
            return "text/html", "<!doctype html><title>Sorry</title><h1>Sold out</h1>"
        titles = {"checkout": "Checkout", "thanks": "Thank you", "printed": "Checkout"}
        if kind not in titles:
            return "", ""
        order = requests.get(f"{self.klarna}/checkout/v3/orders/{order_id}", auth=self.auth, timeout=60).json()
        if kind == "printed":
            printed = order["html_snippet"].replace("<script", f'<script nonce="{NONCE}"')
            return "text/html", PRINTED.format(snippet=printed)
        snippet = json.dumps(order["html_snippet"]).replace("<", "\\u003c")
        return "text/html", PAGE.format(title=titles[kind], snippet=snippet)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                kind, text = shop.page(self.path.partition("?")[0])
                self.send_response(200 if kind else 404)
                self.send_header("Content-Type", f"{kind or 'text/plain'}; charset=utf-8")
                self.send_header("Content-Security-Policy", shop.policy)
                self.end_headers()
                self.wfile.write(text.encode())

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                shop.received.append((self.path, json.loads(raw) if raw else None))
                reply = shop.replies.get(self.path, Reply())
                time.sleep(reply.after)
                self.send_response(reply.status)
                if reply.location:
                    self.send_header("Location", reply.location)
                self.end_headers()
                if reply.body is not None:
                    self.wfile.write(json.dumps(reply.body).encode())

            def log_message(self, *_arguments: object) -> None:
                """Tests are quiet."""

        return Handler
