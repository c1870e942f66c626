"""Captures: taking what was authorized, all at once or as the goods leave.

https://docs.klarna.com/payments/after-payments/order-management/manage-orders-with-the-api/capture-and-track-orders/
Amounts are whole minor units.
"""

import uuid
from typing import Any

from . import clock, order_states, orders, store
from .api import order_validation
from .api.errors import ApiError
from .merchants import Merchant
from .order_states import Fraud, Ledger, Status
from .orders import Order

_SAID: tuple[str, ...] = ("reference", "description", "shipping_info")
_ADDRESSES: tuple[str, ...] = ("billing_address", "shipping_address")
_NOT_OPEN = {
    Status.CAPTURED: "Order is fully captured. Capture not possible.",
    Status.CANCELLED: "Order is cancelled. Capture not possible.",
    Status.EXPIRED: "Order has expired. Capture not possible.",
}


def create(merchant: Merchant, order_id: str, body: dict[str, Any]) -> str:
    """Capture part or all of the rest; the capture's id. Raises ApiError 400, 403 or 404."""
    with store.transaction():
        order = orders.of_merchant(merchant, order_id)
        request = order_validation.capture(body)
        _refuse(order.ledger, request["captured_amount"])
        capture = _capture(order.ledger, request)
        orders.save(order, order_states.with_capture(order.ledger, capture))
        orders.acknowledge(order)
        return str(capture["capture_id"])


def find(order: Order, capture_id: str) -> dict[str, Any]:
    """One capture of an order; raises ApiError 404."""
    for capture in order.ledger["captures"]:
        if capture["capture_id"] == capture_id:
            found: dict[str, Any] = capture
            return found
    raise ApiError(404, "NO_SUCH_CAPTURE", f"Capture {capture_id} cannot be found for order {order.order_id}")


def add_shipping_info(merchant: Merchant, order_id: str, capture_id: str, body: dict[str, Any]) -> None:
    """Say how a captured part travels; it is added to what was said before. Raises ApiError 400, 403 or 404."""
    with store.transaction():
        order = orders.of_merchant(merchant, order_id)
        added = order_validation.shipping_info(body)
        capture = shipped(order, capture_id)
        told = capture | {"shipping_info": [*capture.get("shipping_info", []), *added]}
        captures = [told if one is capture else one for one in order.ledger["captures"]]
        orders.save(order, order.ledger | {"captures": captures})


def shipped(order: Order, capture_id: str) -> dict[str, Any]:
    """A capture the shopper may be told of; raises ApiError 403 when there is none at all, else 404."""
    if not order.ledger["captures"]:
        raise ApiError(403, "NOT_ALLOWED", "Order has no captures.")
    return find(order, capture_id)


def _refuse(ledger: Ledger, amount: int) -> None:
    """A rejected order may be captured for some hours; the merchant then bears the risk."""
    if not order_states.is_open(ledger):
        raise _not_allowed(_NOT_OPEN[Status(ledger["status"])])
    if ledger["fraud_status"] == Fraud.PENDING:
        raise _not_allowed("Order is pending. Capture not possible.")
    if amount == 0:
        raise _not_allowed("Nothing would be captured. Capture not possible.")
    if amount > ledger["remaining_authorized_amount"]:
        raise _not_allowed("Captured amount is higher than the remaining authorized amount. Capture not possible.")


def _not_allowed(words: str) -> ApiError:
    return ApiError(403, "CAPTURE_NOT_ALLOWED", words)


def _capture(ledger: Ledger, request: dict[str, Any]) -> dict[str, Any]:
    """Where all of an order is captured without naming lines, they are the order's (inferred)."""
    whole = request["captured_amount"] == ledger["order_amount"]
    lines = ledger.get("order_lines", []) if whole else []
    return {
        "capture_id": str(uuid.uuid4()),
        "captured_amount": request["captured_amount"],
        "captured_at": clock.stamp(clock.now()),
        "refunded_amount": 0,
        "order_lines": request.get("order_lines", lines),
        **{name: request[name] for name in _SAID if name in request},
        **{name: ledger[name] for name in _ADDRESSES if name in ledger},
    }
