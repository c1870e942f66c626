"""What an order is at a moment, and what follows for its money. Pure: the order goes in as Order Management returns it.

`remaining_authorized_amount`, `captured_amount` and what was released always add up to `order_amount`; amounts are
whole minor units. Where Klarna documents no transition it is inferred.
https://docs.klarna.com/payments/after-payments/order-management/manage-orders-with-the-api/view-and-change-orders/
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from . import clock

Ledger = dict[str, Any]
# The standard; https://docs.klarna.com/payments/web-payments/additional-resources/use-cases/extended-authorization-expiration
AUTHORIZED_FOR = timedelta(days=28)
# An order that was rejected may still be captured, at the merchant's own risk, before Klarna cancels it.
# https://docs.klarna.com/payments/after-payments/order-management/more-actions/pending-orders/
CAPTURABLE_AFTER_REJECTION = timedelta(hours=4)


class Status(StrEnum):
    AUTHORIZED = "AUTHORIZED"
    PART_CAPTURED = "PART_CAPTURED"
    CAPTURED = "CAPTURED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


class Fraud(StrEnum):
    """Klarna's assessment; PENDING: a person looks at the order, and nothing may be shipped."""

    ACCEPTED = "ACCEPTED"
    PENDING = "PENDING"
    REJECTED = "REJECTED"


class Decision(StrEnum):
    """How an assessment ends. An order is stopped when it turns out to be fraud, accepted or not."""

    ACCEPT = "accept"
    REJECT = "reject"
    STOP = "stop"


@dataclass(frozen=True)
class Review:
    """An order that starts as PENDING: what is decided, and how long after the purchase."""

    decision: Decision
    after: timedelta


def is_open(ledger: Ledger) -> bool:
    """Whether something may still be captured, changed or released."""
    return ledger["status"] in (Status.AUTHORIZED, Status.PART_CAPTURED)


def at(ledger: Ledger, now: datetime, decided_at: datetime | None) -> Ledger:
    """The order as time has left it: expired, or cancelled by Klarna after a rejection."""
    if not is_open(ledger):
        return ledger
    rejected = ledger["fraud_status"] == Fraud.REJECTED and decided_at is not None
    if rejected and decided_at is not None and now >= decided_at + CAPTURABLE_AFTER_REJECTION:
        return without_rest(ledger, Status.CANCELLED)
    return without_rest(ledger, Status.EXPIRED) if now >= clock.read(ledger["expires_at"]) else ledger


def without_rest(ledger: Ledger, unless_captured: Status = Status.CANCELLED) -> Ledger:
    """The rest is released. What was captured before stays captured, and then that is what the order is."""
    status = Status.CAPTURED if ledger["captures"] else unless_captured
    return ledger | {"status": status, "remaining_authorized_amount": 0}


def with_amount(ledger: Ledger, order_amount: int) -> Ledger:
    """Authorized for another amount, which is not below what was captured."""
    rest = order_amount - ledger["captured_amount"]
    return _with_rest(ledger | {"order_amount": order_amount}, rest)


def with_capture(ledger: Ledger, capture: dict[str, Any]) -> Ledger:
    """One more capture, which is not above the rest."""
    amount = capture["captured_amount"]
    named = capture | {"klarna_reference": f"{ledger['klarna_reference']}-{len(ledger['captures']) + 1}"}
    taken = {"captures": [*ledger["captures"], named], "captured_amount": ledger["captured_amount"] + amount}
    return _with_rest(ledger | taken, ledger["remaining_authorized_amount"] - amount)


def with_refund(ledger: Ledger, refund: dict[str, Any]) -> Ledger:
    """One more refund, which is not above what was captured; it counts against the oldest captures first."""
    left, captures = refund["refunded_amount"], []
    for capture in ledger["captures"]:
        part = min(left, capture["captured_amount"] - capture["refunded_amount"])
        captures.append(capture | {"refunded_amount": capture["refunded_amount"] + part})
        left -= part
    given = ledger["refunded_amount"] + refund["refunded_amount"]
    return ledger | {"captures": captures, "refunds": [*ledger["refunds"], refund], "refunded_amount": given}


def _with_rest(ledger: Ledger, rest: int) -> Ledger:
    captured = Status.PART_CAPTURED if rest else Status.CAPTURED
    status = captured if ledger["captures"] else Status.AUTHORIZED
    return ledger | {"status": status, "remaining_authorized_amount": rest}
