"""How a pending order is decided: by the clock, or by whoever controls the sandbox; and what the merchant is told.

https://docs.klarna.com/payments/after-payments/order-management/more-actions/pending-orders/
After a rejection the merchant has four hours to capture all the same; then Klarna cancels (`order_states.at`).
"""

from datetime import datetime

from . import clock, order_entries, order_states, orders, store
from .callbacks import messages
from .order_states import Decision, Fraud, Status
from .orders import Order

EVENTS = {
    Decision.ACCEPT: "FRAUD_RISK_ACCEPTED",
    Decision.REJECT: "FRAUD_RISK_REJECTED",
    # Named by an older edition of the page; the current one has the other two.
    Decision.STOP: "FRAUD_RISK_STOPPED",
}
_DUE = "decides_at <= ? AND decided_at IS NULL"


class CannotDecide(ValueError):
    """There is nothing to decide about this order any more; the message says why."""


class UnknownOrder(LookupError):
    """No order has this id."""


def decide(order_id: str, decision: Decision) -> list[int]:
    """Decide now; the messages to start afterwards. Raises UnknownOrder or CannotDecide."""
    with store.transaction():
        order = orders.find(order_id)
        if order is None:
            raise UnknownOrder("no order has this order_id")
        if order.ledger["status"] in (Status.CANCELLED, Status.EXPIRED):
            raise CannotDecide(f"the order is {order.ledger['status'].lower()}")
        decidable = (Fraud.PENDING, Fraud.ACCEPTED) if decision is Decision.STOP else (Fraud.PENDING,)
        if order.ledger["fraud_status"] not in decidable:
            raise CannotDecide(f"the order is {order.ledger['fraud_status'].lower()} already")
        return _record(order, decision, clock.now())


def next_due() -> str | None:
    """The moment by the sandbox's clock at which the next review ends, as text."""
    row = store.connection().execute("SELECT MIN(decides_at) FROM orders WHERE decided_at IS NULL").fetchone()
    moment: str | None = row[0]
    return moment


def decide_due() -> list[int]:
    """End the reviews whose time has come, as at their moment; the messages to start afterwards."""
    query = f"SELECT order_id, decision, decides_at FROM orders WHERE {_DUE} ORDER BY decides_at"  # noqa: S608
    deliveries: list[int] = []
    with store.transaction() as db:
        for row in db.execute(query, [clock.stamp(clock.now())]).fetchall():
            moment = clock.read(row["decides_at"])
            deliveries += _record(orders.read(row["order_id"], moment), Decision(row["decision"]), moment)
    return deliveries


def _record(order: Order, decision: Decision, moment: datetime) -> list[int]:
    """A cancelled order is not reviewed to its end: nobody is told."""
    query = "UPDATE orders SET decided_at = ? WHERE order_id = ?"
    store.connection().execute(query, [clock.stamp(moment), order.order_id])
    if order.ledger["status"] == Status.CANCELLED:
        return []
    fraud_status = Fraud.ACCEPTED if decision is Decision.ACCEPT else Fraud.REJECTED
    ledger = order.ledger | {"fraud_status": fraud_status}
    wanted = decision is Decision.ACCEPT and order.request.get("auto_capture") is True
    if wanted and order_states.is_open(ledger):
        ledger = order_entries.captured_whole(ledger)
    orders.save(order, ledger)
    return messages.notification(order.urls.get("notification"), order.order_id, EVENTS[decision])
