"""Tables of the checkout."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ..extensions import Encrypted, Model, UTCDateTime, utcnow


class AttemptState(StrEnum):
    """Where an attempt to buy stands.

    ``new`` (written, no session yet) → ``open`` (session at Klarna) → ``placing`` (order written, Klarna asked)
    → ``completed`` or ``failed``. From ``new`` and ``open`` an attempt may also be ``dropped`` for a fresh one.
    """

    NEW = "new"
    OPEN = "open"
    PLACING = "placing"
    COMPLETED = "completed"
    FAILED = "failed"
    DROPPED = "dropped"


class CheckoutAttempt(Model):
    """One attempt to pay one cart: at most one session and one order at Klarna come of it.

    It belongs to whoever opened it. ``purchase`` is what Klarna was told and confirmed, ``version`` its
    fingerprint; ``order_body`` and ``order_key`` are what create order was called with, so that it can be
    repeated to the byte.
    """

    id: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default=AttemptState.NEW)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    cart_id: Mapped[int | None] = mapped_column(ForeignKey("cart.id", ondelete="SET NULL"))
    market: Mapped[str]
    intent: Mapped[str]
    order_number: Mapped[str] = mapped_column(unique=True)
    callback_secret: Mapped[str] = mapped_column(Encrypted)

    version: Mapped[str] = mapped_column(default="")
    purchase: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    sent_fingerprint: Mapped[str] = mapped_column(default="")
    session_key: Mapped[str]
    klarna_session_id: Mapped[str | None] = mapped_column(unique=True)
    client_token: Mapped[str | None] = mapped_column(Encrypted)
    category: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)

    email: Mapped[str] = mapped_column(default="")
    address: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)

    authorization_token: Mapped[str | None] = mapped_column(Encrypted)
    authorized_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("order.id", ondelete="SET NULL"), unique=True)
    order_body: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    order_key: Mapped[str] = mapped_column(default="")

    opened_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow, onupdate=utcnow)
