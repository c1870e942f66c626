"""Reading, cancelling and charging payment tokens. Section 6.

https://docs.klarna.com/api/customertoken/ . How they are made is in `test_customer_tokens`.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
import requests

from .bodies import ADDRESS, MISSING, changed, line, order_for, purchase
from .client import NOBODY, TOKENS, Klarna
from .expectations import assert_bad_value, assert_ok, assert_refused, is_uuid, seen
from .shopper import Shopper
from .stand_in import Control

MADE_FOR = {
    "purchase_country": "DE",
    "purchase_currency": "EUR",
    "locale": "de-DE",
    "description": "Coffee every month",
    "intended_use": "SUBSCRIPTION",
}
MONTHLY: dict[str, Any] = {"subscription": {"name": "Coffee", "interval": "MONTH", "interval_count": 1}}
LINKING = "krn:partner:eu1:test:identity:customer-token:" + "a" * 32


def tokenized(klarna: Klarna, shopper: Shopper, intent: str = "tokenize", **more: Any) -> str:
    body = purchase(line(**more), intent=intent, billing_address=ADDRESS)
    token = shopper.approve(klarna, klarna.open_session(body))
    token_id: str = assert_ok(klarna.create_customer_token(token, MADE_FOR))["token_id"]
    return token_id


@pytest.fixture
def token(klarna: Klarna, shopper: Shopper) -> str:
    return tokenized(klarna, shopper)


def charge(**changes: Any) -> dict[str, Any]:
    return {
        "purchase_currency": "EUR",
        "locale": "de-DE",
        "order_amount": 11900,
        "order_tax_amount": 1900,
        "order_lines": [line()],
        "merchant_reference1": "A-1",
    } | changes


def read(klarna: Klarna, token: str) -> requests.Response:
    return klarna.call("GET", f"{TOKENS}/{token}")


def cancel(klarna: Klarna, token: str, body: Any = None) -> requests.Response:
    return klarna.call("PATCH", f"{TOKENS}/{token}/status", body or {"status": "CANCELLED"})


# --- reading and cancelling


def test_a_token_is_active_and_has_a_way_of_paying(klarna: Klarna, token: str) -> None:
    assert assert_ok(read(klarna, token)) == {"status": "ACTIVE", "payment_method_type": "INVOICE"}


def test_a_token_is_cancelled_for_good(klarna: Klarna, token: str) -> None:
    for _ in range(2):
        answer = cancel(klarna, token)
        assert (answer.status_code, answer.content) == (202, b""), seen(answer)
    assert assert_ok(read(klarna, token))["status"] == "CANCELLED"
    assert_refused(klarna.charge(token, charge()), 403, "TOKEN_CANCELED")


@pytest.mark.parametrize("body", [{"status": "ACTIVE"}, {"status": "SUSPENDED"}, {"status": 1}, {"state": "CANCELLED"}])
def test_nothing_but_cancelling_is_possible(klarna: Klarna, token: str, body: Any) -> None:
    assert_bad_value(cancel(klarna, token, body), "status")
    assert assert_ok(read(klarna, token))["status"] == "ACTIVE"


@pytest.mark.parametrize("unknown", [NOBODY, "nonsense", "x" * 300])
def test_an_unknown_token_is_not_found(klarna: Klarna, unknown: str) -> None:
    assert_refused(read(klarna, unknown), 404, "NOT_FOUND", "Invalid customer-token ID")
    assert_refused(cancel(klarna, unknown), 404, "NOT_FOUND", "Invalid token ID")
    assert_refused(klarna.charge(unknown, charge()), 404, "TOKEN_NOT_FOUND")


def test_another_merchants_token_is_not_found(klarna: Klarna, north_america: Klarna, token: str) -> None:
    assert_refused(read(north_america, token), 404, "NOT_FOUND")
    assert_refused(cancel(north_america, token), 404, "NOT_FOUND")
    assert_refused(north_america.charge(token, charge()), 404, "TOKEN_NOT_FOUND")
    assert assert_ok(read(klarna, token))["status"] == "ACTIVE"


@pytest.mark.parametrize("call", ["read", "cancel", "charge"])
def test_nobody_is_let_in_without_credentials(klarna: Klarna, token: str, call: str) -> None:
    method, path = {"read": ("GET", ""), "cancel": ("PATCH", "/status"), "charge": ("POST", "/order")}[call]
    assert klarna.call(method, f"{TOKENS}/{token}{path}", authorization=None).status_code == 401


# --- charging


@pytest.mark.parametrize("intent", ["tokenize", "buy_and_tokenize", "buy_and_default_tokenize"])
def test_a_token_is_charged_without_the_shopper(klarna: Klarna, shopper: Shopper, intent: str) -> None:
    token = tokenized(klarna, shopper, intent)
    urls = {"confirmation": "https://shop.example/thanks", "push": "https://shop.example/push"}
    answer = assert_ok(klarna.charge(token, charge(merchant_urls=urls)))
    assert is_uuid(answer["order_id"])
    assert answer["fraud_status"] == "ACCEPTED"
    assert answer["redirect_url"].startswith("http")
    order = klarna.read_order(answer["order_id"])
    assert (order["status"], order["order_amount"]) == ("AUTHORIZED", 11900)
    assert (order["merchant_reference1"], order["purchase_country"]) == ("A-1", "DE")
    assert order["billing_address"] == ADDRESS


def test_a_charge_can_be_captured_at_once_or_later(klarna: Klarna, token: str) -> None:
    at_once = assert_ok(klarna.charge(token, charge(auto_capture=True)))["order_id"]
    assert klarna.read_order(at_once)["status"] == "CAPTURED"
    later = assert_ok(klarna.charge(token, charge()))["order_id"]
    assert klarna.capture(later, 11900).status_code == 201


def test_charges_are_as_many_orders_unless_they_have_one_key(klarna: Klarna, token: str) -> None:
    key = {"Klarna-Idempotency-Key": str(uuid4())}
    answers = [klarna.charge(token, charge(), headers=headers) for headers in (key, key, {}, {})]
    ids = [assert_ok(answer)["order_id"] for answer in answers]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


def test_a_charge_whose_answer_was_lost_is_not_made_twice(klarna: Klarna, token: str, control: Control) -> None:
    key = {"Klarna-Idempotency-Key": str(uuid4())}
    control.fault("POST", "*/tokens/*/order", drop="after")
    with pytest.raises(requests.ConnectionError):
        klarna.charge(token, charge(), headers=key)
    first = assert_ok(klarna.charge(token, charge(), headers=key))
    assert assert_ok(klarna.charge(token, charge(), headers=key)) == first


def test_a_linking_token_pays_nothing_and_the_answer_says_what_would(klarna: Klarna, shopper: Shopper) -> None:
    body = purchase(intent="buy_and_link")
    answer = klarna.create_order(shopper.approve(klarna, klarna.open_session(body)), order_for(body))
    for linking in (assert_ok(answer)["customer_token"], LINKING):
        refused = klarna.charge(linking, charge())
        assert_refused(refused, 403, "INVALID_OPERATION")
        [words] = refused.json()["error_messages"]
        assert "account linking" in words
        assert words.endswith("a payment token (token_id) is wanted")
        assert linking not in words


def test_another_currency_is_refused(klarna: Klarna, token: str) -> None:
    refused = klarna.charge(token, charge(purchase_currency="SEK"))
    assert_refused(refused, 403, "PAYMENT_METHOD_CURRENCY_MISMATCH")
    assert_ok(klarna.charge(token, charge(purchase_currency="eur")))


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"order_amount": MISSING}, "order_amount"),
        ({"order_amount": 0}, "order_amount"),
        ({"order_amount": -1}, "order_amount"),
        ({"order_amount": 2**63}, "order_amount"),
        ({"order_amount": 11901}, "order_amount"),
        ({"order_amount": "11900"}, "order_amount"),
        ({"order_tax_amount": 5}, "order_tax_amount"),
        ({"order_lines": []}, "order_lines"),
        ({"order_lines": MISSING}, "order_lines"),
        ({"order_lines[0].total_amount": 100_000_001}, "order_lines[0].total_amount"),
        ({"order_lines[0].total_tax_amount": 1}, "order_lines[0].total_tax_amount"),
        ({"purchase_currency": MISSING}, "purchase_currency"),
        ({"purchase_currency": "euro"}, "purchase_currency"),
        ({"locale": "sv-SE"}, "locale"),
        ({"step_up": "YES"}, "step_up"),
        ({"merchant_urls": {"push": "https://shop.example/push"}}, "merchant_urls.confirmation"),
        ({"auto_capture": 1}, "auto_capture"),
    ],
)
def test_a_charge_keeps_to_the_rules_of_an_order(
    klarna: Klarna, token: str, changes: dict[str, Any], path: str
) -> None:
    assert_bad_value(klarna.charge(token, changed(charge(), changes)), path)


def test_a_suspended_token_waits(klarna: Klarna, token: str, control: Control) -> None:
    control.payment_token(token, status="SUSPENDED")
    assert assert_ok(read(klarna, token))["status"] == "SUSPENDED"
    assert_refused(klarna.charge(token, charge()), 403, "TOKEN_SUSPENDED")
    control.payment_token(token, status="ACTIVE")
    assert_ok(klarna.charge(token, charge()))


def test_a_token_does_not_expire(klarna: Klarna, token: str, control: Control) -> None:
    control.advance(365 * 24 * 3600)
    assert_ok(klarna.charge(token, charge()))


# --- failed charges, and the way out


def failed(answer: requests.Response, code: str) -> dict[str, Any]:
    """The body of a charge that was refused."""
    assert answer.status_code == 403, seen(answer)
    body: dict[str, Any] = answer.json()
    assert (body["error_code"], body["fraud_status"]) == (code, "REJECTED"), seen(answer)
    assert body["correlation_id"] == answer.headers["Klarna-Correlation-Id"]
    assert body["authorized_payment_method"] == {"type": "invoice"}
    return body


def test_a_declined_charge_may_be_tried_again(klarna: Klarna, token: str, control: Control) -> None:
    control.payment_token(token, next_charge="decline")
    assert "step_up_id" not in failed(klarna.charge(token, charge(step_up="SUPPORTED")), "PAYMENT_METHOD_FAILED")
    assert_ok(klarna.charge(token, charge()))


def test_a_shopper_who_is_refused_cannot_be_charged(
    klarna: Klarna, shopper: Shopper, token: str, control: Control
) -> None:
    with control.refusing(shopper.name(klarna)):
        failed(klarna.charge(token, charge()), "PAYMENT_METHOD_FAILED")


def test_a_pending_charge_waits_as_any_order_does(
    klarna: Klarna, shopper: Shopper, token: str, control: Control
) -> None:
    with control.pending(shopper.name(klarna)):
        answer = assert_ok(klarna.charge(token, charge(auto_capture=True)))
    assert answer["fraud_status"] == "PENDING"
    assert klarna.read_order(answer["order_id"])["captured_amount"] == 0
    control.decide(answer["order_id"], "accept")
    assert klarna.read_order(answer["order_id"])["captured_amount"] == 11900


def stepped_up(klarna: Klarna, token: str, control: Control) -> str:
    control.payment_token(token, next_charge="step_up")
    answer = klarna.charge(token, charge(step_up="SUPPORTED"))
    step_up_id: str = failed(answer, "UNAVAILABLE_PAYMENT_METHOD")["step_up_id"]
    return step_up_id


def recovery(step_up_id: str, token: str) -> dict[str, Any]:
    return purchase(billing_address=ADDRESS, step_up_id=step_up_id, customer={"customer_token": token})


def test_a_step_up_ends_in_an_order_the_shopper_confirmed(
    klarna: Klarna, shopper: Shopper, token: str, control: Control
) -> None:
    body = recovery(stepped_up(klarna, token, control), token)
    session_id = klarna.open_session(body)
    assert shopper.is_recognised(session_id)
    order = assert_ok(klarna.create_order(shopper.approve(klarna, session_id), order_for(body)))
    assert klarna.read_order(order["order_id"])["status"] == "AUTHORIZED"
    assert_ok(klarna.charge(token, charge()))
    assert_bad_value(klarna.create_session(body), "step_up_id")


def test_who_cannot_step_up_is_given_no_id_for_it(klarna: Klarna, token: str, control: Control) -> None:
    for wish in ({}, {"step_up": "NOT_SUPPORTED"}):
        control.payment_token(token, next_charge="step_up")
        assert "step_up_id" not in failed(klarna.charge(token, charge(**wish)), "UNAVAILABLE_PAYMENT_METHOD")


def test_a_subscription_is_charged_without_the_shopper_so_it_cannot_step_up(
    klarna: Klarna, shopper: Shopper, control: Control
) -> None:
    token = tokenized(klarna, shopper, **MONTHLY)
    control.payment_token(token, next_charge="step_up")
    body = charge(order_lines=[line(**MONTHLY)], step_up="SUPPORTED")
    assert "step_up_id" not in failed(klarna.charge(token, body), "UNAVAILABLE_PAYMENT_METHOD")


def test_a_step_up_belongs_to_one_token_one_merchant_and_48_hours(
    klarna: Klarna, shopper: Shopper, token: str, control: Control
) -> None:
    step_up_id = stepped_up(klarna, token, control)
    other = recovery(step_up_id, tokenized(klarna, shopper))
    assert_bad_value(klarna.create_session(other), "customer.customer_token")
    assert_bad_value(klarna.create_session(recovery(NOBODY, token)), "step_up_id")
    plain = klarna.open_session(purchase())
    assert_bad_value(klarna.update_session(plain, {"step_up_id": NOBODY}), "step_up_id")
    control.advance(48 * 3600)
    assert_bad_value(klarna.create_session(recovery(step_up_id, token)), "step_up_id")


def test_nothing_steps_up_a_cancelled_token(klarna: Klarna, token: str, control: Control) -> None:
    body = recovery(stepped_up(klarna, token, control), token)
    assert cancel(klarna, token).status_code == 202
    assert_bad_value(klarna.create_session(body), "step_up_id")
