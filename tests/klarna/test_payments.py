"""The client on the wire: what it sends, what it makes of answers, and what it repeats."""

import base64
import json

import pytest

from app.klarna import KlarnaClient, KlarnaConfig, errors
from app.klarna.payments import FraudStatus

from .wire import Seen, Wire

SESSION = {
    "session_id": "s-1",
    "client_token": "header.body.signature",
    "payment_method_categories": [
        {"identifier": "klarna", "name": "Pay with Klarna", "asset_urls": {"standard": "https://k/badge.svg"}}
    ],
}
ORDER = {
    "order_id": "o-1",
    "fraud_status": "ACCEPTED",
    "redirect_url": "https://k/r",
    "customer_token": "krn:partner:x",
}


def test_a_session_is_opened_with_credentials_and_one_key_under_both_names(klarna: KlarnaClient, wire: Wire) -> None:
    wire.answer(200, SESSION)
    session = klarna.payments.create_session({"intent": "buy"}, "key-1")
    assert (session.session_id, session.client_token) == ("s-1", "header.body.signature")
    assert session.categories[0].identifier == "klarna"
    (asked,) = wire.asked
    assert (asked["method"], asked["path"]) == ("POST", "/payments/v1/sessions")
    assert asked["headers"]["Authorization"] == "Basic " + base64.b64encode(b"user:secret").decode()
    assert asked["headers"]["Klarna-Idempotency-Key"] == asked["headers"]["Idempotency-Key"] == "key-1"
    assert json.loads(asked["body"]) == {"intent": "buy"}


def test_a_session_is_updated_with_an_empty_answer(klarna: KlarnaClient, wire: Wire) -> None:
    wire.answer(204)
    klarna.payments.update_session("s-1", {"order_amount": 1}, "key-2")
    assert wire.asked[0]["path"] == "/payments/v1/sessions/s-1"


def test_a_session_is_read(klarna: KlarnaClient, wire: Wire) -> None:
    wire.answer(200, {"status": "incomplete", "authorization_token": "a-1", "expires_at": "2026-01-01T00:00:00Z"})
    state = klarna.payments.read_session("s-1")
    assert (state.status, state.authorization_token) == ("incomplete", "a-1")


@pytest.mark.parametrize(
    ("method", "name"), [({"type": "invoice"}, "invoice"), ("invoice", "invoice"), (None, ""), ({}, "")]
)
def test_an_order_is_placed(klarna: KlarnaClient, wire: Wire, method: object, name: str) -> None:
    wire.answer(200, ORDER | {"authorized_payment_method": method})
    order = klarna.payments.place_order("a/1?x", {}, "key-3")
    assert (order.order_id, order.fraud_status, order.payment_method) == ("o-1", FraudStatus.ACCEPTED, name)
    assert order.customer_token == "krn:partner:x"
    assert wire.asked[0]["path"] == "/payments/v1/authorizations/a%2F1%3Fx/order"


def test_no_token_in_the_answer_is_an_empty_one(klarna: KlarnaClient, wire: Wire) -> None:
    wire.answer(200, {"order_id": "o-1", "fraud_status": "PENDING"})
    order = klarna.payments.place_order("a-1", {}, "key")
    assert (order.customer_token, order.redirect_url, order.fraud_status) == ("", "", FraudStatus.PENDING)


def test_an_unknown_fraud_status_ships_nothing(klarna: KlarnaClient, wire: Wire) -> None:
    wire.answer(200, {"order_id": "o-1", "fraud_status": "MAYBE"})
    assert klarna.payments.place_order("a-1", {}, "key").fraud_status is FraudStatus.PENDING


def test_an_authorization_is_cancelled(klarna: KlarnaClient, wire: Wire) -> None:
    wire.answer(204)
    klarna.payments.cancel_authorization("a-1")
    assert (wire.asked[0]["method"], wire.asked[0]["path"]) == ("DELETE", "/payments/v1/authorizations/a-1")


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "BAD_VALUE", errors.BadRequest),
        (401, "", errors.NotAuthenticated),
        (403, "REJECTED", errors.PurchaseRejected),
        (403, "INVALID_OPERATION", errors.InvalidOperation),
        (403, "MERCHANT_INACTIVE", errors.Forbidden),
        (404, "NOT_FOUND", errors.NotFound),
        (404, "SESSION_COMPLETED", errors.SessionCompleted),
        (409, "BAD_VALUE", errors.Conflict),
        (413, "REQUEST_TOO_LARGE", errors.BadRequest),
        (418, "", errors.KlarnaRefused),
        (429, "TOO_MANY_REQUESTS", errors.RateLimited),
        (500, "INTERNAL_SERVER_ERROR", errors.KlarnaFailed),
        (503, "", errors.KlarnaFailed),
    ],
)
def test_every_refusal_has_its_class(
    klarna: KlarnaClient, wire: Wire, status: int, code: str, kind: type[errors.KlarnaError]
) -> None:
    wire.answer(status, {"error_code": code, "error_messages": ["no"], "correlation_id": "c-1"})
    with pytest.raises(errors.KlarnaError) as caught:
        klarna.payments.place_order("a-1", {}, "key")
    assert type(caught.value) is kind
    assert (caught.value.status, caught.value.correlation_id) == (status, "c-1")


