"""What became of a purchase, for the browser that made it."""

import logging
from dataclasses import dataclass, field

from sqlalchemy import select

from app.klarna import KlarnaError

from ..checkout.attempts import Shopper, find
from ..checkout.models import CheckoutAttempt
from ..checkout.states import AttemptState
from ..extensions import db
from ..orders.states import Way
from ..web import klarna_checkout
from . import settling

log = logging.getLogger(__name__)


class NotYours(Exception):
    """No such purchase, or another browser's."""


@dataclass(frozen=True)
class Confirmed:
    """It is bought; ``snippet`` is Klarna's confirmation, empty when there is none any more (two hours)."""

    snippet: str = field(repr=False)


def confirm(number: str, shopper: Shopper) -> Confirmed | None:
    """Make sure that the order is in our books. None while nobody paid. Raises NotYours, KlarnaError."""
    attempt = db.session.scalar(select(CheckoutAttempt).filter_by(order_number=number, way=Way.CHECKOUT))
    if attempt is None or not shopper.owns(attempt):
        raise NotYours
    klarna_id = attempt.klarna_session_id or ""
    if settling.settle(attempt.id) is None:
        return None
    try:
        return Confirmed(klarna_checkout().checkout.read(klarna_id).html_snippet)
    except KlarnaError as gone:
        log.info("no confirmation of Klarna's for %s: %s", number, gone)
        return Confirmed("")


def bought(shopper: Shopper) -> str:
    """The number of what this browser bought last; empty when it bought nothing."""
    attempt = find(shopper.attempt_id, shopper)
    return attempt.order_number if attempt is not None and attempt.state == AttemptState.COMPLETED else ""
