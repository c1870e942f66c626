"""An order as Order Management returns it. What cannot be read is no answer: better none than wrong amounts."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .answers import FraudStatus, fraud_status, required, required_amount, unreadable
from .transport import Reply

_OPERATION = "read order"


class OrderStatus(StrEnum):
    """How far an order is. https://docs.klarna.com/payments/after-payments/order-management/"""

    AUTHORIZED = "AUTHORIZED"
    PART_CAPTURED = "PART_CAPTURED"
    CAPTURED = "CAPTURED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    CLOSED = "CLOSED"


@dataclass(frozen=True)
class Capture:
    """What was taken, and how much of it was given back."""

    capture_id: str
    klarna_reference: str
    captured_amount: int
    refunded_amount: int
    captured_at: str
    reference: str


@dataclass(frozen=True)
class Refund:
    """What was given back."""

    refund_id: str
    refunded_amount: int
    refunded_at: str
    reference: str


@dataclass(frozen=True)
class KlarnaOrder:
    """An order as Klarna has it; ``remaining_authorized_amount`` may still be captured, until ``expires_at``."""

    order_id: str
    status: OrderStatus
    fraud_status: FraudStatus
    order_amount: int
    original_order_amount: int
    captured_amount: int
    refunded_amount: int
    remaining_authorized_amount: int
    purchase_currency: str
    klarna_reference: str
    merchant_reference1: str
    merchant_reference2: str
    expires_at: str
    captures: tuple[Capture, ...]
    refunds: tuple[Refund, ...]


def order(reply: Reply) -> KlarnaOrder:
    """The order in an answer; raises KlarnaFailed."""
    body = reply.body

    def amount(name: str) -> int:
        return required_amount(reply, _OPERATION, body, name)

    def text(name: str) -> str:
        return str(body.get(name) or "")

    return KlarnaOrder(
        order_id=required(reply, _OPERATION, "order_id"),
        status=_status(reply),
        fraud_status=fraud_status(body),
        order_amount=amount("order_amount"),
        original_order_amount=amount("original_order_amount"),
        captured_amount=amount("captured_amount"),
        refunded_amount=amount("refunded_amount"),
        remaining_authorized_amount=amount("remaining_authorized_amount"),
        purchase_currency=text("purchase_currency"),
        klarna_reference=text("klarna_reference"),
        merchant_reference1=text("merchant_reference1"),
        merchant_reference2=text("merchant_reference2"),
        expires_at=text("expires_at"),
        captures=tuple(_capture(reply, item) for item in _items(reply, "captures")),
        refunds=tuple(_refund(reply, item) for item in _items(reply, "refunds")),
    )


def _status(reply: Reply) -> OrderStatus:
    try:
        return OrderStatus(required(reply, _OPERATION, "status"))
    except ValueError:
        raise unreadable(reply, _OPERATION, "a status we know") from None


def _items(reply: Reply, name: str) -> list[dict[str, Any]]:
    items = reply.body.get(name) or []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise unreadable(reply, _OPERATION, f"a list of {name}")
    return items


def _capture(reply: Reply, item: dict[str, Any]) -> Capture:
    return Capture(
        capture_id=str(item.get("capture_id") or ""),
        klarna_reference=str(item.get("klarna_reference") or ""),
        captured_amount=required_amount(reply, _OPERATION, item, "captured_amount"),
        refunded_amount=required_amount(reply, _OPERATION, {"refunded_amount": 0} | item, "refunded_amount"),
        captured_at=str(item.get("captured_at") or ""),
        reference=str(item.get("reference") or ""),
    )


def _refund(reply: Reply, item: dict[str, Any]) -> Refund:
    return Refund(
        refund_id=str(item.get("refund_id") or ""),
        refunded_amount=required_amount(reply, _OPERATION, item, "refunded_amount"),
        refunded_at=str(item.get("refunded_at") or ""),
        reference=str(item.get("reference") or ""),
    )
