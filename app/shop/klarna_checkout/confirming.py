"""What became of a purchase, for the browser that made it."""

import logging
from dataclasses import dataclass, field

from sqlalchemy import select

from app.klarna import KlarnaError

from ..checkout.attempts import Shopper, find
from ..checkout.models import CheckoutAttempt
from ..checkout.states import AttemptState
from ..extensions import db, utcnow
from ..orders import service as orders
from ..orders.states import Way
from ..web import klarna_checkout
from . import settling

log = logging.getLogger(__name__)


class NotYours(Exception):
    """No such purchase, or another browser's."""


class SomebodyElses(Exception):
    """It is bought, by an account that is not signed in here any more."""


@dataclass(frozen=True)
class Confirmed:
    """It is bought; ``snippet`` is Klarna's confirmation, empty when there is none any more (two hours)."""

    snippet: str = field(repr=False)


def confirm(number: str, shopper: Shopper, opened_here: bool, cart_id: int | None) -> Confirmed | None:
    """Make sure that the order is in our books. None while nobody paid. Raises NotYours, KlarnaError.

    ``opened_here``: this browser opened that checkout, whoever is signed in by now. A guest's order belongs to who
    signed in meanwhile.
    """
    attempt = db.session.scalar(select(CheckoutAttempt).filter_by(order_number=number, way=Way.CHECKOUT))
    if attempt is None:
        raise NotYours
    klarna_id, owner = attempt.klarna_session_id or "", attempt.user_id
    guests = owner is None and (opened_here or (cart_id is not None and attempt.cart_id == cart_id))
    if not (guests or shopper.owns(attempt) or opened_here):
        raise NotYours
    if settling.settle(attempt.id) is None:
        return None
    if not guests and owner != shopper.user_id:
        raise SomebodyElses
    if guests and shopper.user_id is not None:
        orders.give_to(number, shopper.user_id)
        db.session.commit()
    try:
        return Confirmed(klarna_checkout().checkout.read(klarna_id).html_snippet)
    except KlarnaError as gone:
        log.info("no confirmation of Klarna's for %s: %s", number, gone)
        return Confirmed("")


def bought(shopper: Shopper) -> str:
    """The number of what this browser bought a moment ago; empty when it bought nothing, or long before."""
    attempt = find(shopper.attempt_id, shopper)
    if attempt is None or attempt.state != AttemptState.COMPLETED:
        return ""
    return attempt.order_number if attempt.changed_at > utcnow() - orders.JUST_NOW else ""
