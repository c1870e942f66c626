"""The start page shows saved ways of paying, and decides what becomes of them and of their next charge."""

import pytest
from playwright.sync_api import Page, expect

from tests.sandbox.hosted.conftest import Klarna
from tests.sandbox.hosted.test_saved_payment import MADE_FOR, approve, refused

pytestmark = pytest.mark.browser
PERSON = "Mock Mock, customer@email.de"


@pytest.fixture
def token(klarna: Klarna, shop: Page) -> str:
    """A saved way of paying, and the start page in front of it."""
    authorization = approve(klarna, shop, "Save a way to pay Morrow", intent="tokenize")
    made: str = klarna.post(f"/payments/v1/authorizations/{authorization}/customer-token", MADE_FOR)["token_id"]
    shop.goto(klarna.url)
    expect(shop.locator("[data-payment-tokens]").get_by_text(PERSON)).to_be_visible()
    return made


def press(page: Page, action: str, said: str) -> None:
    page.get_by_role("button", name=f"{action}: {PERSON}").click()
    expect(page.get_by_role("status")).to_contain_text(said)


def test_a_payment_token_is_suspended_resumed_and_cancelled(klarna: Klarna, shop: Page, token: str) -> None:
    card = shop.locator("[data-payment-tokens] li")
    expect(card).to_contain_text("Shades every month, EUR")
    for action, said, status in (
        ("Suspend", "was suspended", "suspended"),
        ("Resume", "may be charged again", "active"),
        ("Cancel", "cancelled for good", "cancelled"),
    ):
        press(shop, action, said)
        expect(card.get_by_text(status, exact=True)).to_be_visible()
        assert klarna.control("GET", "payment-tokens")[0]["status"] == status.upper()
    expect(card.get_by_role("button")).to_have_count(0)
    assert token not in shop.content()


def test_what_becomes_of_the_next_charge_is_chosen(klarna: Klarna, shop: Page, token: str) -> None:
    card = shop.locator("[data-payment-tokens] li")
    press(shop, "Refuse next charge", "refused at its next charge")
    expect(card.get_by_text("next charge is refused")).to_be_visible()
    press(shop, "Approve next charge", "charged as usual")
    expect(card.get_by_text("next charge is refused")).to_be_hidden()
    press(shop, "Step up next charge", "needs the shopper")
    assert "step_up_id" in refused(klarna, token)


def test_without_any_the_page_says_so(klarna: Klarna, shop: Page) -> None:
    shop.goto(klarna.url)
    expect(shop.get_by_text("Nobody saved a way of paying yet.")).to_be_visible()
