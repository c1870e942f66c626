"""Sign-ins under way: a row for each start, so that neither several tabs nor abandoned ones get in each other's way.

A start is known by its state and belongs to the browser that made it; taking it is what ends it. Commits.
"""

import json
import secrets
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from app.klarna import Region

from ..encryption import digest
from ..extensions import db, rows_changed, utcnow
from ..web import settings
from . import endings
from .models import HeldSignIn, SignInStart
from .provider import Tokens

LIFE = timedelta(minutes=30)
TO_DECIDE = timedelta(minutes=10)


class NoSuchStart(Exception):
    """The state is unknown, used, too old, or another browser's."""


@dataclass(frozen=True)
class Start:
    """A sign-in that comes back: where it began and what it may be checked with."""

    region: Region
    target: str
    order_number: str
    nonce: str = field(default="", repr=False)
    code_verifier: str = field(default="", repr=False)


@dataclass(frozen=True)
class Confirmed:
    """What Klarna confirmed: whose identity, with which claims and tokens, and where the shopper was."""

    start: Start
    claims: dict[str, Any] = field(repr=False)
    tokens: Tokens = field(repr=False)

    @property
    def issuer(self) -> str:
        return str(self.claims["iss"])

    @property
    def subject(self) -> str:
        return str(self.claims["sub"])


def begin(browser: str, region: Region, target: str, order_number: str) -> tuple[str, Start]:
    """Write a start down; its state, and what goes to Klarna with it. Sweeps out what is past use."""
    ended = _sweep()
    state = secrets.token_urlsafe(32)
    start = Start(region, target, order_number, secrets.token_urlsafe(32), secrets.token_urlsafe(48))
    row = SignInStart(state=digest(state), browser=digest(browser), expires_at=utcnow() + LIFE, **asdict(start))
    db.session.add(row)
    db.session.commit()
    if ended:
        endings.revoke_soon()
    return state, start


def _sweep() -> int:
    """Forget what is past use, in the caller's transaction. How many questions nobody answered: theirs is revoked."""
    now = utcnow()
    db.session.execute(delete(SignInStart).where(SignInStart.expires_at < now))
    over = db.session.scalars(select(HeldSignIn).where(HeldSignIn.expires_at < now)).all()
    for row in over:
        region, told = Region(row.region), json.loads(row.answer or "{}")
        config = settings().sign_in.get(region)
        mine = rows_changed(delete(HeldSignIn).where(HeldSignIn.ticket == row.ticket))
        if mine and config is not None and told:
            endings.put(region, config.client_id, told["tokens"]["refresh_token"])
    return len(over)


def take(browser: str, state: str) -> Start:
    """The start of this state and browser, once. Raises NoSuchStart."""
    here = (
        SignInStart.state == digest(state),
        SignInStart.browser == digest(browser),
        SignInStart.expires_at > utcnow(),
    )
    row = db.session.scalar(select(SignInStart).where(*here)) if browser and state else None
    start = row and Start(Region(row.region), row.target, row.order_number, row.nonce, row.code_verifier)
    taken = start is not None and rows_changed(delete(SignInStart).where(*here))
    db.session.commit()
    if not start or not taken:
        raise NoSuchStart
    return start


def hold(confirmed: Confirmed, visitor_id: int | None) -> str:
    """Keep what Klarna confirmed until whoever is signed in now has decided. Commits; the ticket it is known by."""
    tokens, ticket = asdict(confirmed.tokens), secrets.token_urlsafe(32)
    held = HeldSignIn(
        ticket=digest(ticket),
        visitor_id=visitor_id,
        region=str(confirmed.start.region),
        answer=json.dumps({"claims": confirmed.claims, "tokens": tokens}),
        target=confirmed.start.target,
        order_number=confirmed.start.order_number,
        expires_at=utcnow() + TO_DECIDE,
    )
    db.session.add(held)
    db.session.commit()
    return ticket


def held(ticket: str, visitor_id: int | None) -> Confirmed | None:
    """What waits to be decided by who was signed in when it came; None when it is too old, or somebody else asks."""
    row = db.session.get(HeldSignIn, digest(ticket)) if ticket else None
    if row is None or row.expires_at <= utcnow() or not row.answer or row.visitor_id != visitor_id:
        return None
    answer = json.loads(row.answer)
    start = Start(Region(row.region), row.target, row.order_number)
    return Confirmed(start, answer["claims"], Tokens(**answer["tokens"]))


def let_go(ticket: str) -> bool:
    """The shopper decided, in the caller's transaction; False when that was done before, in another tab."""
    return bool(rows_changed(delete(HeldSignIn).where(HeldSignIn.ticket == digest(ticket))))
