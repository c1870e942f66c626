"""Parking with one click in a real browser: set up, paid, refused, repaired in Klarna's window, paid again, removed."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.shopper import Shopper, confirm, log_in
from tests.browser.test_pages import overflow, violations
from tests.support.parker import next_charge, tickets
from tests.support.programs import Programs
from tests.support.subscriber import charges, payment_tokens, reconcile

pytestmark = pytest.mark.browser
SIZES = pytest.mark.parametrize("size", [(320, 640), (1280, 900)], ids=["phone", "desk"])


def fine(shopper: Shopper, name: str) -> None:
    assert not violations(shopper), name
    assert overflow(shopper) <= 0, name


def set_up(shopper: Shopper) -> None:
    """From the account to the page with the zones."""
    shopper.register()
    shopper.open("/account")
    shopper.page.get_by_role("link", name="Pay with one click").click()
    fine(shopper, "before")
    shopper.page.get_by_role("link", name="Set up pay with one click").click()
    shopper.sees_klarna_ready()
    shopper.type_address()
    fine(shopper, "set up")
    with shopper.page.expect_popup() as opened:
        shopper.press("Set up with Klarna")
    log_in(opened.value)
    expect(opened.value.get_by_text("Nothing is charged now.")).to_be_visible()
    confirm(opened.value)
    shopper.sees("Park now")


def park(shopper: Shopper, name: str) -> None:
    shopper.open("/account/wallet")
    shopper.page.get_by_role("button", name=name).click()
    shopper.sees("Parking ticket")


@SIZES
def test_one_click_pays_is_refused_repaired_and_pays_again(
    browser: Browser, programs: Programs, size: tuple[int, int]
) -> None:
    shopper = Shopper(browser, programs.shop_url, size)
    set_up(shopper)
    fine(shopper, "zones")
    park(shopper, "1 hour in Market square")
    expect(shopper.page.get_by_text("Valid until")).to_be_visible()
    fine(shopper, "valid")

    next_charge(programs, next_charge="decline")
    park(shopper, "30 minutes in Harbour")
    expect(shopper.page.get_by_text("Another try may go through")).to_be_visible()
    fine(shopper, "refused")

    next_charge(programs, next_charge="step_up")
    park(shopper, "2 hours in Station")
    shopper.page.get_by_role("link", name="Choose how to pay").click()
    shopper.sees_klarna_ready()
    fine(shopper, "choose")
    window = shopper.pay()
    expect(window.get_by_text("Recognised as Mock Mock")).to_be_visible()
    confirm(window)
    expect(shopper.page.get_by_text("Valid until")).to_be_visible()

    park(shopper, "4 hours in Station")
    expect(shopper.page.get_by_text("Valid until")).to_be_visible()
    assert [order["order_amount"] for order in programs.klarna_orders()] == [320, 320, 640]
    assert len(tickets(programs)) == 4
    shopper.leave()


def test_two_clicks_are_one_ticket(browser: Browser, programs: Programs) -> None:
    shopper = Shopper(browser, programs.shop_url)
    set_up(shopper)
    shopper.page.get_by_role("button", name="1 hour in Harbour").dblclick()
    shopper.sees("Parking ticket")
    expect(shopper.page.get_by_text("Valid until")).to_be_visible()
    assert len(charges(programs)) == 1
    shopper.leave()


def test_an_unanswered_ticket_is_asked_about_again(browser: Browser, programs: Programs) -> None:
    shopper = Shopper(browser, programs.shop_url)
    set_up(shopper)
    programs.fault("POST", "*/customer-token/v1/tokens/*/order", 9, drop="after")
    park(shopper, "1 hour in Harbour")
    expect(shopper.page.get_by_text("Klarna has not answered yet")).to_be_visible()
    fine(shopper, "unanswered")
    programs.control("DELETE", "faults")
    shopper.press("Ask again")
    expect(shopper.page.get_by_text("Valid until")).to_be_visible()
    shopper.leave()


def test_a_ticket_without_an_answer_is_left_alone_until_there_is_one(browser: Browser, programs: Programs) -> None:
    shopper = Shopper(browser, programs.shop_url)
    set_up(shopper)
    programs.fault("POST", "*/customer-token/v1/tokens/*/order", 9, drop="after")
    park(shopper, "1 hour in Harbour")
    again = shopper.page.get_by_role("button", name="Ask again", exact=True)
    again.focus()
    for _ in range(2):
        with shopper.page.expect_response(shopper.page.url) as looked:
            pass
        looked.value.finished()
    expect(again).to_be_focused()
    programs.control("DELETE", "faults")
    reconcile(programs)
    expect(shopper.page.get_by_text("Valid until")).to_be_visible()
    shopper.leave()


def test_it_is_removed(browser: Browser, programs: Programs) -> None:
    shopper = Shopper(browser, programs.shop_url)
    set_up(shopper)
    shopper.page.get_by_text("Remove", exact=True).click()
    fine(shopper, "asked")
    shopper.press("Remove pay with one click")
    expect(shopper.page.get_by_text("Removed. We forgot the permission")).to_be_visible()
    programs.wait_for_background()
    assert [token["status"] for token in payment_tokens(programs)] == ["CANCELLED"]
    shopper.leave()
