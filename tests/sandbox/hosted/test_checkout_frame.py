"""A customer in the checkout's frame, in a real browser, inside a shop's page with a strict content policy."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect
from werkzeug.serving import make_server

from app.sandbox import callbacks, create_app
from app.sandbox.config import RateLimits, Settings
from app.sandbox.merchants import Merchant, Region
from tests.sandbox.hosted.checkout_shop import CheckoutShop, Reply
from tests.sandbox.hosted.conftest import LINES
from tests.sandbox.hosted.test_accessibility import check
from tests.sandbox.idp.conftest import POST as CLIENT
from tests.sandbox.idp.conftest import Shop

pytestmark = pytest.mark.browser
ACCOUNT = Merchant("checkout", "klarna_test_api_checkout", Region.EUROPE, "Morrow")
CART = {
    "purchase_country": "DE", "purchase_currency": "EUR", "locale": "en-DE",
    "order_amount": 25900, "order_tax_amount": 4136, "order_lines": LINES,
}  # fmt: skip
SWEDISH: dict[str, Any] = {"purchase_country": "SE", "purchase_currency": "SEK", "locale": "en-SE"}
POST = {"id": "post", "name": "Post", "price": 490, "tax_amount": 78, "tax_rate": 1900}
EXPRESS = {"id": "express", "name": "Express", "price": 990, "tax_amount": 158, "tax_rate": 1900}


@dataclass(frozen=True)
class Kustom:
    """The running sandbox with one shop."""

    app: Flask
    url: str
    shop: CheckoutShop

    def open(self, urls: dict[str, str] | None = None, **changes: Any) -> str:
        """A new checkout; `urls` are paths of further addresses of the shop."""
        body = {**CART, "merchant_urls": self.shop.urls(**urls or {}), **changes}
        answer = requests.post(f"{self.url}/checkout/v3/orders", json=body, auth=self.shop.auth, timeout=60)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["order_id"])

    def read(self, order_id: str) -> Any:
        return requests.get(f"{self.url}/checkout/v3/orders/{order_id}", auth=self.shop.auth, timeout=60).json()

    def update(self, order_id: str, body: dict[str, Any]) -> None:
        address = f"{self.url}/checkout/v3/orders/{order_id}"
        requests.post(address, json=body, auth=self.shop.auth, timeout=60).raise_for_status()

    def signed_in(self) -> dict[str, str]:
        """The customer of a create call who has signed in with Klarna: de-approved."""
        return {"klarna_access_token": Shop(self.app).sign_in()["access_token"]}

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        response = requests.request(method, f"{self.url}/_sandbox/{path}", json=body, timeout=60)
        assert response.ok, response.text
        return response.json() if response.content else None


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kustom]:
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    url = f"http://localhost:{server.server_port}"
    database = tmp_path_factory.mktemp("checkout") / "sandbox.sqlite3"
    settings = Settings(
        url, (), database, "k" * 48, rate_limits=RateLimits.OFF, clients=(CLIENT,), checkout_merchants=(ACCOUNT,)
    )
    server.app = create_app(settings)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    shop = CheckoutShop(url, (ACCOUNT.username, ACCOUNT.password))
    yield Kustom(server.app, url, shop)
    shop.close()
    server.shutdown()


@pytest.fixture
def kustom(running: Kustom) -> Kustom:
    """The sandbox in seed state, and a shop that says yes to everything and has heard nothing yet."""
    running.control("DELETE", "faults")
    running.control("POST", "reset")
    with running.app.app_context():
        assert callbacks.wait(60)
    running.shop.received.clear()
    running.shop.replies.clear()
    return running


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def visit(page: Page, kustom: Kustom, order_id: str) -> FrameLocator:
    """The shop's checkout page; the frame in it, once it shows something: it has a height as its script listens."""
    page.goto(f"{kustom.shop.url}/checkout/{order_id}")
    expect(page.locator("#klarna-checkout-container iframe")).to_be_visible()
    frame = page.frame_locator("#klarna-checkout-container iframe")
    expect(frame.get_by_role("heading", level=1)).to_be_visible()
    return frame


