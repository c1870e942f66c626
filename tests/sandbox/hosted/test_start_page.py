"""The start page shows and changes the sandbox, and shows no secret."""

import pytest
from playwright.sync_api import Page, expect

from tests.sandbox.hosted import checkout
from tests.sandbox.hosted.conftest import Klarna

pytestmark = pytest.mark.browser


def test_a_link_can_be_rotated_and_is_never_shown_raw(klarna: Klarna, shop: Page) -> None:
    token = checkout.linked_token(klarna, shop)
    shop.goto(klarna.url)
    card = shop.locator("[data-links] li")
    expect(card.get_by_text("Mock Mock, customer@email.de")).to_be_visible()
    card.get_by_role("button", name="Rotate").click()
    expect(shop.get_by_role("status")).to_contain_text("rotated")
    expect(card.get_by_text("rotated", exact=True)).to_be_visible()
    assert token not in shop.content()
    assert token.rpartition(":")[2] not in shop.content()


def test_a_link_can_be_revoked(klarna: Klarna, shop: Page) -> None:
    checkout.linked_token(klarna, shop)
    shop.goto(klarna.url)
    shop.locator("[data-links] li").get_by_role("button", name="Revoke").click()
    expect(shop.locator("[data-links] li").get_by_text("revoked", exact=True)).to_be_visible()


def test_a_persons_purchases_can_be_refused_and_approved(klarna: Klarna, shop: Page) -> None:
    shop.goto(klarna.url)
    shop.get_by_role("button", name="Refuse customer@email.se").click()
    expect(shop.get_by_role("button", name="Approve customer@email.se")).to_be_visible()
    people = {person["id"]: person["decision"] for person in klarna.control("GET", "people")}
    assert people["se-approved"] == "refuse"


def test_the_clock_goes_forward_and_a_reset_brings_it_back(klarna: Klarna, shop: Page) -> None:
    shop.goto(klarna.url)
    shop.get_by_role("button", name="Forward 48 hours").click()
    expect(shop.get_by_role("status")).to_contain_text("48 h")
    assert klarna.control("GET", "clock")["offset"] == 48 * 3600
    shop.get_by_role("button", name="Reset everything").click()
    expect(shop.get_by_role("status")).to_contain_text("as at the beginning")
    assert klarna.control("GET", "clock")["offset"] == 0


def test_the_journal_leaves_secrets_out(klarna: Klarna, shop: Page) -> None:
    checkout.linked_token(klarna, shop)
    authorization = checkout.result(shop)["authorization_token"]
    shop.goto(klarna.url)
    journal = shop.locator("[data-journal]")
    expect(journal.get_by_text("/order")).to_be_visible()
    assert authorization not in journal.inner_text()


def test_what_cannot_be_done_is_said(klarna: Klarna, shop: Page) -> None:
    shop.goto(klarna.url)
    shop.route("**/_sandbox/reset", lambda route: route.fulfill(status=503))
    shop.get_by_role("button", name="Reset everything").click()
    expect(shop.get_by_role("status")).to_contain_text("did not work")
