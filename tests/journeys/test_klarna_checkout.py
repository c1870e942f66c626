"""Klarna Checkout, the second way to pay: opened, kept in step, bought, announced; and what becomes of each mishap."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import select

from app.shop.checkout.models import CheckoutAttempt
from app.shop.extensions import db
from app.shop.klarna_checkout import settling
from app.shop.orders.models import Order
from tests.contract.stand_in import CHECKOUT
from tests.support.klarna_login import BERLIN_PHONE, LONDON_PHONE, NEW_YORK_PHONE, STOCKHOLM_PHONE, KlarnaLogin
from tests.support.openapi import assert_request, assert_response
from tests.support.programs import STOCK, Programs
from tests.support.visitor import PASSWORD, Page, Visitor

ORDERS = "/checkout/v3/orders"
EMAIL = "customer@email.de"
OTHER_BERLIN_PHONE = "+49017610927312"  # customer+denied@email.de


@dataclass
class Buyer:
    """Somebody at Klarna Checkout."""

    programs: Programs
    visitor: Visitor = field(init=False)

    def __post_init__(self) -> None:
        self.visitor = Visitor(self.programs)

    def open(self, status: int = 200) -> Page:
        return self.visitor.get("/klarna-checkout", status)

    def creates(self) -> list[dict[str, Any]]:
        return [e for e in self.programs.journal(ORDERS) if e["method"] == "POST" and e["path"] == ORDERS]

    @property
    def order_id(self) -> str:
        """Klarna's id of the order that was opened last."""
        return str(self.creates()[-1]["response"]["body"]["order_id"])

    @property
    def urls(self) -> dict[str, str]:
        found: dict[str, str] = self.creates()[-1]["request"]["body"]["merchant_urls"]
        return found

    @property
    def number(self) -> str:
        return str(self.creates()[-1]["request"]["body"]["merchant_reference1"])

    def pay(self, person: str = "de-approved") -> None:
        """In Klarna's frame; the browser is not brought back."""
        self.programs.control("POST", "checkouts/complete", {"order_id": self.order_id, "person": person})

    def come_back(self, status: int = 200) -> Page:
        return self.visitor.get(f"/klarna-checkout/confirmation/{self.number}", status)


@pytest.fixture
def buyer(programs: Programs) -> Buyer:
    """A guest with something in the cart."""
    someone = Buyer(programs)
    someone.visitor.add()
    return someone


@pytest.fixture
def signed_in(programs: Programs) -> Buyer:
    """Somebody signed in with Klarna."""
    someone = Buyer(programs)
    KlarnaLogin(someone.visitor).go()
    someone.visitor.add()
    return someone


def shop_orders(programs: Programs) -> list[tuple[str, str, str]]:
    with programs.shop.app_context():
        found = db.session.execute(select(Order.number, Order.state, Order.way).order_by(Order.id))
        return [(number, state, way) for number, state, way in found]


def acknowledged(programs: Programs) -> int:
    return len([e for e in programs.journal("/acknowledge") if e["status"] == 204])


# --- opening and keeping in step


def test_the_page_shows_klarnas_snippet_and_nothing_of_it_is_a_secret_of_ours(buyer: Buyer) -> None:
    page = buyer.open()
    assert "klarna-checkout-container" in page.markup
    sent = buyer.creates()[-1]["request"]["body"]
    assert sent["order_amount"] == 1780
    assert set(sent["merchant_urls"]) == {"terms", "checkout", "confirmation", "push", "validation", "notification"}
    assert "customer" not in sent
    secret = buyer.urls["push"].rsplit("/", 1)[-1]
    assert secret not in page.markup


def test_the_snippets_script_runs_by_a_nonce_of_this_page_alone(buyer: Buyer) -> None:
    answers = [buyer.visitor.http.get(f"{buyer.programs.shop_url}/klarna-checkout", timeout=60) for _ in range(2)]
    nonces = [re.findall(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])[0] for answer in answers]
    assert nonces[0] != nonces[1]
    assert f'<script nonce="{nonces[0]}"' in answers[0].text
    assert "unsafe-inline" not in answers[0].headers["Content-Security-Policy"]
    elsewhere = buyer.visitor.http.get(f"{buyer.programs.shop_url}/cart", timeout=60)
    assert "nonce" not in elsewhere.headers["Content-Security-Policy"]


@pytest.mark.parametrize("market", ["DE", "SE", "GB", "US"])
def test_everything_sent_and_answered_fits_the_published_description(programs: Programs, market: str) -> None:
    buyer = Buyer(programs)
    buyer.visitor.shop_in(market)
    buyer.visitor.add("house-blend", 3)
    buyer.visitor.add("paper-filters")
    buyer.open()
    buyer.visitor.call("/klarna-checkout/delivery", {"delivery": "express"})
    buyer.open()
    exchanges = programs.journal(ORDERS)
    assert [e["status"] for e in exchanges] == [201, 200, 200]
    for exchange in exchanges:
        template = ORDERS if exchange["path"] == ORDERS else f"{ORDERS}/{{order_id}}"
        if exchange["method"] == "POST":
            assert_request("POST", template, exchange["request"]["body"])
        assert_response(exchange["method"], template, exchange["status"], exchange["response"]["body"])


