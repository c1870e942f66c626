"""Buying in a real browser: the first time, the second time, and without linking."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Route, expect

from app.shop.checkout import reconcile
from tests.browser.shopper import PHONE, Shopper, close, confirm, first_purchase, link_box, log_in, new_at_checkout
from tests.support.programs import Programs

pytestmark = pytest.mark.browser


def test_a_new_shopper_buys_and_links(shopper: Shopper, programs: Programs) -> None:
    new_at_checkout(shopper)
    window = shopper.pay()
    log_in(window)
    expect(link_box(window)).to_be_checked()
    confirm(window)
    shopper.sees("Thank you")
    (order,) = programs.klarna_orders()
    expect(shopper.page.get_by_text(order["merchant_reference1"]).first).to_be_visible()
    assert len(programs.stored_tokens()) == 1
    shopper.open("/account/klarna")
    expect(shopper.page.get_by_text("Your Klarna account was linked.")).to_be_visible()


def test_the_second_purchase_in_another_browser_takes_two_clicks_and_no_typing(
    shopper: Shopper, browser: Browser, programs: Programs
) -> None:
    first_purchase(shopper)
    (token,) = programs.stored_tokens()
    again = Shopper(browser, programs.shop_url)
    again.sign_in(shopper.email)
    again.add("paper-filters")
    again.go_to_checkout()
    counted = {"clicks": 0, "keys": 0}
    again.context.expose_binding("__tell", lambda _, kind: counted.update({kind: counted[kind] + 1}))
    again.context.add_init_script(
        "addEventListener('click', (e) => e.isTrusted && __tell('clicks'), true);"
        "addEventListener('keydown', () => __tell('keys'), true);"
    )
    again.page.evaluate(
        "addEventListener('click', (e) => e.isTrusted && __tell('clicks'), true);"
        "addEventListener('keydown', () => __tell('keys'), true);"
    )
    window = again.pay()
    expect(window.get_by_text("Recognised as")).to_be_visible()
    confirm(window)
    again.sees("Thank you")
    assert counted == {"clicks": 2, "keys": 0}
    assert len(programs.klarna_orders()) == 2
    sent = [e["request"]["body"] for e in programs.journal("/payments/v1/sessions") if e["method"] == "POST"]
    assert sent[-1]["customer"] == {"customer_token": token}
    again.leave()


def test_opting_out_completes_the_order_and_stores_nothing(shopper: Shopper, programs: Programs) -> None:
    new_at_checkout(shopper)
    window = shopper.pay()
    log_in(window)
    link_box(window).uncheck()
    confirm(window)
    shopper.sees("Thank you")
    assert programs.stored_tokens() == []
    assert len(programs.klarna_orders()) == 1


def test_a_guest_buys_without_being_asked_to_link(shopper: Shopper, programs: Programs) -> None:
    shopper.add()
    shopper.go_to_checkout()
    shopper.type_address(email="customer@email.de")
    window = shopper.pay()
    log_in(window)
    expect(link_box(window)).to_have_count(0)
    confirm(window)
    shopper.sees("Thank you")
    assert programs.journal("/payments/v1/sessions")[0]["request"]["body"]["intent"] == "buy"
    assert programs.stored_tokens() == []


def test_closing_klarnas_window_charges_nothing_and_the_next_try_goes_through(
    shopper: Shopper, programs: Programs
) -> None:
    new_at_checkout(shopper)
    close(shopper.pay())
    expect(shopper.page.get_by_text("You closed Klarna’s window before confirming")).to_be_visible()
    window = shopper.pay()
    log_in(window)
    confirm(window)
    shopper.sees("Thank you")
    assert len(programs.klarna_orders()) == 1


def test_the_windows_last_word_counts_even_when_the_window_is_gone_before_it(shopper: Shopper) -> None:
    """The library asks Klarna then what became of it, and calls that off before the order ends the session."""
    told: list[str] = []
    for event in ("request", "requestfailed"):
        shopper.page.on(event, lambda request: told.append(urlsplit(request.url).path))
    shopper.context.add_init_script(
        """let asked;
        const whenAsked = new Promise((resolve) => { asked = resolve; });
        const send = window.fetch;
        window.fetch = (address, ...more) => {
          if (String(address).endsWith("/kp/v1/outcome")) asked();
          return send.call(window, address, ...more);
        };
        const listen = window.addEventListener;
        const late = (hear) => async (event) => {
          if (event.data?.type === "klarna:outcome") await whenAsked;
          hear(event);
        };
        window.addEventListener = (type, hear, ...more) =>
          listen.call(window, type, type === "message" ? late(hear) : hear, ...more);"""
    )
    shopper.context.route("**/kp/v1/outcome", lambda _: None)  # on its way for ever
    new_at_checkout(shopper)
    window = shopper.pay()
    log_in(window)
    confirm(window)
    shopper.sees("Thank you")
    before = told[: told.index("/checkout/orders")]
    assert before.count("/kp/v1/outcome") == 2, "asked, and called off"


def test_a_page_that_waits_for_klarnas_answer_tells_that_it_was_no(shopper: Shopper, programs: Programs) -> None:
    new_at_checkout(shopper)
    programs.fault("POST", "*/authorizations/*/order", 9, drop="before")
    window = shopper.pay()
    log_in(window)
    confirm(window)
    shopper.sees("We are confirming your payment")
    programs.control("DELETE", "faults")
    programs.fault("POST", "*/authorizations/*/order", 9, status=403, body={"error_code": "REJECTED"})
    programs.let_time_pass(timedelta(minutes=10))
    with programs.shop.app_context():
        list(reconcile.settle_all())
    shopper.sees("Your order was not placed")
    shopper.complaints = [said for said in shopper.complaints if "409" not in said]


def test_another_delivery_is_what_klarna_shows_and_charges(shopper: Shopper, programs: Programs) -> None:
    new_at_checkout(shopper)
    shopper.page.get_by_label("Express delivery").check()
    expect(shopper.page.locator("#summary")).to_contain_text("Express delivery")
    expect(shopper.page.locator("#payment-status")).to_have_text("")
    window = shopper.pay()
    log_in(window)
    confirm(window)
    shopper.sees("Thank you")
    assert programs.klarna_orders()[0]["order_amount"] == 1290 + 1290


def test_who_is_quicker_than_the_pages_script_is_not_ignored(shopper: Shopper) -> None:
    seen: list[bool] = []

    def choose_first(route: Route) -> None:
        expect(shopper.page.get_by_role("button", name="Pay with Klarna", exact=True)).to_be_disabled()
        expect(shopper.page.locator("#payment-status")).to_have_text("Loading Klarna …")
        shopper.page.get_by_label("Express delivery").check()
        seen.append(True)
        route.continue_()

    shopper.register()
    shopper.add()
    shopper.context.route("**/checkout.js*", choose_first)
    shopper.open("/checkout")
    assert seen
    expect(shopper.page.locator("#summary")).to_contain_text("Express delivery")
    shopper.press("Pay with Klarna")
    expect(shopper.page.get_by_text("First name is missing.")).to_be_visible()


def test_missing_fields_are_marked_before_klarna_opens(shopper: Shopper, programs: Programs) -> None:
    shopper.register()
    shopper.add()
    shopper.go_to_checkout()
    shopper.press("Pay with Klarna")
    expect(shopper.page.get_by_label("First name", exact=True)).to_be_focused()
    expect(shopper.page.get_by_text("First name is missing.")).to_be_visible()
    assert len(shopper.context.pages) == 1
    assert programs.klarna_orders() == []


def test_a_cart_changed_in_another_tab_is_refused_and_shown_anew(shopper: Shopper, programs: Programs) -> None:
    new_at_checkout(shopper)
    window = shopper.pay()
    log_in(window)
    tab = shopper.context.new_page()
    tab.goto(f"{programs.shop_url}/products/paper-filters")
    tab.get_by_role("button", name="Add to cart", exact=True).click()
    expect(tab.get_by_text("Added to your cart.")).to_be_visible()
    confirm(window)
    expect(shopper.page.get_by_text("Your cart changed while you were paying")).to_be_visible()
    shopper.complaints = [c for c in shopper.complaints if "409" not in c]
    expect(shopper.page.locator("#summary")).to_contain_text("paper filters")
    assert programs.klarna_orders() == []
    window = shopper.pay()
    log_in(window)
    confirm(window)
    shopper.sees("Thank you")
    assert programs.klarna_orders()[0]["order_amount"] == 1290 + 400 + 490


def test_a_blocked_script_is_told_and_loads_on_retry(shopper: Shopper) -> None:
    shopper.context.route("**/kp/lib/**", lambda route: route.abort())
    shopper.register()
    shopper.add()
    shopper.open("/checkout")
    expect(shopper.page.get_by_text("Klarna’s part of this page did not load")).to_be_visible()
    shopper.context.unroute("**/kp/lib/**")
    shopper.press("Try again")
    shopper.sees_klarna_ready()
    shopper.complaints.clear()


def test_a_widget_that_never_answers_is_told_and_loads_on_retry(shopper: Shopper) -> None:
    shopper.context.route("**/kp/v1/load", lambda _: None)
    shopper.register()
    shopper.add()
    shopper.page.clock.install()
    with shopper.page.expect_request("**/kp/v1/load"):
        shopper.open("/checkout")
    expect(shopper.page.locator("#payment-status")).to_have_text("Loading Klarna …")
    shopper.page.clock.fast_forward(12_000)
    expect(shopper.page.get_by_text("Klarna’s part of this page did not load")).to_be_visible()
    shopper.context.unroute("**/kp/v1/load")
    shopper.press("Try again")
    shopper.sees_klarna_ready()


def test_klarna_down_at_page_load_is_told_and_comes_back_without_a_reload(shopper: Shopper, programs: Programs) -> None:
    shopper.register()
    shopper.add()
    programs.fault("POST", "*/payments/v1/sessions", 3, status=503, body={})
    shopper.open("/checkout")
    expect(shopper.page.get_by_text("Klarna cannot be reached right now").first).to_be_visible()
    programs.control("DELETE", "faults")
    shopper.press("Try again")
    shopper.sees_klarna_ready()


def test_a_blocked_popup_becomes_a_frame(shopper: Shopper, programs: Programs) -> None:
    shopper.context.add_init_script("window.open = () => null;")
    new_at_checkout(shopper)
    shopper.press("Pay with Klarna")
    frames = shopper.page.frame_locator("iframe").last
    frames.get_by_label("Mobile number", exact=True).fill(PHONE)
    frames.get_by_role("button", name="Continue", exact=True).click()
    frames.get_by_label("Code", exact=True).fill("123456")
    frames.get_by_role("button", name="Continue", exact=True).click()
    frames.get_by_role("button", name="Confirm and pay", exact=True).click()
    shopper.sees("Thank you")
    assert len(programs.klarna_orders()) == 1


def test_the_token_is_in_no_page_url_or_storage(shopper: Shopper, programs: Programs) -> None:
    visited: list[str] = []
    bodies: list[str] = []
    shopper.context.on("request", lambda r: visited.append(f"{r.url} {r.post_data or ''} {r.headers}"))
    first_purchase(shopper)
    (token,) = programs.stored_tokens()
    for path in ("/", "/account", "/account/klarna", "/account/orders", "/checkout"):
        shopper.open(path)
        bodies.append(shopper.page.content())
    stored = str(shopper.context.storage_state())
    assert token not in "".join(visited) + "".join(bodies) + stored


def test_what_was_typed_survives_a_change_of_market(shopper: Shopper) -> None:
    def change_market(name: str) -> None:
        shopper.page.get_by_label("Market", exact=True).select_option(label=name)
        shopper.press("Change market")
        expect(shopper.page.get_by_label("Country", exact=True)).to_have_text(name.split(" · ")[0])

    def reads(label: str, text: str) -> None:
        expect(shopper.page.get_by_label(label, exact=True)).to_have_value(text)

    shopper.add()
    shopper.go_to_checkout()
    shopper.type_address(email="somebody@example.com")
    change_market("Sweden · SEK")
    reads("Email", "somebody@example.com")
    reads("First name", "Mock")
    reads("City", "")
    change_market("Germany · EUR")
    reads("City", "Berlin")
    reads("Postal code", "10178")
    shopper.open("/checkout")
    reads("City", "")
