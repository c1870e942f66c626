"""Refunds: giving back what was captured.

https://docs.klarna.com/payments/after-payments/order-management/manage-orders-with-the-api/refund-orders-and-manage-authorizations/
Amounts are whole minor units. A return fee is a negative line, for orders captured whole and at once.
"""

import uuid
from typing import Any

from . import clock, order_states, orders, store
from .api import order_validation
from .api.errors import ApiError, not_found
from .merchants import Merchant
from .order_states import Ledger

NO_ORDER = "NOT_FOUND"  # the code of this part of the API; the others say NO_SUCH_ORDER
_RETURN_FEE = "return_fee"


def create(merchant: Merchant, order_id: str, body: dict[str, Any]) -> str:
    """Give back part or all of what was captured; the refund's id. Raises ApiError 400, 403 or 404."""
    with store.transaction():
        order = orders.of_merchant(merchant, order_id, NO_ORDER)
        request = order_validation.refund(body)
        _refuse(order.ledger, request)
        told = {"refund_id": str(uuid.uuid4()), "refunded_at": clock.stamp(clock.now())}
        orders.save(order, order_states.with_refund(order.ledger, request | told))
        return told["refund_id"]


def find(merchant: Merchant, order_id: str, refund_id: str) -> dict[str, Any]:
    """One refund; raises ApiError 404."""
    for refund in orders.of_merchant(merchant, order_id, NO_ORDER).ledger["refunds"]:
        if refund["refund_id"] == refund_id:
            found: dict[str, Any] = refund
            return found
    raise not_found(f"Refund {refund_id} cannot be found for order {order_id}")


def _refuse(ledger: Ledger, request: dict[str, Any]) -> None:
    captures = ledger["captures"]
    if not captures:
        raise _not_allowed("Order has no captures. Refund not possible")
    if request["refunded_amount"] == 0:
        raise _not_allowed("Nothing would be refunded. Refund not possible.")
    if ledger["refunded_amount"] + request["refunded_amount"] > ledger["captured_amount"]:
        raise _not_allowed("Over refund is not allowed. Refund not possible.")
    at_once = len(captures) == 1 and ledger["captured_amount"] == ledger["order_amount"]
    if not at_once and any(line.get("type") == _RETURN_FEE for line in request.get("order_lines", [])):
        raise _not_allowed("A return fee needs an order with a single full capture.")  # wording inferred


def _not_allowed(words: str) -> ApiError:
    return ApiError(403, "REFUND_NOT_ALLOWED", words)
