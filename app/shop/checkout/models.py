"""Tables of the checkout."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, update
from sqlalchemy.orm import Mapped, mapped_column

from ..extensions import Encrypted, Model, UTCDateTime, rows_changed, utcnow
from ..orders.states import Way
from .states import AttemptState, before


class CheckoutAttempt(Model):
    """One attempt to pay one cart, by one of Klarna's products: at most one session and one order come of it there.

    It belongs to whoever opened it. ``carrier`` says by what Klarna was to recognise them, ``credential`` by which one
    (a mark, no secret). ``purchase`` is what Klarna was told and confirmed, ``version`` its fingerprint;
    ``order_body`` (JSON) and ``order_key`` are what create order is called with, so that it can be repeated to the
    byte. ``asked_at`` is set while a call is under way: nobody else calls before its patience ends.
    In Klarna Checkout the session *is* the order, and ``klarna_session_id`` names both; ``authorized_at`` is when we
    let it pass, ``pushed_at`` when Klarna said that it is bought, ``acknowledged_at`` when we said that we have it.
    """

    id: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default=AttemptState.NEW)
    way: Mapped[str] = mapped_column(default=Way.PAYMENTS)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    cart_id: Mapped[int | None] = mapped_column(ForeignKey("cart.id", ondelete="SET NULL"), index=True)
    market: Mapped[str]
    intent: Mapped[str]
    order_number: Mapped[str] = mapped_column(unique=True)
    callback_secret: Mapped[str] = mapped_column(Encrypted)

    version: Mapped[str] = mapped_column(default="")
    purchase: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
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

    asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    looked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    pushed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    opened_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow, onupdate=utcnow)


def change(attempt_id: str, state: AttemptState, **values: Any) -> bool:
    """Write into an attempt while it is in ``state``, in the caller's transaction; False when it is no longer."""
    here = (CheckoutAttempt.id == attempt_id, CheckoutAttempt.state == state)
    return bool(rows_changed(update(CheckoutAttempt).where(*here).values(**values)))


def move(attempt_id: str, target: AttemptState, **values: Any) -> bool:
    """Move an attempt on, in the caller's transaction; False when somebody else did before."""
    here = (CheckoutAttempt.id == attempt_id, CheckoutAttempt.state.in_(before(target)))
    return bool(rows_changed(update(CheckoutAttempt).where(*here).values(state=target, **values)))
