"""Placing an order with an authorization: section 4.6, and the life of an authorization from section 10.

https://docs.klarna.com/payments/web-payments/integrate-with-klarna-payments/integrate-via-sdk/step-3-create-an-order/
"""

from __future__ import annotations

from typing import Any

import pytest

from .bodies import MISSING, changed, line, order_for, purchase
from .client import NOBODY, Klarna
from .expectations import assert_bad_value, assert_ok, assert_refused, is_uuid
from .shopper import Shopper, at_once
from .stand_in import Control

MINUTES = 60
CONFIRMATION = {"merchant_urls": {"confirmation": "https://shop.example/thanks"}}
PAYMENT_METHODS = {
    "invoice",
    "fixed_amount",
    "base_account",
    "direct_debit",
    "direct_bank_transfer",
    "b2b_invoice",
    "card",
    "slice_it_by_card",
    "pay_later_by_card",
    "pay_by_card",
    "fixed_sum_credit",
    "alternative_payment_method",
}
NOT_VALID = "Invalid authorization token"


@pytest.mark.parametrize("intent", ["buy", "buy_and_link", "buy_and_tokenize"])
def test_an_order_has_an_id_a_fraud_status_and_a_payment_method(klarna: Klarna, shopper: Shopper, intent: str) -> None:
    body = purchase(intent=intent)
    token = shopper.approve(klarna, klarna.open_session(body))
    assert is_uuid(token)
    order = assert_ok(klarna.create_order(token, order_for(body)))
    assert set(order) <= {
        "order_id", "fraud_status", "authorized_payment_method", "redirect_url", "customer_token",
    }  # fmt: skip
    assert is_uuid(order["order_id"])
    assert order["fraud_status"] in ("ACCEPTED", "PENDING")
    method = order["authorized_payment_method"]
    assert set(method) <= {"type", "number_of_days", "number_of_installments"}
    assert method["type"] in PAYMENT_METHODS


@pytest.mark.parametrize(
    ("session", "order", "expected"),
    [
        pytest.param({}, {}, False, id="no confirmation page"),
        pytest.param(CONFIRMATION, {}, True, id="given with the session"),
        pytest.param({}, CONFIRMATION, True, id="given with the order"),
        pytest.param(CONFIRMATION, CONFIRMATION, True, id="given with both"),
        pytest.param({"merchant_urls": {"push": "https://shop.example/push"}}, {}, False, id="push only"),
    ],
)
def test_a_redirect_is_offered_when_there_is_a_confirmation_page(
    klarna: Klarna, shopper: Shopper, session: dict[str, Any], order: dict[str, Any], expected: bool
) -> None:
    body = purchase() | session
    token = shopper.approve(klarna, klarna.open_session(body))
    placed = assert_ok(klarna.create_order(token, changed(order_for(body), {"merchant_urls": {}}) | order))
    assert ("redirect_url" in placed) is expected
    if expected:
        assert placed["redirect_url"].startswith(("http://", "https://"))
        assert "shop.example" not in placed["redirect_url"].split("?")[0]


@pytest.mark.parametrize("capture", [True, False])
def test_an_order_may_ask_for_capture_at_once(klarna: Klarna, shopper: Shopper, capture: bool) -> None:
    body = purchase(line(type="digital"))
    token = shopper.approve(klarna, klarna.open_session(body))
    assert_ok(klarna.create_order(token, order_for(body) | {"auto_capture": capture}))


def test_references_may_come_with_the_order_only(klarna: Klarna, shopper: Shopper) -> None:
    body = purchase()
    token = shopper.approve(klarna, klarna.open_session(body))
    extra = {"merchant_reference1": "A-1", "merchant_reference2": "B-2", "merchant_data": "{}"}
    assert_ok(klarna.create_order(token, order_for(body) | extra))


# --- which authorization


@pytest.mark.parametrize("token", [NOBODY, "nonsense", "x" * 300])
def test_an_unknown_authorization_is_not_valid(klarna: Klarna, token: str) -> None:
    assert_refused(klarna.create_order(token, order_for(purchase())), 404, "NOT_FOUND", NOT_VALID)


def test_an_authorization_of_one_region_is_unknown_in_another(
    klarna: Klarna, north_america: Klarna, shopper: Shopper
) -> None:
    body = purchase()
    token = shopper.approve(klarna, klarna.open_session(body))
    assert_refused(north_america.create_order(token, order_for(body)), 404, "NOT_FOUND", NOT_VALID)
    assert_refused(north_america.cancel_authorization(token), 404, "NOT_FOUND")
    assert_ok(klarna.create_order(token, order_for(body)))


