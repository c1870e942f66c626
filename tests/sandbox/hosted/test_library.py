"""`Klarna.Payments` as pages use it: order of calls, arguments, errors by name, events, answers."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.sandbox.hosted import checkout
from tests.sandbox.hosted.conftest import BILLING, Klarna
from tests.sandbox.hosted.merchant import Merchant

pytestmark = pytest.mark.browser
SHIRT = {"name": "T-shirt", "quantity": 1, "unit_price": 1000, "total_amount": 1000}
AMERICA = {
    "purchase_country": "US", "purchase_currency": "USD", "locale": "en-US",
    "order_amount": 1000, "order_tax_amount": 0, "order_lines": [SHIRT],
}  # fmt: skip


def ready(shop: Page, client_token: str | None = None) -> None:
    shop.evaluate("() => shop.ready")
    if client_token:
        shop.evaluate("(token) => Klarna.Payments.init({ client_token: token })", client_token)


def call(shop: Page, method: str, *given: Any) -> dict[str, Any]:
    return shop.evaluate("([method, given]) => shop.call(method, ...given)", [method, list(given)])


@pytest.mark.parametrize("token", ["", "abc", "a.b.c", "e30.e30.", None, 7, "e30.bm8.c2ln"])
def test_init_refuses_what_is_no_token(shop: Page, token: Any) -> None:
    ready(shop)
    script = "(token) => { try { Klarna.Payments.init({ client_token: token }) } catch (error) { return error.name } }"
    assert shop.evaluate(script, token) == "InvalidClientTokenError"


@pytest.mark.parametrize(
    ("method", "options", "refusal"),
    [
        ("load", {"container": "#widget"}, {"show_form": False}),
        ("authorize", {}, {"show_form": False, "approved": False}),
        ("reauthorize", {}, {"show_form": False, "approved": False}),
        ("finalize", {}, {"show_form": False, "approved": False}),
        ("loadPaymentReview", {"container": "#widget"}, {"show_form": False}),
    ],
)
def test_nothing_works_before_init(shop: Page, method: str, options: Any, refusal: dict[str, bool]) -> None:
    ready(shop)
    assert call(shop, method, options) == {"thrown": "ApplicationNotInitializedError", "result": refusal}


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({}, "InvalidContainerSelectorError"),
        ({"container": "#nothing"}, "InvalidContainerSelectorError"),
        ({"container": "<<"}, "InvalidContainerSelectorError"),
        ({"container": "#widget", "payment_method_category": ""}, "PaymentMethodCategoryNotProvidedError"),
        ({"container": "#widget", "payment_method_categories": []}, "PaymentMethodCategoryNotProvidedError"),
        ({"container": "#widget", "preferred_payment_method": "gold"}, "PreferredPaymentMethodNotSupportedError"),
    ],
)
def test_load_names_what_is_wrong(klarna: Klarna, shop: Page, options: Any, error: str) -> None:
    ready(shop, klarna.session()["client_token"])
    assert call(shop, "load", options) == {"thrown": error, "result": {"show_form": False}}


@pytest.mark.parametrize("method", ["authorize", "finalize"])
def test_authorize_and_finalize_want_load_first(klarna: Klarna, shop: Page, method: str) -> None:
    ready(shop, klarna.session()["client_token"])
    refusal = {"show_form": False, "approved": False}
    assert call(shop, method, {}) == {"thrown": "ApplicationNotLoadedError", "result": refusal}


@pytest.mark.parametrize("options", [{}, {"payment_method_category": "pay_later"}, {"instance_id": "other"}])
def test_authorize_repeats_what_load_was_given(klarna: Klarna, shop: Page, options: Any) -> None:
    ready(shop, klarna.session()["client_token"])
    call(shop, "load", {"container": "#widget", "payment_method_category": "klarna"})
    refusal = {"show_form": False, "approved": False}
    assert call(shop, "authorize", options) == {"thrown": "PaymentMethodCategoryNotSupportedError", "result": refusal}


@pytest.mark.parametrize("method", ["on", "off"])
def test_unknown_events_are_refused(shop: Page, method: str) -> None:
    ready(shop)
    script = "(method) => { try { Klarna.Payments[method]('click', () => {}) } catch (error) { return error.name } }"
    assert shop.evaluate(script, method) == "EventNotSupportedError"


def test_load_draws_the_widget_and_tells_its_height(klarna: Klarna, shop: Page) -> None:
    assert checkout.open_checkout(shop, klarna.session()) == {"show_form": True}
    expect(shop.frame_locator("#widget iframe").get_by_text("You’ll log in with your mobile number.")).to_be_visible()
    name, height = shop.evaluate("shop.events[0]")
    assert name == "heightChanged"
    assert shop.locator("#widget iframe").evaluate("(frame) => frame.clientHeight") == height == int(height) > 60


def test_load_again_replaces_the_widget(klarna: Klarna, shop: Page) -> None:
    session = klarna.session()
    checkout.open_checkout(shop, session)
    both = "Promise.all([shop.call('load', {container: '#widget'}), shop.call('load', {container: '#widget'})])"
    assert [answer["result"] for answer in shop.evaluate(both)] == [{"show_form": True}] * 2
    expect(shop.locator("#widget iframe")).to_have_count(1)


def test_the_library_comes_without_any_of_the_arguments_in_order(klarna: Klarna, shop: Page) -> None:
    """Seen in a plugin: data first, options second."""
    ready(shop, klarna.session()["client_token"])
    answer = call(shop, "load", {"purchase_country": "DE"}, {"container": "#widget"})
    assert answer == {"thrown": None, "result": {"show_form": True}}
    checkout.prepare(shop)
    script = """() => document.getElementById("buy").addEventListener("click", () => Klarna.Payments.authorize(
      { purchase_amount: 1, ...shop.data }, { payment_method_category: "" }, (result) => shop.results.push(result)),
      { once: true })"""
    shop.evaluate(script)
    shop.evaluate("() => { shop.options = {} }")
    with shop.expect_popup() as popup:
        shop.get_by_role("button", name="Pay with Klarna").click()
    checkout.log_in(popup.value)
    expect(popup.value.get_by_text("Neue Schönhauser Str. 2")).to_be_visible()


def test_callbacks_come_in_a_later_turn(klarna: Klarna, shop: Page) -> None:
    ready(shop, klarna.session()["client_token"])
    script = """() => new Promise((resolve) => {
      let returned = false;
      Klarna.Payments.load({ container: "#widget" }, () => resolve(returned));
      returned = true;
    })"""
    assert shop.evaluate(script) is True


def test_the_page_may_define_its_callback_after_the_library_came(shop: Page, merchant: Merchant) -> None:
    shop.route("**/page.js", lambda route: route.abort())
    shop.clock.install()
    shop.goto(merchant.url)
    shop.wait_for_function("() => window.Klarna")
    shop.evaluate("() => { window.told = 0; window.klarnaAsyncCallback = () => { window.told += 1; }; }")
    shop.wait_for_function("() => window.told === 1")
    shop.clock.run_for(1_000)
    assert shop.evaluate("window.told") == 1


def test_a_category_that_is_not_offered_is_not_shown(klarna: Klarna, shop: Page) -> None:
    ready(shop, klarna.session()["client_token"])
    answer = call(shop, "load", {"container": "#widget", "payment_method_category": "pay_over_time"})
    assert answer["result"] == {"show_form": False}


def test_the_address_that_never_sees_klarna_does_not(klarna: Klarna, shop: Page) -> None:
    data = {"billing_address": {**BILLING, "email": "customer+red@email.de"}}
    assert checkout.open_checkout(shop, klarna.session(), data) == {"show_form": False}
    expect(shop.frame_locator("#widget iframe").get_by_text("Klarna isn’t available")).to_be_visible()


def test_load_names_fields_to_mend(klarna: Klarna, shop: Page) -> None:
    answer = checkout.open_checkout(shop, klarna.session(), {"billing_address": {"email": "nonsense"}})
    assert answer["error"] == {"invalid_fields": ["billing_address.email"]}


def test_a_session_that_is_over_is_said_to_be(klarna: Klarna, shop: Page) -> None:
    session = klarna.session()
    klarna.control("POST", "clock", {"advance": 49 * 3600})
    answer = checkout.open_checkout(shop, session)
    assert answer["show_form"] is False
    assert answer["error"]["error_messages"] == ["Invalid client token"]


def test_a_page_of_another_origin_gets_nothing(klarna: Klarna, shop: Page) -> None:
    urls = {"confirmation": "http://localhost:9/", "authorization": "http://localhost:9/a"}
    answer = checkout.open_checkout(shop, klarna.session(merchant_urls=urls))
    assert answer["show_form"] is False
    expect(shop.locator("#widget iframe")).to_have_count(0)


def test_an_authorization_may_be_finalized_later(klarna: Klarna, shop: Page) -> None:
    checkout.open_checkout(shop, klarna.session())
    window = checkout.press_buy(shop, auto_finalize=False)
    checkout.log_in(window)
    checkout.confirm(window)
    assert checkout.result(shop) == {"approved": True, "show_form": True, "finalize_required": True}
    final = call(shop, "finalize", {})["result"]
    assert klarna.order(final["authorization_token"])["customer_token"]


def test_finalize_on_another_page_asks_the_shopper(klarna: Klarna, shop: Page) -> None:
    checkout.open_checkout(shop, klarna.session())
    with shop.expect_popup() as popup:
        shop.evaluate("() => { Klarna.Payments.finalize({}, {}, (result) => shop.results.push(result)) }")
    checkout.log_in(popup.value)
    checkout.confirm(popup.value)
    assert checkout.result(shop)["approved"] is True


def test_reauthorize_asks_again_only_when_it_costs_more(klarna: Klarna, shop: Page, merchant: Merchant) -> None:
    session = klarna.session()
    checkout.open_checkout(shop, session)
    window = checkout.press_buy(shop)
    checkout.log_in(window)
    checkout.confirm(window)
    first = checkout.result(shop)["authorization_token"]
    shop.goto(merchant.url)
    ready(shop, session["client_token"])
    again = call(shop, "reauthorize", {"payment_method_category": "klarna"})["result"]
    assert again["approved"] is True
    assert again["authorization_token"] != first
    line = {"name": "Desk", "quantity": 1, "unit_price": 30000, "total_amount": 30000}
    line |= {"tax_rate": 1900, "total_tax_amount": 4790}
    dearer = {"order_amount": 30000, "order_tax_amount": 4790, "order_lines": [line]}
    with shop.expect_popup() as popup:
        script = "(data) => { Klarna.Payments.reauthorize({}, data, (result) => shop.results.push(result)) }"
        shop.evaluate(script, dearer)
    expect(popup.value.get_by_label("Mobile number")).to_be_visible()
    popup.value.get_by_role("button", name="Cancel").click()
    assert checkout.result(shop) == {"approved": False, "show_form": True}


def test_the_payment_review_exists_in_the_united_states_only(klarna: Klarna, shop: Page) -> None:
    checkout.open_checkout(shop, klarna.session())
    refused = call(shop, "loadPaymentReview", {"container": "#widget"})
    assert refused == {"thrown": "OperationNotSupportedError", "result": {"show_form": False}}
    checkout.open_checkout(shop, klarna.session(**AMERICA))
    assert call(shop, "loadPaymentReview", {"container": "#widget"})["result"] == {"show_form": True}
    expect(shop.frame_locator("#widget iframe").get_by_text("$10.00 by")).to_be_visible()


def test_messages_of_strangers_count_for_nothing(klarna: Klarna, shop: Page, context: BrowserContext) -> None:
    checkout.open_checkout(shop, klarna.session())
    window = checkout.press_buy(shop)
    expect(window.get_by_label("Mobile number")).to_be_visible()
    forged = {"type": "klarna:outcome", "last": True, "result": {"approved": True, "authorization_token": "forged"}}
    script = """(message) => new Promise((heard) => {
      window.addEventListener("message", ({ source }) => source === window && setTimeout(heard, 0));
      window.postMessage(message, "*");
    })"""
    shop.evaluate(script, forged)
    assert shop.evaluate("shop.results") == []
    assert not window.is_closed()