@pytest.mark.parametrize(
    ("market", "phone"),
    [("DE", BERLIN_PHONE), ("SE", STOCKHOLM_PHONE), ("GB", LONDON_PHONE), ("US", NEW_YORK_PHONE)],
)
def test_what_is_sent_of_somebody_signed_in_fits_the_published_description(
    programs: Programs, market: str, phone: str
) -> None:
    buyer = Buyer(programs)
    buyer.visitor.shop_in(market)
    KlarnaLogin(buyer.visitor, phone).go()
    buyer.visitor.add()
    assert "You signed in with Klarna" in buyer.open().text
    sent = buyer.creates()[-1]["request"]["body"]
    assert sent["billing_address"]["street_address"]
    assert sent["customer"].pop("klarna_access_token"), "only the guide about signing in names it"
    assert_request("POST", ORDERS, sent)


def test_loading_the_page_again_reads_and_changes_nothing(buyer: Buyer) -> None:
    buyer.open()
    buyer.open()
    assert [e["method"] for e in buyer.programs.journal(ORDERS)] == ["POST", "GET"]


def test_a_changed_cart_updates_the_same_order(buyer: Buyer) -> None:
    buyer.open()
    buyer.visitor.add("paper-filters")
    buyer.open()
    assert len(buyer.creates()) == 1
    (update,) = (e for e in buyer.programs.journal(f"{ORDERS}/") if e["method"] == "POST")
    assert update["request"]["body"]["order_amount"] > 1780


def test_another_delivery_is_told_while_the_page_is_open(buyer: Buyer) -> None:
    buyer.open()
    status, body = buyer.visitor.call("/klarna-checkout/delivery", {"delivery": "express"})
    assert (status, set(body)) == (200, {"summary"})
    assert "Express delivery" in body["summary"]
    assert buyer.visitor.call("/klarna-checkout/delivery", {"delivery": "rocket"})[0] == 200


def test_an_order_that_expired_at_klarna_is_opened_anew(buyer: Buyer) -> None:
    buyer.open()
    buyer.programs.control("POST", "clock", {"advance": 49 * 3600})
    buyer.open()
    assert len(buyer.creates()) == 2


def test_another_market_is_another_order_and_the_old_one_is_ended(buyer: Buyer) -> None:
    buyer.open()
    buyer.visitor.shop_in("SE")
    buyer.open()
    currencies = [e["request"]["body"]["purchase_currency"] for e in buyer.creates()]
    assert currencies == ["EUR", "SEK"]
    assert len(buyer.programs.journal("/abort")) == 1


@pytest.mark.parametrize("action", [{"status": 504}, {"status": 500}, {"drop": "before"}])
def test_while_klarna_does_not_answer_the_page_says_so_and_offers_a_way_on(buyer: Buyer, action: dict) -> None:
    buyer.programs.fault("POST", f"*{ORDERS}", 3, **action)
    page = buyer.open(503)
    assert "does not answer" in page.text
    assert 'href="/checkout"' in page.markup
    assert "klarna-checkout-container" in buyer.open().markup


def test_a_lost_answer_to_create_opens_one_order(buyer: Buyer) -> None:
    buyer.programs.fault("POST", f"*{ORDERS}", 1, drop="after")
    buyer.open()
    keys = {e["request"]["headers"].get("Klarna-Idempotency-Key") for e in buyer.creates()}
    assert len(keys) == 1


@pytest.mark.parametrize("status", [404, 400, 403, 409, 410, 500, 504])
def test_an_order_that_is_of_no_use_any_more_is_replaced(buyer: Buyer, status: int) -> None:
    buyer.open()
    times = 3 if status >= 500 else 1  # a failure is asked about again
    buyer.programs.fault("GET", f"*{ORDERS}/*", times, status=status, body={"error_code": "X", "error_messages": []})
    assert "klarna-checkout-container" in buyer.open().markup
    assert len(buyer.creates()) == 2
    assert may_be_sold(buyer) == [303, 200]


@pytest.mark.parametrize(("status", "times"), [(401, 1), (429, 3)])
def test_what_says_nothing_of_the_order_leaves_it_as_it_is(buyer: Buyer, status: int, times: int) -> None:
    buyer.open()
    body = {"error_code": "X", "error_messages": []}
    buyer.programs.fault("GET", f"*{ORDERS}/*", times, status=status, body=body)
    buyer.open(503)
    assert "klarna-checkout-container" in buyer.open().markup
    assert len(buyer.creates()) == 1


def test_a_klarna_that_is_wholly_down_is_told_once_and_comes_back(buyer: Buyer) -> None:
    buyer.open()
    buyer.programs.fault("*", f"*{ORDERS}*", 6, status=503)
    assert "does not answer" in buyer.open(503).text
    assert "klarna-checkout-container" in buyer.open().markup


def test_paid_while_klarna_does_not_say_so_is_not_paid_again_and_is_written_later(buyer: Buyer) -> None:
    buyer.open()
    buyer.pay()
    buyer.programs.fault("GET", f"*{ORDERS}/*", 6, status=503)
    buyer.open(503)
    assert len(buyer.creates()) == 1
    assert "Thank you" in buyer.open().text
    assert len(shop_orders(buyer.programs)) == 1


