"""Refresh tokens nobody may use any more are revoked at Klarna: written down first, then tried with patience."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from app.klarna import Region

from .. import background
from ..extensions import db, rows_changed, utcnow
from ..web import CALL_MAY_TAKE
from .models import EndedSignIn
from .provider import SignInRefused, SignInUnavailable, provider

log = logging.getLogger(__name__)

# Never while a call may still be under way.
PAUSES = (CALL_MAY_TAKE, timedelta(minutes=5), timedelta(hours=5))


def put(region: Region, client_id: str, refresh_token: str | None) -> None:
    """Note a client's token that is to be revoked, in the caller's transaction."""
    if refresh_token:
        db.session.add(EndedSignIn(region=str(region), client_id=client_id, refresh_token=refresh_token))


def revoke_soon() -> None:
    """Revoke in the background what was noted. Call it after the commit."""
    background.soon(revoke_all)


def revoke_all() -> int:
    """Revoke every token that is due; how many are done with. Commits after each."""
    due = select(EndedSignIn.id, EndedSignIn.due_at).where(EndedSignIn.due_at <= utcnow())
    waiting = [(row.id, row.due_at) for row in db.session.execute(due.order_by(EndedSignIn.id).limit(200))]
    return sum(_revoke(ended_id, due_at) for ended_id, due_at in waiting)


def _revoke(ended_id: int, due_at: datetime) -> bool:
    """Revoke one token. Raises nothing: the next one has its turn whatever happens."""
    try:
        return _revoke_alone(ended_id, due_at)
    except Exception:
        db.session.rollback()
        log.exception("ended sign-in %d could not be revoked", ended_id)
        return False


def _revoke_alone(ended_id: int, due_at: datetime) -> bool:
    row = db.session.get(EndedSignIn, ended_id)
    if row is None:
        return False
    region, client_id, token, attempt = Region(row.region), row.client_id, row.refresh_token, row.attempts
    taken = {"attempts": attempt + 1, "due_at": utcnow() + PAUSES[min(attempt, len(PAUSES) - 1)]}
    here = (EndedSignIn.id == ended_id, EndedSignIn.due_at == due_at)
    mine = rows_changed(update(EndedSignIn).where(*here).values(**taken))
    db.session.commit()
    if not mine or not (_revoked(region, client_id, token) or attempt >= len(PAUSES)):
        return False
    db.session.execute(delete(EndedSignIn).where(EndedSignIn.id == ended_id))
    db.session.commit()
    return True


def _revoked(region: Region, client_id: str, token: str) -> bool:
    """Whether there is nothing left to do: revoked, another client's than ours today, or Klarna says it never will."""
    issuer = provider(region)
    try:
        if issuer is not None and token and issuer.config.client_id == client_id:
            issuer.revoke(token)
    except SignInRefused as no:
        log.error("Klarna does not revoke a refresh token: %s", no)
    except SignInUnavailable as trouble:
        log.warning("a refresh token waits to be revoked: %s", trouble)
        return False
    return True
