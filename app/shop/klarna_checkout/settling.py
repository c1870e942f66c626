"""A purchase in Klarna Checkout becomes an order of ours. Page, push and reconciler all come through here.

Nothing that is brought here is believed: the order is read at Klarna, and what it says is what was bought.
https://docs.klarna.com/klarna-checkout/in-depth-knowledge/confirm-purchase/
"""

import logging
import uuid
from collections.abc import Iterator

from sqlalchemy import or_, select

from app.klarna import KlarnaError
from app.klarna.checkout import CheckoutOrder
from app.klarna.errors import NotFound
from app.klarna.orders import KlarnaOrder
from app.klarna.payments import PlacedOrder

from ..cart import store
from ..catalogue import service as catalogue
from ..checkout import finishing
from ..checkout.models import CheckoutAttempt, move
from ..checkout.states import AttemptState
from ..extensions import db, utcnow
from ..orders import service as orders
from ..orders.models import Order
from ..orders.sold import Sold, SoldLine
from ..orders.states import Way
from ..web import klarna_checkout
from .bodies import UnreadableOrder, bought_address, references, sold_lines

log = logging.getLogger(__name__)


def settle(attempt_id: str) -> str | None:
    """Write the order of a purchase, once, however often and by whomever this is called; its number.

    None while nobody has paid. Commits. Raises KlarnaError when Klarna does not say.
    """
    attempt = db.session.get_one(CheckoutAttempt, attempt_id)
    number, klarna_id, state = attempt.order_number, attempt.klarna_session_id or "", attempt.state
    db.session.commit()
    if state == AttemptState.OPEN and klarna_id:
        try:
            bought = klarna_checkout().checkout.read(klarna_id)
            if not bought.is_bought:
                return None
            placed = klarna_checkout().orders.read(klarna_id)
        except NotFound:
            return None
        _finish(attempt_id, bought, placed)
    elif state != AttemptState.COMPLETED:
        return None
    acknowledge(attempt_id)
    return number


def settle_all() -> Iterator[str]:
    """What a push announced and what was not acknowledged yet; one line of words for each."""
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


def _finish(attempt_id: str, bought: CheckoutOrder, placed: KlarnaOrder) -> None:
    """Order, goods and cart in one transaction, by the one finishing function. Whoever comes second changes nothing."""
    attempt = db.session.get_one(CheckoutAttempt, attempt_id)
    lines = _lines(bought)
    if not move(attempt_id, AttemptState.PLACING):
        db.session.rollback()
        return
    email, billing = bought_address(bought.body, "billing_address")
    _, shipping = bought_address(bought.body, "shipping_address")
    order = orders.open_order(attempt.order_number, attempt.user_id, _sold(attempt, bought, lines), email, billing)
    order.way, order.delivered_to = Way.CHECKOUT, shipping if shipping != billing else None
    attempt.order_id, attempt.email, attempt.address = order.id, email, billing
    _take(attempt, order, lines)
    if bought.body.get("order_amount") != attempt.purchase.get("order_amount"):
        log.error(
            "order %s: Klarna sold %s, we said %s", order.number, bought.body.get("order_amount"), attempt.version
        )
    finishing.complete(
        attempt_id,
        PlacedOrder(
            order_id=placed.order_id,
            fraud_status=placed.fraud_status,
            redirect_url="",
            payment_method="",
            customer_token="",
        ),
    )


def _lines(bought: CheckoutOrder) -> list[SoldLine]:
    return sold_lines(bought.body, catalogue.by_reference(references(bought.body)))


def _sold(attempt: CheckoutAttempt, bought: CheckoutOrder, lines: list[SoldLine]) -> Sold:
    currency = str(bought.body.get("purchase_currency") or "").upper()
    if not currency:
        raise UnreadableOrder("an order without a currency")
    return Sold(attempt.market, currency, tuple(lines), int(bought.body.get("order_tax_amount") or 0))


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
    """Pushed and still open, or in our books and not acknowledged."""
    pushed = (CheckoutAttempt.state == AttemptState.OPEN) & CheckoutAttempt.pushed_at.is_not(None)
    silent = (CheckoutAttempt.state == AttemptState.COMPLETED) & CheckoutAttempt.acknowledged_at.is_(None)
    waiting = select(CheckoutAttempt.id).where(CheckoutAttempt.way == Way.CHECKOUT, or_(pushed, silent))
    return list(db.session.scalars(waiting.order_by(CheckoutAttempt.opened_at)))
