"""Sign in with Klarna in a real browser: from the button to a linked account, and every question on the way."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.shopper import PHONE, Shopper, confirm, log_in
from tests.browser.test_pages import overflow, violations
from tests.support.programs import Programs
from tests.support.visitor import PASSWORD

pytestmark = pytest.mark.browser

EMAIL = "customer@email.de"


def continue_with_klarna(page: Page, phone: str = PHONE, allow: bool = True) -> None:
    """The link in the shop, then Klarna's pages: number, code, consent; back in the shop at the end."""
    shop = urlsplit(page.url).netloc
    page.get_by_role("main").get_by_role("link", name="Continue with Klarna", exact=True).first.click()
    log_in(page, phone)
    page.get_by_role("button", name="Allow" if allow else "Deny", exact=True).click()
    page.wait_for_url(lambda url: urlsplit(url).netloc == shop)


def is_signed_in_as(shopper: Shopper, email: str) -> None:
    shopper.open("/account")
    expect(shopper.page.get_by_text(email).first).to_be_visible()


def test_a_new_person_signs_in_and_pays_in_two_clicks_and_is_linked(shopper: Shopper, programs: Programs) -> None:
    shopper.add()
    shopper.open("/cart")
    continue_with_klarna(shopper.page)
    shopper.sees("Checkout")
    expect(shopper.page.get_by_text("Neue Schönhauser Str. 2")).to_be_visible()
    expect(shopper.page.get_by_text("You signed in with Klarna")).to_be_visible()
    shopper.sees_klarna_ready()
    window = shopper.pay()
    expect(window.get_by_text("Recognised as")).to_be_visible()
    confirm(window)
    shopper.sees("Thank you")
    shopper.sees("Your Klarna account is linked")
    assert len(programs.stored_tokens()) == 1
    (session,) = (e for e in programs.journal("/payments/v1/sessions") if e["method"] == "POST")
    assert set(session["request"]["body"]["customer"]) == {"klarna_access_token"}


@pytest.mark.parametrize("door", ["/login", "/register", "/checkout"])
def test_the_button_stands_at_every_door_and_leads_back(shopper: Shopper, programs: Programs, door: str) -> None:
    shopper.add()
    shopper.open(f"{door}?next=/cart" if door != "/checkout" else door)
    continue_with_klarna(shopper.page)
    expect(shopper.page).to_have_url(f"{programs.shop_url}{'/checkout' if door == '/checkout' else '/cart'}")
    is_signed_in_as(shopper, EMAIL)


def test_the_buttons_background_stays_klarnas_while_the_mouse_is_on_it(shopper: Shopper, programs: Programs) -> None:
    shopper.open("/login")
    button = shopper.page.get_by_role("main").get_by_role("link", name="Continue with Klarna", exact=True)
    button.hover()
    expect(button).to_have_css("outline-style", "solid")
    expect(button).to_have_css("background-color", "rgb(11, 5, 29)")


def test_two_accounts_become_one_with_the_password(shopper: Shopper, programs: Programs, browser: Browser) -> None:
    shopper.email = EMAIL
    shopper.register()
    other = Shopper(browser, programs.shop_url)
    other.open("/login?next=/cart")
    continue_with_klarna(other.page)
    other.sees("Is this your account?")
    expect(other.page.get_by_label("Password", exact=True)).to_be_focused()
    assert not violations(other)
    other.fill("Password", "not this one")
    other.press("Connect accounts")
    expect(other.page.get_by_role("alert")).to_contain_text("This is not the password of that account.")
    expect(other.page.get_by_role("alert")).to_be_focused()
    other.fill("Password", PASSWORD)
    other.press("Connect accounts")
    other.sees("Your cart is empty")
    expect(other.page.get_by_text("Klarna is connected to this account")).to_be_visible()
    is_signed_in_as(other, EMAIL)
    other.complaints = [c for c in other.complaints if "422" not in c]
    other.leave()
    third = Shopper(browser, programs.shop_url)
    third.sign_in(EMAIL)
    third.leave()


def test_denied_at_klarna_the_shop_has_a_way_on(shopper: Shopper, programs: Programs) -> None:
    shopper.open("/login?next=/cart")
    continue_with_klarna(shopper.page, allow=False)
    shopper.sees("You stopped at Klarna")
    assert not violations(shopper)
    shopper.page.get_by_role("link", name="Sign in with a password").click()
    shopper.sees("Welcome back")
    assert programs.accounts() == []