def test_abroad_only_who_it_is_is_known_and_the_page_does_not_promise_more(signed_in: Buyer) -> None:
    assert "everything is filled in below" in signed_in.open().text
    signed_in.visitor.shop_in("SE")
    page = signed_in.open()
    assert "everything is filled in below" not in page.text
    assert "Klarna knows no address of yours in Sweden, so please type one." in page.text
    known = signed_in.creates()[-1]["request"]["body"]["billing_address"]
    assert known == {"email": EMAIL, "given_name": "Mock", "family_name": "Mock", "country": "SE"}


# --- recognised by the sign-in


def test_with_a_claim_missing_the_rest_is_filled_in_and_not_called_everything(programs: Programs) -> None:
    programs.control("PATCH", "people/de-approved", {"withheld": ["family_name"]})
    buyer = Buyer(programs)
    KlarnaLogin(buyer.visitor).go()
    buyer.visitor.add()
    assert "What it told us is filled in below; please type what is missing." in buyer.open().text
    known = buyer.creates()[-1]["request"]["body"]["billing_address"]
    assert "family_name" not in known
    assert known["street_address"] == "Neue Schönhauser Str. 2"


def test_the_sign_in_goes_along_with_what_klarna_told(signed_in: Buyer) -> None:
    page = signed_in.open()
    sent = signed_in.creates()[-1]["request"]["body"]
    identity = signed_in.programs.identity(EMAIL)
    assert sent["customer"]["klarna_access_token"] == identity.access_token
    assert sent["customer"]["date_of_birth"]
    assert sent["billing_address"]["street_address"] == "Neue Schönhauser Str. 2"
    assert sent["billing_address"]["email"] == EMAIL
    assert "everything is filled in" in page.text
    assert str(identity.access_token) not in page.markup
    (checkout,) = signed_in.programs.control("GET", "checkouts")
    assert checkout["recognised"]


def test_one_refresh_then_one_create_and_the_new_refresh_token_is_kept_before(signed_in: Buyer) -> None:
    before = signed_in.programs.identity(EMAIL)
    signed_in.programs.control("POST", "clock", {"advance": 360})
    signed_in.programs.let_time_pass(timedelta(minutes=6))
    start = len(signed_in.programs.journal())
    signed_in.programs.fault("POST", f"*{ORDERS}", 3, status=503)
    signed_in.open(503)
    kept = signed_in.programs.identity(EMAIL)
    assert kept.refresh_token != before.refresh_token, "kept although the create failed"
    signed_in.open()
    paths = [e["path"] for e in signed_in.programs.journal()][start:]
    assert paths[0].endswith("/oauth2/token")
    assert [path for path in paths[1:] if path != ORDERS] == []
    assert len(signed_in.programs.refreshes()) == 1


@pytest.mark.parametrize(
    "action", [{"status": 503}, {"drop": "after"}, {"status": 400, "body": {"error": "invalid_grant"}}]
)
def test_a_refresh_that_fails_costs_a_login_and_never_the_page(signed_in: Buyer, action: dict) -> None:
    signed_in.programs.control("POST", "clock", {"advance": 360})
    signed_in.programs.let_time_pass(timedelta(minutes=6))
    signed_in.programs.fault("POST", "*/oauth2/token", 1, **action)
    page = signed_in.open()
    assert "klarna-checkout-container" in page.markup
    assert "klarna_access_token" not in str(signed_in.creates()[-1]["request"]["body"])
    signed_in.pay()
    assert "Thank you" in signed_in.come_back().text


def test_sixty_one_days_later_the_form_is_the_normal_one(signed_in: Buyer) -> None:
    days = 61 * 24 * 3600
    signed_in.programs.control("POST", "clock", {"advance": days})
    signed_in.programs.let_time_pass(timedelta(seconds=days))
    signed_in.visitor.add()
    assert "klarna-checkout-container" in signed_in.open().markup
    (checkout,) = signed_in.programs.control("GET", "checkouts")
    assert not checkout["recognised"]


def test_signing_in_midway_makes_a_new_order_and_ends_the_old_one(buyer: Buyer) -> None:
    buyer.open()
    KlarnaLogin(buyer.visitor).go(next="/klarna-checkout")
    buyer.open()
    bodies = [e["request"]["body"] for e in buyer.creates()]
    assert ["customer" in body for body in bodies] == [False, True]
    assert len(buyer.programs.journal("/abort")) == 1


def connect(buyer: Buyer, phone: str) -> None:
    """Signed in by password: connect whoever has this phone."""
    KlarnaLogin(buyer.visitor, phone).go()
    buyer.visitor.get("/login/klarna/connect")
    buyer.visitor.post("/login/klarna/connect", {"password": PASSWORD})


