"""The life of a link where a browser shows it."""

import re

import pytest
import requests
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.shopper import Shopper, close, confirm, first_purchase, link_box, log_in, new_at_checkout
from tests.support.patience import until
from tests.support.programs import Programs

pytestmark = pytest.mark.browser

OTHER_PHONE = "+49 1713 920066"


@pytest.fixture
def linked(shopper: Shopper, programs: Programs) -> Shopper:
    """Bought once, linked, and at the checkout again."""
    first_purchase(shopper)
    programs.wait_for_background()
    return shopper


def to_checkout(shopper: Shopper) -> None:
    shopper.add("paper-filters")
    shopper.go_to_checkout()


def recognised(window: Page) -> None:
    expect(window.get_by_text("Recognised as")).to_be_visible()


def control(programs: Programs, verb: str) -> None:
    (token,) = programs.stored_tokens()
    programs.control("POST", f"customer-tokens/{verb}", {"customer_token": token})


def history(shopper: Shopper, programs: Programs, words: str) -> None:
    programs.wait_for_background()
    shopper.open("/account/klarna")
    expect(shopper.page.get_by_text(words).first).to_be_visible()


def test_klarna_rotates_the_key_while_the_shopper_buys(linked: Shopper, programs: Programs) -> None:
    programs.control("PATCH", "switches", {"rotate_on_every_order": "on"})
    before = programs.stored_tokens()
    to_checkout(linked)
    window = linked.pay()
    recognised(window)
    confirm(window)
    linked.sees("Thank you")
    assert programs.stored_tokens() != before
    history(linked, programs, "Klarna rotated the key of your link")
    to_checkout(linked)
    recognised(linked.pay())
    linked.context.pages[-1].close()


@pytest.mark.parametrize("verb", ["expire", "rotate"])
def test_a_worthless_token_means_klarnas_login_once(linked: Shopper, programs: Programs, verb: str) -> None:
    control(programs, verb)
    to_checkout(linked)
    window = linked.pay()
    log_in(window)
    confirm(window)
    linked.sees("Thank you")
    to_checkout(linked)
    window = linked.pay()
    recognised(window)
    confirm(window)
    linked.sees("Thank you")
    assert len(programs.klarna_orders()) == 3


def test_who_opted_out_is_asked_again_next_time(shopper: Shopper, programs: Programs) -> None:
    new_at_checkout(shopper)
    window = shopper.pay()
    log_in(window)
    link_box(window).uncheck()
    confirm(window)
    shopper.sees("Thank you")
    to_checkout(shopper)
    window = shopper.pay()
    log_in(window)
    expect(link_box(window)).to_be_checked()
    confirm(window)
    shopper.sees("Thank you")
    assert len(programs.stored_tokens()) == 1


def test_not_you_pays_with_another_klarna_account_and_links_that(linked: Shopper, programs: Programs) -> None:
    before = programs.stored_tokens()
    to_checkout(linked)
    window = linked.pay()
    recognised(window)
    window.get_by_role("button", name="Not you?", exact=True).click()
    log_in(window, OTHER_PHONE)
    confirm(window)
    linked.sees("Thank you")
    assert programs.stored_tokens() != before
    history(linked, programs, "You paid with another Klarna account")


def test_unlinking_brings_klarnas_login_back(linked: Shopper, programs: Programs) -> None:
    linked.open("/account/klarna")
    linked.press("Unlink Klarna")
    expect(linked.page.get_by_text("Your Klarna account is unlinked")).to_be_visible()
    programs.wait_for_background()
    assert [link["status"] for link in programs.control("GET", "customer-tokens")] == ["revoked"]
    to_checkout(linked)
    window = linked.pay()
    expect(window.get_by_label("Mobile number", exact=True)).to_be_visible()
    close(window)
    expect(linked.page.get_by_text("You closed Klarna’s window")).to_be_visible()


