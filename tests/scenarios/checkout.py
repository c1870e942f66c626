"""How the scenarios of Klarna Checkout are played."""

from playwright.sync_api import FrameLocator, expect

from tests.browser.shopper import Shopper
from tests.scenarios.players import plays
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
