"""What Klarna Checkout's frame tells the page, in the timeline of the console; nothing is different for being told."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.demo import clear, detail, open_drawer, step
from tests.browser.shopper import Shopper
from tests.browser.test_klarna_checkout import EMAIL, frame, open_checkout
from tests.support.programs import Programs
from tests.support.wire import tapped

pytestmark = pytest.mark.browser
IN_ORDER = """fetch("/demo/timeline.json").then((answer) => answer.json())
    .then(({ entries }) => entries.sort((one, other) => one.id - other.id).map(({ title }) => title))"""


def buys_with_express_delivery(shopper: Shopper) -> None:
    """Another delivery, which the frame waits for, then the form and the button."""
    form = frame(shopper)
    expect(form.get_by_role("button", name="Pay order", exact=True)).to_be_visible()
    shopper.page.get_by_label("Express delivery").check()
    expect(shopper.page.get_by_text("Your order is updated.")).to_be_visible()
    form.get_by_label("Email", exact=True).fill(EMAIL)
    form.get_by_label("Postal code", exact=True).fill("10178")
    form.get_by_role("button", name="Pay order", exact=True).click()
    shopper.sees("Thank you")


def test_the_frames_events_and_what_the_page_asks_of_it_are_steps(browser: Browser, demo: Programs) -> None:
    presenter = Shopper(browser, demo.shop_url)
    presenter.open("/")
    page = presenter.page
    clear(page)
    open_drawer(page).get_by_role("button", name="Close the timeline").click()
    open_checkout(presenter)
    buys_with_express_delivery(presenter)
    drawer = open_drawer(page)
    for name in ("load", "customer", "change", "user_interacted", "redirect_initiated", "load_confirmation"):
        drawer.get_by_role("searchbox", name="Find steps").fill(f"frame: {name}")
        expect(step(page, f"frame: {name}")).to_have_attribute("data-from", "klarna")
        expect(step(page, f"frame: {name}")).to_have_attribute("data-to", "browser")
    drawer.get_by_role("searchbox", name="Find steps").fill("frame: order_total")
    step(page, "frame: order_total_change").click()
    expect(detail(page).get_by_role("heading", name="frame: order_total_change")).to_be_visible()
    expect(detail(page).get_by_role("row", name="response.order_total 1780 2580")).to_be_visible()
    drawer.get_by_role("searchbox", name="Find steps").fill("_klarnaCheckout")
    for asked in ("_klarnaCheckout.suspend", "_klarnaCheckout.resume"):
        expect(step(page, asked)).to_have_attribute("data-to", "klarna")
    step(page, "_klarnaCheckout.suspend").click()
    expect(detail(page).get_by_text('"enabled": false')).to_be_visible()
    expect(detail(page).get_by_text("static/shop/klarna-checkout.js")).to_be_visible()
    titles = page.evaluate(IN_ORDER)
    assert titles.index("_klarnaCheckout.suspend") < titles.index("_klarnaCheckout.resume")
    assert titles.index("_klarnaCheckout.resume") < titles.index("frame: redirect_initiated")
    presenter.leave()


def test_what_reaches_klarna_is_the_same_with_and_without(browser: Browser, programs: Programs, demo: Programs) -> None:
    told = []
    for shop in (programs, demo):
        with tapped(shop) as sent:
            shopper = Shopper(browser, shop.shop_url)
            open_checkout(shopper)
            buys_with_express_delivery(shopper)
            shopper.sees("Klarna’s confirmation")
            shopper.leave()
            shop.wait_for_callbacks()
            shop.wait_for_background()
        told.append(sorted(sent))
        assert [order["order_amount"] for order in shop.klarna_orders()] == [2580]
    assert told[0]
    assert told[0] == told[1]
