"""An action at Klarna: asked, answered, asked again, compared. Clerk and reconciler come through here.

What is asked is written and committed already (:mod:`.books`), and no transaction is open while Klarna is called.
https://docs.klarna.com/payments/after-payments/order-management/
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.klarna import KlarnaError, KlarnaRefused, KlarnaUnavailable
from app.klarna.orders import KlarnaOrder, OrderManagement, OrderStatus

from ..extensions import db, utcnow
from ..mail import sending
from ..markets import get as get_market
from ..orders.models import Order, OrderAction
from ..orders.states import ActionKind, Way
from ..web import klarna, klarna_checkout
from . import books, ledgers

log = logging.getLogger(__name__)

# Klarna says 24 hours: after that the same key would take or give the money a second time.
KEY_LIVES = timedelta(hours=23)
MOVES_MONEY = (ActionKind.CAPTURE, ActionKind.REFUND)


@dataclass(frozen=True)
class Errand:
    """All that is needed to speak of an action with Klarna. ``amount`` in minor units."""

    action_id: int
    order_id: int
    klarna_order_id: str
    way: str
    market: str
    kind: ActionKind
    amount: int
    body: dict[str, Any]
    key: str
    forgotten: bool
    """Too old to be repeated: Klarna would not know the key any more."""


def settle_all() -> Iterator[str]:
    """Ask again about everything that has no answer, one line of words for each; then read what was long unread."""
    for action_id in books.unanswered():
        try:
            yield f"action {action_id}: {ask_again(action_id)}"
        except Exception:
            db.session.rollback()
            log.exception("action %s could not be settled", action_id)
    for order_id in ledgers.unseen():
        try:
            compare(order_id)
        except Exception:
            db.session.rollback()
            log.exception("order %s could not be compared", order_id)


def ask_again(action_id: int) -> str:
    """Repeat an action that was left without an answer, unless a call is under way; its state. Commits."""
    return ask(action_id, again=True) if books.take_up(action_id) else books.state(action_id)


def ask(action_id: int, again: bool = False) -> str:
    """Call Klarna with what is stored, and finish: for whoever wrote the action. Its state. Commits."""
    errand = _errand(action_id)
    try:
        if errand.forgotten:
            _finish_by_reading(errand, "It never reached Klarna. Do it anew.", "")
        else:
            books.finish(action_id, _send(errand))
    except KlarnaUnavailable as lost:
        log.warning("action %s is unclear: %s", action_id, lost)
        books.leave(action_id, lost.correlation_id)
    except KlarnaRefused as no:
        _refused(errand, no, again)
    compare(errand.order_id)
    return books.state(action_id)


def compare(order_id: int) -> bool:
    """Read the order back, and write down where Klarna's ledger is another. Commits. False when it was not read."""
    order = db.session.get_one(Order, order_id)
    way, market, klarna_order_id = order.way, order.market, order.klarna_order_id or ""
    order.looked_at = utcnow()
    db.session.commit()
    try:
        at_klarna = _management(way, market).read(klarna_order_id)
    except KlarnaError as trouble:
        log.warning("order %s could not be compared: %s", klarna_order_id, trouble)
        return False
    ledgers.note(order_id, at_klarna)
    sending.send_soon()
    return True


def _errand(action_id: int) -> Errand:
    action = db.session.get_one(OrderAction, action_id)
    order = db.session.get_one(Order, action.order_id)
    kind = ActionKind(action.kind)
    errand = Errand(
        action_id=action_id,
        order_id=order.id,
        klarna_order_id=order.klarna_order_id or "",
        way=order.way,
        market=order.market,
        kind=kind,
        amount=action.amount,
        body=dict(action.body),
        key=action.idempotency_key,
        forgotten=kind in MOVES_MONEY and action.created_at < utcnow() - KEY_LIVES,
    )
    db.session.commit()
    return errand


def _management(way: str, market: str) -> OrderManagement:
    """Order Management of the product that took the payment: each has credentials of its own."""
    return klarna_checkout().orders if way == Way.CHECKOUT else klarna(get_market(market).region).orders


def _send(errand: Errand) -> str:
    """The call itself; the id of what was made, empty when nothing gets one. Raises KlarnaError."""
    orders, order_id, key = _management(errand.way, errand.market), errand.klarna_order_id, errand.key
    match errand.kind:
        case ActionKind.CAPTURE:
            return orders.capture(order_id, errand.amount, key, **errand.body)
        case ActionKind.REFUND:
            return orders.refund(order_id, errand.amount, key, **errand.body)
        case ActionKind.CANCEL:
            orders.cancel(order_id, key)
        case ActionKind.RELEASE:
            orders.release_remaining(order_id, key)
        case ActionKind.EXTEND:
            orders.extend_authorization(order_id, key)
        case ActionKind.ADDRESS:
            orders.update_shipping_address(order_id, errand.body, key)
    return ""


def _refused(errand: Errand, no: KlarnaRefused, again: bool) -> None:
    """A no to a repeated call says nothing of the first one: the order does."""
    log.warning("action %s was refused: %s", errand.action_id, no)
    words = f"{'; '.join(no.error_messages) or 'Klarna gave no reason.'} ({no.error_code or no.status})"
    if not again and no.attempts == 1:
        books.refuse(errand.action_id, words, no.correlation_id)
        return
    try:
        _finish_by_reading(errand, words, no.correlation_id)
    except KlarnaError as trouble:
        log.error("action %s may have happened; refused with %s, and %s", errand.action_id, no, trouble)
        books.leave(errand.action_id, trouble.correlation_id)


def _finish_by_reading(errand: Errand, otherwise: str, correlation_id: str) -> None:
    """What the order says of an action is its end; ``otherwise`` are the words when it did not happen."""
    made = _made(errand, _management(errand.way, errand.market).read(errand.klarna_order_id))
    if made is None:
        books.refuse(errand.action_id, otherwise, correlation_id)
    else:
        books.finish(errand.action_id, made)


def _made(errand: Errand, order: KlarnaOrder) -> str | None:
    """The id of what an action made, found by our reference; None where Klarna's order knows nothing of it."""
    reference = str(errand.body.get("reference", ""))
    match errand.kind:
        case ActionKind.CAPTURE:
            return next((c.capture_id for c in order.captures if c.reference == reference), None)
        case ActionKind.REFUND:
            return next((r.refund_id for r in order.refunds if r.reference == reference), None)
        case ActionKind.CANCEL:
            return "" if order.status is OrderStatus.CANCELLED else None
        case ActionKind.RELEASE:
            return "" if order.status is OrderStatus.CAPTURED else None
    return None  # asking twice for more time or another address does no harm, and changes nothing if refused