def identify(frame: FrameLocator, email: str = "customer@email.de", postal_code: str = "10178") -> None:
    frame.get_by_label("Email").fill(email)
    frame.get_by_label("Postal code").fill(postal_code)


def press_pay(frame: FrameLocator) -> None:
    frame.get_by_role("button", name="Pay order").click()


def confirmed(page: Page, kustom: Kustom, order_id: str) -> None:
    """The shop's confirmation page of this order, with Klarna's confirmation in it."""
    expect(page).to_have_url(f"{kustom.shop.url}/thanks/{order_id}")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    frame = page.frame_locator("#klarna-checkout-container iframe")
    expect(frame.get_by_role("heading", name="Your purchase is confirmed")).to_be_visible()
    assert kustom.read(order_id)["status"] == "checkout_complete"


def heard(page: Page, name: str, times: int) -> None:
    """The page was told of this event so often."""
    expect(page.locator("body")).to_have_attribute(f"data-{name.replace('_', '-')}", str(times))


def events(page: Page, name: str) -> list[Any]:
    """The data of each of these events so far, on the page before as well."""
    heard = "(name) => shop.events.filter(([heard]) => heard === name).map(([, data]) => data)"
    found: list[Any] = page.evaluate(heard, name)
    return found


def test_email_and_postal_code_of_somebody_known_are_enough(kustom: Kustom, page: Page) -> None:
    order_id = kustom.open(merchant_reference1="A-1")
    frame = visit(page, kustom, order_id)
    expect(frame.get_by_label("Street address")).to_have_count(0)
    identify(frame)
    press_pay(frame)
    confirmed(page, kustom, order_id)
    expect(page.frame_locator("iframe").get_by_text("A-1")).to_be_visible()
    order = kustom.read(order_id)
    assert order["billing_address"]["street_address"] == "Neue Schönhauser Str. 2"
    assert order["customer"]["date_of_birth"] == "1970-07-10"