def test_cancelled_at_klarnas_login(shopper: Shopper, programs: Programs) -> None:
    shopper.open("/login")
    shopper.page.get_by_role("main").get_by_role("link", name="Continue with Klarna").click()
    shopper.press("Cancel")
    shopper.sees("You stopped at Klarna")


def test_disconnecting_sets_a_password_first(shopper: Shopper, programs: Programs) -> None:
    shopper.open("/login")
    continue_with_klarna(shopper.page)
    shopper.open("/account/klarna")
    assert not violations(shopper)
    expect(shopper.page.get_by_role("button", name="Disconnect Klarna sign-in")).to_have_count(0)
    shopper.page.get_by_role("link", name="Set a password first").click()
    shopper.sees("Set a password")
    shopper.fill("New password", PASSWORD)
    shopper.press("Set password")
    shopper.sees("Your Klarna account")
    shopper.fill("Password", PASSWORD)
    shopper.press("Disconnect Klarna sign-in")
    expect(shopper.page.get_by_text("Sign in with Klarna is disconnected")).to_be_visible()
    expect(shopper.page.get_by_text("Sign in with Klarna was disconnected.")).to_be_visible()


def test_a_guest_turns_into_the_owner_of_the_order(shopper: Shopper, programs: Programs) -> None:
    shopper.add()
    shopper.go_to_checkout()
    shopper.type_address(email=EMAIL)
    window = shopper.pay()
    log_in(window)
    confirm(window)
    shopper.sees("Thank you")
    number = programs.klarna_orders()[0]["merchant_reference1"]
    continue_with_klarna(shopper.page)
    expect(shopper.page).to_have_url(f"{programs.shop_url}/orders/{number}")
    expect(shopper.page.get_by_text(f"Order {number} is in your account now.")).to_be_visible()
    shopper.open("/account/orders")
    expect(shopper.page.get_by_text(number).first).to_be_visible()


def test_signed_in_as_one_and_another_at_klarna(shopper: Shopper, programs: Programs, browser: Browser) -> None:
    known = Shopper(browser, programs.shop_url)
    known.open("/login")
    continue_with_klarna(known.page)
    is_signed_in_as(known, EMAIL)
    known.leave()
    shopper.register()
    shopper.open("/account/klarna")
    shopper.page.get_by_role("main").get_by_role("link", name="Continue with Klarna").click()
    log_in(shopper.page)
    shopper.sees("Which account is yours?")
    assert not violations(shopper)
    shopper.press(f"Stay signed in as {shopper.email}")
    shopper.sees("Your Klarna account")
    is_signed_in_as(shopper, shopper.email)


def test_a_sign_in_that_klarna_ended_is_told_in_the_account(shopper: Shopper, programs: Programs) -> None:
    shopper.open("/login")
    continue_with_klarna(shopper.page)
    programs.control("PATCH", "people/de-approved", {"consents": []})
    programs.control("POST", "clock", {"advance": 360})
    programs.let_time_pass(timedelta(minutes=6))
    shopper.add()
    shopper.go_to_checkout()
    expect(shopper.page.get_by_text("run out")).to_have_count(0)
    shopper.open("/account/klarna")
    expect(shopper.page.get_by_text("Klarna no longer vouches for this sign-in.")).to_be_visible()
    assert not violations(shopper)


@pytest.mark.parametrize("size", [(320, 640), (1360, 900)], ids=["phone", "desk"])
def test_pages_of_the_sign_in_fit_every_screen(browser: Browser, programs: Programs, size: tuple[int, int]) -> None:
    programs.control("PATCH", "people/de-approved", {"withheld": ["email"]})
    visitor = Shopper(browser, programs.shop_url, size)
    visitor.open("/login")
    assert not violations(visitor)
    continue_with_klarna(visitor.page)
    visitor.sees("One thing is missing")
    assert not violations(visitor)
    assert overflow(visitor) <= 0
    visitor.fill("Email", "somebody@example.com")
    visitor.press("Create my account")
    expect(visitor.page.get_by_role("button", name="Sign out")).to_be_attached()
    is_signed_in_as(visitor, "somebody@example.com")
    visitor.open("/account/klarna")
    assert overflow(visitor) <= 0
    visitor.open("/login/klarna/callback?state=nobody&code=x")  # the way back, after all is done
    expect(visitor.page.get_by_text("You are signed in.")).to_be_visible()
    visitor.context.clear_cookies()
    visitor.open("/login/klarna/callback?state=nobody&code=x")
    visitor.sees("Please start again")
    assert not violations(visitor)
    assert overflow(visitor) <= 0
    visitor.complaints = [c for c in visitor.complaints if "400" not in c]
    visitor.leave()
