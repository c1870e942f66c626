"""Tokens nobody may charge any more are cancelled at Klarna: written down first, then tried with patience.

https://docs.klarna.com/api/customertoken/ . Klarna accepts at once and ends it soon; unknown to it is as good as ended.
"""

import logging
import uuid
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from app.klarna import KlarnaError, Region
from app.klarna.customer_tokens import PaymentToken, WrongTokenKind
from app.klarna.errors import NotFound

from .. import background
from ..encryption import fingerprint
from ..extensions import db, rows_changed, utcnow
from ..web import CALL_MAY_TAKE, klarna
from .models import EndedToken

log = logging.getLogger(__name__)

# https://docs.klarna.com/api/escalation-and-retry-policy/ , but never while a call may still be under way. After the
# last a person has to look; it is tried on all the same, for nobody else knows the token any more.
PAUSES = (CALL_MAY_TAKE, timedelta(minutes=5), timedelta(hours=5))


def put(region: Region, token: str) -> None:
    """Note a token that is to be cancelled, in the caller's transaction."""
    if token:
        db.session.add(EndedToken(region=str(region), token=token, idempotency_key=str(uuid.uuid4())))


def cancel_soon() -> None:
    """Cancel in the background what was noted. Call it after the commit."""
    background.soon(cancel_all)


def told(token: str) -> bool:
    """Whether nothing is left to tell Klarna of a token; what is left is told now, due or not. Commits.

    False while Klarna does not take it, or somebody else is telling it.
    """
    left = [(row.id, row.due_at) for row in db.session.scalars(select(EndedToken)) if row.token == token]
    return all(_cancel(ended_id, due_at) for ended_id, due_at in left)


def cancel_all() -> int:
    """Cancel every token that is due; how many are done with. Commits after each."""
    due = select(EndedToken.id, EndedToken.due_at).where(EndedToken.due_at <= utcnow())
    waiting = [(row.id, row.due_at) for row in db.session.execute(due.order_by(EndedToken.id).limit(200))]
    return sum(_cancel(ended_id, due_at) for ended_id, due_at in waiting)


def _cancel(ended_id: int, due_at: datetime) -> bool:
    """Cancel one token. Raises nothing: the next one has its turn whatever happens."""
    try:
        return _cancel_alone(ended_id, due_at)
    except Exception:
        db.session.rollback()
        log.exception("ended token %d could not be cancelled", ended_id)
        return False


def _cancel_alone(ended_id: int, due_at: datetime) -> bool:
    """Cancel one token, unless somebody else is at it; postponed when Klarna does not."""
    row = db.session.get(EndedToken, ended_id)
    if row is None:
        return False
    region, token, key, attempt = Region(row.region), row.token, row.idempotency_key, row.attempts
    taken = {"attempts": attempt + 1, "due_at": utcnow() + PAUSES[min(attempt, len(PAUSES) - 1)]}
    here = (EndedToken.id == ended_id, EndedToken.due_at == due_at)
    mine = rows_changed(update(EndedToken).where(*here).values(**taken))
    db.session.commit()
    if not mine:
        return False
    if not _cancelled(region, token, key):
        if attempt >= len(PAUSES):
            log.error("payment token %s lives on at Klarna after %d tries", fingerprint(token), attempt + 1)
        return False
    db.session.execute(delete(EndedToken).where(EndedToken.id == ended_id))
    db.session.commit()
    return True


def _cancelled(region: Region, token: str, key: str) -> bool:
    """Whether there is nothing left to end."""
    try:
        klarna(region).customer_tokens.cancel(PaymentToken(token), key)
    except (NotFound, WrongTokenKind):
        return True
    except KlarnaError as trouble:
        log.warning("payment token %s is not cancelled yet: %s", fingerprint(token), trouble)
        return False
    return True
