"""The Customer Token API on the wire: making, reading, ending and charging payment tokens."""

import json
from typing import Any

import pytest

from app.klarna import KlarnaClient, errors
from app.klarna.customer_tokens import PaymentToken, TokenState, TokenStatus, WrongTokenKind
from app.klarna.payments import FraudStatus

from .wire import Seen, Wire

TOKEN_ID = "0b1d9815-165e-42e2-8867-35bc03789e00"
TOKEN = PaymentToken(TOKEN_ID)
PATH = f"/customer-token/v1/tokens/{TOKEN_ID}"
LINKING = "krn:partner:eu1:test:identity:customer-token:abc"


@pytest.mark.parametrize("wrong", [LINKING, "krn:partner:us1:live:identity:customer-token:" + "x" * 900, ""])
def test_what_pays_nothing_is_no_payment_token(wrong: str) -> None:
    with pytest.raises(WrongTokenKind) as caught:
        PaymentToken(wrong)
    assert "a payment token (token_id" in str(caught.value)
    assert not wrong or wrong not in str(caught.value)


@pytest.mark.parametrize("right", [TOKEN_ID, "krn:customer-token:eu1:abc"])
def test_a_payment_token_shows_nothing_of_itself(right: str) -> None:
    assert right not in repr(PaymentToken(right))


def test_a_token_is_made_of_an_approval(klarna: KlarnaClient, wire: Wire) -> None:
    wire.answer(200, {"token_id": TOKEN_ID, "redirect_url": "https://k/r"})
    made = klarna.customer_tokens.generate("a/1", {"description": "Coffee"}, "key")
    assert (made.token, made.redirect_url) == (TOKEN, "https://k/r")
    (asked,) = wire.asked
    assert (asked["method"], asked["path"]) == ("POST", "/payments/v1/authorizations/a%2F1/customer-token")
    assert asked["headers"]["Klarna-Idempotency-Key"] == asked["headers"]["Idempotency-Key"] == "key"


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("ACTIVE", TokenStatus.ACTIVE),
        ("active", TokenStatus.ACTIVE),
        ("SUSPENDED", TokenStatus.SUSPENDED),
        ("CANCELLED", TokenStatus.CANCELLED),
        ("RESTING", TokenStatus.SUSPENDED),
    ],
)
def test_a_token_is_read(klarna: KlarnaClient, wire: Wire, said: str, status: TokenStatus) -> None:
    wire.answer(200, {"status": said, "payment_method_type": "INVOICE"})
    assert klarna.customer_tokens.read(TOKEN) == TokenState(status, "INVOICE")
    assert (wire.asked[0]["method"], wire.asked[0]["path"]) == ("GET", PATH)


def test_a_token_is_cancelled(klarna: KlarnaClient, wire: Wire) -> None:
    wire.answer(202)
    klarna.customer_tokens.cancel(TOKEN, "key")
    (asked,) = wire.asked
    assert (asked["method"], asked["path"], json.loads(asked["body"])) == (
        "PATCH",
        f"{PATH}/status",
        {"status": "CANCELLED"},
    )


@pytest.mark.parametrize("answer", [{}, {"redirect_url": "https://k/r", "authorized_payment_method": {"type": "card"}}])
def test_a_token_is_charged(klarna: KlarnaClient, wire: Wire, answer: dict[str, Any]) -> None:
    wire.answer(200, {"order_id": "o-1", "fraud_status": "ACCEPTED"} | answer)
    charge = klarna.customer_tokens.charge(TOKEN, {"order_amount": 1}, "key")
    assert (charge.order_id, charge.fraud_status) == ("o-1", FraudStatus.ACCEPTED)
    assert charge.redirect_url == answer.get("redirect_url", "")
    (asked,) = wire.asked
    assert (asked["method"], asked["path"]) == ("POST", f"{PATH}/order")


def test_a_charge_whose_answer_was_lost_is_asked_for_again_with_its_key(klarna: KlarnaClient, wire: Wire) -> None:
    wire.answers += [None, (200, {"order_id": "o-1", "fraud_status": "ACCEPTED"}, {})]
    klarna.customer_tokens.charge(TOKEN, {"order_amount": 1}, "key-7")
    assert [asked["headers"]["Klarna-Idempotency-Key"] for asked in wire.asked] == ["key-7"] * 2


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (403, "TOKEN_CANCELED", errors.TokenCancelled),
        (403, "TOKEN_CANCELLED", errors.TokenCancelled),
        (403, "TOKEN_SUSPENDED", errors.TokenSuspended),
        (403, "PAYMENT_METHOD_CURRENCY_MISMATCH", errors.TokenUnusable),
        (403, "INVALID_OPERATION", errors.InvalidOperation),
        (404, "TOKEN_NOT_FOUND", errors.NotFound),
        (503, "SERVICE_UNAVAILABLE", errors.KlarnaFailed),
    ],
)
def test_every_refusal_has_its_class(
    klarna: KlarnaClient, wire: Wire, status: int, code: str, kind: type[errors.KlarnaError]
) -> None:
    wire.answer(status, {"error_code": code, "error_messages": ["no"], "correlation_id": "c-1"})
    with pytest.raises(errors.KlarnaError) as caught:
        klarna.customer_tokens.charge(TOKEN, {}, "key")
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("code", "more", "step_up_id", "again"),
    [
        ("PAYMENT_METHOD_FAILED", {}, "", True),
        ("UNAVAILABLE_PAYMENT_METHOD", {}, "", False),
        ("UNAVAILABLE_PAYMENT_METHOD", {"step_up_id": "s-1"}, "s-1", False),
    ],
)
def test_a_failed_charge_says_what_to_do(
    klarna: KlarnaClient,
    wire: Wire,
    seen: Seen,
    code: str,
    more: dict[str, str],
    step_up_id: str,
    again: bool,
) -> None:
    wire.answer(403, {"error_code": code, "fraud_status": "REJECTED", "reason": "no"} | more)
    with pytest.raises(errors.ChargeFailed) as caught:
        klarna.customer_tokens.charge(TOKEN, {"step_up": "SUPPORTED"}, "key")
    assert (caught.value.step_up_id, caught.value.may_be_tried_again) == (step_up_id, again)
    assert TOKEN_ID not in repr(seen)
    assert "s-1" not in repr(seen) + repr(caught.value)