def test_whoever_is_connected_next_is_recognised_and_not_who_was_before(programs: Programs) -> None:
    buyer = Buyer(programs)
    email = buyer.visitor.register()
    connect(buyer, BERLIN_PHONE)
    buyer.visitor.add()
    buyer.open()
    buyer.visitor.get("/account/klarna")
    mine = {"identity": programs.identity(email).id, "password": PASSWORD}
    assert "is disconnected" in buyer.visitor.send("/login/klarna/disconnect", mine).text
    elsewhere = Buyer(programs)  # a browser that Klarna does not know
    elsewhere.visitor.sign_in(email)
    connect(elsewhere, OTHER_BERLIN_PHONE)
    elsewhere.open()
    assert [checkout["person"] for checkout in programs.control("GET", "checkouts")] == ["de-approved", "de-denied"]


def test_signing_in_again_helps_at_once_after_a_refresh_that_failed(signed_in: Buyer) -> None:
    signed_in.programs.control("POST", "clock", {"advance": 360})
    signed_in.programs.let_time_pass(timedelta(minutes=6))
    signed_in.programs.fault("POST", "*/oauth2/token", 1, status=503)
    signed_in.open()
    KlarnaLogin(signed_in.visitor).go(next="/klarna-checkout")
    assert "everything is filled in" in signed_in.open().text
    bodies = [e["request"]["body"] for e in signed_in.creates()]
    assert ["klarna_access_token" in body.get("customer", {}) for body in bodies] == [False, True]


def test_a_password_account_has_its_address_filled_in(programs: Programs) -> None:
    someone = Buyer(programs)
    email = someone.visitor.register()
    someone.visitor.add()
    someone.visitor.checkout().pay(link=False)
    someone.visitor.add("paper-filters")
    someone.open()
    sent = someone.creates()[-1]["request"]["body"]
    assert sent["billing_address"]["email"] == email
    assert sent["billing_address"]["city"] == "Berlin"


# --- bought


def test_bought_confirmed_acknowledged(buyer: Buyer) -> None:
    buyer.open()
    buyer.pay()
    page = buyer.come_back()
    assert "Thank you" in page.text
    assert buyer.number in page.text
    assert "Klarna Checkout" in page.text
    assert "klarna-checkout-container" in page.markup
    assert shop_orders(buyer.programs) == [(buyer.number, "placed", "checkout")]
    assert acknowledged(buyer.programs) == 1
    (order,) = buyer.programs.klarna_orders()
    assert order["merchant_reference1"] == buyer.number
    assert buyer.programs.stock("house-blend") == STOCK - 1
    assert "Your cart is empty" in buyer.visitor.get("/cart").text
    again = buyer.open()
    assert "Thank you" in again.text


def test_long_after_the_purchase_an_empty_cart_is_an_empty_cart(buyer: Buyer) -> None:
    buyer.open()
    buyer.pay()
    buyer.come_back()
    buyer.programs.let_time_pass(timedelta(minutes=16))
    page = buyer.open()
    assert "Thank you" not in page.text
    assert "Your cart is empty. Put something in it first." in page.text


def test_the_account_and_the_order_tell_how_it_was_paid(signed_in: Buyer) -> None:
    signed_in.open()
    signed_in.pay()
    signed_in.come_back()
    listed = signed_in.visitor.get("/account/orders").text
    assert signed_in.number in listed
    assert "· Klarna Checkout" in listed
    assert "Klarna Checkout" in signed_in.visitor.get(f"/orders/{signed_in.number}").text


def test_before_anybody_paid_the_confirmation_says_so(buyer: Buyer) -> None:
    buyer.open()
    page = buyer.come_back()
    assert "not finished yet" in page.text
    assert shop_orders(buyer.programs) == []


def test_a_pending_purchase_is_pending_here_too(buyer: Buyer) -> None:
    buyer.programs.control("PATCH", "people/de-approved", {"outcome": "pend"})
    buyer.open()
    buyer.pay()
    assert "closer look" in buyer.come_back().text
    assert shop_orders(buyer.programs)[0][1] == "pending"


def test_other_peoples_and_invented_orders_are_nobodys(buyer: Buyer) -> None:
    buyer.open()
    buyer.pay()
    stranger = Visitor(buyer.programs)
    for number in (buyer.number, "M-AAAA-BBBB-CCCC", buyer.order_id, "x" * 300):
        stranger.get(f"/klarna-checkout/confirmation/{number}", 404)
    assert "Thank you" in buyer.come_back().text
    stranger.get(f"/klarna-checkout/confirmation/{buyer.number}", 404)


# --- announced


def push(buyer: Buyer) -> requests.Response:
    return requests.post(buyer.urls["push"], timeout=60)


def test_a_push_alone_makes_and_acknowledges_the_order_once(buyer: Buyer) -> None:
    buyer.open()
    buyer.pay()
    for _ in range(10):
        assert push(buyer).status_code == 204
    buyer.programs.wait_for_background()
    assert shop_orders(buyer.programs) == [(buyer.number, "placed", "checkout")]
    assert len(buyer.programs.klarna_orders()) == 1
    done = acknowledged(buyer.programs)
    assert done >= 1
    push(buyer)
    buyer.programs.wait_for_background()
    assert acknowledged(buyer.programs) == done
    assert "Thank you" in buyer.come_back().text