def test_a_page_may_print_the_snippet_and_give_its_scripts_a_nonce(kustom: Kustom, page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    order_id = kustom.open()
    page.goto(f"{kustom.shop.url}/printed/{order_id}")
    frame = page.frame_locator("#klarna-checkout-container iframe")
    identify(frame)
    press_pay(frame)
    confirmed(page, kustom, order_id)
    assert complaints == []


def test_leaving_the_two_fields_fills_in_the_rest(kustom: Kustom, page: Page) -> None:
    frame = visit(page, kustom, kustom.open())
    identify(frame, postal_code="1 0178")
    frame.get_by_label("Postal code").press("Tab")
    expect(frame.get_by_label("Street address")).to_have_value("Neue Schönhauser Str. 2")
    expect(frame.get_by_label("Date of birth")).to_have_value("1970-07-10")


def test_another_email_forgets_what_was_filled_in_for_the_first(kustom: Kustom, page: Page) -> None:
    order_id = kustom.open()
    frame = visit(page, kustom, order_id)
    identify(frame)
    frame.get_by_label("Postal code").press("Tab")
    expect(frame.get_by_label("First name")).to_have_value("Mock")
    frame.get_by_label("Email").fill("somebody@shop.example")
    frame.get_by_label("Email").press("Tab")
    expect(frame.get_by_label("First name")).to_have_value("")
    assert "given_name" not in kustom.read(order_id)["billing_address"]
    assert kustom.read(order_id)["customer"] == {}


def test_somebody_unknown_is_asked_for_the_rest(kustom: Kustom, page: Page) -> None:
    order_id = kustom.open()
    frame = visit(page, kustom, order_id)
    identify(frame, "somebody@shop.example", "10115")
    press_pay(frame)
    expect(frame.get_by_label("First name")).to_be_focused()
    expect(frame.get_by_text("First name is missing.")).to_be_visible()
    for label, text in (
        ("First name", "Ada"), ("Last name", "Example"), ("Street address", "Invalidenstr. 1"), ("City", "Berlin"),
        ("Phone", "+49 30 1234567"), ("Date of birth", "1990-02-03"),
    ):  # fmt: skip
        frame.get_by_label(label).fill(text)
    press_pay(frame)
    confirmed(page, kustom, order_id)
    [order] = kustom.control("GET", "orders")
    assert (order["billing_address"]["given_name"], order["billing_address"]["country"]) == ("Ada", "DE")
    assert order["shipping_address"] == order["billing_address"]


def test_the_keyboard_does_not_pass_by_fields_that_appear(kustom: Kustom, page: Page) -> None:
    frame = visit(page, kustom, kustom.open())
    identify(frame, "somebody@shop.example", "10115")
    frame.get_by_label("Postal code").press("Tab")
    expect(frame.get_by_label("First name")).to_be_focused()


def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(kustom: Kustom, page: Page) -> None:
    order_id = kustom.open()
    frame = visit(page, kustom, order_id)
    press_pay(frame)
    expect(frame.get_by_text("Email is missing.")).to_be_visible()
    expect(frame.get_by_label("Email")).to_be_focused()
    identify(frame, "not an address")
    press_pay(frame)
    expect(frame.get_by_text("Email is not right.")).to_be_visible()
    expect(frame.get_by_label("Email")).to_have_value("not an address")
    assert kustom.read(order_id)["status"] == "checkout_incomplete"


def test_what_the_shop_knows_is_filled_in(kustom: Kustom, page: Page) -> None:
    address = {"given_name": "Mock", "email": "customer@email.de", "postal_code": "10178", "city": "Berlin"}
    frame = visit(page, kustom, kustom.open(billing_address=address))
    expect(frame.get_by_label("City")).to_have_value("Berlin")
    expect(frame.get_by_label("Street address")).to_have_value("Neue Schönhauser Str. 2")


def test_who_is_recognised_pays_with_one_click(kustom: Kustom, page: Page) -> None:
    order_id = kustom.open(customer=kustom.signed_in())
    frame = visit(page, kustom, order_id)
    expect(frame.get_by_role("heading", name="Recognised as Mock Mock")).to_be_visible()
    expect(frame.get_by_text("Neue Schönhauser Str. 2")).to_be_visible()
    press_pay(frame)
    confirmed(page, kustom, order_id)
    [row] = kustom.control("GET", "checkouts")
    assert (row["person"], row["recognised"], row["status"]) == ("de-approved", True, "checkout_complete")


def test_a_token_that_is_no_good_leaves_the_form(kustom: Kustom, page: Page) -> None:
    frame = visit(page, kustom, kustom.open(customer={"klarna_access_token": "ory_at_expired"}))
    expect(frame.get_by_label("Email")).to_have_value("")


def test_a_purchase_by_keyboard_alone(kustom: Kustom, page: Page) -> None:
    order_id = kustom.open()
    frame = visit(page, kustom, order_id)
    frame.get_by_label("Email").focus()
    page.keyboard.type("customer@email.de")
    page.keyboard.press("Tab")
    page.keyboard.type("10178")
    page.keyboard.press("Enter")
    confirmed(page, kustom, order_id)


@pytest.mark.parametrize("outcome", ["refuse", "reject_order"])
def test_somebody_refused_reads_that_nothing_was_charged(kustom: Kustom, page: Page, outcome: str) -> None:
    kustom.control("PATCH", "people/de-approved", {"outcome": outcome})
    order_id = kustom.open()
    frame = visit(page, kustom, order_id)
    identify(frame)
    press_pay(frame)
    expect(frame.get_by_role("alert")).to_contain_text("can’t be paid with Klarna. Nothing was charged.")
    expect(frame.get_by_role("alert")).to_be_focused()
    heard(page, "can_not_complete_order", 1)
    assert events(page, "can_not_complete_order") == [{}]
    assert kustom.read(order_id)["status"] == "checkout_incomplete"


def test_an_address_klarna_cannot_use_is_corrected(kustom: Kustom, page: Page) -> None:
    kustom.control("PATCH", "people/de-approved", {"outcome": "invalid_fields"})
    frame = visit(page, kustom, kustom.open())
    identify(frame)
    press_pay(frame)
    expect(frame.get_by_text("Klarna can’t use this street address.")).to_be_visible()
    expect(frame.get_by_label("Street address")).to_be_focused()


def test_a_pending_purchase_is_confirmed_and_pending(kustom: Kustom, page: Page) -> None:
    kustom.control("PATCH", "people/de-approved", {"outcome": "pend"})
    order_id = kustom.open()
    frame = visit(page, kustom, order_id)
    identify(frame)
    press_pay(frame)
    confirmed(page, kustom, order_id)
    assert kustom.control("GET", "orders")[0]["fraud_status"] == "PENDING"


def test_the_shop_sends_the_customer_to_a_page_of_its_own(kustom: Kustom, page: Page) -> None:
    kustom.shop.replies["/validate"] = Reply(303, location="/sorry")
    order_id = kustom.open({"validation": "/validate"})
    frame = visit(page, kustom, order_id)
    identify(frame)
    press_pay(frame)
    expect(page.get_by_role("heading", name="Sold out")).to_be_visible()
    assert kustom.read(order_id)["status"] == "checkout_incomplete"


def test_the_shop_says_no_in_words_and_then_yes(kustom: Kustom, page: Page) -> None:
    words = {"error_type": "approval_failed", "error_text": "The lamp was <sold> a second ago."}
    kustom.shop.replies["/validate"] = Reply(400, words)
    order_id = kustom.open({"validation": "/validate"})
    frame = visit(page, kustom, order_id)
    identify(frame)
    press_pay(frame)
    expect(frame.get_by_role("alert")).to_have_text(words["error_text"])
    kustom.shop.replies.clear()
    press_pay(frame)
    confirmed(page, kustom, order_id)


def test_silence_of_the_shop_is_a_yes(kustom: Kustom, page: Page) -> None:
    kustom.shop.replies["/validate"] = Reply(400, after=3.5)
    order_id = kustom.open({"validation": "/validate"})
    frame = visit(page, kustom, order_id)
    identify(frame)
    press_pay(frame)
    confirmed(page, kustom, order_id)


def test_the_page_itself_may_have_a_say(kustom: Kustom, page: Page) -> None:
    order_id = kustom.open(options={"require_client_validation": True})
    frame = visit(page, kustom, order_id)
    page.evaluate("shop.answers.push({ should_proceed: false, message: 'Tick the box first.' })")
    identify(frame)
    press_pay(frame)
    expect(frame.get_by_role("alert")).to_have_text("Tick the box first.")
    press_pay(frame)
    confirmed(page, kustom, order_id)


def test_the_shop_may_change_an_address_until_the_customer_typed_one(kustom: Kustom, page: Page) -> None:
    order_id = kustom.open(shipping_options=[POST, EXPRESS])
    frame = visit(page, kustom, order_id)
    frame.get_by_label("Express").check()
    expect(frame.get_by_text("268,90")).to_be_visible()
    kustom.update(order_id, {"billing_address": {"email": "shop@shop.example"}})
    assert kustom.read(order_id)["billing_address"] == {"email": "shop@shop.example"}
    identify(frame)
    frame.get_by_label("Postal code").press("Tab")
    expect(frame.get_by_label("City")).to_have_value("Berlin")
    kustom.update(order_id, {"billing_address": {"email": "shop@shop.example"}, "merchant_reference1": "A"})
    assert kustom.read(order_id)["billing_address"]["email"] == "customer@email.de"
    assert kustom.read(order_id)["merchant_reference1"] == "A"


def test_an_order_changed_behind_the_customers_back_is_not_paid_unseen(kustom: Kustom, page: Page) -> None:
    order_id = kustom.open()
    frame = visit(page, kustom, order_id)
    identify(frame)
    frame.get_by_label("Postal code").press("Tab")
    expect(frame.get_by_label("City")).to_have_value("Berlin")
    kustom.update(order_id, {"order_lines": LINES[:1], "order_amount": 19000, "order_tax_amount": 3034})
    press_pay(frame)
    expect(frame.get_by_role("alert")).to_contain_text("The order has changed.")
    expect(frame.get_by_text("259,00")).to_have_count(0)
    press_pay(frame)
    confirmed(page, kustom, order_id)


def test_the_frame_waits_while_the_shop_changes_the_order_and_then_shows_it(kustom: Kustom, page: Page) -> None:
    order_id = kustom.open()
    frame = visit(page, kustom, order_id)
    frame.get_by_label("Email").fill("customer@email.de")
    page.evaluate("shop.api.suspend({ autoResume: { enabled: false } })")
    expect(frame.get_by_role("status")).to_contain_text("the shop is updating your order")
    kustom.update(order_id, {"order_lines": LINES[:1], "order_amount": 19000, "order_tax_amount": 3034})
    page.evaluate("shop.api.resume()")
    expect(frame.get_by_text("259,00")).to_have_count(0)
    expect(frame.get_by_role("status")).to_have_count(0)
    expect(frame.get_by_label("Email")).to_have_value("customer@email.de")
    heard(page, "order_total_change", 2)
    assert events(page, "order_total_change")[-1] == {"order_total": 19000}


def test_a_suspended_frame_frees_itself_after_ten_seconds(kustom: Kustom, page: Page) -> None:
    page.clock.install()
    frame = visit(page, kustom, kustom.open())
    page.evaluate("shop.api.suspend()")
    expect(frame.get_by_role("status")).to_be_visible()
    page.clock.fast_forward(10_500)
    expect(frame.get_by_role("status")).to_have_count(0)
    page.evaluate("shop.api.suspend({ autoResume: { enabled: false } })")
    expect(frame.get_by_role("status")).to_be_visible()
    page.clock.fast_forward(60_000)
    expect(frame.get_by_role("status")).to_be_visible()


def test_a_shipping_option_is_chosen_and_paid(kustom: Kustom, page: Page) -> None:
    order_id = kustom.open(shipping_options=[POST, EXPRESS])
    frame = visit(page, kustom, order_id)
    expect(frame.get_by_label("Post", exact=True)).to_be_checked()
    frame.get_by_label("Express").check()
    expect(frame.get_by_text("268,90")).to_be_visible()
    identify(frame)
    press_pay(frame)
    confirmed(page, kustom, order_id)
    order = kustom.read(order_id)
    assert (order["selected_shipping_option"]["id"], order["order_amount"]) == ("express", 26890)
    chosen = events(page, "shipping_option_change")
    assert [data["id"] for data in chosen] == ["post", "express"]


def test_the_shop_works_out_what_another_address_costs(kustom: Kustom, page: Page) -> None:
    fee = LINES[1] | {"type": "shipping_fee", "name": "To Berlin", "unit_price": 500, "total_amount": 500}
    fee |= {"total_tax_amount": 80}
    cart = {"order_lines": [LINES[0], fee], "order_amount": 19500, "order_tax_amount": 3114}
    kustom.shop.replies["/address"] = Reply(200, cart | {"purchase_currency": "EUR"})
    order_id = kustom.open({"address_update": "/address"})
    frame = visit(page, kustom, order_id)
    identify(frame)
    frame.get_by_label("Postal code").press("Tab")
    expect(frame.get_by_text("To Berlin")).to_be_visible()
    [(path, told), *_] = kustom.shop.received
    assert (path, told["billing_address"]["postal_code"], told["order_amount"]) == ("/address", "10178", 25900)
    assert told["shipping_address"]["street_address"] == "Neue Schönhauser Str. 2"
    press_pay(frame)
    confirmed(page, kustom, order_id)
    assert kustom.read(order_id)["order_amount"] == 19500


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(400, {"error_type": "unsupported_shipping_address"}), "does not deliver to this address"),
        (Reply(200, {"order_amount": 1}), "could not work out this order"),
    ],
)
def test_an_address_the_shop_does_not_take_is_told(kustom: Kustom, page: Page, reply: Reply, words: str) -> None:
    kustom.shop.replies["/address"] = reply
    order_id = kustom.open({"address_update": "/address"})
    frame = visit(page, kustom, order_id)
    identify(frame)
    frame.get_by_label("Postal code").press("Tab")
    expect(frame.get_by_role("alert")).to_contain_text(words)
    heard(page, "shipping_address_update_error", 1)
    assert events(page, "shipping_address_update_error") == [{}]
    press_pay(frame)
    heard(page, "shipping_address_update_error", 2)
    assert kustom.read(order_id)["status"] == "checkout_incomplete"
    kustom.shop.replies.clear()
    press_pay(frame)
    confirmed(page, kustom, order_id)


