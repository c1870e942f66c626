"""How the later scenarios of a link's life are played."""

from playwright.sync_api import Page, expect

from app.shop.console.personas import PASSWORD as DEMO_PASSWORD
from tests.browser.demo import open_drawer, step
from tests.browser.shopper import Shopper, confirm
from tests.scenarios.players import paid_with_login, paid_without_login, plays, reads
from tests.support.patience import until
from tests.support.programs import Programs


def other_tab(shopper: Shopper, path: str) -> Page:
    tab = shopper.context.new_page()
    tab.goto(shopper.shop_url + path)
    return tab


def told(shopper: Shopper, words: str) -> None:
    expect(shopper.page.get_by_role("main").get_by_text(words).first).to_be_visible()


@plays("two-accounts")
def two_accounts(shopper: Shopper, demo: Programs) -> None:
    links = len(demo.stored_tokens())
    paid_with_login(shopper)
    demo.wait_for_background()
    assert len(demo.stored_tokens()) == links + 1
    opened = [e for e in demo.journal("/payments/v1/sessions") if e["path"].endswith("/sessions")][-1]
    assert "customer_token" not in opened["request"]["body"].get("customer", {})
    reads(shopper, "/account/klarna", "Your Klarna account was linked.")


@plays("window-closed")
def window_closed(shopper: Shopper, demo: Programs) -> None:
    before = len(demo.klarna_orders())
    shopper.sees_klarna_ready()
    shopper.pay().close()
    told(shopper, "You closed Klarna’s window before confirming")
    paid_with_login(shopper)
    assert len(demo.klarna_orders()) == before + 1


@plays("cart-changed")
def cart_changed(shopper: Shopper, demo: Programs) -> None:
    before = len(demo.klarna_orders())
    shopper.sees_klarna_ready()
    window = shopper.pay()
    expect(window.get_by_text("Recognised as")).to_be_visible()
    tab = other_tab(shopper, "/products/paper-filters")
    tab.get_by_role("button", name="Add to cart", exact=True).click()
    expect(tab.get_by_text("Added to your cart.")).to_be_visible()
    confirm(window)
    told(shopper, "Your cart changed while you were paying")
    expect(shopper.page.locator("#summary")).to_contain_text("paper filters")
    assert len(demo.klarna_orders()) == before
    paid_without_login(shopper)
    assert len(demo.klarna_orders()) == before + 1


@plays("signed-out")
def signed_out(shopper: Shopper, demo: Programs) -> None:
    before = len(demo.klarna_orders())
    shopper.sees_klarna_ready()
    window = shopper.pay()
    expect(window.get_by_text("Recognised as")).to_be_visible()
    tab = other_tab(shopper, "/account")
    tab.get_by_role("button", name="Sign out", exact=True).first.click()
    expect(tab.get_by_role("button", name="Sign out", exact=True)).to_have_count(0)
    confirm(window)
    told(shopper, "sign in to go on")
    demo.wait_for_callbacks()
    demo.wait_for_background()
    assert len(demo.klarna_orders()) == before


@plays("approval-over")
def approval_over(shopper: Shopper, demo: Programs) -> None:
    before = len(demo.klarna_orders())
    shopper.sees_klarna_ready()
    window = shopper.pay()
    confirm(window)
    told(shopper, "approval has expired")
    paid_without_login(shopper)
    assert len(demo.klarna_orders()) == before + 1


@plays("rejected-late")
def rejected_late(shopper: Shopper, demo: Programs) -> None:
    before = len(demo.klarna_orders())
    shopper.sees_klarna_ready()
    window = shopper.pay()
    confirm(window)
    told(shopper, "Klarna cannot approve this purchase")
    assert len(demo.klarna_orders()) == before
    reads(shopper, "/cart", "House blend")


@plays("tab-closed")
def tab_closed(shopper: Shopper, demo: Programs) -> None:
    before = len(demo.klarna_orders())
    shopper.sees_klarna_ready()
    window = shopper.pay()
    expect(window.get_by_text("Recognised as")).to_be_visible()
    shopper.page.close()
    confirm(window)
    shopper.page = other_tab(shopper, "/account/orders")
    until(lambda: len(demo.klarna_orders()) == before + 1)
    demo.wait_for_background()
    reads(shopper, "/account/orders", demo.klarna_orders()[-1]["merchant_reference1"])


@plays("script-missing")
def script_missing(shopper: Shopper, demo: Programs) -> None:
    told(shopper, "Klarna’s part of this page did not load")
    shopper.press("Try again")
    shopper.sees_klarna_ready()


@plays("account-deleted")
def account_deleted(shopper: Shopper, demo: Programs) -> None:
    shopper.fill("Password", DEMO_PASSWORD)
    shopper.press("Delete account")
    expect(shopper.page.get_by_text("Your account is deleted.")).to_be_visible()
    until(lambda: demo.control("GET", "customer-tokens")[-1]["status"] == "revoked")
    open_drawer(shopper.page)
    expect(step(shopper.page, "revoke customer token")).to_be_attached()