def test_an_authorization_is_valid_for_60_minutes(klarna: Klarna, shopper: Shopper, control: Control) -> None:
    body = purchase()
    in_time = shopper.approve(klarna, klarna.open_session(body))
    too_late = shopper.approve(klarna, klarna.open_session(body))
    control.advance(59 * MINUTES)
    assert_ok(klarna.create_order(in_time, order_for(body)))
    control.advance(2 * MINUTES)
    assert_refused(klarna.create_order(too_late, order_for(body)), 404, "NOT_FOUND", NOT_VALID)


def test_after_an_expired_authorization_the_shopper_may_approve_again(
    klarna: Klarna, shopper: Shopper, control: Control
) -> None:
    body = purchase()
    session_id = klarna.open_session(body)
    old = shopper.approve(klarna, session_id)
    control.advance(61 * MINUTES)
    new = shopper.approve(klarna, session_id)
    assert_refused(klarna.create_order(old, order_for(body)), 404, "NOT_FOUND", NOT_VALID)
    assert_ok(klarna.create_order(new, order_for(body)))


def test_a_newer_authorization_replaces_the_older(klarna: Klarna, shopper: Shopper) -> None:
    body = purchase()
    session_id = klarna.open_session(body)
    old, new = shopper.approve(klarna, session_id), shopper.approve(klarna, session_id)
    assert old != new
    assert assert_ok(klarna.read_session(session_id))["authorization_token"] == new
    assert_refused(klarna.create_order(old, order_for(body)), 404, "NOT_FOUND", NOT_VALID)
    assert_ok(klarna.create_order(new, order_for(body)))


# --- once only


def test_the_same_order_again_is_the_same_order(klarna: Klarna, shopper: Shopper) -> None:
    body = purchase(intent="buy_and_link") | CONFIRMATION
    token = shopper.approve(klarna, klarna.open_session(body))
    first = assert_ok(klarna.create_order(token, order_for(body)))
    assert assert_ok(klarna.create_order(token, order_for(body))) == first


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"merchant_reference1": "other"}, id="another reference"),
        pytest.param({"auto_capture": True}, id="another wish"),
    ],
)
def test_another_order_with_a_used_authorization_is_a_conflict(
    klarna: Klarna, shopper: Shopper, change: dict[str, Any]
) -> None:
    body = purchase()
    token = shopper.approve(klarna, klarna.open_session(body))
    first = assert_ok(klarna.create_order(token, order_for(body)))
    other = klarna.create_order(token, order_for(body) | change)
    message = "The order has been already completed with different request body"
    assert_refused(other, 409, "BAD_VALUE", message)
    assert assert_ok(klarna.create_order(token, order_for(body))) == first


def test_orders_at_the_same_moment_are_one_order(klarna: Klarna, shopper: Shopper) -> None:
    body = purchase(intent="buy_and_link")
    token = shopper.approve(klarna, klarna.open_session(body))
    answers = at_once(8, lambda: klarna.create_order(token, order_for(body)))
    assert len({assert_ok(answer)["order_id"] for answer in answers}) == 1


# --- malformed


@pytest.mark.parametrize("field", ["purchase_country", "purchase_currency", "order_amount", "order_lines"])
def test_an_order_misses_a_required_field(klarna: Klarna, shopper: Shopper, field: str) -> None:
    body = purchase()
    token = shopper.approve(klarna, klarna.open_session(body))
    assert_bad_value(klarna.create_order(token, changed(order_for(body), {field: MISSING})), field)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        pytest.param({"auto_capture": "yes"}, "auto_capture", id="capture as text"),
        pytest.param({"order_lines[0].name": ""}, "order_lines[0].name", id="line without a name"),
        pytest.param({"order_lines[0].total_amount": 1}, "order_lines[0].total_amount", id="line's total"),
        pytest.param({"order_lines[0].total_tax_amount": 1}, "order_lines[0].total_tax_amount", id="tax"),
        pytest.param({"order_amount": 1}, "order_amount", id="amount"),
        pytest.param({"order_tax_amount": 5}, "order_tax_amount", id="order tax"),
        pytest.param({"locale": "sv-SE"}, "locale", id="locale"),
        pytest.param({"purchase_currency": "SEK"}, "purchase_currency", id="currency"),
        pytest.param({"merchant_reference1": "x" * 256}, "merchant_reference1", id="long reference"),
        pytest.param(
            {"merchant_urls": {"confirmation": "ftp://shop.example"}}, "merchant_urls.confirmation", id="address"
        ),
    ],
)  # fmt: skip
def test_an_order_keeps_to_the_rules_of_a_session(
    klarna: Klarna, shopper: Shopper, changes: dict[str, Any], path: str
) -> None:
    body = purchase()
    token = shopper.approve(klarna, klarna.open_session(body))
    assert_bad_value(klarna.create_order(token, changed(order_for(body), changes)), path)
