"""The back office in a real browser: an order bought, sent in part, partly refunded, and its rest released."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from app.shop.accounts import service as accounts
from tests.browser.shopper import Shopper
from tests.browser.test_pages import overflow, violations
from tests.support.clerk import EMAIL, Clerk
from tests.support.programs import Programs
from tests.support.visitor import PASSWORD, Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def number(programs: Programs) -> str:
    """An order of two bags of coffee and a mug, and an account of the staff."""
    with programs.shop.app_context():
        accounts.keep_staff(EMAIL, PASSWORD)
    buyer = Visitor(programs)
    buyer.add("house-blend", 2)
    buyer.add("stoneware-mug")
    buyer.checkout().pay()
    found: str = programs.klarna_orders()[0]["merchant_reference1"]
    return found


def action(clerk: Shopper, name: str) -> Locator:
    return clerk.page.get_by_role("region", name=name, exact=True)


def picture(clerk: Shopper, name: str) -> None:
    """Keep what is seen, where somebody wants to look at it."""
    folder = os.environ.get("SHOP_TEST_PICTURES")
    if folder:
        clerk.page.screenshot(path=Path(folder) / f"{name}-{clerk.size[0]}.png", full_page=True)


@pytest.mark.parametrize("size", [(320, 640), (1360, 900)], ids=["phone", "desk"])
def test_the_life_of_an_order(browser: Browser, programs: Programs, number: str, size: tuple[int, int]) -> None:
    clerk = Shopper(browser, programs.shop_url, size)
    clerk.sign_in(EMAIL)
    clerk.open("/admin")
    fine(clerk, "list")
    clerk.page.get_by_role("link", name=number).click()
    clerk.sees(f"Order {number}")
    fine(clerk, "placed")

    address = action(clerk, "Delivery address")
    address.get_by_text("Change", exact=True).click()
    address.get_by_label("Street address").fill("Unter den Linden 1")
    fine(clerk, "address")
    address.get_by_role("button", name="Change address").click()
    expect(clerk.page.get_by_text("The delivery address is changed")).to_be_visible()

    capture = action(clerk, "Capture")
    capture.get_by_label("Pieces of House blend").fill("1")
    capture.get_by_label("Shipping company").fill("DHL")
    capture.get_by_label("Tracking number").fill("JD0146000")
    capture.get_by_label("Tracking link").fill("https://www.dhl.de/JD0146000")
    capture.get_by_role("button", name="Capture", exact=True).click()
    expect(clerk.page.get_by_text("Partly sent")).to_be_visible()
    expect(action(clerk, "Cancel").get_by_text("Part of it was captured")).to_be_visible()
    expect(action(clerk, "Cancel").get_by_role("button", name="Cancel order")).to_be_disabled()

    refund = action(clerk, "Refund")
    refund.get_by_label("Amount", exact=True).fill("9999")
    refund.get_by_role("button", name="Refund", exact=True).click()
    expect(clerk.page.get_by_role("alert")).to_be_focused()
    expect(refund.get_by_label("Amount", exact=True)).to_have_value("9999")
    fine(clerk, "refused")
    clerk.complaints = [c for c in clerk.complaints if "422" not in c]
    refund.get_by_label("Amount", exact=True).fill("")
    refund.get_by_label("Pieces of Stoneware mug").fill("1")
    refund.get_by_role("button", name="Refund", exact=True).click()
    expect(clerk.page.get_by_text("Refunded.")).to_be_visible()
    action(clerk, "Release the rest").get_by_role("button").click()
    expect(clerk.page.get_by_text("The rest is released")).to_be_visible()
    fine(clerk, "released")

    (order,) = programs.klarna_orders()
    assert (order["status"], order["remaining_authorized_amount"]) == ("CAPTURED", 0)
    assert order["refunded_amount"] > 0
    clerk.open("/account")
    clerk.leave()


@pytest.mark.parametrize("size", [(320, 640), (1360, 900)], ids=["phone", "desk"])
def test_an_action_without_an_answer_is_asked_again(
    browser: Browser, programs: Programs, number: str, size: tuple[int, int]
) -> None:
    programs.fault("POST", "*/captures", 9, drop="after")
    clerk = Shopper(browser, programs.shop_url, size)
    clerk.sign_in(EMAIL)
    clerk.open(f"/admin/orders/{number}")
    action(clerk, "Capture").get_by_role("button", name="Capture", exact=True).click()
    expect(clerk.page.get_by_text("has no answer yet")).to_be_visible()
    fine(clerk, "unanswered")
    programs.control("DELETE", "faults")
    clerk.press("Ask again")
    expect(clerk.page.get_by_text("Captured. The shopper’s page says")).to_be_visible()
    clerk.leave()


@pytest.mark.parametrize("size", [(320, 640), (1360, 900)], ids=["phone", "desk"])
def test_sales_tax_is_told_and_not_chosen(browser: Browser, programs: Programs, size: tuple[int, int]) -> None:
    with programs.shop.app_context():
        accounts.keep_staff(EMAIL, PASSWORD)
    buyer = Visitor(programs)
    buyer.shop_in("US")
    buyer.add("house-blend", 2)
    buyer.checkout().pay("us-approved")
    clerk = Shopper(browser, programs.shop_url, size)
    clerk.sign_in(EMAIL)
    clerk.open(f"/admin/orders/{programs.klarna_orders()[0]['merchant_reference1']}")
    capture = action(clerk, "Capture")
    expect(capture.get_by_text("goes along with what is chosen")).to_be_visible()
    expect(capture.get_by_label("Sales tax")).to_have_count(0)
    fine(clerk, "sales-tax")
    capture.get_by_label("Pieces of House blend").fill("1")
    capture.get_by_role("button", name="Capture", exact=True).click()
    expect(action(clerk, "Refund").get_by_text("goes along with what is chosen")).to_be_visible()
    fine(clerk, "sales-tax-in-part")
    clerk.leave()


@pytest.mark.parametrize("size", [(320, 640), (1360, 900)], ids=["phone", "desk"])
def test_the_shopper_reads_the_same_story(browser: Browser, programs: Programs, size: tuple[int, int]) -> None:
    buyer = Visitor(programs)
    email = buyer.register()
    buyer.add("house-blend", 2)
    buyer.checkout().pay()
    clerk = Clerk(programs, programs.klarna_orders()[0]["merchant_reference1"])
    line = clerk.line("house-blend")
    clerk.do("capture", company="DHL", number="JD0146000", link="https://www.dhl.de/JD0146000", **{line: 1})
    clerk.do("refund", amount="2.50")
    shopper = Shopper(browser, programs.shop_url, size)
    shopper.sign_in(email)
    shopper.open("/account/orders")
    expect(shopper.page.get_by_text("Partly sent")).to_be_visible()
    fine(shopper, "shopper-list")
    shopper.page.get_by_role("link", name=f"Order {clerk.number}").click()
    shopper.sees("Part of it is on its way")
    expect(shopper.page.get_by_role("link", name="Follow the parcel")).to_have_attribute(
        "href", "https://www.dhl.de/JD0146000"
    )
    expect(shopper.page.get_by_text("2,50 € back to you")).to_be_visible()
    fine(shopper, "shopper-order")
    shopper.leave()


def fine(visitor: Shopper, name: str) -> None:
    """Readable by everybody, and no wider than the screen."""
    picture(visitor, name)
    assert not violations(visitor)
    assert overflow(visitor) <= 0
    expect(visitor.page.locator("h1")).to_have_count(1)
