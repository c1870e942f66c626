"""Every page: readable by everybody, on a phone and on a desk, at 320 pixels and without a mouse."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, expect

from tests.browser.shopper import LABELS, PHONE, Shopper, first_purchase
from tests.browser.test_subscriptions import subscribe
from tests.support.programs import Programs
from tests.support.subscriber import INDEX, decide, renew, subscription
from tests.support.visitor import BERLIN

pytestmark = pytest.mark.browser

PUBLIC = ["/", "/products", "/category/books", "/products/house-blend", "/search?q=wool", "/search?q=zzz", "/login"]
PUBLIC += ["/register", "/cart", "/nothing-here"]
OWN = ["/account", "/account/klarna", "/account/orders", "/account/password", "/account/addresses/new", "/checkout"]


def violations(shopper: Shopper) -> str:
    """What axe holds against the page, once it is loaded; Klarna's frames answer for themselves."""
    shopper.page.wait_for_load_state()
    results = Axe().run(shopper.page, context={"exclude": [["iframe"]]})
    return "" if results.violations_count == 0 else results.generate_report()


def overflow(shopper: Shopper) -> int:
    """By how many pixels the page, once it is loaded, is wider than the screen."""
    shopper.page.wait_for_load_state()
    return int(shopper.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("size", [(320, 640), (1360, 900)], ids=["phone", "desk"])
def test_public_pages(browser: Browser, programs: Programs, size: tuple[int, int]) -> None:
    visitor = Shopper(browser, programs.shop_url, size)
    for path in PUBLIC:
        visitor.open(path)
        assert not violations(visitor), path
        assert overflow(visitor) <= 0, path
        expect(visitor.page.locator("h1")).to_have_count(1)
    visitor.complaints = [c for c in visitor.complaints if "404" not in c]
    visitor.leave()


@pytest.mark.parametrize("size", [(320, 640), (1360, 900)], ids=["phone", "desk"])
def test_a_shoppers_own_pages(browser: Browser, programs: Programs, size: tuple[int, int]) -> None:
    shopper = Shopper(browser, programs.shop_url, size)
    first_purchase(shopper)
    assert not violations(shopper)
    assert overflow(shopper) <= 0
    number = programs.klarna_orders()[0]["merchant_reference1"]
    shopper.add("paper-filters")
    for path in [*OWN, "/cart", f"/orders/{number}"]:
        shopper.open(path)
        assert not violations(shopper), path
        assert overflow(shopper) <= 0, path
    shopper.leave()


@pytest.mark.parametrize("size", [(320, 640), (1360, 900)], ids=["phone", "desk"])
def test_pages_of_a_subscription(browser: Browser, programs: Programs, size: tuple[int, int]) -> None:
    shopper = Shopper(browser, programs.shop_url, size)
    subscribe(shopper)
    payment = f"{INDEX}/{subscription(programs).id}/payment"
    for path in (INDEX, payment, "/subscribe/house-blend?rhythm=week&start=trial&quantity=2"):
        shopper.open(path)
        assert not violations(shopper), path
        assert overflow(shopper) <= 0, path
    decide(programs, status="CANCELLED")
    renew(programs, "--days", "8")
    shopper.open(INDEX)
    assert not violations(shopper)
    assert overflow(shopper) <= 0
    shopper.leave()


def test_buying_without_a_mouse(shopper: Shopper, programs: Programs) -> None:
    shopper.register()
    shopper.open("/products/house-blend")
    page = shopper.page
    tab_to(page.get_by_role("button", name="Add to cart", exact=True)).press("Enter")
    tab_to(page.get_by_role("button", name="Go to checkout", exact=True)).press("Enter")
    shopper.sees_klarna_ready()
    for name, label in LABELS.items():
        tab_to(page.get_by_label(label, exact=True))
        page.keyboard.type(BERLIN[name])
    with page.expect_popup() as opened:
        tab_to(page.get_by_role("button", name="Pay with Klarna", exact=True)).press("Enter")
    window = opened.value
    for label, typed in (("Mobile number", PHONE), ("Code", "123456")):
        tab_to(window.get_by_label(label, exact=True))
        window.keyboard.type(typed)
        window.keyboard.press("Enter")
    tab_to(window.get_by_role("button", name="Confirm and pay", exact=True)).press("Enter")
    shopper.sees("Thank you")
    assert len(programs.klarna_orders()) == 1


def tab_to(wanted: Locator) -> Locator:
    """Where the tab key leads to in the end; what it never reaches fails."""
    expect(wanted).to_be_enabled()
    for _ in range(100):
        if wanted.evaluate("element => element === document.activeElement"):
            return wanted
        wanted.page.keyboard.press("Tab")
    raise AssertionError(f"the tab key does not lead to {wanted}")


def test_without_javascript_the_shop_works_and_says_what_klarna_needs(browser: Browser, programs: Programs) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{programs.shop_url}/products/house-blend")
    page.get_by_role("button", name="Add to cart", exact=True).click()
    page.get_by_role("button", name="Go to checkout", exact=True).click()
    expect(page.get_by_role("heading", name="Checkout", exact=True)).to_be_visible()
    page.wait_for_load_state()
    assert "needs JavaScript" in page.content()
    context.close()


def test_the_market_switch_prices_the_cart_anew(shopper: Shopper) -> None:
    shopper.add()
    page = shopper.page
    page.get_by_label("Market", exact=True).select_option("GB")
    shopper.press("Change market")
    expect(page.get_by_text("£").first).to_be_visible()
