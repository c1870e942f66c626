"""Every hosted page under axe's rules, on a screen 320 pixels wide, and by keyboard alone."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.sandbox.hosted import checkout
from tests.sandbox.hosted.conftest import BILLING, Klarna

pytestmark = pytest.mark.browser
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
LONG_NAME = "An-extraordinarily-long-name-without-any-place-to-break " * 3


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """The smallest screen; content policies are bypassed, as axe has to be put into the pages."""
    context = browser.new_context(viewport={"width": 320, "height": 640}, bypass_csp=True)
    yield context
    context.close()


def check(page: Page, place: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, f"{place}: {found.generate_report()}"
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 320, f"{place} is {wide} pixels wide"


def test_every_step_of_the_window(klarna: Klarna, shop: Page) -> None:
    line = {"name": LONG_NAME, "quantity": 1, "unit_price": 25900, "total_amount": 25900}
    line |= {"tax_rate": 1900, "total_tax_amount": 4135}
    checkout.open_checkout(shop, klarna.session(order_lines=[line], order_tax_amount=4135))
    window = checkout.press_buy(shop, {"billing_address": BILLING, "shipping_address": {**BILLING, "city": "Bonn"}})
    expect(window.get_by_label("Mobile number")).to_be_visible()
    check(window, "number")
    check(shop, "the merchant's page behind the window")
    window.get_by_role("button", name="Continue").click()
    expect(window.get_by_role("alert")).to_be_visible()
    check(window, "number, with an error")
    checkout.log_in(window, code="999999")
    expect(window.get_by_role("alert")).to_be_visible()
    check(window, "code, with an error")
    checkout.enter_code(window, "123456")
    expect(window.get_by_role("button", name="Confirm and pay")).to_be_visible()
    check(window, "review")
    klarna.control("PATCH", "people/de-approved", {"decision": "refuse"})
    checkout.confirm(window)
    expect(window.get_by_text("Nothing was charged.")).to_be_visible()
    check(window, "refusal")


def test_the_window_that_asks_for_another_address(klarna: Klarna, shop: Page) -> None:
    klarna.control("PATCH", "people/de-new-user", {"outcome": "invalid_fields"})
    checkout.open_checkout(shop, klarna.session())
    window = checkout.press_buy(shop)
    checkout.log_in(window, "+491713920066")
    checkout.confirm(window)
    expect(window.get_by_text("correct the street address")).to_be_visible()
    check(window, "address not accepted")


def test_the_recognised_review_and_the_widget(klarna: Klarna, shop: Page) -> None:
    token = checkout.linked_token(klarna, shop)
    shop.reload()
    checkout.open_checkout(shop, klarna.session(customer={"customer_token": token}))
    check(shop, "the merchant's page with the widget")
    frame = shop.frames[1]
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    window = checkout.press_buy(shop)
    expect(window.get_by_text("Recognised as")).to_be_visible()
    check(window, "recognised review")


def test_the_address_of_somebody_new(klarna: Klarna, shop: Page) -> None:
    checkout.open_checkout(shop, klarna.session())
    window = checkout.press_buy(shop, {})
    checkout.log_in(window, "+491713920066")
    expect(window.get_by_role("heading", name="Your address")).to_be_visible()
    window.get_by_role("button", name="Continue").click()
    expect(window.get_by_text("City is missing.")).to_be_visible()
    check(window, "address")


@pytest.mark.parametrize(
    ("path", "last"),
    [
        ("/", "/authorize"),  # in the journal, the part that is drawn last
        ("/payments/redirect/nothing", "There is no such order here"),
        ("/kp/window", "Nothing to pay here"),
    ],
)
def test_pages_that_stand_alone(klarna: Klarna, shop: Page, path: str, last: str) -> None:
    checkout.linked_token(klarna, shop)
    shop.goto(klarna.url + path)
    expect(shop.get_by_text(last)).to_be_visible()
    check(shop, path)


def test_the_overlay(klarna: Klarna, shop: Page) -> None:
    shop.evaluate("window.open = () => null")
    checkout.open_checkout(shop, klarna.session())
    checkout.prepare(shop)
    shop.get_by_role("button", name="Pay with Klarna").click()
    expect(shop.frame_locator("dialog iframe").get_by_label("Mobile number")).to_be_focused()
    check(shop, "overlay")


def test_a_purchase_by_keyboard_alone(klarna: Klarna, shop: Page) -> None:
    checkout.open_checkout(shop, klarna.session())
    checkout.prepare(shop)
    shop.get_by_role("button", name="Pay with Klarna").focus()
    with shop.expect_popup() as popup:
        shop.keyboard.press("Enter")
    window = popup.value
    expect(window.get_by_label("Mobile number")).to_be_focused()
    window.keyboard.type("017614284340")
    window.keyboard.press("Enter")
    expect(window.get_by_label("Code")).to_be_focused()
    window.keyboard.type("123456")
    window.keyboard.press("Enter")
    expect(window.get_by_role("heading", name="Pay Morrow")).to_be_focused()
    window.keyboard.press("Tab")
    expect(window.get_by_role("checkbox")).to_be_focused()
    window.keyboard.press("Space")
    window.keyboard.press("Tab")
    expect(window.get_by_role("button", name="Confirm and pay")).to_be_focused()
    window.keyboard.press("Enter")
    assert "customer_token" not in klarna.order(checkout.result(shop)["authorization_token"])
    expect(shop.get_by_role("button", name="Pay with Klarna")).to_be_focused()
