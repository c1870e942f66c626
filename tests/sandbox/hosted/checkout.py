"""What a shopper does at the merchant's page and in Klarna's window, in words."""

from typing import Any

from playwright.sync_api import FrameLocator, Page, expect

from tests.sandbox.hosted.conftest import BILLING, Klarna

View = Page | FrameLocator


def open_checkout(shop: Page, session: dict[str, Any], data: dict[str, Any] | None = None) -> dict[str, Any]:
    """Loads the widget; the result of the load call."""
    answer = shop.evaluate("([token, data]) => shop.open(token, data)", [session["client_token"], data])
    assert answer["thrown"] is None
    return answer["result"]


def press_buy(shop: Page, data: dict[str, Any] | None = None, **options: Any) -> Page:
    """Presses the merchant's button; the popup that opens."""
    prepare(shop, data, **options)
    with shop.expect_popup() as popup:
        shop.get_by_role("button", name="Pay with Klarna").click()
    return popup.value


def prepare(shop: Page, data: dict[str, Any] | None = None, **options: Any) -> None:
    """What the merchant's button will send."""
    sent = {"billing_address": BILLING} if data is None else data
    shop.evaluate("([options, data]) => { shop.options = options; shop.data = data; }", [options, sent])


def log_in(window: View, number: str = "+49 1761 4284340", code: str = "123456") -> None:
    window.get_by_label("Mobile number").fill(number)
    window.get_by_role("button", name="Continue").click()
    enter_code(window, code)


def enter_code(window: View, code: str) -> None:
    window.get_by_label("Code").fill(code)
    window.get_by_role("button", name="Continue").click()


def confirm(window: View) -> None:
    window.get_by_role("button", name="Confirm and pay").click()


def result(shop: Page, number: int = 1) -> dict[str, Any]:
    """What the merchant's callback got."""
    shop.wait_for_function("(number) => shop.results.length >= number", arg=number)
    return shop.evaluate("(number) => shop.results[number - 1]", number)


def linked_token(klarna: Klarna, shop: Page) -> str:
    """The customer token of a first purchase, made just now."""
    open_checkout(shop, klarna.session())
    window = press_buy(shop)
    log_in(window)
    expect(window.get_by_label("Link my Klarna account to Morrow")).to_be_checked()
    confirm(window)
    order = klarna.order(result(shop)["authorization_token"])
    return order["customer_token"]
