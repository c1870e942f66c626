"""Tables of Sign in with Klarna: who is who, sign-ins under way, what happened, what is still to be revoked."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..extensions import Encrypted, Model, UTCDateTime, utcnow


class KlarnaIdentity(Model):
    """A user's Klarna identity: issuer and subject, what Klarna tells of the person, and the refresh vault.

    ``claims`` is the newest id_token's content as JSON. ``refresh_token`` is single use; ``generation`` counts its
    rotations, and a write is valid only for the generation it read. ``refreshing_until`` is set while somebody asks
    Klarna; ``retry_at`` keeps everybody from asking again right after a failure. ``ended_at`` is when Klarna stopped
    taking the token, ``told_at`` when the shopper was told so.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    client_id: Mapped[str]
    issuer: Mapped[str]
    subject: Mapped[str]
    claims: Mapped[str] = mapped_column(Encrypted, default="{}")
    connected_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    signed_in_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)

    refresh_token: Mapped[str | None] = mapped_column(Encrypted)
    refresh_expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    access_token: Mapped[str | None] = mapped_column(Encrypted)
    access_expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    generation: Mapped[int] = mapped_column(default=1)
    refreshing_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    retry_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (UniqueConstraint("issuer", "subject"), UniqueConstraint("user_id", "issuer"))


class SignInStart(Model):
    """A sign-in that was begun: taken once by the callback that brings its state, in the browser that began it."""

    state: Mapped[str] = mapped_column(primary_key=True)  # its digest: the value itself is in the address only
    browser: Mapped[str]
    region: Mapped[str]
    nonce: Mapped[str] = mapped_column(Encrypted)
    code_verifier: Mapped[str] = mapped_column(Encrypted)
    target: Mapped[str]
    order_number: Mapped[str] = mapped_column(default="")
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class HeldSignIn(Model):
    """A sign-in that Klarna confirmed and the shopper has still to decide about, for some minutes.

    Known by a ticket that was made for it and is in one session only; ``visitor_id`` is who was signed in then, and
    nobody else may answer.
    """

    ticket: Mapped[str] = mapped_column(primary_key=True)  # its digest
    visitor_id: Mapped[int | None]
    region: Mapped[str]
    answer: Mapped[str] = mapped_column(Encrypted)
    target: Mapped[str]
    order_number: Mapped[str] = mapped_column(default="")
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class SignInEvent(Model):
    """Something that happened to a user's sign-in with Klarna; shown to the shopper."""

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    details: Mapped[list[str]] = mapped_column(JSON, default=list)
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)


class EndedSignIn(Model):
    """A refresh token nobody may use any more; kept until Klarna has revoked it, or it is past use."""

    id: Mapped[int] = mapped_column(primary_key=True)
    region: Mapped[str]
    client_id: Mapped[str]
    refresh_token: Mapped[str] = mapped_column(Encrypted)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow, index=True)
