"""A payment under review, and the letters about it, in a real browser: on a phone and on a desk."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.shopper import Shopper, first_purchase
from tests.browser.test_pages import overflow, violations
from tests.support.mailbox import with_console
from tests.support.programs import Programs

pytestmark = pytest.mark.browser


def fits(shopper: Shopper, path: str) -> None:
    shopper.open(path)
    assert not violations(shopper), path
    assert overflow(shopper) <= 0, path
    expect(shopper.page.locator("h1")).to_have_count(1)


@pytest.mark.parametrize("size", [(320, 640), (1360, 900)], ids=["phone", "desk"])
def test_a_review_is_told_on_every_page_and_in_letters(
    browser: Browser, programs: Programs, size: tuple[int, int]
) -> None:
    programs.control("PATCH", "people/de-approved", {"outcome": "pend"})
    shopper = Shopper(browser, programs.shop_url, size)
    page = shopper.page
    first_purchase(shopper)
    expect(page.get_by_text("Klarna is having a closer look at the payment")).to_be_visible()
    (order,) = programs.klarna_orders()
    number = order["merchant_reference1"]
    fits(shopper, f"/orders/{number}")
    expect(page.get_by_text("In review at Klarna")).to_be_visible()

    programs.control("POST", f"orders/{order['order_id']}/decide", {"decision": "reject"})
    programs.wait_for_callbacks()
    programs.wait_for_background()
    fits(shopper, f"/checkout/confirmation/{number}")
    fits(shopper, "/account/orders")
    fits(shopper, f"/orders/{number}")
    expect(page.get_by_text("Nothing was charged, and nothing will be sent")).to_be_visible()
    shopper.press("Order again")
    expect(page.get_by_role("link", name="House blend").first).to_be_visible()

    with with_console(programs):
        fits(shopper, "/demo/outbox")
        expect(page.get_by_role("heading", level=2, name="Your order")).to_have_count(2)
        page.get_by_role("link", name=f"Your order {number} was not approved").click()
        drawn = page.frame_locator("iframe")
        expect(drawn.get_by_role("heading", name="Your payment was not approved")).to_be_visible()
        expect(page.get_by_text("We are sorry.", exact=False).first).to_be_visible()
        assert not violations(shopper)
        assert overflow(shopper) <= 0
    shopper.leave()
