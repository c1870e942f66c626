"""How the scenarios of Klarna Checkout are played."""

from playwright.sync_api import FrameLocator, expect

from app.shop.console.personas import EMAILS
from tests.browser.shopper import Shopper
from tests.scenarios.players import plays, reads
from tests.support.patience import until
from tests.support.programs import Programs


def klarnas_form(shopper: Shopper) -> FrameLocator:
    expect(shopper.page.locator(".klarna-frame iframe").first).to_be_visible()
    return shopper.page.frame_locator(".klarna-frame iframe").first


@plays("kco-guest")
def kco_guest(shopper: Shopper, demo: Programs) -> None:
    form = klarnas_form(shopper)
    expect(form.get_by_label("Email", exact=True)).to_have_value("")
    form.get_by_label("Email", exact=True).fill("customer@email.de")
    form.get_by_label("Postal code", exact=True).fill("10178")
    form.get_by_role("button", name="Pay order", exact=True).click()
    shopper.sees("Thank you")


@plays("kco-signed-in")
def kco_signed_in(shopper: Shopper, demo: Programs) -> None:
    form = klarnas_form(shopper)
    expect(form.get_by_text("Recognised as")).to_be_visible()
    form.get_by_role("button", name="Pay order", exact=True).click()
    shopper.sees("Thank you")


@plays("kco-sign-in-over")
def kco_sign_in_over(shopper: Shopper, demo: Programs) -> None:
    form = klarnas_form(shopper)
    expect(form.get_by_role("button", name="Pay order", exact=True)).to_be_visible()
    expect(form.get_by_text("Recognised as")).to_have_count(0)
    form.get_by_label("Email", exact=True).fill(EMAILS["DE"])
    form.get_by_label("Postal code", exact=True).fill("10178")
    form.get_by_role("button", name="Pay order", exact=True).click()
    shopper.sees("Thank you")


@plays("kco-tab-closed")
def kco_tab_closed(shopper: Shopper, demo: Programs) -> None:
    before = len(demo.klarna_orders())
    form = klarnas_form(shopper)
    expect(form.get_by_text("Recognised as")).to_be_visible()
    with shopper.page.expect_request("**/kco/frame/pay"):
        form.get_by_role("button", name="Pay order", exact=True).click()
    shopper.page.close()
    shopper.page = shopper.context.new_page()
    until(lambda: len(demo.klarna_orders()) == before + 1)
    shopper.open("/demo")
    shopper.press("Klarna’s clock: 5 minutes on")
    expect(shopper.page).to_have_url(f"{shopper.shop_url}/demo")
    demo.wait_for_callbacks()
    demo.wait_for_background()
    reads(shopper, "/account/orders", demo.klarna_orders()[-1]["merchant_reference1"])


@plays("kco-cart-changed")
def kco_cart_changed(shopper: Shopper, demo: Programs) -> None:
    before = len(demo.klarna_orders())
    form = klarnas_form(shopper)
    expect(form.get_by_text("Recognised as")).to_be_visible()
    tab = shopper.context.new_page()
    tab.goto(f"{shopper.shop_url}/products/paper-filters")
    tab.get_by_role("button", name="Add to cart", exact=True).click()
    expect(tab.get_by_text("Added to your cart.")).to_be_visible()
    form.get_by_role("button", name="Pay order", exact=True).click()
    shopper.sees("Your cart changed while you were paying")
    assert len(demo.klarna_orders()) == before
