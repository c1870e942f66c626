"""The pages of a sign-in in a real browser: by mouse, by keyboard, on a small screen, under axe's rules."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.sandbox.idp import screens
from tests.sandbox.idp.screens import RealShop

pytestmark = pytest.mark.browser
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def test_a_first_sign_in_and_a_second_one_without_a_page(real_shop: RealShop, page: Page) -> None:
    page.goto(real_shop.address())
    screens.log_in(page)
    expect(page.get_by_text("Logged in as Mock Mock")).to_be_visible()
    page.get_by_role("button", name="Allow").click()
    first = screens.brought(page)
    assert real_shop.userinfo(first["code"])["country"] == "DE"
    page.goto(real_shop.address())
    assert screens.brought(page)["code"] != first["code"]


def test_an_item_that_is_switched_off_stays_at_klarna(real_shop: RealShop, page: Page) -> None:
    page.goto(real_shop.address())
    screens.log_in(page)
    for label in ("Billing address", "Date of birth", "Country"):
        expect(page.get_by_label(label, exact=True)).to_be_checked()
    page.get_by_label("Date of birth").uncheck()
    page.get_by_role("button", name="Allow").click()
    known = real_shop.userinfo(screens.brought(page)["code"])
    assert "date_of_birth" not in known
    assert known["billing_address"]["city"] == "Berlin"


@pytest.mark.parametrize("button", ["Cancel", "Deny"])
def test_somebody_who_does_not_want_to_goes_back(real_shop: RealShop, page: Page, button: str) -> None:
    page.goto(real_shop.address())
    if button == "Deny":
        screens.log_in(page)
    page.get_by_role("button", name=button).click()
    assert screens.brought(page)["error"] == "access_denied"


def test_reload_and_the_way_back_find_the_pages_they_left(real_shop: RealShop, page: Page) -> None:
    page.goto(real_shop.address())
    page.get_by_label("Mobile number").fill("123")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("This is no mobile number.")).to_be_visible()
    screens.log_in(page)
    consent = page.get_by_role("button", name="Allow")
    expect(consent).to_be_visible()
    page.reload()
    consent.click()
    screens.brought(page)
    page.go_back()
    expect(consent).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Code")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("This is no mobile number.")).to_be_visible()


def test_not_you(real_shop: RealShop, page: Page) -> None:
    page.goto(real_shop.address())
    screens.log_in(page)
    expect(page.get_by_text("Logged in as Mock Mock")).to_be_visible()
    page.get_by_role("button", name="Not you?").click()
    page.get_by_label("Mobile number").fill("+46701740615")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Not you?").click()
    screens.log_in(page, "+46701740615")
    expect(page.get_by_text("Logged in as Alice Test")).to_be_visible()
    page.get_by_role("button", name="Allow").click()
    assert real_shop.userinfo(screens.brought(page)["code"])["given_name"] == "Alice"
    assert real_shop.person("de-approved")["signed_in"] == 0


def test_somebody_new_signs_up(real_shop: RealShop, page: Page) -> None:
    page.goto(real_shop.address())
    screens.log_in(page, "+491713920066")
    expect(page.get_by_label("E-mail")).to_have_value("customer+new_user@email.de")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("First name is missing.")).to_be_visible()
    expect(page.get_by_label("First name")).to_be_focused()
    answers = {
        "First name": "Test", "Last name": "Person-de", "Street address": "Teststr. 1", "Postal code": "10115",
        "City": "Berlin",
    }  # fmt: skip
    for label, value in answers.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Allow").click()
    assert real_shop.userinfo(screens.brought(page)["code"])["family_name"] == "Person-de"


def test_wrong_numbers_and_codes_are_told(real_shop: RealShop, page: Page) -> None:
    page.goto(real_shop.address())
    for number, words in [
        ("", "Enter your mobile number."),
        ("nothing", "This is no mobile number."),
        ("+4917614284341", "Klarna knows nobody with this number."),
        ("+13106683312", "has a Klarna account in United States"),
    ]:
        page.get_by_label("Mobile number").fill(number)
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("alert")).to_contain_text(words)
    page.get_by_role("button", name="Use +49 1761 4284340").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Code").fill("999999")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("Wrong code.")
    page.get_by_role("button", name="Use 123456").click()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("button", name="Allow")).to_be_visible()


def test_a_sign_in_by_keyboard_alone(real_shop: RealShop, page: Page) -> None:
    page.goto(real_shop.address())
    expect(page.get_by_label("Mobile number")).to_be_focused()
    page.keyboard.type("017614284340")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Code")).to_be_focused()
    page.keyboard.type("123456")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Sign in to Morrow")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Date of birth")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    assert "profile:date_of_birth" not in screens.brought(page)["scope"].split()


def test_the_way_out(real_shop: RealShop, page: Page) -> None:
    page.goto(real_shop.address())
    screens.log_in(page)
    expect(page.get_by_text("Logged in as Mock Mock")).to_be_visible()
    page.goto(f"{real_shop.klarna}/oauth2/sessions/logout")
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="You are logged out of Klarna")).to_be_visible()
    page.goto(real_shop.address())
    expect(page.get_by_label("Mobile number")).to_be_visible()


# --- the start page


def signed_in(real_shop: RealShop, page: Page) -> str:
    """Somebody has signed in, and the start page is open; the refresh token."""
    page.goto(real_shop.address())
    screens.log_in(page)
    page.get_by_role("button", name="Allow").click()
    token = str(real_shop.tokens(screens.brought(page)["code"])["refresh_token"])
    page.goto(real_shop.klarna)
    return token


def test_a_consent_is_withdrawn_and_a_login_ended(real_shop: RealShop, page: Page) -> None:
    token = signed_in(real_shop, page)
    card = page.locator("[data-signed-in] li")
    expect(card).to_contain_text("logged in in 1 browser, 1 consent, 1 refresh token")
    expect(page.locator("[data-journal]")).to_contain_text("/oauth2/token")  # the journal is drawn last
    assert token not in page.content()
    card.get_by_role("button", name="Withdraw consent").click()
    expect(card).to_contain_text("no consent, no refresh token")
    card.get_by_role("button", name="Log out at Klarna").click()
    expect(page.get_by_text("Nobody has signed in with Klarna yet.")).to_be_visible()
    found = real_shop.person("de-approved")
    assert (found["consents"], found["signed_in"]) == ([], 0)


def test_a_refresh_token_expires_at_a_click(real_shop: RealShop, page: Page) -> None:
    signed_in(real_shop, page)
    page.get_by_role("button", name="Expire refresh token").click()
    expect(page.locator("[data-signed-in] li")).to_contain_text("1 consent, no refresh token")
    [chain] = real_shop.control("GET", "sign-in/tokens")
    assert chain["refresh_token"]["status"] == "expired"


def test_keys_rotate_and_old_ones_retire(real_shop: RealShop, page: Page) -> None:
    real_shop.control("POST", "sign-in/keys/retire")
    page.goto(real_shop.klarna)
    expect(page.get_by_text("4 are published, none of them old.")).to_be_visible()
    page.get_by_role("button", name="Rotate keys").click()
    expect(page.get_by_text("6 are published, 2 of them old.")).to_be_visible()
    page.get_by_role("button", name="Retire old keys").click()
    expect(page.get_by_text("4 are published, none of them old.")).to_be_visible()


# --- small screens, accessibility


@pytest.fixture
def small(browser: Browser) -> Iterator[Page]:
    """The smallest screen; content policies are bypassed, as axe has to be put into the pages."""
    context = browser.new_context(viewport={"width": 320, "height": 640}, bypass_csp=True)
    yield context.new_page()
    context.close()


def check(page: Page, place: str) -> None:
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, f"{place}: {found.generate_report()}"
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 320, f"{place} is {wide} pixels wide"


def test_every_page_of_a_sign_in(real_shop: RealShop, small: Page) -> None:
    small.goto(real_shop.address())
    small.get_by_role("button", name="Continue").click()
    expect(small.get_by_role("alert")).to_be_visible()
    check(small, "number, with an error")
    small.get_by_label("Mobile number").fill("+491713920066")
    small.get_by_role("button", name="Continue").click()
    expect(small.get_by_label("Code")).to_be_visible()
    small.get_by_role("button", name="Continue").click()
    expect(small.get_by_role("alert")).to_be_visible()
    check(small, "code, with an error")
    small.get_by_label("Code").fill("123456")
    small.get_by_role("button", name="Continue").click()
    expect(small.get_by_label("E-mail")).to_be_visible()
    small.get_by_role("button", name="Continue").click()
    expect(small.get_by_text("First name is missing.")).to_be_visible()
    check(small, "sign-up, with errors")
    small.goto(real_shop.address(prompt="login"))
    screens.log_in(small)
    expect(small.get_by_role("button", name="Allow")).to_be_visible()
    check(small, "consent")
    small.get_by_role("button", name="Allow").click()
    screens.brought(small)
    for path, last in (
        ("/oauth2/auth?client_id=nobody", small.get_by_role("heading", name="Klarna can’t go on here")),
        ("/", small.locator("[data-journal] li").first),
        ("/oauth2/sessions/logout", small.get_by_role("heading", name="Log out of Klarna?")),
    ):
        small.goto(real_shop.klarna + path)
        expect(last).to_be_visible()
        check(small, path)
    small.get_by_role("button", name="Log out").click()
    expect(small.get_by_role("heading", name="You are logged out of Klarna")).to_be_visible()
    check(small, "logged out")


def test_a_page_that_has_grown_old(real_shop: RealShop, small: Page) -> None:
    small.goto(real_shop.address())
    real_shop.control("POST", "clock", {"advance": 3600})
    small.get_by_role("button", name="Continue").click()
    expect(small.get_by_role("heading", name="This sign-in has ended")).to_be_visible()
    check(small, "ended")
