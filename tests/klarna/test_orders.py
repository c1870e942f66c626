"""Order Management on the wire: what is sent, what is made of answers, and that a repeated call stays one call."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from app.klarna import KlarnaClient, errors
from app.klarna.orders import Capture, OrderManagement, OrderStatus, Refund
from app.klarna.payments import FraudStatus

from .wire import Wire

CAPTURED_AT = "2026-01-01T00:00:00Z"
ORDER: dict[str, Any] = {
    "order_id": "o-1",
    "status": "PART_CAPTURED",
    "fraud_status": "ACCEPTED",
    "order_amount": 11900,
    "original_order_amount": 11900,
    "captured_amount": 1000,
    "refunded_amount": 500,
    "remaining_authorized_amount": 10900,
    "purchase_currency": "EUR",
    "klarna_reference": "K4MADNY",
    "merchant_reference1": "A-1",
    "expires_at": "2026-01-29T00:00:00Z",
    "captures": [
        {
            "capture_id": "c-1",
            "klarna_reference": "K4MADNY-1",
            "captured_amount": 1000,
            "refunded_amount": 500,
            "captured_at": CAPTURED_AT,
            "reference": "S-1",
        }
    ],
    "refunds": [{"refund_id": "r-1", "refunded_amount": 500, "refunded_at": CAPTURED_AT}],
}
LINE = {"name": "Lamp", "quantity": 1, "unit_price": 1000, "total_amount": 1000}
SHIPMENT = {"shipping_company": "DHL", "tracking_number": "1"}


def test_an_order_is_read_with_all_its_money(klarna: KlarnaClient, wire: Wire) -> None:
    wire.answer(200, ORDER)
    order = klarna.orders.read("o/1")
    assert (order.status, order.fraud_status) == (OrderStatus.PART_CAPTURED, FraudStatus.ACCEPTED)
    assert (order.order_amount, order.captured_amount, order.remaining_authorized_amount) == (11900, 1000, 10900)
    assert order.captures == (Capture("c-1", "K4MADNY-1", 1000, 500, CAPTURED_AT, "S-1"),)
    assert order.refunds == (Refund("r-1", 500, CAPTURED_AT, ""),)
    assert (wire.asked[0]["method"], wire.asked[0]["path"]) == ("GET", "/ordermanagement/v1/orders/o%2F1")


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "SOMETHING_NEW"},
        {"status": None},
        {"captured_amount": None},
        {"captured_amount": "1000"},
        {"captured_amount": 10.0},
        {"captures": [7]},
        {"captures": {"capture_id": "c"}},
        {"captures": [{"capture_id": "c"}]},
    ],
)
def test_an_order_nobody_can_read_is_a_failure(klarna: KlarnaClient, wire: Wire, changes: dict[str, Any]) -> None:
    wire.answer(200, ORDER | changes)
    with pytest.raises(errors.KlarnaFailed):
        klarna.orders.read("o-1")


def test_a_verdict_we_do_not_know_ships_nothing(klarna: KlarnaClient, wire: Wire) -> None:
    wire.answer(200, ORDER | {"fraud_status": "MAYBE"})
    assert klarna.orders.read("o-1").fraud_status is FraudStatus.PENDING


Change = Callable[[OrderManagement], object]
CHANGES: list[tuple[Change, str, str, Any]] = [
    (lambda om: om.acknowledge("o", "key"), "POST", "acknowledge", None),
    (lambda om: om.cancel("o", "key"), "POST", "cancel", None),
    (lambda om: om.release_remaining("o", "key"), "POST", "release-remaining-authorization", None),
    (lambda om: om.extend_authorization("o", "key"), "POST", "extend-authorization-time", None),
    (
        lambda om: om.set_merchant_references("o", "key", merchant_reference2=""),
        "PATCH",
        "merchant-references",
        {"merchant_reference2": ""},
    ),
    (
        lambda om: om.update_shipping_address("o", {"city": "Bonn"}, "key"),
        "PATCH",
        "customer-details",
        {"shipping_address": {"city": "Bonn"}},
    ),
    (
        lambda om: om.update_authorization("o", 1000, [LINE], "key"),
        "PATCH",
        "authorization",
        {"order_amount": 1000, "order_lines": [LINE]},
    ),
    (
        lambda om: om.add_shipping_info("o", "c/1", [SHIPMENT], "key"),
        "POST",
        "captures/c%2F1/shipping-info",
        {"shipping_info": [SHIPMENT]},
    ),
]


@pytest.mark.parametrize(("change", "method", "where", "body"), CHANGES, ids=[row[2] for row in CHANGES])
def test_each_change_goes_to_its_place_under_both_names_of_the_key(
    klarna: KlarnaClient, wire: Wire, change: Change, method: str, where: str, body: Any
) -> None:
    wire.answer(204)
    change(klarna.orders)
    (asked,) = wire.asked
    assert (asked["method"], asked["path"]) == (method, f"/ordermanagement/v1/orders/o/{where}")
    assert (json.loads(asked["body"]) if asked["body"] else None) == body
    assert asked["headers"]["Klarna-Idempotency-Key"] == asked["headers"]["Idempotency-Key"] == "key"


def test_a_capture_is_named_by_its_header(klarna: KlarnaClient, wire: Wire) -> None:
    wire.answer(201, "", Capture_Id="c-9", Location="https://k/ordermanagement/v1/orders/o/captures/c-9")
    shipped: dict[str, Any] = {"order_lines": [LINE], "reference": "S-1", "shipping_info": [SHIPMENT]}
    assert klarna.orders.capture("o", 1000, "key", **shipped) == "c-9"
    assert json.loads(wire.asked[0]["body"]) == {"captured_amount": 1000} | shipped
    assert klarna.orders.capture("o", 1000, "key") == "c-9"
    assert json.loads(wire.asked[1]["body"]) == {"captured_amount": 1000}


def test_a_refund_is_named_by_its_header_or_its_place(klarna: KlarnaClient, wire: Wire) -> None:
    wire.answer(201, "", Location="https://k/ordermanagement/v1/orders/o/refunds/r-9")
    assert klarna.orders.refund("o", 500, "key", description="Sent back") == "r-9"
    assert json.loads(wire.asked[0]["body"]) == {"refunded_amount": 500, "description": "Sent back"}


def test_a_capture_without_a_name_is_no_answer(klarna: KlarnaClient, wire: Wire) -> None:
    wire.answer(201, "")
    with pytest.raises(errors.KlarnaFailed):
        klarna.orders.capture("o", 1000, "key")


@pytest.mark.parametrize("trouble", [None, (500, {}, {}), (503, "", {}), (429, {}, {})])
def test_a_capture_whose_answer_was_lost_is_asked_for_again_with_its_key(
    klarna: KlarnaClient, wire: Wire, trouble: tuple | None
) -> None:
    wire.answers += [trouble, (201, "", {"Capture-Id": "c-9"})]
    assert klarna.orders.capture("o", 1000, "key-7") == "c-9"
    first, second = wire.asked
    assert first["body"] == second["body"]
    assert first["headers"]["Klarna-Idempotency-Key"] == second["headers"]["Klarna-Idempotency-Key"] == "key-7"


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (403, "CAPTURE_NOT_ALLOWED", errors.CaptureNotAllowed),
        (403, "CANCEL_NOT_ALLOWED", errors.CancelNotAllowed),
        (403, "REFUND_NOT_ALLOWED", errors.RefundNotAllowed),
        (403, "NOT_ALLOWED", errors.NotAllowed),
        (404, "NO_SUCH_ORDER", errors.NotFound),
        (404, "NO_SUCH_CAPTURE", errors.NotFound),
        (400, "INVALID_ORDER_ID", errors.BadRequest),
        (409, "CONFLICT", errors.Conflict),
        (422, "INVALID_ADDRESS", errors.BadRequest),
        (500, "UNEXPECTED_ERROR", errors.KlarnaFailed),
    ],
)
def test_every_refusal_has_its_class(
    klarna: KlarnaClient, wire: Wire, status: int, code: str, kind: type[errors.KlarnaError]
) -> None:
    wire.answer(status, {"error_code": code, "error_messages": ["no"], "correlation_id": "c-1"})
    with pytest.raises(errors.KlarnaError) as caught:
        klarna.orders.capture("o", 1000, "key")
    assert type(caught.value) is kind
    assert caught.value.correlation_id == "c-1"
