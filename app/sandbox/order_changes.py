"""What a merchant may change about an order that was placed.

https://docs.klarna.com/payments/after-payments/order-management/manage-orders-with-the-api/view-and-change-orders/
Every function raises ApiError: 400 for what makes no sense, 403 for what this order does not allow, 404. Wordings are
inferred, except those Klarna's page of errors prints.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from . import clock, order_states, orders, outcomes, store
from .api import order_validation
from .api.errors import ApiError
from .merchants import Merchant
from .order_states import Fraud, Ledger, Status
from .orders import Order
from .people import Outcome

# https://docs.klarna.com/order-management/manage-orders-with-the-api/refund-and-extend-orders/extend-order-authorization/
LONGEST_AUTHORIZATION = timedelta(days=180)
_NO_MORE = (Outcome.REFUSE, Outcome.REJECT_ORDER)


@contextmanager
def _changing(merchant: Merchant, order_id: str) -> Iterator[Order]:
    """The order, with nobody else changing it meanwhile."""
    with store.transaction():
        yield orders.of_merchant(merchant, order_id)


def acknowledge(merchant: Merchant, order_id: str) -> None:
    """The merchant has the order in its books."""
    with _changing(merchant, order_id) as order:
        orders.acknowledge(order)


def set_authorization(merchant: Merchant, order_id: str, body: dict[str, Any]) -> None:
    """Another amount and other lines; without lines the old ones are gone."""
    with _changing(merchant, order_id) as order:
        request = order_validation.authorization(body)
        amount, captured = request["order_amount"], order.ledger["captured_amount"]
        _refuse_unless_open(order.ledger, "Order authorization cannot be updated.")
        if amount < captured:
            words = f"Resulting authorization amount {amount} cannot be less than the captured amount {captured}"
            raise _not_allowed(f"{words} for order. Order authorization cannot be updated.")
        if amount > order.ledger["order_amount"] and outcomes.of(order.ledger, order.person) in _NO_MORE:
            raise _not_allowed("The higher amount was not approved. Order authorization cannot be updated.")
        ledger = order.ledger | {"order_lines": request.get("order_lines", [])}
        orders.save(order, order_states.with_amount(ledger, amount))


def set_references(merchant: Merchant, order_id: str, body: dict[str, Any]) -> None:
    """The merchant's own numbers: what is sent replaces the old one, an empty one takes it away."""
    with _changing(merchant, order_id) as order:
        sent = order_validation.references(body)
        if order.ledger["status"] == Status.CANCELLED:
            raise _not_allowed("Order is cancelled. Merchant references cannot be updated.")
        ledger = order.ledger | sent
        emptied = {name for name, value in sent.items() if not value}
        orders.save(order, {name: value for name, value in ledger.items() if name not in emptied})


def set_shipping_address(merchant: Merchant, order_id: str, body: dict[str, Any]) -> None:
    """Another place to ship to; what is not sent of the address stays (inferred)."""
    with _changing(merchant, order_id) as order:
        if "billing_address" in body:
            raise _not_allowed("Billing address cannot be updated.")
        address = order_validation.shipping_address(body, order.ledger)
        _refuse_unless_open(order.ledger, "Customer details cannot be updated.")
        orders.save(order, order.ledger | {"shipping_address": address})


def add_shipping_info(merchant: Merchant, order_id: str, body: dict[str, Any]) -> None:
    """How the order travels; it is added to what was said before."""
    with _changing(merchant, order_id) as order:
        added = order_validation.shipping_info(body)
        orders.save(order, order.ledger | {"shipping_info": [*order.ledger.get("shipping_info", []), *added]})


def extend_authorization(merchant: Merchant, order_id: str) -> None:
    """As long again as at first, from now on; not beyond 180 days after the purchase."""
    with _changing(merchant, order_id) as order:
        if not order_states.is_open(order.ledger):
            raise _not_allowed("Authorization time cannot be extended for this order.")
        latest = clock.read(order.ledger["created_at"]) + LONGEST_AUTHORIZATION
        until = min(clock.now() + order_states.AUTHORIZED_FOR, latest)
        orders.save(order, order.ledger | {"expires_at": clock.stamp(until)})


def cancel(merchant: Merchant, order_id: str) -> None:
    """The order will not be delivered: all of it is released."""
    with _changing(merchant, order_id) as order:
        if order.ledger["captures"]:
            raise _no_cancel("Order has previous captures. Cancel not possible.")
        if not order_states.is_open(order.ledger):
            raise _no_cancel(f"Order is {order.ledger['status'].lower()}. Cancel not possible.")
        orders.save(order, order_states.without_rest(order.ledger))


def release_remaining(merchant: Merchant, order_id: str) -> None:
    """The rest will not be delivered: what was captured is the whole order then."""
    with _changing(merchant, order_id) as order:
        status = order.ledger["status"]
        if status == Status.CAPTURED:
            raise _not_allowed("Order is fully captured. Remaining authorization cannot be released.")
        if not order_states.is_open(order.ledger):
            raise _not_allowed(f"Order is {status.lower()}. Remaining authorization cannot be released.")
        if not order.ledger["captures"]:
            raise _not_allowed("Order has no captures. Remaining authorization cannot be released.")
        orders.save(order, order_states.without_rest(order.ledger))


def _refuse_unless_open(ledger: Ledger, consequence: str) -> None:
    if not order_states.is_open(ledger):
        raise _not_allowed(f"Order is {ledger['status'].lower()}. {consequence}")
    if ledger["fraud_status"] != Fraud.ACCEPTED:
        raise _not_allowed(f"Order is {ledger['fraud_status'].lower()}. {consequence}")


def _not_allowed(words: str) -> ApiError:
    return ApiError(403, "NOT_ALLOWED", words)


def _no_cancel(words: str) -> ApiError:
    return ApiError(403, "CANCEL_NOT_ALLOWED", words)
