"""Opening, reading, changing and ending a checkout by the merchant's server."""

import re
from dataclasses import replace
from typing import Any

import pytest

from app.sandbox.merchants import Region
from tests.sandbox.checkout.conftest import SHOP, URLS, Checkouts, american, german
from tests.sandbox.conftest import CHECKOUT, EUROPE, refusal
from tests.sandbox.idp.conftest import ALICE, AMERICA, AMERICAN
from tests.sandbox.idp.conftest import EUROPE as EUROPE_ISSUER
from tests.sandbox.purchases import BERLIN, line

NOBODY = "00000000-0000-4000-8000-000000000000"


def test_a_new_order_comes_with_its_address_and_defaults(checkouts: Checkouts) -> None:
    answer = checkouts.create(german())
    order = answer.json
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"http://localhost:8001/checkout/v3/orders/{order['order_id']}"
    assert (order["status"], order["purchase_country"], order["name"]) == ("checkout_incomplete", "de", "Morrow")
    assert (order["customer"], order["external_payment_methods"]) == ({}, [])
    assert order["options"] == {
        "allow_separate_shipping_address": True,
        "date_of_birth_mandatory": False,
        "require_validate_callback_success": False,
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", order["started_at"])
    assert "klarna-checkout-container" in order["html_snippet"]


def test_one_address_sells_in_both_regions(checkouts: Checkouts) -> None:
    answer = checkouts.create(american())
    assert answer.status_code == 201, answer.text
    assert (answer.json["purchase_country"], answer.json["purchase_currency"]) == ("us", "USD")
    assert checkouts.at(replace(CHECKOUT, region=Region.NORTH_AMERICA)).create(american()).status_code == 404
    australian = german(purchase_country="AU", purchase_currency="AUD")
    assert refusal(checkouts.create(australian))[2] == ["Bad value: purchase_country"]


def test_the_tax_of_a_purchase_in_the_united_states_is_a_line_that_counts(checkouts: Checkouts) -> None:
    assert refusal(checkouts.create(american(order_tax_amount=0)))[2] == ["Bad value: order_tax_amount"]
    order_id = checkouts.open(american())
    assert checkouts.complete(order_id, "us-approved").status_code == 200
    assert [row["type"] for row in checkouts.desk.read(order_id)["order_lines"][1:]] == ["sales_tax"]


def test_credentials_of_klarna_payments_do_not_open_it(checkouts: Checkouts) -> None:
    assert checkouts.at(EUROPE).create(german()).status_code == 401
    assert checkouts.at(replace(CHECKOUT, password="other")).create(german()).status_code == 401


def test_what_was_created_is_read(checkouts: Checkouts) -> None:
    created = checkouts.create(german(merchant_reference1="A-1", merchant_data="x", billing_address=BERLIN)).json
    read = checkouts.read(created["order_id"]).json
    assert read == created
    assert read["billing_address"]["country"] == "de"


def test_the_access_token_is_never_answered_and_a_bad_one_is_no_error(checkouts: Checkouts) -> None:
    body = german(customer={"klarna_access_token": "ory_at_unknown", "date_of_birth": "1970-07-10"})
    answer = checkouts.create(body)
    assert answer.status_code == 201
    assert answer.json["customer"] == {"date_of_birth": "1970-07-10"}
    assert "ory_at_unknown" not in checkouts.read(answer.json["order_id"]).text


def test_who_is_recognised_stays_recognised(checkouts: Checkouts) -> None:
    order_id = checkouts.open(german(customer=checkouts.signed_in()))
    checkouts.update(order_id, {"merchant_reference1": "A-2"})
    [row] = checkouts.control("GET", "checkouts").json
    assert (row["person"], row["recognised"]) == ("de-approved", True)


def test_nobody_is_recognised_in_another_market(checkouts: Checkouts) -> None:
    checkouts.open(german(customer=checkouts.signed_in(ALICE)))
    [row] = checkouts.control("GET", "checkouts").json
    assert (row["person"], row["recognised"]) == (None, False)


def test_who_signed_in_at_either_regions_issuer_is_recognised(checkouts: Checkouts) -> None:
    checkouts.open(american(customer=checkouts.signed_in(AMERICAN, home=AMERICA)))
    checkouts.open(german(customer=checkouts.signed_in(home=EUROPE_ISSUER)))
    rows = checkouts.control("GET", "checkouts").json
    assert [row["person"] for row in rows] == ["us-approved", "de-approved"]


def test_a_token_that_has_expired_recognises_nobody(checkouts: Checkouts) -> None:
    customer = checkouts.signed_in()
    checkouts.advance(minutes=5)
    checkouts.open(german(customer=customer))
    assert checkouts.control("GET", "checkouts").json[0]["recognised"] is False


def test_only_what_is_sent_changes(checkouts: Checkouts) -> None:
    order_id = checkouts.open(german(merchant_reference1="A-1"))
    two = line(quantity=2, total_amount=51800, total_tax_amount=8271)
    changes = {"order_lines": [two], "order_amount": 51800, "order_tax_amount": 8271}
    answer = checkouts.update(order_id, changes)
    assert answer.status_code == 200
    assert (answer.json["order_amount"], answer.json["merchant_reference1"]) == (51800, "A-1")
    assert "klarna-checkout-container" in answer.json["html_snippet"]


def test_a_whole_read_order_may_be_sent_back(checkouts: Checkouts) -> None:
    read = checkouts.create(german()).json
    answer = checkouts.update(read["order_id"], read | {"merchant_reference2": "B"})
    assert answer.status_code == 200, answer.text
    assert answer.json["merchant_reference2"] == "B"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"locale": None}, "locale"),
        ({"locale": "german"}, "locale"),
        ({"order_tax_amount": None}, "order_tax_amount"),
        ({"merchant_urls": None}, "merchant_urls"),
        ({"merchant_urls": {**URLS, "terms": None}}, "merchant_urls.terms"),
        ({"merchant_urls": {**URLS, "push": URLS["checkout"]}}, "merchant_urls.push"),
        ({"merchant_urls": {**URLS, "push": URLS["confirmation"]}}, "merchant_urls.push"),
        ({"merchant_urls": {**URLS, "validation": "http://shop.example/validate"}}, "merchant_urls.validation"),
        ({"merchant_urls": {**URLS, "confirmation": "javascript:alert(1)"}}, "merchant_urls.confirmation"),
        ({"purchase_currency": "SEK"}, "purchase_currency"),
        ({"purchase_country": "XX"}, "purchase_country"),
        ({"order_amount": -1}, "order_amount"),
        ({"order_amount": "25900"}, "order_amount"),
        ({"merchant_data": "x" * 6001}, "merchant_data"),
        ({"order_lines": [line(tax_rate=None)]}, "order_lines[0].tax_rate"),
        ({"order_lines": [line(unit_price=100_000_001)]}, "order_lines[0].unit_price"),
        ({"order_lines": [line(type="gift")]}, "order_lines[0].type"),
        ({"options": {"color_button": "red"}}, "options.color_button"),
        ({"customer": {"date_of_birth": "10.07.1970"}}, "customer.date_of_birth"),
        ({"shipping_options": [{"id": "a", "name": "A"}]}, "shipping_options[0].price"),
        ({"external_payment_methods": [{"name": "P", "redirect_url": "http://p.example"}]},
         "external_payment_methods[0].redirect_url"),
    ],
)  # fmt: skip
def test_what_is_missing_or_malformed_is_named(checkouts: Checkouts, changes: dict[str, Any], path: str) -> None:
    status, code, messages = refusal(checkouts.create(german(**changes)))
    assert (status, code) == (400, "BAD_VALUE")
    assert f"Bad value: {path}" in messages


