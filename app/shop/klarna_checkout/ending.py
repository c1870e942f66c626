"""Orders in Klarna Checkout that nobody shall pay any more: given up here, then ended at Klarna.

What was given up is refused when Klarna asks whether it may be sold. So only what we let pass before that can be paid,
and only about that Klarna has to be heard. Commits before calls.
"""

import logging
from datetime import timedelta

from sqlalchemy import select, update

from app.klarna.checkout import CheckoutOrder, CheckoutStatus
from app.klarna.errors import KlarnaFailed, KlarnaRefused, KlarnaUnavailable, ReadOnlyOrder

from ..checkout.models import CheckoutAttempt, change, move
from ..checkout.states import AttemptState, before
from ..extensions import db, rows_changed, utcnow
from ..orders.states import Way
from ..web import klarna_checkout, settings
from . import settling

log = logging.getLogger(__name__)

PAID_WITHIN = timedelta(hours=48)  # as long as an order nobody touches lives at Klarna


class BeingPaid(KlarnaFailed):
    """Klarna holds the order while the shopper pays it: neither ours to change, nor bought yet."""


def give_up(attempt_id: str | None) -> str:
    """End an order: signed in midway, another cart or market. Commits. The order's number when it was paid already.

    Raises KlarnaError where we let it pass and Klarna does not say what came of that.
    """
    attempt = db.session.get(CheckoutAttempt, attempt_id) if attempt_id else None
    if attempt is None or not _payable(attempt):
        return ""
    drop(attempt)
    klarna_id, passed = attempt.klarna_session_id or "", attempt.authorized_at is not None
    db.session.commit()
    try:
        klarna_checkout().checkout.abort(klarna_id)
    except KlarnaUnavailable as trouble:
        if passed:
            raise
        log.warning("checkout of attempt %s was not ended: %s", attempt.id, trouble)
        return ""
    except KlarnaRefused as no:  # paid, or over before
        number = settling.settle(attempt.id) if passed or isinstance(no, ReadOnlyOrder) else None
        if number:
            return number
        if passed and isinstance(no, ReadOnlyOrder):
            ended(klarna_id)
    change(attempt.id, AttemptState.DROPPED, authorized_at=None)
    db.session.commit()
    return ""


def ended(klarna_id: str) -> CheckoutOrder:
    """An order that Klarna does not let us change any more: bought, or over. Raises BeingPaid while it is neither."""
    order = klarna_checkout().checkout.read(klarna_id)
    if order.status is CheckoutStatus.INCOMPLETE:
        raise BeingPaid("change checkout", 403, "READ_ONLY_ORDER", ["locked, and not bought yet"])
    return order


def free(cart_id: int | None) -> str:
    """Nobody pays this cart in Klarna's frame from now on; the number of the order when somebody has.

    Klarna is asked only where we let a purchase pass. Commits. Raises KlarnaError when it does not say.
    """
    if cart_id is None or settings().checkout is None:
        return ""
    mine = select(CheckoutAttempt.id).filter_by(way=Way.CHECKOUT, cart_id=cart_id)
    passed = mine.where(
        CheckoutAttempt.state.in_(settling.UNSETTLED), CheckoutAttempt.authorized_at > utcnow() - PAID_WITHIN
    )
    return next(filter(None, map(give_up, db.session.scalars(passed).all())), "")


def drop_older(attempt: CheckoutAttempt) -> None:
    """Of several orders of one cart only the newest is sold: two tabs may have opened one each. Commits."""
    if attempt.cart_id is None:
        return
    others = update(CheckoutAttempt).filter_by(way=Way.CHECKOUT, cart_id=attempt.cart_id)
    older = others.where(
        CheckoutAttempt.opened_at < attempt.opened_at, CheckoutAttempt.state.in_(before(AttemptState.DROPPED))
    )
    rows_changed(older.values(state=AttemptState.DROPPED))
    db.session.commit()


def drop(attempt: CheckoutAttempt) -> None:
    """Given up in our books; whoever pays it all the same has an order. Commits."""
    move(attempt.id, AttemptState.DROPPED)
    db.session.commit()


def _payable(attempt: CheckoutAttempt) -> bool:
    """Whether somebody may pay it, or has: it is open, or was let pass before it was given up."""
    passed = attempt.state == AttemptState.DROPPED and attempt.authorized_at is not None
    return attempt.state == AttemptState.OPEN or passed