def test_page_and_pushes_at_once_make_one_order(buyer: Buyer) -> None:
    buyer.open()
    buyer.pay()
    with ThreadPoolExecutor(12) as pool:
        pushes = [pool.submit(push, buyer) for _ in range(6)]
        pages = [pool.submit(come_back_in_a_copy, buyer) for _ in range(6)]
        assert {future.result().status_code for future in pushes} == {204}
        assert {future.result() for future in pages} == {200}
    buyer.programs.wait_for_background()
    assert shop_orders(buyer.programs) == [(buyer.number, "placed", "checkout")]
    assert buyer.programs.stock("house-blend") == STOCK - 1


def come_back_in_a_copy(buyer: Buyer) -> int:
    with requests.Session() as browser:
        browser.cookies.update(buyer.visitor.http.cookies)
        address = f"{buyer.programs.shop_url}/klarna-checkout/confirmation/{buyer.number}"
        return browser.get(address, timeout=60).status_code


def test_a_forged_push_changes_nothing(buyer: Buyer) -> None:
    buyer.open()
    base = buyer.urls["push"].rsplit("/", 2)[0]
    attempt = buyer.urls["push"].rsplit("/", 2)[1]
    for tail in (f"{attempt}/wrong", f"{attempt}/-", "nobody/-", f"{attempt}/{'x' * 999}"):
        assert requests.post(f"{base}/{tail}", timeout=60).status_code == 404
    assert push(buyer).status_code == 204  # the right address, and nobody paid
    buyer.programs.wait_for_background()
    assert shop_orders(buyer.programs) == []


def test_a_payments_callback_secret_opens_no_checkout_callback(programs: Programs) -> None:
    visitor = Visitor(programs)
    visitor.register()
    visitor.add()
    attempt = visitor.checkout()
    secret = programs.journal("/payments/v1/sessions")[0]["request"]["body"]["merchant_urls"]["authorization"]
    address = f"{programs.shop_url}/klarna/callbacks/checkout/push/{attempt.attempt}/{secret.rsplit('/', 1)[-1]}"
    assert requests.post(address, timeout=60).status_code == 404


def test_what_could_not_be_acknowledged_is_acknowledged_later(buyer: Buyer) -> None:
    buyer.open()
    buyer.pay()
    buyer.programs.fault("POST", "*/acknowledge", 3, status=503)
    assert "Thank you" in buyer.come_back().text
    assert acknowledged(buyer.programs) == 0
    with buyer.programs.shop.app_context():
        assert list(settling.settle_all()) == [f"{attempt_id(buyer)}: {buyer.number}"]
        assert list(settling.settle_all()) == []
    assert acknowledged(buyer.programs) == 1


def test_a_push_whose_work_was_cut_short_is_finished_by_the_reconciler(buyer: Buyer) -> None:
    buyer.open()
    buyer.pay()
    buyer.programs.fault("GET", f"*{ORDERS}/*", 3, status=503)
    push(buyer)
    buyer.programs.wait_for_background()
    assert shop_orders(buyer.programs) == []
    with buyer.programs.shop.app_context():
        assert list(settling.settle_all()) == [f"{attempt_id(buyer)}: {buyer.number}"]
    assert len(shop_orders(buyer.programs)) == 1


def attempt_id(buyer: Buyer) -> str:
    with buyer.programs.shop.app_context():
        return db.session.scalars(select(CheckoutAttempt.id).filter_by(order_number=buyer.number)).one()


def test_bought_in_another_tab_while_the_cart_changed_here(buyer: Buyer) -> None:
    buyer.open()
    buyer.pay()
    buyer.visitor.add("paper-filters")
    page = buyer.open()
    assert "Thank you" in page.text
    assert shop_orders(buyer.programs) == [(buyer.number, "placed", "checkout")]
    assert "Paper filters" in buyer.visitor.get("/cart").text or "paper" in buyer.visitor.get("/cart").text.lower()


def test_klarna_silent_on_the_way_back_is_said_and_nothing_is_lost(buyer: Buyer) -> None:
    buyer.open()
    buyer.pay()
    buyer.programs.fault("GET", f"*{ORDERS}/*", 3, status=503)
    assert "confirming your payment" in buyer.come_back(503).text
    assert "Thank you" in buyer.come_back().text


# --- asked before it is sold


def validate(buyer: Buyer, **changes: Any) -> requests.Response:
    order = {"order_id": buyer.order_id, "order_amount": 1780, "purchase_currency": "eur"} | changes
    return requests.post(buyer.urls["validation"], json=order, allow_redirects=False, timeout=60)


def test_what_is_as_it_was_may_be_sold(buyer: Buyer) -> None:
    buyer.open()
    assert validate(buyer).status_code == 200


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"order_amount": 1}, "changed"),
        ({"order_amount": "1780"}, "changed"),
        ({"order_amount": None}, "changed"),
        ({"purchase_currency": "sek"}, "changed"),
        ({"order_id": "another-order"}, "changed"),
        ({"order_id": None}, "changed"),
    ],
)
def test_changed_amounts_are_not_sold(buyer: Buyer, changes: dict, why: str) -> None:
    buyer.open()
    answer = validate(buyer, **changes)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"/klarna-checkout/not-sold?why={why}")