def test_a_bad_change_changes_nothing(checkouts: Checkouts) -> None:
    order_id = checkouts.open(german())
    before = checkouts.read(order_id).json
    assert refusal(checkouts.update(order_id, {"order_amount": 1}))[:2] == (400, "BAD_VALUE")
    assert checkouts.read(order_id).json == before


@pytest.mark.parametrize("body", [[], "text", None, 7])
def test_a_body_that_is_no_object_is_refused_in_words(checkouts: Checkouts, body: Any) -> None:
    answer = checkouts.create(body)
    assert answer.status_code in (400, 415)
    assert answer.json["error_messages"]


def test_any_language_will_do(checkouts: Checkouts) -> None:
    assert checkouts.create(german(locale="sv-SE")).status_code == 201


def test_an_unknown_order_and_another_merchants_are_the_same(checkouts: Checkouts) -> None:
    for method, path in (("GET", ""), ("POST", ""), ("POST", "/abort")):
        answer = checkouts.call(method, f"/{NOBODY}{path}", {} if method == "POST" else None)
        assert refusal(answer)[:2] == (404, "NO_SUCH_ORDER")


def test_an_order_expires_48_hours_after_the_last_change_with_an_empty_answer(checkouts: Checkouts) -> None:
    order_id = checkouts.open(german())
    checkouts.advance(hours=47)
    assert checkouts.update(order_id, {"merchant_reference1": "A"}).status_code == 200
    checkouts.advance(hours=47)
    assert checkouts.read(order_id).status_code == 200
    checkouts.advance(hours=1)
    for answer in (checkouts.read(order_id), checkouts.update(order_id, {}), checkouts.abort(order_id)):
        assert (answer.status_code, answer.text) == (404, "")
        assert answer.headers["Klarna-Correlation-Id"]


