"""What Klarna's callbacks are answered with, from our own books alone. Commits."""

import hmac
from enum import StrEnum
from typing import Any

from sqlalchemy import update

from .. import background
from ..cart import store
from ..cart.models import Cart
from ..catalogue import service as catalogue
from ..checkout.models import CheckoutAttempt, change
from ..checkout.states import AttemptState
from ..extensions import db, rows_changed, utcnow
from ..markets import get as get_market
from ..orders.states import Way
from . import settling


class Objection(StrEnum):
    """Why something is not sold; each has its words on the page Klarna sends the shopper to."""

    SOLD_OUT = "sold-out"
    CHANGED = "changed"
    BOUGHT = "bought"


def is_klarna(attempt_id: str, secret: str) -> bool:
    """Whether a callback brings the secret of its attempt. Compared also when there is none, and in constant time."""
    attempt = db.session.get(CheckoutAttempt, attempt_id)
    known = attempt is not None and attempt.way == Way.CHECKOUT
    expected = attempt.callback_secret if attempt is not None else "-"
    return hmac.compare_digest(expected.encode(), secret.encode()) and known


def note_push(attempt_id: str) -> None:
    """Klarna says that it is bought: written down first, looked into in the background."""
    mine = update(CheckoutAttempt).where(CheckoutAttempt.id == attempt_id)
    rows_changed(mine.values(pushed_at=utcnow()))
    db.session.commit()
    background.soon(lambda: settling.settle(attempt_id))


def objection(attempt_id: str, order: dict[str, Any]) -> Objection | None:
    """Why this order must not be sold; None when it may. ``order`` is Klarna's, as the shopper completes it.

    That we let it pass is written down: from then on it may be paid, whatever else happens to it here. Commits.
    """
    attempt = db.session.get_one(CheckoutAttempt, attempt_id)
    if attempt.state != AttemptState.OPEN:
        return Objection.BOUGHT if attempt.state == AttemptState.COMPLETED else Objection.CHANGED
    cart = db.session.get(Cart, attempt.cart_id) if attempt.cart_id else None
    if cart is None:
        return Objection.CHANGED
    basket = store.price_cart(cart, get_market(attempt.market))
    if any(not catalogue.in_stock(item.product_id, item.quantity) for item in basket.items):
        return Objection.SOLD_OUT
    said = (order.get("order_id"), order.get("order_amount"), str(order.get("purchase_currency") or "").upper())
    agreed = said == (attempt.klarna_session_id, basket.total, basket.market.currency)
    if not agreed or attempt.version != basket.version:
        return Objection.CHANGED
    passed = change(attempt_id, AttemptState.OPEN, authorized_at=utcnow())
    db.session.commit()
    return None if passed else Objection.CHANGED
