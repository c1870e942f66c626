"""Saving a way to pay in Klarna's window, with or without a purchase: what the shopper reads, and what comes of it."""

from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.sandbox.hosted import checkout
from tests.sandbox.hosted.conftest import ACCOUNTS, Klarna

pytestmark = pytest.mark.browser
MADE_FOR = {
    "purchase_country": "DE",
    "purchase_currency": "EUR",
    "locale": "en-DE",
    "description": "Shades every month",
    "intended_use": "SUBSCRIPTION",
}
SHADE = {"name": "Shade", "quantity": 1, "unit_price": 1900, "total_amount": 1900}
CHARGE = {"purchase_currency": "EUR", "order_amount": 1900, "order_lines": [SHADE]}


def approve(klarna: Klarna, shop: Page, heading: str, **session: Any) -> str:
    """The authorization token, once the window said what is agreed to."""
    checkout.open_checkout(shop, klarna.session(**session))
    window = checkout.press_buy(shop)
    checkout.log_in(window)
    expect(window.get_by_role("heading", level=1)).to_have_text(heading)
    expect(window.get_by_text("may charge this way of paying again")).to_be_visible()
    expect(window.get_by_text("Nothing is charged now.")).to_have_count(int(heading.startswith("Save")))
    checkout.confirm(window)
    token: str = checkout.result(shop)["authorization_token"]
    return token


def charge(klarna: Klarna, token: str) -> dict[str, Any]:
    return klarna.post(f"/customer-token/v1/tokens/{token}/order", CHARGE)


def refused(klarna: Klarna, token: str) -> dict[str, Any]:
    """What Klarna says to a charge that fails while the shopper is there."""
    address = f"{klarna.url}/customer-token/v1/tokens/{token}/order"
    auth = (ACCOUNTS[0].username, ACCOUNTS[0].password)
    answer = requests.post(address, json=CHARGE | {"step_up": "SUPPORTED"}, auth=auth, timeout=60)
    assert answer.status_code == 403
    body: dict[str, Any] = answer.json()
    return body


def test_a_way_to_pay_is_saved_without_a_purchase(klarna: Klarna, shop: Page) -> None:
    free = [{"name": "A month for free", "quantity": 1, "unit_price": 0, "total_amount": 0}]
    trial = {"order_amount": 0, "order_tax_amount": 0, "order_lines": free}
    authorization = approve(klarna, shop, "Save a way to pay Morrow", intent="tokenize", **trial)
    token = klarna.post(f"/payments/v1/authorizations/{authorization}/customer-token", MADE_FOR)["token_id"]
    assert charge(klarna, token)["fraud_status"] == "ACCEPTED"
    [order] = klarna.control("GET", "orders")
    assert order["order_amount"] == 1900


def test_a_purchase_saves_a_way_to_pay_as_well(klarna: Klarna, shop: Page) -> None:
    authorization = approve(klarna, shop, "Pay Morrow", intent="buy_and_tokenize")
    token = klarna.post(f"/payments/v1/authorizations/{authorization}/customer-token", MADE_FOR)["token_id"]
    first = klarna.order(authorization)
    second = charge(klarna, token)
    assert [order["order_id"] for order in klarna.control("GET", "orders")] == [first["order_id"], second["order_id"]]


def test_a_failed_charge_is_repaired_in_the_window_without_a_login(klarna: Klarna, shop: Page) -> None:
    authorization = approve(klarna, shop, "Save a way to pay Morrow", intent="tokenize")
    token = klarna.post(f"/payments/v1/authorizations/{authorization}/customer-token", MADE_FOR)["token_id"]
    klarna.control("POST", f"payment-tokens/{token}", {"next_charge": "step_up"})
    step_up_id = refused(klarna, token)["step_up_id"]
    shop.reload()
    repair = {"intent": "buy", "step_up_id": step_up_id, "customer": {"customer_token": token}}
    checkout.open_checkout(shop, klarna.session(**repair))
    window = checkout.press_buy(shop)
    expect(window.get_by_text("Recognised as Mock Mock")).to_be_visible()
    checkout.confirm(window)
    klarna.order(checkout.result(shop)["authorization_token"])
    [saved] = klarna.control("GET", "payment-tokens")
    assert saved["updated_at"] is not None
    assert charge(klarna, token)["fraud_status"] == "ACCEPTED"
