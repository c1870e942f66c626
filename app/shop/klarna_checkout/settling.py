"""A purchase in Klarna Checkout becomes an order of ours. Page, push and reconciler all come through here.

Nothing that is brought here is believed: the order is read at Klarna, and what it says is what was bought.
https://docs.klarna.com/klarna-checkout/in-depth-knowledge/confirm-purchase/
"""

import logging
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select, update

from app.klarna import KlarnaError
from app.klarna.errors import KlarnaFailed, KlarnaRefused, NotAuthenticated, NotFound
from app.klarna.orders import KlarnaOrder, OrderStatus
from app.klarna.payments import FraudStatus, PlacedOrder

from ..cart import store
from ..catalogue import service as catalogue
from ..checkout import finishing
from ..checkout.models import CheckoutAttempt
from ..checkout.states import AttemptState
from ..extensions import db, rows_changed, utcnow
from ..orders import service as orders
from ..orders.models import Order
from ..orders.sold import Sold, SoldLine
from ..orders.states import Way
from ..web import klarna_checkout, settings
from .bodies import UnreadableOrder, bought_address, purchase, references, sold_lines

log = logging.getLogger(__name__)

# An attempt that we gave up may be paid all the same: in an old tab, or while Klarna could not be told.
UNSETTLED = (AttemptState.OPEN, AttemptState.DROPPED)
ENDED = (OrderStatus.CANCELLED, OrderStatus.EXPIRED)
REST = timedelta(minutes=5)
PUSHES_END = timedelta(days=5)  # 48 hours to complete it, 48 for its pushes, and some
AT_ONCE = 50


@dataclass(frozen=True)
class Purchase:
    """What Klarna says of a purchase. ``body`` is the checkout's, empty when only Order Management still has it."""

    body: dict[str, Any] = field(repr=False)
    placed: KlarnaOrder


def settle(attempt_id: str) -> str | None:
    """Write the order of a purchase, once, however often and by whomever this is called; its number.

    None while nobody has paid. Commits. Raises KlarnaError when Klarna does not say. What is paid is always written,
    also when we gave the attempt up, or cannot read all that Klarna says.
    """
    attempt = db.session.get_one(CheckoutAttempt, attempt_id)
    number, klarna_id, state = attempt.order_number, attempt.klarna_session_id or "", attempt.state
    db.session.commit()
    if state in UNSETTLED and klarna_id:
        found = _look(klarna_id)
        if found is None:
            return None
        _finish(attempt_id, found)
    elif state != AttemptState.COMPLETED:
        return None
    acknowledge(attempt_id)
    return number


def _look(klarna_id: str) -> Purchase | None:
    """The purchase as Klarna has it; None when nobody paid. Raises KlarnaError when it does not say."""
    try:
        checkout = klarna_checkout().checkout.read(klarna_id)
    except NotAuthenticated:
        raise
    except KlarnaRefused:
        checkout = None  # gone after a while, as the order it became is not
    if checkout is not None and not checkout.is_bought:
        return None
    try:
        placed = klarna_checkout().orders.read(klarna_id)
    except NotFound as missing:
        if checkout is None:
            return None
        raise KlarnaFailed("read order", 404, "", ["bought, and not there yet"], missing.correlation_id) from missing
    return Purchase(checkout.body if checkout else {}, placed)


def settle_all() -> Iterator[str]:
    """What a push announced and what was not acknowledged yet; one line of words for each."""
    if settings().checkout is None:
        return
    for attempt_id in _unsettled():
        try:
            yield f"{attempt_id}: {settle(attempt_id) or 'nobody paid'}"
        except Exception:
            db.session.rollback()
            log.exception("checkout of attempt %s could not be settled", attempt_id)


def acknowledge(attempt_id: str) -> None:
    """Tell Klarna that the order is in our books, so that it stops announcing it. Commits; a failure waits."""
    attempt = db.session.get_one(CheckoutAttempt, attempt_id)
    if attempt.state != AttemptState.COMPLETED or attempt.acknowledged_at is not None:
        db.session.commit()
        return
    klarna_id, number, base = attempt.klarna_session_id or "", attempt.order_number, uuid.UUID(attempt.session_key)
    db.session.commit()
    try:
        management = klarna_checkout().orders
        management.acknowledge(klarna_id, str(uuid.uuid5(base, "acknowledge")))
        management.set_merchant_references(klarna_id, str(uuid.uuid5(base, "references")), merchant_reference1=number)
    except KlarnaError as trouble:
        log.warning("order %s is not acknowledged yet: %s", number, trouble)
        return
    attempt.acknowledged_at = utcnow()
    db.session.commit()


