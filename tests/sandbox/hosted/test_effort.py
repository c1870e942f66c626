"""What the window tells the merchant's page of the shopper's effort: how much, never what."""

import pytest
from playwright.sync_api import Page, expect

from tests.sandbox.hosted import checkout
from tests.sandbox.hosted.conftest import Klarna
from tests.sandbox.hosted.merchant import Merchant

pytestmark = pytest.mark.browser
LISTEN = """
window.efforts = [];
window.addEventListener("message", ({ origin, data }) => {
  if (data.type === "klarna:effort") efforts.push({ origin, ...data });
});
"""
KEYS = ("clicks", "keystrokes", "screens")


def sums(shop: Page) -> dict[str, int]:
    told = shop.evaluate("efforts")
    return {name: sum(one.get(name, 0) for one in told) for name in KEYS}


def type_into(window: Page, label: str, text: str) -> None:
    """By the keyboard, as soon as the window listens: its script puts the focus where one goes on."""
    expect(window.get_by_label(label)).to_be_focused()
    window.keyboard.type(text)


def test_a_login_by_hand_is_counted_stroke_by_stroke(klarna: Klarna, shop: Page) -> None:
    shop.evaluate(LISTEN)
    checkout.open_checkout(shop, klarna.session())
    window = checkout.press_buy(shop)
    type_into(window, "Mobile number", "01761 4284340")
    window.get_by_role("button", name="Continue").click()
    type_into(window, "Code", "123456")
    window.keyboard.press("Enter")
    expect(window.get_by_role("heading", name="Pay Morrow")).to_be_focused()
    window.get_by_text("Link my Klarna account to Morrow").click()
    expect(window.get_by_role("checkbox")).not_to_be_checked()
    checkout.confirm(window)
    assert checkout.result(shop)["approved"]
    # Number, code and Enter; Continue, the box by its label, Confirm; number, code and review.
    assert sums(shop) == {"clicks": 3, "keystrokes": 13 + 6 + 1, "screens": 3}


def test_it_is_told_to_the_merchants_page_in_numbers_alone(klarna: Klarna, shop: Page, merchant: Merchant) -> None:
    token = checkout.linked_token(klarna, shop)
    shop.goto(merchant.url)
    shop.evaluate(LISTEN)
    checkout.open_checkout(shop, klarna.session(customer={"customer_token": token}))
    window = checkout.press_buy(shop)
    expect(window.get_by_role("heading", name="Pay Morrow")).to_be_focused()
    window.keyboard.press("Shift")
    checkout.confirm(window)
    assert checkout.result(shop)["approved"]
    assert sums(shop) == {"clicks": 1, "keystrokes": 0, "screens": 1}
    told = shop.evaluate("efforts")
    assert {one["origin"] for one in told} == {klarna.url}
    assert {name for one in told for name in one} <= {"origin", "type", *KEYS}
