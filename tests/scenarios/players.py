"""How each scenario is played: what its card says to do, and that what it says to expect is so."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.demo import bar, open_drawer, start, step
from tests.browser.shopper import Shopper, confirm, link_box, log_in
from tests.support.programs import Programs

Player = Callable[[Shopper, Programs], None]
PLAYERS: dict[str, Player] = {}
OTHER_PHONE = "+491713920066"
NEW_YORK_PHONE = "+13106683312"


def plays(scenario_id: str) -> Callable[[Player], Player]:
    """The player of a scenario, which begins where the scenario begins."""

    def known(player: Player) -> Player:
        PLAYERS[scenario_id] = player
        return player

    return known


def play(shopper: Shopper, demo: Programs, scenario_id: str) -> None:
    """All of a scenario; fails where something is not as expected."""
    start(shopper, scenario_id)
    show_card(shopper.page)
    PLAYERS[scenario_id](shopper, demo)


def show_card(page: Page) -> None:
    """Close the drawer that a scenario before left open: the card is not to be seen beside it."""
    toggle = bar(page).get_by_role("button", name="Timeline", exact=True)
    expect(toggle).to_be_enabled()
    if toggle.get_attribute("aria-expanded") == "true":
        toggle.click()


def paid_with_login(shopper: Shopper, phone: str = "") -> None:
    shopper.sees_klarna_ready()
    window = shopper.pay()
    log_in(window, *([phone] if phone else []))
    confirm(window)
    shopper.sees("Thank you")


def paid_without_login(shopper: Shopper) -> None:
    shopper.sees_klarna_ready()
    window = shopper.pay()
    expect(window.get_by_text("Recognised as")).to_be_visible()
    expect(window.get_by_label("Mobile number", exact=True)).to_have_count(0)
    confirm(window)
    shopper.sees("Thank you")


def reads(shopper: Shopper, path: str, *words: str) -> None:
    shopper.open(path)
    for said in words:
        expect(shopper.page.get_by_role("main").get_by_text(said).first).to_be_visible()


@plays("first-purchase")
def first_purchase(shopper: Shopper, demo: Programs) -> None:
    shopper.sees_klarna_ready()
    window = shopper.pay()
    log_in(window)
    expect(link_box(window)).to_be_checked()
    confirm(window)
    shopper.sees("Thank you")
    open_drawer(shopper.page)
    expect(step(shopper.page, "account link: linked")).to_be_attached()
    reads(shopper, "/account/klarna", "Your Klarna account was linked.")


@plays("returning")
def returning(shopper: Shopper, demo: Programs) -> None:
    paid_without_login(shopper)


@plays("other-browser")
def other_browser(shopper: Shopper, demo: Programs) -> None:
    elsewhere = Shopper(shopper.browser, shopper.shop_url)
    elsewhere.open(shopper.page.get_by_role("link", name="Open as this shopper").get_attribute("href") or "")
    elsewhere.press("Sign in here")
    elsewhere.sees("Your cart")
    elsewhere.press("Go to checkout")
    paid_without_login(elsewhere)
    elsewhere.leave()


@plays("rotated")
def rotated(shopper: Shopper, demo: Programs) -> None:
    paid_with_login(shopper)
    demo.wait_for_background()
    reads(shopper, "/account/klarna", "Klarna rotated the key of your link")


@plays("expired")
def expired(shopper: Shopper, demo: Programs) -> None:
    paid_with_login(shopper)
    demo.wait_for_background()
    reads(shopper, "/account/klarna", "Your link was no longer valid at Klarna; it was renewed.")


@plays("revoked")
def revoked(shopper: Shopper, demo: Programs) -> None:
    demo.wait_for_callbacks()
    demo.wait_for_background()
    shopper.open("/account/klarna")
    expect(shopper.page.get_by_role("button", name="Unlink Klarna")).to_have_count(0)
    shopper.go_to_checkout()
    window = shopper.pay()
    log_in(window)
    expect(link_box(window)).to_be_visible()
    confirm(window)
    shopper.sees("Thank you")


@plays("opted-out")
def opted_out(shopper: Shopper, demo: Programs) -> None:
    shopper.sees_klarna_ready()
    window = shopper.pay()
    log_in(window)
    expect(link_box(window)).to_have_count(1)
    confirm(window)
    shopper.sees("Thank you")


@plays("not-you")
def not_you(shopper: Shopper, demo: Programs) -> None:
    shopper.sees_klarna_ready()
    window = shopper.pay()
    window.get_by_role("button", name="Not you?", exact=True).click()
    log_in(window, OTHER_PHONE)
    sign_up_where_asked(window)
    confirm(window)
    shopper.sees("Thank you")
    demo.wait_for_background()
    reads(shopper, "/account/klarna", "You paid with another Klarna account")


def sign_up_where_asked(window: Page) -> None:
    """Klarna knows nothing but the number of somebody new."""
    pay = window.get_by_role("button", name="Confirm and pay", exact=True)
    form = window.get_by_label("First name", exact=True)
    expect(pay.or_(form)).to_be_visible()
    if form.is_visible():
        window.get_by_role("button", name="Continue", exact=True).click()


@plays("other-region")
def other_region(shopper: Shopper, demo: Programs) -> None:
    expect(shopper.page.locator("#summary")).to_contain_text("$")
    paid_with_login(shopper, NEW_YORK_PHONE)
    sent = [e["request"]["body"] for e in demo.journal("/na/payments/v1/sessions") if e["method"] == "POST"]
    assert sent
    assert not any("customer_token" in body.get("customer", {}) for body in sent[-1:])


@plays("session-over")
def session_over(shopper: Shopper, demo: Programs) -> None:
    paid_with_login(shopper)


@plays("declined")
def declined(shopper: Shopper, demo: Programs) -> None:
    shopper.sees_klarna_ready()
    window = shopper.pay()
    log_in(window)
    button = window.get_by_role("button", name="Confirm and pay", exact=True)
    close = window.get_by_role("button", name="Close", exact=True)
    expect(button.or_(close).first).to_be_visible()
    if button.is_visible():
        button.click()
    close.click()
    expect(shopper.page.get_by_text("Klarna cannot approve this purchase").first).to_be_visible()
    reads(shopper, "/cart", "House blend")


@plays("bad-address")
def bad_address(shopper: Shopper, demo: Programs) -> None:
    shopper.sees_klarna_ready()
    shopper.press("Pay with Klarna")
    expect(shopper.page.get_by_text("Klarna cannot use this").first).to_be_visible()
    expect(shopper.page.locator("[aria-invalid=true]").first).to_be_visible()


@plays("answer-lost")
def answer_lost(shopper: Shopper, demo: Programs) -> None:
    shopper.sees_klarna_ready()
    before = len(demo.klarna_orders())
    paid_without_login(shopper)
    assert len(demo.klarna_orders()) == before + 1
    open_drawer(shopper.page)
    expect(step(shopper.page, "place order").locator(".demo-facts")).to_contain_text("2 tries")


@plays("klarna-down")
def klarna_down(shopper: Shopper, demo: Programs) -> None:
    expect(shopper.page.get_by_text("Klarna cannot be reached right now").first).to_be_visible()
    expect(shopper.page.get_by_role("button", name="Try again")).to_be_visible()
    reads(shopper, "/cart", "House blend")
