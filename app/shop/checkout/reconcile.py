"""What was interrupted between us and Klarna is finished here, from Klarna's answer."""

import logging
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import or_, select

from .. import background
from ..extensions import db, utcnow
from ..linking import questions
from ..signin import endings
from . import placing, reviewing
from .models import CheckoutAttempt, change
from .outcomes import CheckoutRefused
from .states import AttemptState

log = logging.getLogger(__name__)

# A page that is still waiting for its answer is left alone.
GRACE = timedelta(seconds=30)
BROWSER_HAS = 8.0  # seconds
APPROVAL_LIVES = timedelta(minutes=65)  # Klarna says 60


def settle_all() -> Iterator[str]:
    """Finish everything that was left half done; one line of words for each."""
    for attempt_id in unsettled():
        yield f"{attempt_id}: {settle(attempt_id)}"
    for attempt_id in unheard():
        look(attempt_id)
    yield from reviewing.settle_all()
    answered = questions.answer_all()
    if answered:
        yield f"{answered} questions to Klarna answered"
    revoked = endings.revoke_all()
    if revoked:
        yield f"{revoked} refresh tokens revoked"


def unsettled() -> list[str]:
    """Attempts whose create order has no answer, and approvals that no browser brought back.

    Klarna repeats an answer for 24 hours. It finds no order by our number or by its session, so one whose answer was
    lost for longer stays *opened*: a person has to look in Klarna's portal.
    """
    quiet = CheckoutAttempt.changed_at < utcnow() - GRACE
    approved = (CheckoutAttempt.state == AttemptState.OPEN) & CheckoutAttempt.authorization_token.is_not(None)
    waiting = select(CheckoutAttempt.id).where(quiet, (CheckoutAttempt.state == AttemptState.PLACING) | approved)
    return list(db.session.scalars(waiting.order_by(CheckoutAttempt.opened_at)))


def unheard() -> list[str]:
    """Attempts for which Klarna's window was opened, and neither page nor callback said what became of it."""
    now = utcnow()
    silent = (
        CheckoutAttempt.state == AttemptState.OPEN,
        CheckoutAttempt.authorization_token.is_(None),
        CheckoutAttempt.email != "",
        CheckoutAttempt.changed_at.between(now - APPROVAL_LIVES, now - GRACE),
        or_(CheckoutAttempt.looked_at.is_(None), CheckoutAttempt.looked_at < now - 10 * GRACE),
    )
    return list(db.session.scalars(select(CheckoutAttempt.id).where(*silent)))


def look(attempt_id: str) -> None:
    """Read a session: when page and callback were both lost, it still holds the approval."""
    noted = change(attempt_id, AttemptState.OPEN, looked_at=utcnow(), changed_at=CheckoutAttempt.changed_at)
    db.session.commit()
    if noted:
        settle(attempt_id)


def settle_order(order_id: int) -> str:
    """Finish the attempt behind an order; what came of it, in words."""
    attempt_id = db.session.scalar(select(CheckoutAttempt.id).where(CheckoutAttempt.order_id == order_id))
    return settle(attempt_id) if attempt_id else "no attempt"


def settle(attempt_id: str) -> str:
    """Finish one attempt; what came of it, in words. Raises nothing: the next one has its turn whatever happens."""
    try:
        if db.session.get_one(CheckoutAttempt, attempt_id).state == AttemptState.OPEN:
            placing.place_approved(attempt_id)
        else:
            placing.ask_again(attempt_id)
        return str(db.session.get_one(CheckoutAttempt, attempt_id).state)
    except CheckoutRefused as no:
        return no.code
    except Exception:
        db.session.rollback()
        log.exception("attempt %s could not be settled", attempt_id)
        return "not settled"


def settle_soon(attempt_id: str) -> None:
    """Give the browser a moment to finish by itself, then finish in the background. Call it after the commit."""
    background.soon(lambda: _settle_if_left(attempt_id), delay=BROWSER_HAS)


def _settle_if_left(attempt_id: str) -> None:
    attempt = db.session.get(CheckoutAttempt, attempt_id)
    if attempt is not None and attempt.authorization_token and attempt.state == AttemptState.OPEN:
        settle(attempt_id)