def test_a_session_that_klarna_let_go_is_renewed_on_the_open_page(linked: Shopper, programs: Programs) -> None:
    linked.add("paper-filters")
    linked.open("/checkout")
    linked.sees_klarna_ready()
    programs.control("POST", "clock", {"advance": 49 * 3600})
    linked.open("/checkout")
    linked.sees_klarna_ready()
    window = linked.pay()
    recognised(window)
    confirm(window)
    linked.sees("Thank you")
    told = ("status of 40", "Invalid client token")  # by Klarna’s library, of the session that is over
    linked.complaints = [c for c in linked.complaints if not any(words in c for words in told)]


def test_an_approval_that_grew_old_is_asked_for_again(linked: Shopper, programs: Programs) -> None:
    to_checkout(linked)
    programs.control("PATCH", "switches", {"authorization_callback": "lost"})  # it comes by hand
    linked.context.route("**/checkout/orders", lambda route: age_and_go_on(programs, route))
    window = linked.pay()
    confirm(window)
    expect(linked.page.get_by_text("approval has expired").first).to_be_visible()
    linked.context.unroute("**/checkout/orders")
    window = linked.pay()
    confirm(window)
    linked.sees("Thank you")
    assert len(programs.klarna_orders()) == 2
    linked.complaints = [c for c in linked.complaints if "409" not in c]


def age_and_go_on(programs: Programs, route: Route) -> None:
    """The shop hears of the approval from Klarna an hour later, and is asked for the order."""
    programs.control("POST", "clock", {"advance": 61 * 60})
    opened = [e for e in programs.journal("/payments/v1/sessions") if e["path"].endswith("/sessions")][-1]
    (token,) = re.findall(r'name="authorization_token"\s+(\S+)', route.request.post_data or "")
    heard = {"session_id": opened["response"]["body"]["session_id"], "authorization_token": token}
    address = opened["request"]["body"]["merchant_urls"]["authorization"]
    requests.post(address, json=heard, timeout=60).raise_for_status()
    route.continue_()


def test_the_browser_closed_right_after_the_approval_still_buys_once(
    linked: Shopper, browser: Browser, programs: Programs
) -> None:
    to_checkout(linked)
    linked.context.route("**/checkout/orders", lambda _: None)  # on its way for ever
    window = linked.pay()
    confirm(window)
    expect(linked.page.locator("#payment-status")).to_have_text("Placing your order …")
    programs.wait_for_callbacks()
    linked.page.close()
    later = Shopper(browser, programs.shop_url)
    later.sign_in(linked.email)
    expect_orders(programs, 2)
    later.open("/account/orders")
    expect(later.page.get_by_role("link", name=programs.klarna_orders()[-1]["merchant_reference1"])).to_be_visible()
    later.leave()


def expect_orders(programs: Programs, count: int) -> None:
    """The background gives the browser some seconds before it places the order itself."""
    until(lambda: len(programs.klarna_orders()) == count)
    programs.wait_for_background()
    assert len(programs.klarna_orders()) == count


def test_coming_back_to_the_checkout_finds_the_order(linked: Shopper, programs: Programs) -> None:
    to_checkout(linked)
    linked.context.route("**/checkout/orders", lambda _: None)  # on its way for ever
    window = linked.pay()
    confirm(window)
    expect(linked.page.locator("#payment-status")).to_have_text("Placing your order …")
    programs.wait_for_callbacks()
    linked.open("/checkout")
    linked.sees("Thank you")
    assert len(programs.klarna_orders()) == 2


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("refuse", "Klarna cannot approve this purchase"),
        ("invalid_fields", "Klarna cannot use this"),
        ("reject_order", "Klarna cannot approve this purchase"),
    ],
)
def test_each_no_has_its_own_words(linked: Shopper, programs: Programs, outcome: str, words: str) -> None:
    to_checkout(linked)
    programs.control("PATCH", "people/de-approved", {"outcome": outcome})
    with linked.page.expect_popup() as opened:
        linked.press("Pay with Klarna")
    window = opened.value
    if outcome == "reject_order":
        confirm(window)
    elif outcome == "refuse":
        button = window.get_by_role("button", name="Confirm and pay", exact=True)
        close = window.get_by_role("button", name="Close", exact=True)
        expect(button.or_(close).first).to_be_visible()
        if button.is_visible():
            button.click()
        close.click()
    expect(linked.page.get_by_text(words).first).to_be_visible()
    assert len(programs.klarna_orders()) == 1
    expect(linked.page.locator("#summary")).to_contain_text("paper filters")
    linked.complaints = [c for c in linked.complaints if "409" not in c]