def test_the_page_hears_what_the_customer_does(kustom: Kustom, page: Page) -> None:
    order_id = kustom.open(**SWEDISH)
    frame = visit(page, kustom, order_id)
    heard(page, "order_total_change", 1)
    assert events(page, "load") == [{"customer": {"type": "person"}, "shipping_address": {"country": "swe"}}]
    assert events(page, "order_total_change") == [{"order_total": 25900}]
    identify(frame, "customer@email.se", "11148")
    press_pay(frame)
    confirmed(page, kustom, order_id)
    heard(page, "load_confirmation", 1)
    assert events(page, "user_interacted") == [{"type": "mousedown"}]
    named = {"given_name": "Alice", "family_name": "Test", "email": "customer@email.se", "country": "swe"}
    assert {name: events(page, "change")[-1][name] for name in named} == named
    assert events(page, "redirect_initiated") == [True]
    assert events(page, "load_confirmation") == [{}]


def test_names_of_germans_are_not_told(kustom: Kustom, page: Page) -> None:
    frame = visit(page, kustom, kustom.open())
    identify(frame)
    frame.get_by_label("Postal code").press("Tab")
    expect(frame.get_by_label("City")).to_have_value("Berlin")
    heard(page, "change", 2)
    heard(page, "billing_address_change", 2)
    assert events(page, "change")[-1] == {"email": "customer@email.de", "postal_code": "10178", "country": "deu"}
    assert events(page, "billing_address_change")[-1] == {"postal_code": "10178", "country": "deu"}


