"""A running sandbox, a merchant whose page uses it, and a browser to look at both."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server

from app.sandbox import callbacks, create_app
from app.sandbox.config import RateLimits, Settings
from app.sandbox.merchants import Merchant as Account
from app.sandbox.merchants import Region
from tests.sandbox.hosted.merchant import Merchant

ACCOUNTS = (
    Account("europe", "klarna_test_api_europe", Region.EUROPE, "Morrow"),
    Account("america", "klarna_test_api_america", Region.NORTH_AMERICA, "Morrow"),
)
BILLING = {
    "given_name": "Mock", "family_name": "Mock", "email": "customer@email.de", "phone": "+4917614284340",
    "street_address": "Neue Schönhauser Str. 2", "postal_code": "10178", "city": "Berlin", "country": "DE",
}  # fmt: skip
LINES = [
    {
        "name": "Lamp, brass", "quantity": 2, "unit_price": 9500, "tax_rate": 1900, "total_amount": 19000,
        "total_discount_amount": 0, "total_tax_amount": 3034,
    },
    {
        "name": "<b>Shade</b> & Co", "quantity": 1, "unit_price": 6900, "tax_rate": 1900, "total_amount": 6900,
        "total_discount_amount": 0, "total_tax_amount": 1102,
    },
]  # fmt: skip
PURCHASE = {
    "intent": "buy_and_link", "purchase_country": "DE", "purchase_currency": "EUR", "locale": "en-DE",
    "order_amount": 25900, "order_tax_amount": 4136, "order_lines": LINES,
}  # fmt: skip


@dataclass
class Klarna:
    """The sandbox as a merchant's server sees it."""

    url: str
    merchant_url: str

    def session(self, **changes: Any) -> dict[str, Any]:
        """A new session of the merchant, for the purchase above unless something is changed."""
        urls = {
            "confirmation": f"{self.merchant_url}/confirmation",
            "authorization": f"{self.merchant_url}/authorized",
        }
        region = "/na" if changes.get("purchase_country") == "US" else ""
        body = {**PURCHASE, "merchant_urls": urls, **changes}
        return self.post(f"{region}/payments/v1/sessions", body)

    def order(self, authorization_token: str, **changes: Any) -> dict[str, Any]:
        """The order for an authorization."""
        path = f"/payments/v1/authorizations/{authorization_token}/order"
        return self.post(path, {**PURCHASE, "billing_address": BILLING, **changes})

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        account = ACCOUNTS[1] if path.startswith("/na/") else ACCOUNTS[0]
        auth = (account.username, account.password)
        response = requests.post(self.url + path, json=body, auth=auth, timeout=60)
        assert response.ok, response.text
        return response.json() if response.content else {}

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        response = requests.request(method, f"{self.url}/_sandbox/{path}", json=body, timeout=60)
        assert response.ok, response.text
        return response.json() if response.content else None


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, Klarna, Merchant]]:
    """The sandbox, its addresses, and the merchant."""
    folder: Path = tmp_path_factory.mktemp("sandbox")
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    url = f"http://localhost:{server.server_port}"
    server.app = app = create_app(
        Settings(url, ACCOUNTS, folder / "sandbox.sqlite3", "k" * 48, "Morrow", rate_limits=RateLimits.OFF)
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    merchant = Merchant(url)
    yield app, Klarna(url, merchant.url), merchant
    merchant.close()
    server.shutdown()


@pytest.fixture
def klarna(running: tuple[Flask, Klarna, Merchant]) -> Klarna:
    """The sandbox in seed state, and nothing of an earlier purchase on its way to the merchant any more.

    Reset twice: what waited gives up, and what was under way has written down by then how it ended.
    """
    app, klarna, _ = running
    klarna.control("POST", "reset")
    with app.app_context():
        assert callbacks.wait(60)
    klarna.control("POST", "reset")
    return klarna


@pytest.fixture
def merchant(running: tuple[Flask, Klarna, Merchant], klarna: Klarna) -> Merchant:
    """The merchant, who has heard nothing yet."""
    *_, merchant = running
    merchant.callbacks.clear()
    return merchant


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh browser profile. A test fails when a content policy was violated or a script failed anywhere."""
    context = browser.new_context(viewport={"width": 1100, "height": 800}, locale="en-GB")
    faults: list[str] = []
    context.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: faults.append(f"Error: {error.error}"))
    yield context
    context.close()
    serious = [fault for fault in faults if "Content Security Policy" in fault or "Error:" in fault]
    assert serious == []


@pytest.fixture
def shop(context: BrowserContext, merchant: Merchant) -> Page:
    """The merchant's checkout page, open."""
    page = context.new_page()
    page.goto(merchant.url)
    return page