@pytest.mark.parametrize(
    "body",
    [
        "<html>401 Authorization Required</html>",
        "",
        {"http_status_code": 401, "internal_message": "no"},
        [1, 2],
        "null",
    ],
)
def test_a_401_may_have_any_shape(klarna: KlarnaClient, wire: Wire, body: object) -> None:
    wire.answer(401, body, Klarna_Correlation_Id="c-2")
    with pytest.raises(errors.NotAuthenticated) as caught:
        klarna.payments.read_session("s-1")
    assert caught.value.correlation_id == "c-2"


def test_a_single_error_message_is_read_too(klarna: KlarnaClient, wire: Wire) -> None:
    wire.answer(400, {"error_code": "BAD_VALUE", "error_message": "Bad value: locale"})
    with pytest.raises(errors.BadRequest) as caught:
        klarna.payments.create_session({}, "key")
    assert caught.value.error_messages == ["Bad value: locale"]


@pytest.mark.parametrize("body", ["not json", [], {"client_token": "t"}, {"session_id": ""}, {"session_id": 5}])
def test_a_success_nobody_can_read_is_a_failure(klarna: KlarnaClient, wire: Wire, body: object) -> None:
    wire.answer(200, body)
    with pytest.raises(errors.KlarnaFailed):
        klarna.payments.create_session({}, "key")


@pytest.mark.parametrize("trouble", [None, (500, {}, {}), (503, "", {}), (429, {}, {})])
def test_what_has_a_key_is_repeated_to_the_byte(klarna: KlarnaClient, wire: Wire, trouble: tuple | None) -> None:
    wire.answers += [trouble, (200, ORDER, {})]
    assert klarna.payments.place_order("a-1", {"order_amount": 1}, "key-4").order_id == "o-1"
    first, second = wire.asked
    assert first["body"] == second["body"]
    assert first["headers"]["Klarna-Idempotency-Key"] == second["headers"]["Klarna-Idempotency-Key"] == "key-4"


def test_a_refusal_is_never_repeated(klarna: KlarnaClient, wire: Wire) -> None:
    wire.answer(409, {"error_code": "BAD_VALUE"})
    with pytest.raises(errors.Conflict):
        klarna.payments.place_order("a-1", {}, "key")
    assert len(wire.asked) == 1


def test_patience_has_an_end(klarna: KlarnaClient, wire: Wire) -> None:
    wire.answers.append(None)
    with pytest.raises(errors.KlarnaUnreachable):
        klarna.payments.place_order("a-1", {}, "key")
    assert len(wire.asked) == 3


def test_redirects_are_not_followed(klarna: KlarnaClient, wire: Wire) -> None:
    wire.answer(302, "", Location="http://localhost:1/elsewhere")
    with pytest.raises(errors.KlarnaError):
        klarna.payments.read_session("s-1")


def test_the_watcher_sees_no_secret(klarna: KlarnaClient, wire: Wire, seen: Seen) -> None:
    wire.answer(200, ORDER)
    klarna.payments.place_order("token-1234", {"customer": {"customer_token": "krn:partner:y"}}, "key")
    (exchange,) = seen
    assert seen.begun == [(exchange.operation, exchange.method, exchange.path)]
    text = repr(exchange)
    assert not any(secret in text for secret in ("krn:partner", "token-1234", "secret"))
    assert (exchange.status, exchange.attempts) == (200, 1)


def test_secrets_are_not_in_text_forms(klarna: KlarnaClient, wire: Wire) -> None:
    wire.answer(200, SESSION | ORDER)
    texts = [
        repr(klarna.payments.create_session({}, "key")),
        repr(klarna.payments.place_order("a-1", {}, "key")),
        repr(KlarnaConfig("http://x", "user", "secret")),
    ]
    assert not any(secret in "".join(texts) for secret in ("header.body", "krn:partner", "secret"))
