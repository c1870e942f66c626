"""How Klarna's review of a payment ended: hinted at by a notification, looked for by the reconciler.

Neither is believed: the order is read at Klarna, and moves by a conditional UPDATE, so that late, repeated and
parallel news change nothing twice.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ScalarSelect, Select, or_, select, update
from sqlalchemy.orm import selectinload

from app.klarna import KlarnaError
from app.klarna.orders import KlarnaOrder

from .. import background
from ..extensions import db, rows_changed, utcnow
from ..mail import sending
from ..mail.letters import Kind
from ..markets import get as get_market
from ..orders import letters
from ..orders import service as orders
from ..orders.models import Order
from ..orders.states import OrderState, Way
from ..web import klarna, klarna_checkout
from . import reviews
from .models import CheckoutAttempt

log = logging.getLogger(__name__)

# Klarna decides within hours, and tells; asking is for when that was lost.
PAUSE = timedelta(minutes=5)
AT_ONCE = 50
# What Klarna may have news about: accepted first and stopped later happens, too.
OPEN_TO_NEWS = (OrderState.PENDING, OrderState.PLACED, OrderState.PART_CAPTURED)
LETTERS = {
    OrderState.PLACED: Kind.CONFIRMED,
    OrderState.REJECTED: Kind.REJECTED,
    OrderState.CANCELLED: Kind.CANCELLED,
    OrderState.STOPPED: Kind.STOPPED,
}


@dataclass(frozen=True)
class Look:
    """An order to be read at Klarna."""

    id: int
    number: str
    state: str
    market: str
    way: str
    klarna_order_id: str | None


def note(attempt_id: str) -> None:
    """Klarna says that something was decided: written down first, looked into in the background. Commits."""
    noted = rows_changed(update(Order).where(Order.id == _ordered(attempt_id)).values(hinted_at=utcnow()))
    db.session.commit()
    if noted:
        background.soon(lambda: _look_and_tell(attempt_id))


def settle_all() -> Iterator[str]:
    """Read what is under review or was hinted at, the longest unseen first; one line of words for each that moved."""
    unseen = or_(Order.looked_at.is_(None), Order.looked_at < utcnow() - PAUSE)
    wanted = or_(Order.state == OrderState.PENDING, Order.hinted_at.is_not(None))
    due = _looks().where(wanted, unseen).order_by(Order.looked_at.asc().nulls_first(), Order.id)
    yield from look_at(_rows(due.limit(AT_ONCE)))


def look_at(looks: Sequence[Look]) -> Iterator[str]:
    """Read these orders at Klarna and follow what it says. Commits. Raises nothing: each has its turn.

    The database is asked for what moved alone. A hint stays while its order could not be read, or was moved by
    somebody else meanwhile, whose news may have been older; and one that came after we began is not answered yet.
    """
    began, followed = utcnow(), []
    rows_changed(update(Order).where(Order.id.in_([look.id for look in looks])).values(looked_at=began))
    db.session.commit()
    for look in looks:
        try:
            found = _read(look)
            target = reviews.outcome(OrderState(look.state), found.fraud_status, found.status)
            if target is not None and not _move(look, target, found):
                continue
        except KlarnaError as trouble:
            log.warning("review of order %s: %s", look.number, trouble)
        except Exception:
            db.session.rollback()
            log.exception("the review of order %s could not be followed", look.number)
        else:
            followed.append(look.id)
            if target is not None:
                yield f"{look.number}: {target}"
    rows_changed(update(Order).where(Order.id.in_(followed), Order.hinted_at <= began).values(hinted_at=None))
    db.session.commit()


def follow(order_id: int, found: KlarnaOrder) -> None:
    """Follow what somebody read at Klarna about this order, if it may have news. Commits."""
    for look in _rows(_looks().where(Order.id == order_id)):
        target = reviews.outcome(OrderState(look.state), found.fraud_status, found.status)
        if target is not None:
            _move(look, target, found)
    db.session.commit()


def _ordered(attempt_id: str) -> ScalarSelect[int | None]:
    return select(CheckoutAttempt.order_id).where(CheckoutAttempt.id == attempt_id).scalar_subquery()


def _look_and_tell(attempt_id: str) -> None:
    for line in look_at(_rows(_looks().where(Order.id == _ordered(attempt_id)))):
        log.info("after a notification, order %s", line)
    sending.send_all()


def _looks() -> Select[int, str, str, str, str, str | None]:
    """Orders Klarna may have news about. Without Klarna's order id there is nothing to read: the attempt finds it."""
    what = select(Order.id, Order.number, Order.state, Order.market, Order.way, Order.klarna_order_id)
    return what.where(Order.state.in_(OPEN_TO_NEWS), Order.klarna_order_id.is_not(None))


def _rows(query: Select[int, str, str, str, str, str | None]) -> list[Look]:
    return [Look(*row) for row in db.session.execute(query)]


def _read(look: Look) -> KlarnaOrder:
    by_checkout = look.way == Way.CHECKOUT
    management = klarna_checkout().orders if by_checkout else klarna(get_market(look.market).region).orders
    return management.read(look.klarna_order_id or "")


def _move(look: Look, target: OrderState, found: KlarnaOrder) -> bool:
    """State, shelf and letter in one transaction; False when somebody else moved it before."""
    if not orders.move(look.id, target, reviews.WORDS[target], fraud_status=found.fraud_status):
        db.session.rollback()
        return False
    _after(look.id, target, found.captured_amount)
    db.session.commit()
    return True


def _after(order_id: int, target: OrderState, captured: int) -> None:
    order = db.session.scalars(select(Order).options(selectinload(Order.lines)).where(Order.id == order_id)).one()
    if target in (OrderState.REJECTED, OrderState.CANCELLED):
        orders.give_back_stock(order)
    elif target is OrderState.PLACED:
        orders.follow_charge(order, captured)
    if target in LETTERS:
        letters.write(LETTERS[target], order)
    if target is OrderState.STOPPED:
        log.error("order %s: Klarna stopped the payment, do not ship", order.number)