def test_no_offer_is_told_and_leaves_the_cart(linked: Shopper, programs: Programs) -> None:
    programs.control("PATCH", "people/de-approved", {"outcome": "no_form"})
    linked.add("paper-filters")
    linked.open("/checkout")
    expect(linked.page.get_by_text("Klarna does not offer its payment for this purchase").first).to_be_visible()
    expect(linked.page.locator("#summary")).to_contain_text("paper filters")


def test_who_signs_out_in_another_tab_starts_anew(linked: Shopper, programs: Programs) -> None:
    to_checkout(linked)
    tab = linked.context.new_page()
    tab.goto(f"{programs.shop_url}/account")
    tab.get_by_role("button", name="Sign out", exact=True).first.click()
    expect(tab.get_by_role("button", name="Sign out", exact=True)).to_have_count(0)
    linked.page.get_by_label("Express delivery").click()  # the page is left before the choice could be seen
    expect(linked.page.get_by_text("sign in to go on")).to_be_visible()
    assert len(programs.klarna_orders()) == 1
    linked.complaints = [c for c in linked.complaints if "400" not in c]


def test_a_blocked_popup_needs_the_phone_only_the_first_time(linked: Shopper, programs: Programs) -> None:
    linked.context.add_init_script("window.open = () => null;")
    to_checkout(linked)
    linked.press("Pay with Klarna")
    overlay = linked.page.frame_locator("iframe").last
    expect(overlay.get_by_text("Recognised as")).to_be_visible()
    overlay.get_by_role("button", name="Confirm and pay", exact=True).click()
    linked.sees("Thank you")
    assert len(programs.klarna_orders()) == 2


def test_klarna_may_ask_for_a_last_word(linked: Shopper, programs: Programs) -> None:
    """Some payment methods finish only on the final page; the library is asked to behave as with those."""
    to_checkout(linked)
    linked.page.evaluate(
        """() => {
          const payments = window.Klarna.Payments, authorize = payments.authorize;
          payments.authorize = (options, data, done) =>
            authorize.call(payments, { ...options, auto_finalize: false }, data, done);
        }"""
    )
    window = linked.pay()
    confirm(window)
    linked.sees("Thank you")
    assert len(programs.klarna_orders()) == 2


def test_a_broken_line_to_the_shop_is_tried_again_with_the_same_approval(linked: Shopper, programs: Programs) -> None:
    to_checkout(linked)
    linked.context.route("**/checkout/orders", lambda route: route.abort(), times=2)
    window = linked.pay()
    confirm(window)
    linked.sees("Thank you")
    assert len([c for c in linked.complaints if "ERR_FAILED" in c]) == 2
    assert len(programs.klarna_orders()) == 2
    linked.complaints.clear()


def test_a_broken_line_for_good_says_that_trying_again_is_safe(linked: Shopper, programs: Programs) -> None:
    to_checkout(linked)
    linked.context.route("**/checkout/orders", lambda route: route.abort())
    window = linked.pay()
    confirm(window)
    expect(linked.page.get_by_text("you will not pay twice")).to_be_visible()
    linked.context.unroute("**/checkout/orders")
    linked.press("Try again")
    linked.sees("Thank you")
    assert len(programs.klarna_orders()) == 2
    linked.complaints.clear()
