"""What a shopper and the merchant's page see of each outcome: recognised before the window, else after the login."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.sandbox.hosted import checkout
from tests.sandbox.hosted.conftest import Klarna
from tests.sandbox.hosted.merchant import Merchant

pytestmark = pytest.mark.browser
REFUSED = {"approved": False, "show_form": False}
INVALID = {"approved": False, "show_form": True, "error": {"invalid_fields": ["billing_address.street_address"]}}
NEW_NUMBER = "+491713920066"


@pytest.fixture
def recognised(klarna: Klarna, shop: Page, merchant: Merchant) -> dict[str, Any]:
    """What a session of a linked shopper sends; the merchant's page is as new."""
    token = checkout.linked_token(klarna, shop)
    shop.goto(merchant.url)
    return {"customer": {"customer_token": token}}


def expect_for(klarna: Klarna, outcome: str, person: str = "de-approved") -> None:
    klarna.control("PATCH", f"people/{person}", {"outcome": outcome})


def test_who_is_recognised_and_not_offered_klarna_sees_no_form(
    klarna: Klarna, shop: Page, recognised: dict[str, Any]
) -> None:
    expect_for(klarna, "no_form")
    assert checkout.open_checkout(shop, klarna.session(**recognised))["show_form"] is False


def test_who_becomes_so_after_the_form_was_shown_is_refused_at_the_click(
    klarna: Klarna, shop: Page, recognised: dict[str, Any]
) -> None:
    assert checkout.open_checkout(shop, klarna.session(**recognised))["show_form"] is True
    expect_for(klarna, "no_form")
    checkout.press_buy(shop)
    assert checkout.result(shop) == REFUSED


def test_who_is_recognised_hears_of_the_address_without_a_window(
    klarna: Klarna, shop: Page, recognised: dict[str, Any]
) -> None:
    expect_for(klarna, "invalid_fields")
    assert checkout.open_checkout(shop, klarna.session(**recognised))["show_form"] is True
    checkout.press_buy(shop)
    assert checkout.result(shop) == INVALID


@pytest.mark.parametrize(
    ("outcome", "words", "result"),
    [
        ("no_form", "can’t be paid with Klarna", REFUSED),
        ("refuse", "can’t be paid with Klarna", REFUSED),
        ("invalid_fields", "can’t use this address", INVALID),
    ],
)
def test_everybody_else_hears_after_the_login(
    klarna: Klarna, shop: Page, outcome: str, words: str, result: dict[str, Any]
) -> None:
    expect_for(klarna, outcome, "de-new-user")
    assert checkout.open_checkout(shop, klarna.session())["show_form"] is True
    window = checkout.press_buy(shop)
    checkout.log_in(window, NEW_NUMBER)
    checkout.confirm(window)
    expect(window.get_by_role("heading", level=1)).to_contain_text(words)
    window.get_by_role("button", name="Close").click()
    assert checkout.result(shop) == result


def test_after_the_outcome_was_set_back_the_same_session_can_be_paid(klarna: Klarna, shop: Page) -> None:
    expect_for(klarna, "invalid_fields", "de-new-user")
    checkout.open_checkout(shop, klarna.session())
    window = checkout.press_buy(shop)
    checkout.log_in(window, NEW_NUMBER)
    checkout.confirm(window)
    window.get_by_role("button", name="Close").click()
    assert checkout.result(shop) == INVALID
    expect_for(klarna, "approve", "de-new-user")
    window = checkout.press_buy(shop)
    checkout.log_in(window, NEW_NUMBER)
    checkout.confirm(window)
    assert checkout.result(shop, 2)["approved"] is True


@pytest.mark.parametrize("outcome", ["reject_order", "pend"])
def test_what_concerns_the_order_is_approved_in_the_window(
    klarna: Klarna, shop: Page, recognised: dict[str, Any], outcome: str
) -> None:
    expect_for(klarna, outcome)
    checkout.open_checkout(shop, klarna.session(**recognised))
    checkout.confirm(checkout.press_buy(shop))
    assert checkout.result(shop)["approved"] is True


def test_not_you_leads_to_the_outcome_of_who_pays(klarna: Klarna, shop: Page, recognised: dict[str, Any]) -> None:
    expect_for(klarna, "refuse", "de-new-user")
    checkout.open_checkout(shop, klarna.session(**recognised))
    window = checkout.press_buy(shop)
    window.get_by_role("button", name="Not you?").click()
    checkout.log_in(window, NEW_NUMBER)
    checkout.confirm(window)
    expect(window.get_by_role("heading", level=1)).to_contain_text("can’t be paid with Klarna")
    window.get_by_role("button", name="Close").click()
    assert checkout.result(shop) == REFUSED


def test_a_finalized_purchase_hears_of_the_address_too(klarna: Klarna, shop: Page) -> None:
    checkout.open_checkout(shop, klarna.session())
    window = checkout.press_buy(shop, auto_finalize=False)
    checkout.log_in(window)
    expect_for(klarna, "invalid_fields")
    checkout.confirm(window)
    window.get_by_role("button", name="Close").click()
    assert checkout.result(shop) == INVALID
