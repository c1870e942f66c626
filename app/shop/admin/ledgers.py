"""Klarna's ledger beside ours: what ended there without us, and where the two differ. Amounts in minor units."""

from datetime import timedelta

from sqlalchemy import func, or_, select, update

from app.klarna.orders import KlarnaOrder, OrderStatus

from ..checkout import reviewing
from ..extensions import db, rows_changed, utcnow
from ..mail.letters import Kind
from ..orders import letters
from ..orders import service as orders
from ..orders.models import Order
from ..orders.states import ActionState, OrderState, by_money
from . import books

# An authorization runs out by the day, and nobody tells.
# https://docs.klarna.com/payments/after-payments/order-management/manage-orders-with-the-api/capture-and-track-orders/
EVERY = timedelta(days=1)
AT_ONCE = 50
OPEN = (OrderState.PLACED, OrderState.PART_CAPTURED, OrderState.STOPPED)
ENDED = (OrderStatus.CANCELLED, OrderStatus.EXPIRED, OrderStatus.CAPTURED)


def unseen() -> list[int]:
    """Orders with something left to capture that nobody read at Klarna for a day, the longest unseen first.

    What Klarna captured with its yes is read once: that it did is our word alone.
    """
    seen = func.coalesce(Order.looked_at, Order.created_at)
    by_itself = (Order.state == OrderState.CAPTURED) & Order.looked_at.is_(None) & ~Order.actions.any()
    due = select(Order.id).where(or_(Order.state.in_(OPEN), by_itself), seen < utcnow() - EVERY)
    return list(db.session.scalars(due.order_by(seen, Order.id).limit(AT_ONCE)))


def note(order_id: int, at_klarna: KlarnaOrder) -> None:
    """Follow what Klarna decided about an order or ended of it, and write down where the ledgers differ. Commits."""
    reviewing.follow(order_id, at_klarna)
    order = books.whole(order_id)
    waiting = any(action.state == ActionState.ASKED for action in order.actions)
    if not waiting:
        orders.follow_charge(order, at_klarna.captured_amount)
    if not waiting and at_klarna.status in ENDED and order.captured == at_klarna.captured_amount:
        _release(order, at_klarna)
        order = books.whole(order_id)
    order.fraud_status, order.authorized_until = at_klarna.fraud_status, at_klarna.expires_at
    order.differs = "" if waiting else "; ".join(_differences(order, at_klarna))
    db.session.commit()


def _release(order: Order, at_klarna: KlarnaOrder) -> None:
    """What cannot be captured any more will not be sent; unless a clerk began something with the order just now."""
    rest = order.remaining
    if order.state not in OPEN or not rest:
        return
    captured = by_money(order.total, order.captured, order.released + rest, order.refunded)
    state = captured if order.captured else OrderState.CANCELLED
    here = (Order.id == order.id, Order.revision == order.revision, Order.state == order.state)
    gone = {"released": Order.released + rest, "revision": Order.revision + 1, "state": state}
    if rows_changed(update(Order).where(*here).values(gone)):
        books.give_back(order)
        orders.tell(order.id, _words(order, at_klarna.status, rest))
        if state is OrderState.CANCELLED:
            letters.write(Kind.CANCELLED, order)


def _words(order: Order, status: OrderStatus, rest: int) -> str:
    """What ended, for the shopper."""
    if order.captured:
        return f"The rest of your order will not be sent, and {order.worded(rest)} will not be charged."
    if status is OrderStatus.EXPIRED:
        return "Klarna’s approval ran out before the order was sent. Nothing was charged."
    return "The order was cancelled at Klarna. Nothing was charged."


def _differences(order: Order, at_klarna: KlarnaOrder) -> list[str]:
    ended = at_klarna.status in (OrderStatus.CANCELLED, OrderStatus.EXPIRED)
    ends = order.state == OrderState.REJECTED  # Klarna cancels it within four hours
    pairs = {
        "captured": (order.captured, at_klarna.captured_amount),
        "refunded": (order.refunded, at_klarna.refunded_amount),
        "left to capture": (order.remaining, 0 if ended or ends else at_klarna.remaining_authorized_amount),
    }
    return [
        f"{what}: {order.worded(ours)} here, {order.worded(theirs)} at Klarna"
        for what, (ours, theirs) in pairs.items()
        if ours != theirs
    ]
