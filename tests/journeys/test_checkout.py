"""Paying: what is sent, what is kept, and what happens when something is wrong."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.openapi import assert_request, assert_response
from tests.support.programs import Programs
from tests.support.visitor import BERLIN, Visitor, buy, new_email


@pytest.fixture
def visitor(programs: Programs) -> Visitor:
    """Signed in, with something in the cart."""
    visitor = Visitor(programs)
    visitor.register()
    visitor.add()
    return visitor


def placed(programs: Programs) -> list[dict]:
    return [e for e in programs.journal("/authorizations/") if e["method"] == "POST"]


def test_the_ledgers_agree(programs: Programs, visitor: Visitor) -> None:
    page = visitor.checkout().pay()
    (order,) = programs.klarna_orders()
    assert order["merchant_reference1"] in page.text
    assert order["order_amount"] == 1290 + 490


def test_a_page_seen_twice_costs_one_session(programs: Programs, visitor: Visitor) -> None:
    first, second = visitor.checkout(), visitor.checkout()
    assert first.attempt == second.attempt
    assert len(programs.journal("/payments/v1/sessions")) == 1


def test_a_changed_cart_updates_the_session(programs: Programs, visitor: Visitor) -> None:
    first = visitor.checkout()
    visitor.add("paper-filters", 2)
    second = visitor.checkout()
    assert (first.attempt, first.version) != (second.attempt, second.version)
    assert first.attempt == second.attempt
    second.pay()
    assert programs.klarna_orders()[0]["order_amount"] == 1290 + 800 + 490


def test_another_delivery_changes_session_and_order(programs: Programs, visitor: Visitor) -> None:
    checkout = visitor.checkout()
    status, body = visitor.call("/checkout/delivery", {"delivery": "express", "attempt": checkout.attempt})
    assert status == 200
    assert "Express delivery" in body["summary"]
    checkout.version = body["version"]
    checkout.pay()
    assert programs.klarna_orders()[0]["order_amount"] == 1290 + 1290


def test_the_next_cart_is_delivered_as_usual_again(programs: Programs, visitor: Visitor) -> None:
    checkout = visitor.checkout()
    _, body = visitor.call("/checkout/delivery", {"delivery": "express", "attempt": checkout.attempt})
    checkout.version = body["version"]
    checkout.pay()
    visitor.add()
    visitor.checkout().pay()
    assert [order["order_amount"] for order in programs.klarna_orders()] == [1290 + 1290, 1290 + 490]


def test_a_refused_order_leaves_its_delivery_to_the_cart_it_returns_to(programs: Programs, visitor: Visitor) -> None:
    checkout = visitor.checkout()
    _, body = visitor.call("/checkout/delivery", {"delivery": "express", "attempt": checkout.attempt})
    checkout.version = body["version"]
    programs.fault("POST", "*/authorizations/*/order", 1, status=403, body={"error_code": "NOT_ALLOWED"})
    status, _ = checkout.order(checkout.approve())
    assert status != 200
    again = visitor.checkout()
    assert "Express delivery" in again.page.text.split("Summary")[-1]
    again.pay()
    assert programs.klarna_orders()[0]["order_amount"] == 1290 + 1290


def test_an_order_goes_to_the_address_that_was_chosen(programs: Programs, visitor: Visitor) -> None:
    for street, city in (("Hauptstr. 1", "Hamburg"), ("Marktplatz 2", "Bremen")):
        visitor.get("/account/addresses/new")
        visitor.post("/account/addresses/new", BERLIN | {"street_address": street, "city": city})
    page = visitor.get("/checkout")
    assert page.values["city"] == "Hamburg"
    (other,) = re.findall(r'href="(/checkout\?address=\d+)">Mock Mock, Marktplatz 2, Bremen', page.markup)
    chosen = visitor.get(other)
    assert (chosen.values["street_address"], chosen.values["city"]) == ("Marktplatz 2", "Bremen")
    stranger = Visitor(programs)
    stranger.register()
    stranger.add()
    assert stranger.get(other).values["city"] == ""


def test_the_same_token_twice_is_one_order(programs: Programs, visitor: Visitor) -> None:
    checkout = visitor.checkout()
    token = checkout.approve()
    first, second = checkout.order(token), checkout.order(token)
    assert first[1]["redirect"]
    assert first == second
    assert len(programs.klarna_orders()) == 1


def test_ten_posts_at_once_are_one_order(programs: Programs, visitor: Visitor) -> None:
    checkout = visitor.checkout()
    token = checkout.approve()
    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(lambda _: checkout.order(token)[0], range(10)))
    assert set(answers) == {200}
    assert len(programs.klarna_orders()) == 1
    assert len(placed(programs)) == 1
    assert programs.stock("house-blend") == 49


def test_a_stale_version_is_refused_before_klarna_is_asked(programs: Programs, visitor: Visitor) -> None:
    checkout = visitor.checkout()
    token = checkout.approve()
    visitor.add("paper-filters")
    status, body = checkout.order(token)
    assert (status, body["error"], body["renew"]) == (409, "cart_changed", True)
    assert placed(programs) == []
    assert [e["status"] for e in deletes(programs)] == [204]


def deletes(programs: Programs) -> list[dict]:
    return [e for e in programs.journal("/authorizations/") if e["method"] == "DELETE"]


def test_a_forged_version_is_refused(programs: Programs, visitor: Visitor) -> None:
    checkout = visitor.checkout()
    status, body = checkout.order(checkout.approve(), version="0" * 20)
    assert (status, body["error"]) == (409, "cart_changed")
    assert programs.klarna_orders() == []


@pytest.mark.parametrize("token", ["", "x", "../../../orders", "a b", "é" * 20, "x" * 300, "<script>alert(1)</script>"])
def test_an_odd_token_is_refused_before_klarna_is_asked(programs: Programs, visitor: Visitor, token: str) -> None:
    checkout = visitor.checkout()
    checkout.approve()
    status, body = checkout.order(token)
    assert (status, body["error"]) == (400, "odd_token")
    assert placed(programs) == []


def test_an_invented_token_is_refused_and_the_cart_is_kept(programs: Programs, visitor: Visitor) -> None:
    checkout = visitor.checkout()
    checkout.approve()
    status, body = checkout.order("00000000-0000-4000-8000-000000000000")
    assert (status, body["error"]) == (400, "odd_token")
    assert "nothing was charged" in body["message"]
    assert placed(programs) == []
    assert programs.stock("house-blend") == 50
    assert "House blend" in visitor.get("/cart").text


def test_after_a_refusal_a_fresh_attempt_goes_through(programs: Programs, visitor: Visitor) -> None:
    checkout = visitor.checkout()
    checkout.approve()
    checkout.order("00000000-0000-4000-8000-000000000000")
    again = visitor.checkout()
    assert again.attempt != checkout.attempt
    assert "Thank you" in again.pay().text
    assert len(programs.klarna_orders()) == 1


def test_somebody_elses_token_does_not_fit(programs: Programs, visitor: Visitor) -> None:
    other = Visitor(programs)
    other.register()
    other.add()
    theirs = other.checkout()
    foreign = theirs.approve()
    checkout = visitor.checkout()
    mine = checkout.approve()
    status, body = checkout.order(foreign)
    assert (status, body["error"]) == (400, "odd_token")
    assert placed(programs) == []
    assert programs.klarna_orders() == []
    assert programs.stored_tokens() == []
    assert programs.cancelled() == [mine]
    assert theirs.order(foreign)[0] == 200


def test_somebody_elses_attempt_is_refused_before_klarna_is_asked(programs: Programs, visitor: Visitor) -> None:
    checkout = visitor.checkout()
    token = checkout.approve()
    other = Visitor(programs)
    other.register()
    other.add()
    other.checkout()
    sent = {"attempt": checkout.attempt, "version": checkout.version, "authorization_token": token}
    status, body = other.call("/checkout/orders", sent)
    assert (status, body["error"]) == (403, "not_yours")
    assert placed(programs) == []
    programs.let_attempts_rest()
    assert programs.shop.test_cli_runner().invoke(args=["reconcile"]).exit_code == 0
    assert programs.klarna_orders() == []


def test_who_signs_out_while_paying_places_nothing(programs: Programs, visitor: Visitor) -> None:
    checkout = visitor.checkout()
    token = checkout.approve()
    visitor.sign_out()
    visitor.get("/login")
    status, body = checkout.order(token)
    assert (status, body["error"]) == (403, "not_yours")
    programs.let_attempts_rest()
    assert programs.shop.test_cli_runner().invoke(args=["reconcile"]).exit_code == 0
    assert programs.klarna_orders() == []


def test_what_is_sold_out_while_paying_is_not_charged(programs: Programs, visitor: Visitor) -> None:
    checkout = visitor.checkout()
    token = checkout.approve()
    programs.set_stock("house-blend", 0)
    status, body = checkout.order(token)
    assert (status, body["error"]) == (409, "sold_out")
    assert "House blend" in body["message"]
    assert programs.klarna_orders() == []
    assert len(deletes(programs)) == 1


def test_an_order_needs_an_address(programs: Programs, visitor: Visitor) -> None:
    checkout = visitor.checkout()
    status, body = checkout.order(programs.approve(checkout.session_id))
    assert (status, body["error"]) == (422, "details_missing")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("email", "nobody", "email"),
        ("email", "", "email"),
        ("given_name", "M", "name"),
        ("family_name", "12345", "name"),
        ("street_address", "", "street"),
        ("street_address", "x" * 100, "99"),
        ("postal_code", "1", "postal code"),
        ("city", "", "city"),
        ("phone", "call me", "phone"),
        ("country", "US", "choice"),
    ],
)
def test_wrong_details_are_told_field_by_field(visitor: Visitor, field: str, value: str, said: str) -> None:
    status, body = visitor.checkout().details(BERLIN | {field: value})
    assert status == 422
    assert said in body["fields"][field].lower()


HOSTILE = ["<script>alert(1)</script>", "'; DROP TABLE user; --", '{{ 7*7 }}"><img src=x onerror=1>', "\u202exyz"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_kept_as_text(programs: Programs, visitor: Visitor, text: str) -> None:
    checkout = visitor.checkout()
    address = BERLIN | {"street_address": text + " 1", "city": text, "given_name": text}
    status, body = checkout.details(address)
    assert status == 200
    programs.browser_data(checkout.session_id, body["billing_address"])
    status, body = checkout.order(programs.approve(checkout.session_id))
    assert status == 200, body
    number = programs.klarna_orders()[0]["merchant_reference1"]
    page = visitor.get(f"/orders/{number}")
    assert "<script>alert" not in page.markup
    assert "<img src=x" not in page.markup
    assert "7*7" in page.markup or "7*7" not in text


@pytest.mark.parametrize("action", [{"status": 503, "body": {}}, {"drop": "before"}, {"drop": "after"}, {"delay": 2}])
def test_without_a_session_the_page_says_so_and_the_cart_is_kept(
    programs: Programs, visitor: Visitor, action: dict
) -> None:
    programs.fault("POST", "*/payments/v1/sessions", 3, **action)
    with programs.impatient():
        page = visitor.get("/checkout")
    assert page.data["attempt"] == ""
    assert "House blend" in page.text
    programs.control("DELETE", "faults")
    status, body = visitor.call("/checkout/refresh", {})
    assert status == 200
    assert body["client_token"]


def test_a_session_whose_answer_was_lost_is_not_opened_twice(programs: Programs, visitor: Visitor) -> None:
    programs.fault("POST", "*/payments/v1/sessions", 1, drop="after")
    visitor.checkout()
    sent = programs.journal("/payments/v1/sessions")
    assert len(sent) == 2
    assert len({e["request"]["headers"]["Klarna-Idempotency-Key"] for e in sent}) == 1
    assert len({e["response"]["body"]["session_id"] for e in sent if e["response"]["body"]}) == 1


@pytest.mark.parametrize("action", [{"drop": "after"}, {"drop": "before"}, {"status": 500, "body": {}}])
def test_a_lost_answer_is_asked_for_again_and_gives_one_order(
    programs: Programs, visitor: Visitor, action: dict
) -> None:
    checkout = visitor.checkout()
    token = checkout.approve()
    programs.fault("POST", "*/authorizations/*/order", 1, **action)
    status, _ = checkout.order(token)
    assert status == 200
    assert len(programs.klarna_orders()) == 1
    assert len(programs.stored_tokens()) == 1


def test_an_unclear_order_is_told_as_such_and_found_again(programs: Programs, visitor: Visitor) -> None:
    checkout = visitor.checkout()
    token = checkout.approve()
    programs.fault("POST", "*/authorizations/*/order", 3, drop="after")
    status, body = checkout.order(token)
    assert status == 200
    path = body["redirect"].removeprefix(programs.shop_url)
    page = visitor.get(path)
    assert "We are confirming your payment" in page.text
    checked = visitor.post(f"{path}/check", {})
    assert "Thank you" in checked.text
    assert len(programs.klarna_orders()) == 1
    assert len(programs.stored_tokens()) == 1


def test_an_approval_that_no_browser_brings_back_becomes_an_order(programs: Programs, visitor: Visitor) -> None:
    visitor.checkout().approve()
    programs.wait_for_callbacks()
    programs.let_attempts_rest()
    done = programs.shop.test_cli_runner().invoke(args=["reconcile"])
    assert "completed" in done.output, done.output
    assert len(programs.klarna_orders()) == 1
    assert len(programs.stored_tokens()) == 1
    assert "Thank you" in visitor.get("/checkout").text


def test_an_empty_cart_has_no_checkout(programs: Programs) -> None:
    page = Visitor(programs).get("/checkout")
    assert "cart is empty" in page.text
    assert programs.journal() == []


def test_a_strangers_order_is_not_to_be_seen(programs: Programs, visitor: Visitor) -> None:
    visitor.checkout().pay()
    number = programs.klarna_orders()[0]["merchant_reference1"]
    stranger = Visitor(programs)
    stranger.get(f"/orders/{number}", status=404)
    stranger.get(f"/checkout/confirmation/{number}", status=404)
    stranger.register()
    stranger.get(f"/orders/{number}", status=404)


def test_a_guest_sees_their_order_in_their_browser_only(programs: Programs) -> None:
    guest = Visitor(programs)
    buy(guest)
    number = programs.klarna_orders()[0]["merchant_reference1"]
    assert number in guest.get(f"/orders/{number}").text
    Visitor(programs).get(f"/orders/{number}", status=404)


def test_a_refused_person_is_told_and_nothing_is_charged(programs: Programs, visitor: Visitor) -> None:
    checkout = visitor.checkout()
    token = checkout.approve()
    programs.control("PATCH", "people/de-approved", {"decision": "refuse"})
    status, body = checkout.order(token)
    assert (status, body["error"]) == (409, "rejected")
    assert "nothing was charged" in body["message"]
    assert programs.klarna_orders() == []


@pytest.mark.parametrize("market", ["DE", "SE", "GB", "US"])
def test_everything_sent_and_answered_fits_the_published_description(programs: Programs, market: str) -> None:
    visitor = Visitor(programs)
    visitor.shop_in(market)
    visitor.register(new_email())
    visitor.add("house-blend", 3)
    visitor.add("paper-filters")
    first = visitor.checkout()
    status, body = visitor.call("/checkout/delivery", {"delivery": "express", "attempt": first.attempt})
    assert status == 200, body
    first.version = body["version"]
    first.details(PLACES[market])
    programs.browser_data(first.session_id, {k: v for k, v in PLACES[market].items() if v})
    status, body = first.order(programs.approve(first.session_id, f"{market.lower()}-approved"))
    assert status == 200, body
    sent = [exchange for exchange in programs.journal() if "/payments/v1/" in exchange["path"]]
    assert len(sent) >= 3
    for exchange in sent:
        check(exchange)


PLACES = {
    "DE": BERLIN,
    "SE": BERLIN | {"country": "SE", "postal_code": "111 48", "city": "Stockholm", "email": "customer@email.se"},
    "GB": BERLIN | {"country": "GB", "postal_code": "W1S 3BE", "city": "London", "email": "customer@email.uk"},
    "US": BERLIN
    | {"country": "US", "postal_code": "10024", "city": "New York", "region": "NY", "email": "customer@email.us"},
}


def check(exchange: dict) -> None:
    path = exchange["path"].removeprefix("/na")
    template = "/payments/v1/sessions"
    if path.startswith("/payments/v1/authorizations/"):
        template = "/payments/v1/authorizations/{authorizationToken}/order"
    elif path != template:
        template = "/payments/v1/sessions/{session_id}"
    if exchange["method"] == "POST":
        assert_request("POST", template, exchange["request"]["body"])
    if exchange["response"]["body"]:
        assert_response(exchange["method"], template, exchange["status"], exchange["response"]["body"])
