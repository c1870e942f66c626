"""The refresh vault: a live access token for a user, with at most one refresh under way across threads and processes.

Klarna's refresh token is good for one use, and using it twice ends the whole chain. So whoever is to refresh claims
the row by a conditional UPDATE with the generation read; the others wait and read what the winner wrote. No
transaction is open while Klarna is asked, and the new refresh token is committed before its access token is used.

==========================================  =========================================================
Klarna's answer                             what follows
==========================================  =========================================================
200                                         both tokens kept, generation + 1
``invalid_grant``                           over: ended_at set; told at the next sign-in, once
another refusal (our credentials, say)      nothing is lost; nobody asks again for a while; logged
5xx, or no connection                       the same
broken off after it was sent                asked once more with the same token; then as above
no answer in time, or one nobody can read   nobody asks for a while; the next try tells whether the token was spent
==========================================  =========================================================

Whatever happens, checkout goes on: without an access token Klarna asks the shopper who they are.
https://docs.klarna.com/conversion-boosters/sign-in-with-klarna/integrate-sign-in-with-klarna/siwk-tokens/
"""

import json
import logging
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update

from app.klarna import Region

from ..encryption import fingerprint
from ..extensions import db, rows_changed, utcnow
from ..web import settings
from . import endings
from .id_token import IdTokenRefused
from .models import KlarnaIdentity, SignInEvent
from .provider import LineBroke, SignInRefused, SignInUnavailable, Tokens, provider
from .rules import Event

log = logging.getLogger(__name__)

SPARE = timedelta(seconds=30)  # an access token that ends sooner is not worth sending
CLAIMED = timedelta(seconds=40)  # longer than the provider's patience for two tries
REST = timedelta(seconds=60)
WAITING = 6.0  # seconds somebody waits for another's refresh
GLANCE = 0.05  # seconds between two looks


def mark(user_id: int | None, region: Region) -> str:
    """Tells the sign-in by which an access token could be had from any other one, and gives nothing of it away.

    Klarna is not asked. Empty when there is none. Signing in anew makes another mark, whatever failed before.
    """
    row = _row(user_id, region)
    if row is None or not _usable(row):
        return ""
    return fingerprint(f"{row.issuer} {row.subject} {row.signed_in_at.isoformat()}")


def access_token_for(user_id: int | None, region: Region) -> str:
    """A live access token, or an empty text when there is none to be had. Commits; raises nothing of Klarna's."""
    deadline = time.monotonic() + WAITING
    while time.monotonic() < deadline:
        row = _row(user_id, region)
        token = _live_token(row)
        if row is None or token or not _usable(row):
            db.session.commit()
            return token
        if _claim(row):
            return _refresh(row.id, row.generation, region)
        time.sleep(GLANCE)
    log.warning("waited %.0f s for another's refresh; going on without", WAITING)
    return ""


def columns(tokens: Tokens, generation: int, life: timedelta) -> dict[str, Any]:
    """What a row holds from now on. An answer without a refresh token leaves the one that is there."""
    received = datetime.fromtimestamp(tokens.received_at, UTC)
    kept: dict[str, Any] = {
        "access_token": tokens.access_token,
        "access_expires_at": received + timedelta(seconds=tokens.expires_in),
        "generation": generation + 1,
        "refreshing_until": None,
        "retry_at": None,
    }
    if tokens.refresh_token:
        alive = {"refresh_expires_at": received + life, "ended_at": None, "told_at": None}
        kept |= {"refresh_token": tokens.refresh_token} | alive
    return kept


def is_over(row: KlarnaIdentity) -> bool:
    """Whether the sign-in has to be renewed by signing in: Klarna ended it, or its time is up."""
    expired = row.refresh_expires_at is not None and row.refresh_expires_at <= utcnow()
    return row.ended_at is not None or expired


def _row(user_id: int | None, region: Region) -> KlarnaIdentity | None:
    config = settings().sign_in.get(region)
    if user_id is None or config is None:
        return None
    mine = select(KlarnaIdentity).filter_by(user_id=user_id, issuer=config.issuer, client_id=config.client_id)
    return db.session.scalar(mine.execution_options(populate_existing=True))


def _live_token(row: KlarnaIdentity | None) -> str:
    if row is None or row.access_expires_at is None or row.access_expires_at < utcnow() + SPARE:
        return ""
    return row.access_token or ""


def _usable(row: KlarnaIdentity) -> bool:
    """Whether there is a token, or asking Klarna may bring one: in its time, and nobody failed a moment ago."""
    now = utcnow()
    rested = row.retry_at is None or row.retry_at <= now
    return bool(_live_token(row)) or (bool(row.refresh_token) and not is_over(row) and rested)