def test_sold_out_and_changed_carts_are_not_sold(buyer: Buyer) -> None:
    buyer.open()
    buyer.programs.set_stock("house-blend", 0)
    answer = validate(buyer)
    assert answer.headers["Location"].endswith("why=sold-out")
    page = buyer.visitor.http.get(answer.headers["Location"], timeout=60)
    assert "Nothing was charged" in page.text
    buyer.programs.set_stock("house-blend", 5)
    buyer.visitor.add("paper-filters")
    assert validate(buyer).headers["Location"].endswith("why=changed")


def test_a_bought_order_is_not_sold_again(buyer: Buyer) -> None:
    buyer.open()
    buyer.pay()
    buyer.come_back()
    assert validate(buyer).headers["Location"].endswith("why=bought")


@pytest.mark.parametrize("body", [b"", b"[]", b"not json", b"null", b'{"order_amount": []}'])
def test_an_odd_validation_is_answered_in_kind(buyer: Buyer, body: bytes) -> None:
    buyer.open()
    headers = {"Content-Type": "application/json"}
    answer = requests.post(buyer.urls["validation"], data=body, headers=headers, allow_redirects=False, timeout=60)
    assert answer.status_code == 303
    wrong = buyer.urls["validation"].rsplit("/", 1)[0] + "/wrong"
    assert requests.post(wrong, json={}, timeout=60).status_code == 404


def test_paid_and_short_of_stock_is_still_an_order_and_is_told(buyer: Buyer) -> None:
    buyer.open()
    buyer.pay()
    buyer.programs.set_stock("house-blend", 0)
    buyer.come_back()
    assert "ran short" in buyer.visitor.get(f"/orders/{buyer.number}").text
    assert buyer.programs.stock("house-blend") == 0


# --- paid means written, whatever else is wrong


def settled(buyer: Buyer) -> list[tuple[str, str, str]]:
    push(buyer)
    buyer.programs.wait_for_background()
    return shop_orders(buyer.programs)


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_order_management_that_does_not_answer_loses_no_paid_order(buyer: Buyer, status: int) -> None:
    buyer.open()
    buyer.pay()
    body = {"error_code": "X", "error_messages": []}
    buyer.programs.fault("GET", "*/ordermanagement/v1/orders/*", 3 if status == 500 else 1, status=status, body=body)
    assert "nothing was charged" not in buyer.come_back(503).text
    assert "Thank you" in buyer.come_back().text
    assert len(shop_orders(buyer.programs)) == 1


@pytest.mark.parametrize("status", [400, 404])
def test_a_checkout_that_is_gone_after_payment_is_written_from_what_we_said(buyer: Buyer, status: int) -> None:
    buyer.open()
    buyer.pay()
    body = {"error_code": "X", "error_messages": []}
    buyer.programs.fault("GET", f"*{ORDERS}/*", 2, status=status, body=body)
    buyer.visitor.http.get(f"{buyer.programs.shop_url}/klarna-checkout", timeout=60)
    assert settled(buyer) == [(buyer.number, "placed", "checkout")]


@pytest.mark.parametrize(
    "odd",
    [
        {"order_amount": 5},
        {"order_lines": []},
        {"order_lines": 5},
        {"order_lines": [{"name": "x"}]},
        {"billing_address": "x"},
        {"order_tax_amount": "x"},
        {"purchase_currency": None},
    ],
)
def test_what_cannot_be_read_of_a_paid_order_does_not_keep_it_from_being_written(buyer: Buyer, odd: dict) -> None:
    buyer.open()
    buyer.pay()
    answer = requests.get(f"{buyer.programs.klarna.url}{ORDERS}/{buyer.order_id}", auth=CHECKOUT, timeout=60).json()
    buyer.programs.fault("GET", f"*{ORDERS}/*", 2, status=200, body=answer | odd)
    assert "Thank you" in buyer.come_back().text
    (order,) = shop_orders(buyer.programs)
    assert order[1] == "placed"


def test_a_given_up_checkout_that_was_paid_all_the_same_is_written(buyer: Buyer) -> None:
    buyer.open()
    urls, number = buyer.urls, buyer.number
    buyer.pay()
    buyer.programs.fault("POST", "*/abort", 9, status=503)
    buyer.visitor.shop_in("SE")
    buyer.open(503)
    requests.post(urls["push"], timeout=60)
    buyer.programs.wait_for_background()
    assert [(number, state) for number, state, _ in shop_orders(buyer.programs)] == [(number, "placed")]
    assert "Thank you" in buyer.visitor.get(f"/klarna-checkout/confirmation/{number}").text


# --- one cart is paid once


def may_be_sold(buyer: Buyer) -> list[int]:
    """What Klarna hears when it asks about each order that was opened, the oldest first."""
    answers = []
    opened = {create["response"]["body"]["order_id"]: create["request"]["body"] for create in buyer.creates()}
    for order_id, sent in opened.items():
        asked = {name: sent[name] for name in ("order_amount", "purchase_currency")} | {"order_id": order_id}
        address = sent["merchant_urls"]["validation"]
        answers.append(requests.post(address, json=asked, allow_redirects=False, timeout=60).status_code)
    return answers


