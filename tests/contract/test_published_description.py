"""Requests of this suite and answers to them, held against the descriptions Klarna publishes, where at hand."""

from __future__ import annotations

from typing import Any

import pytest

from ..support.openapi import assert_request, assert_response
from .bodies import ADDRESS, MISSING, american_purchase, changed, order_for, purchase
from .client import NOBODY, Klarna
from .expectations import assert_ok
from .shopper import Shopper

SESSIONS = "/payments/v1/sessions"
SESSION = "/payments/v1/sessions/{session_id}"
AUTHORIZATION = "/payments/v1/authorizations/{authorizationToken}"
CONFIRMATION = {"merchant_urls": {"confirmation": "https://shop.example/thanks"}}
WHOLE = purchase(
    intent="buy_and_link",
    billing_address=ADDRESS,
    customer={"type": "person", "date_of_birth": "1970-07-10"},
    merchant_reference1="A-1",
    options={"color_border": "#123456"},
    **CONFIRMATION,
)
TOKEN_REQUEST = {
    "purchase_country": "DE",
    "purchase_currency": "EUR",
    "locale": "de-DE",
    "description": "Monthly box",
    "intended_use": "SUBSCRIPTION",
}


@pytest.mark.parametrize("body", [purchase(), WHOLE, american_purchase()], ids=["least", "whole", "United States"])
def test_the_requests_of_this_suite_are_as_described(body: dict[str, Any]) -> None:
    assert_request("POST", SESSIONS, body)
    assert_request("POST", SESSION, body)
    assert_request("POST", AUTHORIZATION + "/order", order_for(body))


@pytest.mark.parametrize("body", [purchase(), WHOLE], ids=["least", "whole"])
def test_a_session_and_its_life_are_as_described(klarna: Klarna, body: dict[str, Any]) -> None:
    created = assert_ok(klarna.create_session(body))
    assert_response("POST", SESSIONS, 200, created)
    session_id = created["session_id"]
    assert_response("GET", SESSION, 200, assert_ok(klarna.read_session(session_id)))
    updated = klarna.update_session(session_id, {"locale": "en-DE"})
    assert_response("POST", SESSION, updated.status_code, updated.content)


@pytest.mark.parametrize("body", [purchase(), WHOLE], ids=["least", "whole"])
def test_a_completed_session_and_its_order_are_as_described(
    klarna: Klarna, shopper: Shopper, body: dict[str, Any]
) -> None:
    session_id = klarna.open_session(body)
    token = shopper.approve(klarna, session_id)
    assert_response("GET", SESSION, 200, assert_ok(klarna.read_session(session_id)))
    placed = assert_ok(klarna.create_order(token, order_for(body)))
    assert_response("POST", AUTHORIZATION + "/order", 200, placed)
    assert_response("GET", SESSION, 200, assert_ok(klarna.read_session(session_id)))


def test_a_payment_token_is_as_described(klarna: Klarna, shopper: Shopper) -> None:
    assert_request("POST", AUTHORIZATION + "/customer-token", TOKEN_REQUEST)
    body = purchase(intent="tokenize", billing_address=ADDRESS)
    token = shopper.approve(klarna, klarna.open_session(body))
    answer = assert_ok(klarna.create_customer_token(token, TOKEN_REQUEST))
    assert_response("POST", AUTHORIZATION + "/customer-token", 200, answer)


def test_refusals_are_as_described(klarna: Klarna, shopper: Shopper) -> None:
    wrong = klarna.create_session(changed(purchase(), {"order_amount": MISSING}))
    assert_response("POST", SESSIONS, wrong.status_code, wrong.json())
    unknown = klarna.read_session(NOBODY)
    assert_response("GET", SESSION, unknown.status_code, unknown.json())
    token = shopper.approve(klarna, klarna.open_session(purchase()))
    other = klarna.create_order(token, order_for(american_purchase(locale="en-US")))
    assert_response("POST", AUTHORIZATION + "/order", other.status_code, other.json())
    gone = klarna.cancel_authorization(NOBODY)
    assert_response("DELETE", AUTHORIZATION, gone.status_code, gone.json())
