"""Rows of Klarna identities and their history: found, written, ended. All in the caller's transaction."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from app.klarna import Region

from ..accounts.models import User
from ..config import SignInConfig
from ..extensions import db, rows_changed, utcnow
from ..web import settings
from . import endings, vault
from .models import KlarnaIdentity, SignInEvent
from .rules import WORDS, Event
from .starts import Confirmed


class Meanwhile(Exception):
    """Something else happened to this identity or account while it was read: decide anew."""


def owner(issuer: str, subject: str) -> User | None:
    """Whose identity this is in the shop."""
    mine = select(User).join(KlarnaIdentity, KlarnaIdentity.user_id == User.id)
    found: User | None = db.session.scalar(
        mine.where(KlarnaIdentity.issuer == issuer, KlarnaIdentity.subject == subject)
    )
    return found


def connected(user_id: int, issuer: str) -> bool:
    """Whether this user has an identity of this issuer."""
    here = select(KlarnaIdentity.id).filter_by(user_id=user_id, issuer=issuer).limit(1)
    return db.session.scalar(here) is not None


def in_region(user_id: int, region: Region) -> KlarnaIdentity | None:
    """The identity by which a user signs in in this region."""
    config = settings().sign_in.get(region)
    mine = select(KlarnaIdentity).filter_by(user_id=user_id, issuer=config.issuer if config else "")
    return db.session.scalar(mine)


def home(user_id: int, identity_id: int, here: Region) -> Region:
    """Where a user proves or renews a sign-in: where the named identity is, else here, else where they have one."""
    mine = of(user_id)
    named = [row for row in mine if row.id == identity_id]
    if not mine or (not named and in_region(user_id, here)):
        return here
    return region_of((named or mine)[0].issuer)


def of(user_id: int) -> list[KlarnaIdentity]:
    return list(db.session.scalars(select(KlarnaIdentity).filter_by(user_id=user_id).order_by(KlarnaIdentity.id)))


def write_new(user: User, confirmed: Confirmed, config: SignInConfig) -> None:
    """The identity of somebody who had none. Raises Meanwhile when it has an owner by now, or the user another one."""
    row = KlarnaIdentity(
        user_id=user.id,
        client_id=config.client_id,
        issuer=confirmed.issuer,
        subject=confirmed.subject,
        claims=json.dumps(confirmed.claims),
        **vault.columns(confirmed.tokens, 0, config.refresh_token_life),
    )
    db.session.add(row)
    try:
        db.session.flush()
    except IntegrityError as taken:
        raise Meanwhile from taken


def renew(user: User, confirmed: Confirmed, config: SignInConfig) -> None:
    """The newest claims and tokens of a known identity; its old refresh token is to be revoked.

    Raises Meanwhile when a refresh, a disconnect or the end of the account came between reading and writing.
    """
    same = select(KlarnaIdentity).filter_by(issuer=confirmed.issuer, subject=confirmed.subject, user_id=user.id)
    row = db.session.scalar(same.execution_options(populate_existing=True))
    if row is None:
        raise Meanwhile
    old, old_client, as_read = row.refresh_token, row.client_id, row.generation
    said: dict[str, Any] = {"claims": json.dumps(confirmed.claims), "client_id": config.client_id}
    said |= {"signed_in_at": utcnow()} | vault.columns(confirmed.tokens, as_read, config.refresh_token_life)
    here = (KlarnaIdentity.id == row.id, KlarnaIdentity.generation == as_read)
    if not rows_changed(update(KlarnaIdentity).where(*here).values(**said)):
        raise Meanwhile
    if confirmed.tokens.refresh_token:
        endings.put(confirmed.start.region, old_client, old)


def end(row: KlarnaIdentity) -> None:
    """Forget an identity; its refresh token is to be revoked at Klarna."""
    endings.put(region_of(row.issuer), row.client_id, row.refresh_token)
    db.session.execute(delete(KlarnaIdentity).where(KlarnaIdentity.id == row.id))


def end_all(user_id: int) -> None:
    """The user leaves the shop, in the caller's transaction. Call :func:`.endings.revoke_soon` after the commit."""
    for row in of(user_id):
        end(row)


def region_of(issuer: str) -> Region:
    """The first region that signs in at this issuer; Europe for one that is in no setting any more."""
    return next((region for region, config in settings().sign_in.items() if config.issuer == issuer), Region.EU)


def tell(user_id: int, event: Event, details: list[str] | None = None) -> None:
    db.session.add(SignInEvent(user_id=user_id, kind=str(event), details=details or []))


def history(user_id: int, most: int = 20) -> list[tuple[datetime, str]]:
    """What happened, in words, the newest first."""
    newest = select(SignInEvent).filter_by(user_id=user_id).order_by(SignInEvent.id.desc()).limit(most)
    return [
        (event.at, WORDS[Event(event.kind)].format(", ".join(event.details))) for event in db.session.scalars(newest)
    ]


def tell_ended_once(user_id: int) -> bool:
    """Whether the shopper is to hear now that their sign-in has run out. Commits; True once."""
    rows = [row for row in of(user_id) if row.told_at is None and vault.is_over(row)]
    for row in rows:
        if row.ended_at is None:
            row.ended_at = utcnow()
            tell(user_id, Event.ENDED)
        row.told_at = utcnow()
    db.session.commit()
    return bool(rows)