def test_an_aborted_order_can_be_read_and_not_changed(checkouts: Checkouts) -> None:
    order_id = checkouts.open(german())
    aborted = checkouts.abort(order_id)
    assert (aborted.status_code, aborted.json["status"]) == (200, "aborted")
    assert checkouts.read(order_id).json["status"] == "aborted"
    for answer in (checkouts.update(order_id, {}), checkouts.abort(order_id)):
        assert refusal(answer) == (403, "READ_ONLY_ORDER", ["Resource is read-only"])


def test_a_completed_order_can_be_read_and_not_changed(checkouts: Checkouts) -> None:
    order_id = checkouts.open(german())
    assert checkouts.complete(order_id).status_code == 200
    checkouts.advance(hours=100)
    order = checkouts.read(order_id).json
    assert (order["status"], order["billing_address"]["given_name"]) == ("checkout_complete", "Mock")
    assert order["completed_at"] >= order["started_at"]
    assert order["shipping_address"] == order["billing_address"]
    for answer in (checkouts.update(order_id, {}), checkouts.abort(order_id)):
        assert refusal(answer) == (403, "READ_ONLY_ORDER", ["Resource is read-only"])


def test_an_acknowledged_order_is_created(checkouts: Checkouts) -> None:
    order_id = checkouts.open(german())
    assert refusal(checkouts.desk.call("POST", order_id, "/acknowledge"))[0] == 404
    assert checkouts.read(order_id).json["status"] == "checkout_incomplete"
    checkouts.complete(order_id)
    checkouts.acknowledge(order_id)
    assert checkouts.read(order_id).json["status"] == "created"


def test_the_same_key_opens_one_order(checkouts: Checkouts) -> None:
    first, second = (checkouts.create(german(), Klarna_Idempotency_Key="k-1") for _ in range(2))
    assert first.json["order_id"] == second.json["order_id"]
    assert second.headers["Location"] == first.headers["Location"]


def test_the_snippet_has_the_documented_parts_and_nothing_a_name_could_break(checkouts: Checkouts) -> None:
    order = checkouts.create(german()).json
    snippet = order["html_snippet"]
    for part in ('id="klarna-unsupported-page"', 'id="klarna-checkout-context"', "<noscript>", "_klarnaCheckout"):
        assert part in snippet
    assert re.search(r'"AUTH_HEADER": "KlarnaCheckout [a-z]{20}"', snippet)
    assert '"PURCHASE_COUNTRY": "deu"' in snippet
    assert f'"ORDER_URL": "http://localhost:8001/kco/checkout/orders/{order["order_id"]}"' in snippet
    assert " style=" not in snippet
    assert re.findall(r"<script[^>]*>", snippet) == ['<script id="klarna-checkout-context" type="text/javascript">']
    assert not re.search(r"\bon\w+=\"|javascript:|eval\(|Function\(", snippet)


def test_a_completed_order_is_in_the_ledger_under_the_same_id(checkouts: Checkouts) -> None:
    order_id = checkouts.open(german(merchant_reference1="A-1"))
    assert checkouts.control("GET", "orders").json == []
    checkouts.complete(order_id)
    [order] = checkouts.control("GET", "orders").json
    assert (order["order_id"], order["merchant_reference1"]) == (order_id, "A-1")
    assert (order["status"], order["order_amount"], order["fraud_status"]) == ("AUTHORIZED", 25900, "ACCEPTED")
    assert order["billing_address"]["postal_code"] == "10178"


def test_the_order_is_captured_at_once_where_the_merchant_asked_for_it(checkouts: Checkouts) -> None:
    order_id = checkouts.open(german(options={"auto_capture": True}))
    checkouts.complete(order_id)
    assert checkouts.control("GET", "orders").json[0]["status"] == "CAPTURED"
    assert "auto_capture" not in checkouts.read(order_id).json


def test_it_runs_at_the_shops_own_pages(checkouts: Checkouts) -> None:
    assert checkouts.read(checkouts.open(german())).json["merchant_urls"]["terms"] == f"{SHOP}/terms"
