"""What was interrupted between us and Klarna is finished here, from Klarna's answer."""

import logging
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from app.klarna import KlarnaError

from ..extensions import db, utcnow
from . import placing
from .models import AttemptState, CheckoutAttempt
from .outcomes import CheckoutRefused

log = logging.getLogger(__name__)

# A page that is still waiting for its answer is left alone.
GRACE = timedelta(seconds=30)


def settle_all() -> Iterator[str]:
    """Finish every attempt that was left half done; one line of words for each."""
    for attempt_id in unsettled():
        yield f"{attempt_id}: {settle(attempt_id)}"


def unsettled() -> list[str]:
    """Attempts whose create order has no answer, and approvals that no browser brought back."""
    quiet = CheckoutAttempt.changed_at < utcnow() - GRACE
    placing_or_approved = (CheckoutAttempt.state == AttemptState.PLACING) | (
        (CheckoutAttempt.state == AttemptState.OPEN) & CheckoutAttempt.authorization_token.is_not(None)
    )
    waiting = select(CheckoutAttempt.id).where(quiet, placing_or_approved).order_by(CheckoutAttempt.opened_at)
    return list(db.session.scalars(waiting))


def settle_order(order_id: int) -> str:
    """Finish the attempt behind an order; what came of it, in words."""
    attempt_id = db.session.scalar(select(CheckoutAttempt.id).where(CheckoutAttempt.order_id == order_id))
    return settle(attempt_id) if attempt_id else "no attempt"


def settle(attempt_id: str) -> str:
    """Finish one attempt; what came of it, in words. Raises nothing: the next one has its turn whatever happens."""
    try:
        attempt = db.session.get_one(CheckoutAttempt, attempt_id)
        if attempt.state == AttemptState.OPEN:
            placing.write_order(attempt, attempt.version, attempt.authorization_token or "")
        # Repeated to the byte under its key: if the order was made before, Klarna answers with the same one.
        placing.ask_klarna(attempt_id)
    except CheckoutRefused as no:
        return _give_up(attempt_id, no)
    except KlarnaError as trouble:
        log.warning("reconciling %s: %s", attempt_id, trouble)
        return "still unclear"
    return str(db.session.get_one(CheckoutAttempt, attempt_id).state)


def _give_up(attempt_id: str, no: CheckoutRefused) -> str:
    """An approval that cannot become an order any more is cancelled at Klarna."""
    attempt = db.session.get_one(CheckoutAttempt, attempt_id)
    if attempt.state == AttemptState.OPEN and attempt.authorization_token:
        token, attempt.authorization_token = attempt.authorization_token, None
        placing.cancel(attempt, token)
    return no.code