def _claim(row: KlarnaIdentity) -> bool:
    """Be the one who refreshes, until ``CLAIMED`` is over. Commits."""
    now, identity_id, generation = utcnow(), row.id, row.generation
    won = 0
    if row.refreshing_until is None or row.refreshing_until < now:
        free = or_(KlarnaIdentity.refreshing_until.is_(None), KlarnaIdentity.refreshing_until < now)
        mine = update(KlarnaIdentity).where(*_as_read(identity_id, generation), free)
        won = rows_changed(mine.values(refreshing_until=now + CLAIMED))
    db.session.commit()
    return bool(won)


def _refresh(identity_id: int, generation: int, region: Region) -> str:
    row = db.session.get(KlarnaIdentity, identity_id)
    spent = row.refresh_token if row is not None else None
    db.session.commit()
    if not spent:
        return ""
    try:
        tokens = _ask(region, spent)
    except SignInRefused as no:
        return _fail(identity_id, generation, over=no.code == "invalid_grant", why=no.code)
    except SignInUnavailable as trouble:
        return _fail(identity_id, generation, over=False, why=str(trouble))
    except Exception:  # whatever it is, somebody is paying
        log.exception("refresh of sign-in %d", identity_id)
        return _fail(identity_id, generation, over=False, why="our mistake")
    return _keep(identity_id, generation, region, tokens)


def _ask(region: Region, spent: str) -> Tokens:
    """Klarna's answer; asked a second time when the line broke after the question was out."""
    issuer = provider(region)
    if issuer is None:
        raise SignInUnavailable("no client in this region")
    try:
        return issuer.refresh(spent)
    except LineBroke:
        return issuer.refresh(spent)


def _keep(identity_id: int, generation: int, region: Region, tokens: Tokens) -> str:
    """Commit the new tokens, then use them. What came for a row that moved on meanwhile is to be revoked."""
    renewed = columns(tokens, generation, settings().sign_in[region].refresh_token_life)
    kept = rows_changed(update(KlarnaIdentity).where(*_as_read(identity_id, generation)).values(renewed))
    if not kept:
        endings.put(region, settings().sign_in[region].client_id, tokens.refresh_token)
    db.session.commit()
    if not kept:
        endings.revoke_soon()
    return tokens.access_token if kept and _same_person(identity_id, region, tokens) else ""


def _same_person(identity_id: int, region: Region, tokens: Tokens) -> bool:
    """Follow what the new id_token says of the person. False, and the sign-in is over, if it is another's. Commits."""
    issuer = provider(region)
    if issuer is None or not tokens.id_token:
        return True
    try:
        claims = issuer.claims(tokens, nonce=None)
    except (IdTokenRefused, SignInUnavailable) as odd:
        log.warning("the id_token of a refresh is left aside: %s", odd)
        return True
    row = db.session.get(KlarnaIdentity, identity_id)
    same = row is not None and row.subject == claims["sub"]
    if row is not None and same:
        row.claims = json.dumps(json.loads(row.claims or "{}") | claims)  # what it leaves out is known from before
    elif row is not None:
        log.error("a refresh of sign-in %d brought another person's tokens", identity_id)
        row.ended_at, row.access_token = utcnow(), None
        endings.put(region, row.client_id, tokens.refresh_token)
        db.session.add(SignInEvent(user_id=row.user_id, kind=Event.ENDED))
    db.session.commit()
    if not same:
        endings.revoke_soon()
    return same


def _fail(identity_id: int, generation: int, over: bool, why: str) -> str:
    """Change nothing but when to ask again; or note, once, that Klarna takes the token no more. Commits."""
    now = utcnow()
    log.warning("refresh of sign-in %d: %s", identity_id, why)
    said = {"ended_at": now} if over else {"retry_at": now + REST}
    here = update(KlarnaIdentity).where(*_as_read(identity_id, generation))
    changed = rows_changed(here.values(refreshing_until=None, **said))
    row = db.session.get(KlarnaIdentity, identity_id)
    if changed and over and row is not None:
        db.session.add(SignInEvent(user_id=row.user_id, kind=Event.ENDED))
    db.session.commit()
    return ""


def _as_read(identity_id: int, generation: int) -> tuple[ColumnElement[bool], ...]:
    """Only the row as it was read: a sign-in or another refresh that came between makes the write void."""
    return KlarnaIdentity.id == identity_id, KlarnaIdentity.generation == generation
