"""The life of a subscription in a real browser: begun, renewed, refused, paid again, looked after, ended."""

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.shopper import Shopper, confirm, log_in
from tests.support.programs import Programs
from tests.support.subscriber import INDEX, charges, decide, payment_tokens, renew, renewals, subscription

pytestmark = pytest.mark.browser


def choose(shopper: Shopper, rhythm: str, beginning: str) -> None:
    """From the page of the coffee to the page on which Klarna asks."""
    shopper.open("/products/house-blend")
    shopper.page.get_by_role("radio", name=rhythm).check()
    shopper.page.get_by_role("radio", name=beginning).check()
    shopper.press("Subscribe")
    shopper.sees_klarna_ready()


def press_and_log_in(shopper: Shopper, button: str) -> Page:
    """Press the button, and log in in Klarna's window."""
    with shopper.page.expect_popup() as opened:
        shopper.press(button)
    log_in(opened.value)
    return opened.value


def lands(shopper: Shopper) -> None:
    """Two calls of Klarna's and its own page lie between the window and this one."""
    shopper.sees("Your subscriptions")


def card(shopper: Shopper) -> Locator:
    """The part of the page that is about the one subscription."""
    return shopper.page.get_by_role("region", name="House blend", exact=True)


def subscribe(shopper: Shopper, rhythm: str = "Every week", beginning: str = "Now") -> None:
    shopper.register()
    choose(shopper, rhythm, beginning)
    shopper.type_address()
    confirm(press_and_log_in(shopper, "Subscribe with Klarna"))
    lands(shopper)


def test_begun_renewed_three_times_refused_and_paid_again(shopper: Shopper, programs: Programs) -> None:
    subscribe(shopper)
    expect(shopper.page.get_by_text("1 bag every week", exact=True)).to_be_visible()
    expect(shopper.page.get_by_text("Active", exact=True)).to_be_visible()
    for days in ("8", "15", "22"):
        renew(programs, "--days", days)
    shopper.open(INDEX)
    for renewal in renewals(programs):
        expect(card(shopper).get_by_role("link", name=f"Order {renewal.order_number}")).to_be_visible()
    assert len(charges(programs)) == 3

    decide(programs, next_charge="decline")
    renew(programs, "--days", "29")
    shopper.open(INDEX)
    expect(shopper.page.get_by_text("Klarna did not approve this payment.")).to_be_visible()
    shopper.page.get_by_role("link", name="Pay again with Klarna").click()
    shopper.sees_klarna_ready()
    confirm(press_and_log_in(shopper, "Pay again with Klarna"))
    lands(shopper)
    expect(shopper.page.get_by_text("Active", exact=True)).to_be_visible()
    assert [renewal.state for renewal in renewals(programs)] == ["charged"] * 5
    card(shopper).get_by_role("link", name=f"Order {renewals(programs)[-1].order_number}").click()
    expect(shopper.page.get_by_text("Your subscription ordered this for you.")).to_be_visible()


def test_a_trial_pays_nothing_and_is_paused_changed_and_ended(shopper: Shopper, programs: Programs) -> None:
    subscribe(shopper, "Every month", "14 days free")
    assert programs.klarna_orders() == []
    shopper.press("Pause House blend")
    expect(shopper.page.get_by_text("Nothing is charged or sent until you resume").first).to_be_visible()
    shopper.press("Resume House blend")
    shopper.page.get_by_text("Rhythm and quantity", exact=True).click()
    shopper.page.get_by_role("radio", name="Every week").check()
    shopper.fill("Bags each time", "3")
    shopper.press("Save rhythm and quantity")
    expect(shopper.page.get_by_text("3 bags every week", exact=True)).to_be_visible()
    shopper.page.get_by_text("End subscription", exact=True).click()
    shopper.press("End it now House blend")
    expect(shopper.page.get_by_text("Your subscription has ended.")).to_be_visible()
    programs.wait_for_background()
    assert [token["status"] for token in payment_tokens(programs)] == ["CANCELLED"]


def test_a_closed_window_begins_nothing_and_the_page_goes_on(shopper: Shopper, programs: Programs) -> None:
    shopper.register()
    choose(shopper, "Every week", "Now")
    shopper.type_address()
    press_and_log_in(shopper, "Subscribe with Klarna").get_by_role("button", name="Cancel", exact=True).click()
    expect(
        shopper.page.get_by_text("You closed Klarna’s window before confirming. Nothing was charged")
    ).to_be_visible()
    confirm(press_and_log_in(shopper, "Subscribe with Klarna"))
    lands(shopper)
    assert subscription(programs).state == "active"


def test_a_session_that_grew_old_is_replaced_under_the_page(shopper: Shopper, programs: Programs) -> None:
    shopper.register()
    choose(shopper, "Every week", "Now")
    shopper.type_address()
    programs.control("POST", "clock", {"advance": 61 * 60 * 48})
    with shopper.page.expect_popup():  # closed by Klarna's library at once
        shopper.press("Subscribe with Klarna")
    expect(shopper.page.get_by_text("Klarna asks you to confirm again")).to_be_visible()
    confirm(press_and_log_in(shopper, "Subscribe with Klarna"))
    lands(shopper)
    assert len(programs.klarna_orders()) == 1
    shopper.complaints = [c for c in shopper.complaints if "404" not in c and "Invalid client token" not in c]


def test_a_guest_signs_in_and_goes_on_where_they_were(browser: Browser, shopper: Shopper, programs: Programs) -> None:
    shopper.register()
    guest = Shopper(browser, programs.shop_url, size=(360, 800))
    guest.open("/products/house-blend")
    guest.press("Subscribe")
    guest.fill("Email", shopper.email)
    guest.fill("Password", "correct horse battery")
    guest.press("Sign in")
    guest.sees("Subscribe to House blend")
    guest.sees_klarna_ready()
    guest.leave()
