"""A merchant who sells through Klarna Checkout, and a server of theirs that answers what a test tells it to."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flask import Flask

from app.sandbox import callbacks
from app.sandbox.config import Settings
from app.sandbox.merchants import Merchant
from tests.sandbox.conftest import CHECKOUT, Answer, Api
from tests.sandbox.idp.conftest import MOCK, POST, ROOT, Shop
from tests.sandbox.orders.conftest import Desk
from tests.sandbox.purchases import Body, line

SHOP = "https://shop.example"
URLS = {
    "terms": f"{SHOP}/terms",
    "checkout": f"{SHOP}/checkout",
    "confirmation": f"{SHOP}/thanks?order={{checkout.order.id}}",
    "push": f"{SHOP}/push/{{checkout.order.id}}",
}


def german(**changes: Any) -> Body:
    """One lamp in Germany."""
    return {
        "purchase_country": "DE",
        "purchase_currency": "EUR",
        "locale": "en-DE",
        "order_amount": 25900,
        "order_tax_amount": 4135,
        "order_lines": [line()],
        "merchant_urls": URLS,
    } | changes


def american(**changes: Any) -> Body:
    """Prices without tax, the tax as a line of its own."""
    untaxed = {"tax_rate": 0, "total_tax_amount": 0, "quantity": 1}
    lamp = {"name": "Lamp", "unit_price": 10000, "total_amount": 10000} | untaxed
    tax = {"type": "sales_tax", "name": "Tax", "unit_price": 888, "total_amount": 888} | untaxed
    return {
        "purchase_country": "us",
        "purchase_currency": "usd",
        "locale": "en-US",
        "order_amount": 10888,
        "order_tax_amount": 888,
        "order_lines": [lamp, tax],
        "merchant_urls": URLS,
    } | changes


@dataclass(frozen=True)
class Checkouts:
    """The merchant's server, and Klarna's side moved by hand."""

    app: Flask
    merchant: Merchant = CHECKOUT

    def at(self, merchant: Merchant) -> "Checkouts":
        return replace(self, merchant=merchant)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        return Api(self.app, self.merchant).call_at(f"/checkout/v3/orders{path}", method, body, **headers)

    @property
    def desk(self) -> Desk:
        """Order Management with the same credentials."""
        return Desk(Api(self.app, self.merchant))

    def create(self, body: Any, **headers: str) -> Answer:
        return self.call("POST", "", body, **headers)

    def open(self, body: Any) -> str:
        answer = self.create(body)
        assert answer.status_code == 201, answer.text
        return str(answer.json["order_id"])

    def read(self, order_id: str) -> Answer:
        return self.call("GET", f"/{order_id}")

    def update(self, order_id: str, body: Any) -> Answer:
        return self.call("POST", f"/{order_id}", body)

    def abort(self, order_id: str) -> Answer:
        return self.call("POST", f"/{order_id}/abort")

    def complete(self, order_id: str, person: str = "de-approved") -> Answer:
        return self.control("POST", "checkouts/complete", {"order_id": order_id, "person": person})

    def acknowledge(self, order_id: str) -> None:
        assert self.desk.call("POST", order_id, "/acknowledge").status_code == 204

    def signed_in(self, phone: str = MOCK, home: str = ROOT) -> Body:
        """The customer of a create call who has signed in with Klarna, at a region's issuer."""
        return {"klarna_access_token": Shop(self.app, home=home).sign_in(phone)["access_token"]}

    def control(self, method: str, path: str, body: Any = None) -> Answer:
        return self.app.test_client().open(f"/_sandbox/{path}", method=method, json=body)

    def advance(self, **time: float) -> None:
        seconds = time.get("hours", 0) * 3600 + time.get("minutes", 0) * 60 + time.get("seconds", 0)
        assert self.control("POST", "clock", {"advance": seconds}).status_code == 200

    def settle(self) -> None:
        with self.app.app_context():
            assert callbacks.wait()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, clients=(POST,))


@pytest.fixture
def checkouts(app: Flask) -> Checkouts:
    return Checkouts(app)


@dataclass(frozen=True)
class Reply:
    """What the merchant's server answers, after so many seconds."""

    status: int = 200
    body: Any = None
    location: str = ""
    after: float = 0.0


@dataclass
class Listener:
    """The merchant's server: what it was sent, and what it answers at a path (else 200 without a word)."""

    url: str = ""
    replies: dict[str, Reply] = field(default_factory=dict)
    received: list[tuple[str, Any]] = field(default_factory=list)

    def at(self, path: str) -> list[Any]:
        return [body for where, body in self.received if where == path]


@pytest.fixture
def listener() -> Iterator[Listener]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            listening.received.append((self.path, json.loads(raw) if raw else None))
            reply = listening.replies.get(self.path, Reply())
            time.sleep(reply.after)
            self.send_response(reply.status)
            if reply.location:
                self.send_header("Location", reply.location)
            self.end_headers()
            if reply.body is not None:
                self.wfile.write(json.dumps(reply.body).encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening = Listener(f"http://localhost:{server.server_port}")
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    yield listening
    server.shutdown()
    server.server_close()