def test_a_broken_line_is_told_and_the_second_press_charges_once(kustom: Kustom, page: Page) -> None:
    order_id = kustom.open()
    frame = visit(page, kustom, order_id)
    identify(frame)
    frame.get_by_label("Postal code").press("Tab")
    expect(frame.get_by_label("City")).to_have_value("Berlin")
    rule = {"method": "POST", "path": "/kco/frame/pay", "times": 1, "action": {"drop": "after"}}
    kustom.control("POST", "faults", rule)
    press_pay(frame)
    expect(frame.get_by_role("alert")).to_contain_text("nothing is charged twice")
    heard(page, "network_error", 1)
    assert events(page, "network_error") == [{}]
    press_pay(frame)
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert len(kustom.control("GET", "orders")) == 1


def test_a_checkout_paid_in_another_tab_leads_to_its_confirmation(kustom: Kustom, page: Page) -> None:
    order_id = kustom.open()
    frame = visit(page, kustom, order_id)
    kustom.control("POST", "checkouts/complete", {"order_id": order_id, "person": "de-approved"})
    identify(frame)
    press_pay(frame)
    confirmed(page, kustom, order_id)


def test_a_checkout_that_is_over_says_so(kustom: Kustom, page: Page) -> None:
    order_id = kustom.open()
    frame = visit(page, kustom, order_id)
    kustom.control("POST", "clock", {"advance": 48 * 3600})
    identify(frame)
    press_pay(frame)
    expect(frame.get_by_role("heading", name="This checkout has ended")).to_be_visible()


