"""More time for a shopper to pay a capture, at the merchant's expense.

https://docs.klarna.com/payments/after-payments/order-management/manage-orders-with-the-api/refund-orders-and-manage-authorizations/#extend-payment-date
Days and fees, and that a capture is extended once, are inferred: both are a matter of the merchant's contract.
"""

from typing import Any

from . import captures, orders, store
from .api import order_validation
from .api.errors import ApiError
from .merchants import Merchant
from .orders import Order

FEES = {14: 0, 30: 150}  # days, and the fee in minor units


def options(order: Order, capture_id: str) -> dict[str, Any]:
    """What may be chosen for this capture, and what each choice costs; raises ApiError 404."""
    capture = captures.find(order, capture_id)
    choices = [{"number_of_days": days, "amount": fee} for days, fee in FEES.items()]
    possible = capture_id not in order.extensions and capture["refunded_amount"] < capture["captured_amount"]
    currency = str(order.ledger["purchase_currency"]).lower()
    return {"currency": currency, "options": choices if possible else []}


def extend(merchant: Merchant, order_id: str, capture_id: str, body: dict[str, Any]) -> None:
    """Choose one of the options; raises ApiError 400, 403 or 404."""
    with store.transaction() as db:
        order = orders.of_merchant(merchant, order_id)
        days = order_validation.extension(body)
        offered = [choice["number_of_days"] for choice in options(order, capture_id)["options"]]
        if days not in offered:
            raise ApiError(403, "NOT_ALLOWED", f"The due date cannot be extended by {days} days.")
        query = "UPDATE orders SET extensions = ? WHERE order_id = ?"
        db.execute(query, [store.dump(order.extensions | {capture_id: days}), order_id])
