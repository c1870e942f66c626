"""Klarna Checkout in a real browser: the same person first without, then with the sign-in."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, FrameLocator, Route, expect

from tests.browser.shopper import Shopper
from tests.browser.test_pages import overflow, violations
from tests.browser.test_sign_in import continue_with_klarna
from tests.support.programs import Programs

pytestmark = pytest.mark.browser

EMAIL = "customer@email.de"


def frame(shopper: Shopper) -> FrameLocator:
    """Klarna's frame; it has a height once its script listens."""
    expect(shopper.page.locator(".klarna-frame iframe").first).to_be_visible()
    return shopper.page.frame_locator(".klarna-frame iframe").first


def open_checkout(shopper: Shopper) -> FrameLocator:
    shopper.add()
    shopper.open("/cart")
    shopper.page.get_by_role("link", name="Or use Klarna Checkout").click()
    shopper.sees("Klarna Checkout")
    return frame(shopper)


def counted_clicks(shopper: Shopper) -> list[str]:
    """Real clicks and key presses from now on, in page and frame."""
    seen: list[str] = []
    shopper.context.expose_binding("__tell", lambda _, kind: seen.append(kind))
    shopper.context.add_init_script(
        "addEventListener('click', (e) => e.isTrusted && __tell('click'), true);"
        "addEventListener('keydown', () => __tell('key'), true);"
    )
    return seen


def test_without_a_sign_in_the_form_is_the_normal_one(shopper: Shopper, programs: Programs) -> None:
    form = open_checkout(shopper)
    form.get_by_label("Email", exact=True).fill(EMAIL)
    form.get_by_label("Postal code", exact=True).fill("10178")
    form.get_by_role("button", name="Pay order", exact=True).click()
    shopper.sees("Thank you")
    (order,) = programs.klarna_orders()
    expect(shopper.page.get_by_text(order["merchant_reference1"]).first).to_be_visible()
    shopper.sees("Klarna’s confirmation")


def test_signed_in_with_klarna_one_click_pays(shopper: Shopper, programs: Programs) -> None:
    shopper.add()
    shopper.open("/login?next=/klarna-checkout")
    continue_with_klarna(shopper.page)
    shopper.sees("Klarna Checkout")
    clicks = counted_clicks(shopper)
    shopper.page.reload()
    form = frame(shopper)
    expect(form.get_by_text("Recognised as")).to_be_visible()
    form.get_by_role("button", name="Pay order", exact=True).click()
    shopper.sees("Thank you")
    assert clicks == ["click"]
    (create,) = (e for e in programs.journal("/checkout/v3/orders") if e["status"] == 201)
    assert "klarna_access_token" in create["request"]["body"]["customer"]


def test_with_an_expired_sign_in_the_form_is_the_normal_one_again(shopper: Shopper, programs: Programs) -> None:
    shopper.open("/login")
    continue_with_klarna(shopper.page)
    programs.control("POST", "clock", {"advance": 61 * 24 * 3600})
    programs.let_time_pass(timedelta(days=61))
    form = open_checkout(shopper)
    expect(form.get_by_role("button", name="Pay order", exact=True)).to_be_visible()
    expect(form.get_by_text("Recognised as")).to_have_count(0)


def test_another_delivery_changes_what_the_frame_asks_for(shopper: Shopper, programs: Programs) -> None:
    form = open_checkout(shopper)
    expect(form.get_by_role("button", name="Pay order", exact=True)).to_be_visible()
    shopper.page.get_by_label("Express delivery").check()
    expect(shopper.page.locator("#summary")).to_contain_text("25,80")
    expect(shopper.page.get_by_text("Your order is updated.")).to_be_visible()
    expect(form.get_by_text("25,80").first).to_be_visible()  # the frame takes nothing while it is suspended
    form.get_by_label("Email", exact=True).fill(EMAIL)
    form.get_by_label("Postal code", exact=True).fill("10178")
    form.get_by_role("button", name="Pay order", exact=True).click()
    shopper.sees("Thank you")
    assert [order["order_amount"] for order in programs.klarna_orders()] == [2580]


def test_a_delivery_chosen_before_the_pages_script_was_there_counts(shopper: Shopper) -> None:
    def choose_first(route: Route) -> None:
        shopper.page.get_by_label("Express delivery").check()
        route.continue_()

    shopper.add()
    shopper.context.route("**/klarna-checkout.js*", choose_first)
    shopper.open("/klarna-checkout")
    expect(shopper.page.locator("#summary")).to_contain_text("25,80")
    expect(shopper.page.get_by_text("Your order is updated.")).to_be_visible()


def test_sold_out_while_paying_leads_to_a_page_that_explains(shopper: Shopper, programs: Programs) -> None:
    form = open_checkout(shopper)
    form.get_by_label("Email", exact=True).fill(EMAIL)
    form.get_by_label("Postal code", exact=True).fill("10178")
    programs.set_stock("house-blend", 0)
    form.get_by_role("button", name="Pay order", exact=True).click()
    shopper.sees("Sold out while you were paying")
    assert not violations(shopper)
    assert programs.klarna_orders() == []


def test_both_ways_to_pay_lead_to_each_other(shopper: Shopper, programs: Programs) -> None:
    open_checkout(shopper)
    shopper.page.get_by_role("link", name="Check out with Klarna Payments").click()
    shopper.sees("Checkout")
    shopper.page.get_by_role("link", name="Klarna Checkout").click()
    shopper.sees("Klarna Checkout")


@pytest.mark.parametrize("size", [(320, 640), (1360, 900)], ids=["phone", "desk"])
def test_the_pages_fit_every_screen(browser: Browser, programs: Programs, size: tuple[int, int]) -> None:
    visitor = Shopper(browser, programs.shop_url, size)
    form = open_checkout(visitor)
    expect(form.get_by_role("button", name="Pay order", exact=True)).to_be_visible()
    assert not violations(visitor)
    assert overflow(visitor) <= 0
    form.get_by_label("Email", exact=True).fill(EMAIL)
    form.get_by_label("Postal code", exact=True).fill("10178")
    form.get_by_role("button", name="Pay order", exact=True).click()
    visitor.sees("Thank you")
    assert not violations(visitor)
    assert overflow(visitor) <= 0
    visitor.open("/terms")
    assert not violations(visitor)
    visitor.leave()