def _finish(attempt_id: str, found: Purchase) -> None:
    """Order, goods and cart in one transaction, by the one finishing function. Whoever comes second changes nothing."""
    attempt = db.session.get_one(CheckoutAttempt, attempt_id)
    here = (CheckoutAttempt.id == attempt_id, CheckoutAttempt.state.in_(UNSETTLED))
    if not rows_changed(update(CheckoutAttempt).where(*here).values(state=AttemptState.PLACING)):
        db.session.rollback()
        return
    email, billing = bought_address(found.body, "billing_address")
    _, shipping = bought_address(found.body, "shipping_address")
    sold = _sold(attempt, found)
    order = orders.open_order(attempt.order_number, attempt.user_id, sold, email, billing, Way.CHECKOUT)
    order.delivered_to = shipping if shipping != billing else None
    attempt.order_id, attempt.email, attempt.address = order.id, email, billing
    _take(attempt, order, list(sold.lines))
    _tell_differences(order, found.placed)
    finishing.complete(
        attempt_id,
        PlacedOrder(
            order_id=found.placed.order_id,
            fraud_status=FraudStatus.REJECTED if found.placed.status in ENDED else found.placed.fraud_status,
            redirect_url="",
            payment_method="",
            customer_token="",
        ),
    )


def _sold(attempt: CheckoutAttempt, found: Purchase) -> Sold:
    """What Klarna sold; what we told it last, where that cannot be read. Paid must never mean not written."""
    body = found.body
    try:
        lines = sold_lines(body, catalogue.by_reference(references(body)))
    except UnreadableOrder as odd:
        log.error("order %s is written from what we said: %s", attempt.order_number, odd)
        body = purchase(attempt.purchase)
        lines = sold_lines(body, catalogue.by_reference(references(body)))
    tax = body.get("order_tax_amount")
    currency = str(body.get("purchase_currency") or found.placed.purchase_currency).upper()
    return Sold(attempt.market, currency, tuple(lines), tax if isinstance(tax, int) else 0)


def _tell_differences(order: Order, placed: KlarnaOrder) -> None:
    """Lines and ledger are two things at Klarna, too; a person has to look when they are not one."""
    theirs, ours = (placed.order_amount, placed.purchase_currency.upper()), (order.total, order.currency)
    if theirs != ours:
        log.error("order %s: the ledger says %s %s, the lines %s %s", order.number, *theirs, *ours)
        orders.tell(order.id, "Klarna’s amount differs from the lines of this order; we look into it.")


def _take(attempt: CheckoutAttempt, order: Order, lines: list[SoldLine]) -> None:
    """The goods leave shelf and cart. It is paid: what ran out meanwhile is told, not refused."""
    goods = sorted((line.product_id, line.quantity, line.name) for line in lines if line.product_id is not None)
    for product_id, quantity, name in goods:
        if not catalogue.take_stock(product_id, quantity):
            log.error("order %s was paid, and %s is short", order.number, name)
            orders.tell(order.id, f"“{name}” ran short as you paid; we write to you about it.")
    if attempt.cart_id is not None:
        store.take_out_bought(attempt.cart_id, [(product_id, quantity) for product_id, quantity, _ in goods])


def _unsettled() -> list[str]:
    """Pushed and not written, or in our books and not acknowledged; each looked at now and then, and not for ever."""
    now = utcnow()
    pushed = CheckoutAttempt.state.in_(UNSETTLED) & CheckoutAttempt.pushed_at.is_not(None)
    silent = (CheckoutAttempt.state == AttemptState.COMPLETED) & CheckoutAttempt.acknowledged_at.is_(None)
    rested = or_(CheckoutAttempt.looked_at.is_(None), CheckoutAttempt.looked_at < now - REST)
    young = CheckoutAttempt.opened_at > now - PUSHES_END
    waiting = select(CheckoutAttempt.id).where(CheckoutAttempt.way == Way.CHECKOUT, or_(pushed, silent), rested, young)
    found = list(db.session.scalars(waiting.order_by(CheckoutAttempt.opened_at).limit(AT_ONCE)))
    db.session.execute(update(CheckoutAttempt).where(CheckoutAttempt.id.in_(found)).values(looked_at=now))
    db.session.commit()
    return found
