"""A payment token made from an authorization, which is not account linking: section 4.8.

https://docs.klarna.com/acquirer/klarna/web-payments/integrate-with-klarna-payments/tokenized-payments/customer-token/
"""

from __future__ import annotations

from typing import Any

import pytest

from .bodies import ADDRESS, MISSING, changed, purchase
from .client import NOBODY, Klarna
from .expectations import assert_bad_value, assert_ok, assert_refused
from .shopper import Shopper
from .stand_in import Control

REQUEST = {
    "purchase_country": "DE",
    "purchase_currency": "EUR",
    "locale": "de-DE",
    "description": "Monthly box",
    "intended_use": "SUBSCRIPTION",
}


def authorized(klarna: Klarna, shopper: Shopper, intent: str = "tokenize") -> str:
    return shopper.approve(klarna, klarna.open_session(purchase(intent=intent)))


@pytest.mark.parametrize("intent", ["tokenize", "buy_and_tokenize"])
def test_a_tokenizing_intent_leads_to_a_token_id(klarna: Klarna, shopper: Shopper, intent: str) -> None:
    answer = klarna.create_customer_token(authorized(klarna, shopper, intent), REQUEST)
    body = assert_ok(answer)
    assert body["token_id"]
    assert not body["token_id"].startswith("krn:partner:")
    assert set(body) <= {
        "token_id",
        "redirect_url",
        "billing_address",
        "customer",
        "payment_method_reference",
    }
    assert set(body.get("customer", {})) <= {"date_of_birth", "gender"}


@pytest.mark.parametrize("intent", ["buy", "buy_and_link"])
def test_another_intent_does_not(klarna: Klarna, shopper: Shopper, intent: str) -> None:
    answer = klarna.create_customer_token(authorized(klarna, shopper, intent), REQUEST)
    message = f"Not allowed to create customer token(s) for intent {intent}"
    assert_refused(answer, 403, "INVALID_OPERATION", message)


@pytest.mark.parametrize("field", sorted(REQUEST))
def test_every_field_is_required(klarna: Klarna, shopper: Shopper, field: str) -> None:
    token = authorized(klarna, shopper)
    assert_bad_value(klarna.create_customer_token(token, changed(REQUEST, {field: MISSING})), field)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("description", "", id="empty description"),
        pytest.param("description", "x" * 256, id="long description"),
        pytest.param("description", 7, id="number for a description"),
        pytest.param("intended_use", "ON_A_WHIM", id="unknown use"),
        pytest.param("purchase_country", "Germany", id="country as a word"),
        pytest.param("purchase_currency", "SEK", id="currency of another country"),
        pytest.param("locale", "sv-SE", id="locale of another country"),
    ],
)
def test_a_field_out_of_its_limits_is_refused(klarna: Klarna, shopper: Shopper, field: str, value: Any) -> None:
    token = authorized(klarna, shopper)
    assert_bad_value(klarna.create_customer_token(token, REQUEST | {field: value}), field)


@pytest.mark.parametrize("length", [1, 255])
def test_a_description_has_1_to_255_characters(klarna: Klarna, shopper: Shopper, length: int) -> None:
    token = authorized(klarna, shopper)
    assert_ok(klarna.create_customer_token(token, REQUEST | {"description": "x" * length}))


def test_another_billing_country_is_refused(klarna: Klarna, shopper: Shopper) -> None:
    abroad = REQUEST | {"billing_address": ADDRESS | {"country": "AT"}}
    answer = klarna.create_customer_token(authorized(klarna, shopper), abroad)
    assert_bad_value(answer, "purchase_country")


def test_the_authorization_is_known(klarna: Klarna) -> None:
    answer = klarna.create_customer_token(NOBODY, REQUEST)
    assert_refused(answer, 404, "NOT_FOUND", "Invalid authorization token")


def test_the_authorization_is_not_older_than_60_minutes(klarna: Klarna, shopper: Shopper, control: Control) -> None:
    token = authorized(klarna, shopper)
    control.advance(61 * 60)
    answer = klarna.create_customer_token(token, REQUEST)
    assert_refused(answer, 404, "NOT_FOUND", "Invalid authorization token")