def test_a_confirmation_is_shown_for_two_hours(kustom: Kustom, page: Page) -> None:
    order_id = kustom.open()
    kustom.control("POST", "checkouts/complete", {"order_id": order_id, "person": "de-approved"})
    kustom.control("POST", "clock", {"advance": 2 * 3600})
    page.goto(f"{kustom.shop.url}/thanks/{order_id}")
    frame = page.frame_locator("#klarna-checkout-container iframe")
    expect(frame.get_by_role("heading", name="This checkout has ended")).to_be_visible()


def test_without_the_library_the_page_says_so(kustom: Kustom, page: Page) -> None:
    rule = {"method": "GET", "path": "/kco/*", "times": 9, "action": {"status": 503, "body": {}}}
    kustom.control("POST", "faults", rule)
    page.goto(f"{kustom.shop.url}/checkout/{kustom.open()}")
    expect(page.get_by_text("The checkout could not be loaded.")).to_be_visible()


def test_the_frame_has_nothing_axe_objects_to_on_a_small_screen(kustom: Kustom, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, bypass_csp=True)
    page = context.new_page()
    frame = visit(page, kustom, kustom.open(shipping_options=[POST, EXPRESS]))
    check(page, "empty form")
    press_pay(frame)
    expect(frame.get_by_text("Email is missing.")).to_be_visible()
    check(page, "two fields with errors")
    identify(frame, "somebody@shop.example", "10115")
    press_pay(frame)
    expect(frame.get_by_text("City is missing.")).to_be_visible()
    check(page, "whole form with errors")
    page.evaluate("shop.api.suspend()")
    expect(frame.get_by_role("status")).to_be_visible()
    check(page, "suspended")
    order_id = kustom.open(customer=kustom.signed_in())
    kustom.control("PATCH", "people/de-approved", {"outcome": "refuse"})
    frame = visit(page, kustom, order_id)
    press_pay(frame)
    expect(frame.get_by_role("alert")).to_be_visible()
    check(page, "recognised and refused")
    kustom.control("POST", "reset")
    order_id = kustom.open()
    kustom.control("POST", "checkouts/complete", {"order_id": order_id, "person": "de-approved"})
    visit(page, kustom, order_id)
    check(page, "confirmation")
    context.close()


