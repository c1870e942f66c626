"""The payment tokens of shoppers: kept, read at Klarna, ended. A token never leaves its user, its market, its use."""

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from app.klarna import KlarnaError
from app.klarna.customer_tokens import PaymentToken as Chargeable
from app.klarna.customer_tokens import TokenStatus, WrongTokenKind
from app.klarna.errors import NotFound

from ..encryption import fingerprint
from ..extensions import db, rows_changed, utcnow
from ..markets import get as get_market
from ..web import klarna
from . import endings
from .models import PaymentToken, TokenEvent
from .states import WORDS, TokenChange, TokenState, Use

log = logging.getLogger(__name__)

AT_KLARNA = {
    TokenStatus.ACTIVE: TokenState.ACTIVE,
    TokenStatus.SUSPENDED: TokenState.SUSPENDED,
    TokenStatus.CANCELLED: TokenState.CANCELLED,
}


@dataclass(frozen=True)
class EventView:
    """A line of a token's history."""

    at: datetime
    text: str
    description: str
    order_number: str


def of_user(user_id: int, use: Use) -> list[PaymentToken]:
    """A user's tokens of one use that are not cancelled, the newest first."""
    mine = select(PaymentToken).filter_by(user_id=user_id, use=str(use))
    living = mine.where(PaymentToken.state != TokenState.CANCELLED)
    return list(db.session.scalars(living.order_by(PaymentToken.id.desc())))


def find(user_id: int | None, token_id: int | None) -> PaymentToken | None:
    """The user's token of this id; None for everybody else's."""
    token = db.session.get(PaymentToken, token_id) if token_id is not None else None
    return token if token is not None and token.user_id == user_id else None


def keep(user_id: int, market: str, use: Use, made: Chargeable, description: str) -> PaymentToken:
    """Write a token Klarna has just made, in the caller's transaction."""
    token = PaymentToken(
        user_id=user_id,
        market=market,
        use=str(use),
        token=made.token_id,
        fingerprint=fingerprint(made.token_id),
        description=description,
    )
    db.session.add(token)
    db.session.flush()
    tell(token, TokenChange.KEPT)
    return token


def tell(token: PaymentToken, kind: TokenChange, order_number: str = "") -> None:
    """Something happened to a token; in the caller's transaction."""
    event = TokenEvent(user_id=token.user_id, payment_token_id=token.id, kind=str(kind), order_number=order_number)
    db.session.add(event)


def end(token: PaymentToken) -> bool:
    """Forget a token and have it cancelled at Klarna, in the caller's transaction; False when it was ended before.

    Call :func:`.endings.cancel_soon` after the commit.
    """
    secret = token.token
    if not follow(token, TokenState.CANCELLED, TokenChange.CANCELLED):
        return False
    endings.put(get_market(token.market).region, secret)
    return True


def end_all(user_id: int) -> None:
    """Forget and cancel every token of a user who leaves, in the caller's transaction. As for :func:`.end`."""
    for token in db.session.scalars(select(PaymentToken).filter_by(user_id=user_id)):
        end(token)


def follow(token: PaymentToken, state: TokenState, why: TokenChange | None = None) -> bool:
    """Take over a token's state, with an event, in the caller's transaction; False when nothing changed.

    What is cancelled stays so, and its secret is forgotten. ``why`` is told; else what Klarna did.
    """
    told = (
        why
        or {
            TokenState.ACTIVE: TokenChange.RESTORED,
            TokenState.SUSPENDED: TokenChange.SUSPENDED,
            TokenState.CANCELLED: TokenChange.GONE,
        }[state]
    )
    here = (PaymentToken.id == token.id, PaymentToken.state.not_in((state, TokenState.CANCELLED)))
    forgotten = {"token": ""} if state is TokenState.CANCELLED else {}
    moved = rows_changed(update(PaymentToken).where(*here).values(state=state, **forgotten))
    if moved:
        tell(token, told)
    return bool(moved)


def look(token_id: int) -> TokenState:
    """Read a token at Klarna, and follow what it says. Commits. Raises KlarnaError when Klarna does not say."""
    token = db.session.get_one(PaymentToken, token_id)
    region, secret, state = get_market(token.market).region, token.token, TokenState(token.state)
    db.session.commit()
    if state is TokenState.CANCELLED:
        return state
    try:
        told = klarna(region).customer_tokens.read(Chargeable(secret))
        state, method = AT_KLARNA[told.status], told.payment_method_type
    except (NotFound, WrongTokenKind) as odd:  # other credentials or keys than it was made with: nothing is forgotten
        log.error("payment token %d cannot be read: %s", token_id, odd)
        method = ""
    follow(token, state)
    token.read_at, token.payment_method = utcnow(), method.lower() or token.payment_method
    db.session.commit()
    return state


def look_at_new() -> int:
    """Learn how tokens pay that Klarna has not been asked about yet; how many were read. Commits. Raises nothing."""
    unread = select(PaymentToken.id).where(PaymentToken.read_at.is_(None), PaymentToken.state == TokenState.ACTIVE)
    return sum(_looked(token_id) for token_id in list(db.session.scalars(unread.limit(50))))


def _looked(token_id: int) -> bool:
    try:
        look(token_id)
    except KlarnaError as trouble:
        log.info("a payment token could not be read: %s", trouble)
        return False
    except Exception:
        db.session.rollback()
        log.exception("payment token %d could not be looked at", token_id)
        return False
    return True


def events(user_id: int, use: Use, most: int = 50) -> list[EventView]:
    """What happened to a user's tokens of one use, the newest first."""
    joined = select(TokenEvent, PaymentToken.description).join(PaymentToken)
    newest = joined.where(TokenEvent.user_id == user_id, PaymentToken.use == str(use)).order_by(TokenEvent.id.desc())
    return [
        EventView(event.at, WORDS[TokenChange(event.kind)], description, event.order_number)
        for event, description in db.session.execute(newest.limit(most))
    ]