def test_of_two_orders_opened_at_once_one_may_be_sold(buyer: Buyer) -> None:
    with ThreadPoolExecutor(4) as pool:
        opened = [pool.submit(open_in_a_copy, buyer) for _ in range(4)]
        assert {future.result() for future in opened} == {200}
    assert may_be_sold(buyer).count(200) == 1


def open_in_a_copy(buyer: Buyer) -> int:
    with requests.Session() as browser:
        browser.cookies.update(buyer.visitor.http.cookies)
        return browser.get(f"{buyer.programs.shop_url}/klarna-checkout", timeout=60).status_code


def test_an_order_that_was_given_up_while_klarna_was_silent_is_not_sold(buyer: Buyer) -> None:
    buyer.open()
    buyer.programs.fault("POST", "*/abort", 9, status=503)
    buyer.visitor.shop_in("SE")
    buyer.open()
    assert may_be_sold(buyer) == [303, 200]


def test_paid_in_the_frame_and_gone_on_to_the_other_checkout_is_one_order(buyer: Buyer) -> None:
    buyer.open()
    buyer.pay()
    page = buyer.visitor.get("/checkout")
    assert "Thank you" in page.text
    assert buyer.number in page.text
    assert shop_orders(buyer.programs) == [(buyer.number, "placed", "checkout")]
    assert buyer.programs.journal("/payments/v1/sessions") == []


def test_paid_in_the_frame_while_the_other_checkout_was_open_is_one_order(buyer: Buyer) -> None:
    checkout = buyer.visitor.checkout()
    token = checkout.approve()
    buyer.open()
    buyer.pay()
    status, answer = checkout.order(token)
    assert (status, answer["error"]) == (409, "cart_changed")
    assert len(buyer.programs.klarna_orders()) == 1
    assert shop_orders(buyer.programs) == [(buyer.number, "placed", "checkout")]


READ_ONLY = {"error_code": "READ_ONLY_ORDER", "error_messages": ["Resource is read-only"]}


def test_a_change_while_it_is_being_paid_is_refused_in_words(buyer: Buyer) -> None:
    buyer.open()
    buyer.programs.fault("POST", f"*{ORDERS}/*", 2, status=403, body=READ_ONLY)
    status, answer = buyer.visitor.call("/klarna-checkout/delivery", {"delivery": "express"})
    assert (status, answer["error"]) == (409, "busy")
    assert "paying this very moment" in answer["message"]
    assert "paying this very moment" in buyer.open(503).text
    assert "klarna-checkout-container" in buyer.open().markup
    assert len(buyer.creates()) == 1


def test_what_is_being_paid_in_the_frame_is_not_placed_otherwise(buyer: Buyer) -> None:
    checkout = buyer.visitor.checkout()
    token = checkout.approve()
    buyer.open()
    assert may_be_sold(buyer) == [200]
    buyer.programs.fault("POST", "*/abort", 1, status=403, body=READ_ONLY)
    status, answer = checkout.order(token)
    assert (status, answer["error"]) == (503, "perhaps_paid")
    assert buyer.programs.klarna_orders() == []


def test_what_was_let_pass_and_not_paid_is_ended_before_the_cart_is_paid_otherwise(buyer: Buyer) -> None:
    buyer.open()
    assert may_be_sold(buyer) == [200]
    assert "Thank you" in buyer.visitor.checkout().pay(link=False).text
    assert [e["status"] for e in buyer.programs.journal("/abort")] == [200]


def test_nothing_is_placed_while_klarna_does_not_say_whether_the_frame_was_paid(buyer: Buyer) -> None:
    buyer.open()
    buyer.pay()
    buyer.programs.fault("POST", "*/abort", 2, status=503)
    checkout = buyer.visitor.checkout()
    status, answer = checkout.order(checkout.approve())
    assert (status, answer["error"]) == (503, "perhaps_paid")
    assert len(buyer.programs.klarna_orders()) == 1


def test_an_approval_nobody_brought_waits_until_klarna_says_whether_the_frame_was_paid(buyer: Buyer) -> None:
    checkout = buyer.visitor.checkout()
    checkout.approve()
    buyer.programs.wait_for_callbacks()
    buyer.open()
    assert may_be_sold(buyer) == [200]
    buyer.programs.fault("POST", "*/abort", 9, status=503)
    buyer.programs.let_attempts_rest()
    buyer.programs.shop.test_cli_runner().invoke(args=["reconcile"])
    assert (buyer.programs.klarna_orders(), buyer.programs.cancelled()) == ([], [])
    buyer.programs.control("DELETE", "faults")
    buyer.programs.let_attempts_rest()
    buyer.programs.shop.test_cli_runner().invoke(args=["reconcile"])
    assert [order["order_amount"] for order in buyer.programs.klarna_orders()] == [1780]


def test_a_page_fetched_ahead_ends_nothing_in_the_frame(buyer: Buyer) -> None:
    buyer.open()
    assert may_be_sold(buyer) == [200]
    address = f"{buyer.programs.shop_url}/checkout"
    assert buyer.visitor.http.get(address, headers={"Sec-Purpose": "prefetch"}, timeout=60).status_code == 200
    assert buyer.programs.journal("/abort") == []


