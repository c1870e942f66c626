"""Tables of payment tokens: what we may charge, how we came to it, and what we charged."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, update
from sqlalchemy.orm import Mapped, mapped_column

from ..extensions import Encrypted, Model, UTCDateTime, rows_changed, utcnow
from .states import ChargeState, SignupState, TokenState, before


class PaymentToken(Model):
    """A way of paying a user let us charge, in one market and for one use.

    ``token`` is Klarna's ``token_id``: a secret, empty once it is cancelled. It is not the ``customer_token`` of
    account linking, which says who somebody is and pays nothing. ``read_at`` is when Klarna last told its state.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    market: Mapped[str]
    use: Mapped[str]
    token: Mapped[str] = mapped_column(Encrypted)
    fingerprint: Mapped[str]
    description: Mapped[str]
    payment_method: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default=TokenState.ACTIVE)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = ({"sqlite_autoincrement": True},)


class TokenEvent(Model):
    """Something that happened to a token; shown to the shopper."""

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    payment_token_id: Mapped[int] = mapped_column(ForeignKey("payment_token.id", ondelete="CASCADE"))
    kind: Mapped[str]
    order_number: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)


class TokenSignup(Model):
    """One way to a token: a session at Klarna, perhaps a first order, the token. At most one of each comes of it.

    ``purchase`` is what Klarna is told, ``sold`` what the first order will hold (empty where there is none),
    ``version`` their fingerprint; ``terms`` are the feature's own, which it reads when the token is there.
    ``order_body``, ``order_key``, ``token_body`` and ``token_key`` are what Klarna is called with, so that it can be
    repeated to the byte. ``asked_at`` is set while a call is under way. ``return_to`` is our page where it ends.

    With a ``step_up_id`` no token comes of it: the one that is there already is repaired by the order.
    """

    id: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default=SignupState.NEW)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    use: Mapped[str]
    intent: Mapped[str]
    market: Mapped[str]
    description: Mapped[str]
    return_to: Mapped[str]
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[str]
    purchase: Mapped[dict[str, Any]] = mapped_column(JSON)
    sold: Mapped[dict[str, Any]] = mapped_column(JSON)
    order_number: Mapped[str | None] = mapped_column(unique=True)
    step_up_id: Mapped[str] = mapped_column(default="")
    callback_secret: Mapped[str] = mapped_column(Encrypted)

    carrier: Mapped[str] = mapped_column(default="nothing")
    credential: Mapped[str] = mapped_column(default="")
    session_key: Mapped[str]
    klarna_session_id: Mapped[str | None] = mapped_column(unique=True)
    client_token: Mapped[str | None] = mapped_column(Encrypted)
    category: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)

    email: Mapped[str] = mapped_column(default="")
    address: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)

    authorization_token: Mapped[str | None] = mapped_column(Encrypted)
    authorized_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("order.id", ondelete="SET NULL"), unique=True)
    order_body: Mapped[str | None] = mapped_column(Encrypted)
    order_key: Mapped[str] = mapped_column(default="")
    token_body: Mapped[str | None] = mapped_column(Encrypted)
    token_key: Mapped[str] = mapped_column(default="")
    payment_token_id: Mapped[int | None] = mapped_column(ForeignKey("payment_token.id", ondelete="SET NULL"))
    redirect_url: Mapped[str] = mapped_column(default="")

    asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    looked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow, onupdate=utcnow)


class TokenCharge(Model):
    """One charge by a token, written with its order before Klarna is called: at most one order comes of it there.

    It holds all that it takes to ask again to the byte, the secret included, until there is an answer: the token itself
    may be cancelled meanwhile, and its owner gone. ``refusal`` is a word of :class:`.rules.Refusal`, ``error_code``
    Klarna's. ``step_up_id`` opens a session in which the shopper repairs it, where Klarna gave one.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    payment_token_id: Mapped[int | None] = mapped_column(
        ForeignKey("payment_token.id", ondelete="SET NULL"), index=True
    )
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("order.id", ondelete="SET NULL"), unique=True)
    use: Mapped[str]
    market: Mapped[str]
    state: Mapped[str] = mapped_column(default=ChargeState.ASKED, index=True)
    token: Mapped[str | None] = mapped_column(Encrypted)
    body: Mapped[str] = mapped_column(Encrypted)
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    refusal: Mapped[str] = mapped_column(default="")
    error_code: Mapped[str] = mapped_column(default="")
    correlation_id: Mapped[str] = mapped_column(default="")
    step_up_id: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)

    __table_args__ = ({"sqlite_autoincrement": True},)


class EndedToken(Model):
    """A token nobody may charge any more, to be cancelled at Klarna; it outlives its owner and a crash."""

    id: Mapped[int] = mapped_column(primary_key=True)
    region: Mapped[str]
    token: Mapped[str] = mapped_column(Encrypted)
    idempotency_key: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow, index=True)


def change(signup_id: str, state: SignupState, **values: Any) -> bool:
    """Write into a sign-up while it is in ``state``, in the caller's transaction; False when it is no longer."""
    here = (TokenSignup.id == signup_id, TokenSignup.state == state)
    return bool(rows_changed(update(TokenSignup).where(*here).values(**values)))


def move(signup_id: str, target: SignupState, **values: Any) -> bool:
    """Move a sign-up on, in the caller's transaction; False when somebody else did before."""
    here = (TokenSignup.id == signup_id, TokenSignup.state.in_(before(target)))
    return bool(rows_changed(update(TokenSignup).where(*here).values(state=target, **values)))
