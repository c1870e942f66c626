"""The same key, the same answer: section 2.4.

https://docs.klarna.com/api/escalation-and-retry-policy/ and
https://docs.klarna.com/klarna-network-distribution/setup-your-integration/integration-resilience/idempotency
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from .bodies import changed, line, order_for, purchase
from .client import SESSIONS, Klarna
from .expectations import assert_bad_value, assert_ok, assert_refused
from .shopper import Shopper, at_once
from .stand_in import Control

NAMES = ("Klarna-Idempotency-Key", "Idempotency-Key")
HOURS = 3600


def opened(klarna: Klarna, headers: dict[str, str], body: Any = None) -> str:
    return klarna.open_session(body or purchase(), headers=headers)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_key_brings_the_same_session(klarna: Klarna, name: str) -> None:
    key = {name: str(uuid4())}
    first, again = (
        klarna.create_session(purchase(), headers=key),
        klarna.create_session(purchase(), headers=key),
    )
    assert assert_ok(first) == assert_ok(again)


@pytest.mark.parametrize("name", NAMES)
def test_another_key_or_none_brings_another_session(klarna: Klarna, name: str) -> None:
    keys = [{name: str(uuid4())}, {name: str(uuid4())}, {}, {}]
    assert len({opened(klarna, key) for key in keys}) == 4


@pytest.mark.parametrize("name", NAMES)
def test_only_the_key_counts_not_what_is_sent_with_it(klarna: Klarna, name: str) -> None:
    key = {name: str(uuid4())}
    session_id = opened(klarna, key)
    assert opened(klarna, key, purchase(line(), line())) == session_id
    assert opened(klarna, key, {"nothing": "right"}) == session_id
    assert assert_ok(klarna.read_session(session_id))["order_amount"] == 11900


def test_of_both_names_klarnas_own_wins(klarna: Klarna) -> None:
    own, common = str(uuid4()), str(uuid4())
    session_id = opened(klarna, {"Klarna-Idempotency-Key": own, "Idempotency-Key": common})
    assert opened(klarna, {"Klarna-Idempotency-Key": own}) == session_id
    assert opened(klarna, {"Klarna-Idempotency-Key": own, "Idempotency-Key": str(uuid4())}) == session_id
    assert opened(klarna, {"Idempotency-Key": common}) != session_id


def test_a_refusal_is_repeated_too(klarna: Klarna) -> None:
    key = {"Klarna-Idempotency-Key": str(uuid4())}
    wrong = changed(purchase(), {"order_amount": 1})
    assert_bad_value(klarna.create_session(wrong, headers=key), "order_amount")
    assert_bad_value(klarna.create_session(purchase(), headers=key), "order_amount")


def test_a_key_of_someone_not_let_in_is_not_kept(klarna: Klarna) -> None:
    key = {"Klarna-Idempotency-Key": str(uuid4())}
    assert klarna.create_session(purchase(), headers=key, authorization=None).status_code == 401
    assert_ok(klarna.create_session(purchase(), headers=key))


def test_a_key_belongs_to_one_operation(klarna: Klarna) -> None:
    key = {"Klarna-Idempotency-Key": str(uuid4())}
    session_id = opened(klarna, key)
    update = klarna.call("POST", f"{SESSIONS}/{session_id}", {"merchant_reference1": "A-1"}, headers=key)
    assert_ok(update, 204)
    assert assert_ok(klarna.read_session(session_id))["merchant_reference1"] == "A-1"


def test_an_update_with_the_same_key_is_done_once(klarna: Klarna) -> None:
    key = {"Klarna-Idempotency-Key": str(uuid4())}
    session_id = klarna.open_session(purchase())
    for reference in ("A-1", "B-2"):
        body = {"merchant_reference1": reference}
        assert_ok(klarna.call("POST", f"{SESSIONS}/{session_id}", body, headers=key), 204)
    assert assert_ok(klarna.read_session(session_id))["merchant_reference1"] == "A-1"


def test_a_key_belongs_to_one_merchant(klarna: Klarna, north_america: Klarna) -> None:
    key = {"Klarna-Idempotency-Key": str(uuid4())}
    session_id = opened(klarna, key)
    wrong_there = north_america.create_session(purchase(locale="nonsense"), headers=key)
    assert_bad_value(wrong_there, "locale")
    assert opened(klarna, key) == session_id


def test_the_same_key_at_the_same_moment_opens_one_session(klarna: Klarna) -> None:
    key = {"Klarna-Idempotency-Key": str(uuid4())}
    answers = at_once(8, lambda: klarna.create_session(purchase(), headers=key))
    assert len({assert_ok(answer)["session_id"] for answer in answers}) == 1


def test_a_key_is_forgotten_after_24_hours(klarna: Klarna, control: Control) -> None:
    key = {"Klarna-Idempotency-Key": str(uuid4())}
    session_id = opened(klarna, key)
    control.advance(24 * HOURS - 30)
    assert opened(klarna, key) == session_id
    control.advance(60)
    assert opened(klarna, key) != session_id


@pytest.mark.parametrize("name", NAMES)
def test_an_order_with_the_same_key_is_the_same_order_whatever_is_sent(
    klarna: Klarna, shopper: Shopper, name: str
) -> None:
    key = {name: str(uuid4())}
    body = purchase(intent="buy_and_link")
    token = shopper.approve(klarna, klarna.open_session(body))
    first = assert_ok(klarna.create_order(token, order_for(body), headers=key))
    other = order_for(body) | {"merchant_reference1": "other"}
    assert assert_ok(klarna.create_order(token, other, headers=key)) == first
    assert_refused(klarna.create_order(token, other), 409, "BAD_VALUE")


def test_a_payment_token_with_the_same_key_is_the_same_token(klarna: Klarna, shopper: Shopper) -> None:
    key = {"Klarna-Idempotency-Key": str(uuid4())}
    token = shopper.approve(klarna, klarna.open_session(purchase(intent="tokenize")))
    request = {
        "purchase_country": "DE",
        "purchase_currency": "EUR",
        "locale": "de-DE",
        "description": "Monthly box",
        "intended_use": "SUBSCRIPTION",
    }
    first = assert_ok(klarna.create_customer_token(token, request, headers=key))
    assert assert_ok(klarna.create_customer_token(token, request, headers=key)) == first