def test_switched_off_meanwhile_the_other_checkout_goes_on(buyer: Buyer) -> None:
    buyer.open()
    assert may_be_sold(buyer) == [200]
    shop = buyer.programs.shop
    before = shop.config["SHOP"]
    shop.config["SHOP"] = replace(before, checkout=None)
    try:
        assert "Thank you" in buyer.visitor.checkout().pay(link=False).text
    finally:
        shop.config["SHOP"] = before


def test_the_other_checkout_asks_nothing_about_an_order_nobody_tried_to_pay(buyer: Buyer) -> None:
    buyer.open()
    buyer.visitor.checkout().pay(link=False)
    assert [e["method"] for e in buyer.programs.journal(ORDERS)] == ["POST"]
    assert may_be_sold(buyer) == [303]


# --- whose it is, and what else may come


def test_rejected_at_klarna_is_rejected_here(buyer: Buyer) -> None:
    buyer.programs.control("PATCH", "people/de-approved", {"outcome": "pend"})
    buyer.open()
    buyer.pay()
    buyer.programs.control("POST", f"orders/{buyer.order_id}/decide", {"decision": "reject"})
    buyer.come_back()
    assert shop_orders(buyer.programs)[0][1] == "rejected"
    assert buyer.programs.stock("house-blend") == STOCK


def test_all_browsers_of_a_user_share_one_order(programs: Programs) -> None:
    first = Buyer(programs)
    email = first.visitor.register()
    first.visitor.add()
    first.open()
    second = Buyer(programs)
    second.visitor.sign_in(email)
    second.open()
    assert len(first.creates()) == 1
    first.pay()
    assert "Thank you" in second.come_back().text
    assert "Thank you" in first.come_back().text
    assert len(shop_orders(programs)) == 1


def test_a_guest_who_signs_in_while_paying_owns_the_order(buyer: Buyer) -> None:
    buyer.open()
    number = buyer.number
    buyer.pay()
    buyer.visitor.register()
    page = buyer.visitor.get(f"/klarna-checkout/confirmation/{number}")
    assert "Thank you" in page.text
    assert number in buyer.visitor.get("/account/orders").text


def test_whose_session_ended_while_paying_is_told_where_the_order_is(programs: Programs) -> None:
    buyer = Buyer(programs)
    email = buyer.visitor.register()
    buyer.visitor.add()
    buyer.open()
    number = buyer.number
    buyer.pay()
    programs.end_sessions(email)
    page = buyer.visitor.get(f"/klarna-checkout/confirmation/{number}")
    assert "Sign in as you were" in page.text
    assert [state for _, state, _ in shop_orders(programs)] == ["placed"]


def test_an_update_whose_answer_was_lost_is_set_right(buyer: Buyer) -> None:
    buyer.open()
    buyer.programs.fault("POST", f"*{ORDERS}/*", 3, drop="after")
    buyer.visitor.call("/klarna-checkout/delivery", {"delivery": "express"})
    buyer.visitor.call("/klarna-checkout/delivery", {"delivery": "standard"})
    buyer.open()
    (checkout,) = buyer.programs.control("GET", "checkouts")
    answer = requests.get(f"{buyer.programs.klarna.url}{ORDERS}/{checkout['order_id']}", auth=CHECKOUT, timeout=60)
    assert answer.json()["order_amount"] == 1780


def test_a_create_klarna_refuses_is_tried_with_the_purchase_alone(signed_in: Buyer) -> None:
    body = {"error_code": "BAD_VALUE", "error_messages": ["Bad value: billing_address.phone"]}
    signed_in.programs.fault("POST", f"*{ORDERS}", 1, status=400, body=body)
    assert "klarna-checkout-container" in signed_in.open().markup
    assert "customer" not in signed_in.creates()[-1]["request"]["body"]
    signed_in.open()
    assert len(signed_in.creates()) == 2


def test_an_order_ended_elsewhere_is_replaced(buyer: Buyer) -> None:
    buyer.open()
    address = f"{buyer.programs.klarna.url}{ORDERS}/{buyer.order_id}/abort"
    requests.post(address, auth=CHECKOUT, timeout=60).raise_for_status()
    buyer.open()
    assert len(buyer.creates()) == 2


def test_the_reconciler_lets_go(buyer: Buyer) -> None:
    buyer.open()
    push(buyer)
    buyer.programs.wait_for_background()
    with buyer.programs.shop.app_context():
        assert list(settling.settle_all()) == [f"{attempt_id(buyer)}: nobody paid"]
        assert list(settling.settle_all()) == []
    buyer.programs.let_time_pass(timedelta(days=6))
    with buyer.programs.shop.app_context():
        assert list(settling.settle_all()) == []


def test_more_in_the_cart_than_was_bought_stays_there(buyer: Buyer) -> None:
    buyer.open()
    buyer.pay()
    buyer.visitor.add("house-blend", 2)
    buyer.come_back()
    assert buyer.visitor.get("/cart").values["quantity"] == "2"
