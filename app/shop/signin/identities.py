"""Rows of Klarna identities and their history: found, written, ended. All in the caller's transaction."""

import json
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from app.klarna import Region

from ..accounts.models import User
from ..extensions import db, utcnow
from ..web import settings
from . import endings, vault
from .models import KlarnaIdentity, SignInEvent
from .rules import WORDS, Event
from .starts import Confirmed


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


def of(user_id: int) -> list[KlarnaIdentity]:
    return list(db.session.scalars(select(KlarnaIdentity).filter_by(user_id=user_id).order_by(KlarnaIdentity.id)))


def write(user: User, confirmed: Confirmed, life: timedelta) -> KlarnaIdentity:
    """The row of this identity, new or known, with the newest claims and tokens. Raises IntegrityError in a race."""
    same = select(KlarnaIdentity).filter_by(issuer=confirmed.issuer, subject=confirmed.subject)
    row = db.session.scalar(same) or KlarnaIdentity(
        user_id=user.id, issuer=confirmed.issuer, subject=confirmed.subject, generation=0
    )
    for name, value in vault.columns(confirmed.tokens, row.generation, life).items():
        setattr(row, name, value)
    row.claims = json.dumps(confirmed.claims)
    db.session.add(row)
    db.session.flush()
    return row


def end(row: KlarnaIdentity) -> None:
    """Forget an identity; its refresh token is to be revoked at Klarna."""
    endings.put(region_of(row.issuer), row.refresh_token)
    db.session.execute(delete(KlarnaIdentity).where(KlarnaIdentity.id == row.id))


def end_all(user_id: int) -> None:
    """The user leaves the shop."""
    for row in of(user_id):
        end(row)
    endings.revoke_soon(delay=1.0)


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
    """Whether the shopper is to hear now that Klarna ended their sign-in. Commits; True once."""
    ended = select(KlarnaIdentity).where(
        KlarnaIdentity.user_id == user_id, KlarnaIdentity.ended_at.is_not(None), KlarnaIdentity.told_at.is_(None)
    )
    rows = list(db.session.scalars(ended))
    for row in rows:
        row.told_at = utcnow()
    db.session.commit()
    return bool(rows)