def test_a_checkout_is_completed_from_the_start_page(kustom: Kustom, page: Page) -> None:
    order_id = kustom.open()
    page.goto(kustom.url)
    card = page.locator("[data-checkouts] li")
    expect(card.get_by_text("customer not known")).to_be_visible()
    card.get_by_role("button", name="Complete").click()
    expect(page.get_by_role("status")).to_contain_text("The checkout was paid.")
    expect(card.get_by_text("checkout complete")).to_be_visible()
    assert kustom.read(order_id)["status"] == "checkout_complete"
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_another_shops_page_gets_no_frame(kustom: Kustom) -> None:
    order_id = kustom.open()
    key = re.search(r"KlarnaCheckout [a-z]{20}", kustom.read(order_id)["html_snippet"])
    assert key
    address = f"{kustom.url}/kco/checkout/orders/{order_id}"
    for origin, authorization, status in (
        (kustom.shop.url, key[0], 200),
        ("https://elsewhere.example", key[0], 403),
        (kustom.shop.url, "KlarnaCheckout " + "a" * 20, 404),
        (kustom.shop.url, "", 404),
    ):
        sent = {"Origin": origin, "Authorization": authorization}
        assert requests.post(address, headers=sent, timeout=60).status_code == status
    frame = requests.get(f"{kustom.url}/kco/frame/invented", timeout=60)
    assert (frame.status_code, "frame-ancestors 'none'" in frame.headers["Content-Security-Policy"]) == (410, True)
