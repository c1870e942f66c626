"""Tables of account linking: whose Klarna account is whose, how that came about, and what is still to be asked."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..encryption import fingerprint
from ..extensions import Encrypted, Model, UTCDateTime, utcnow


class KlarnaAccount(Model):
    """A shopper's Klarna account in one of Klarna's regions.

    ``customer_token`` says *who this is* (``krn:partner:…:identity:customer-token:…``, up to 1024 characters). It
    rotates, it cannot be charged, and it goes to no page, log or address. ``reference`` names the link whatever
    its token is called today, once Klarna's Identity API has told it. ``asked_at`` dates the order whose answer it is.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    region: Mapped[str]
    customer_token: Mapped[str] = mapped_column(Encrypted)
    fingerprint: Mapped[str] = mapped_column(default="", index=True)
    reference: Mapped[str] = mapped_column(default="", index=True)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    linked_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)

    __table_args__ = (UniqueConstraint("user_id", "region"),)

    def keep(self, customer_token: str) -> None:
        """Take over the token of the newest answer."""
        self.customer_token, self.fingerprint = customer_token, fingerprint(customer_token)


class LinkEvent(Model):
    """Something that happened to a link; shown to the shopper. Fingerprints, never tokens."""

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    region: Mapped[str]
    kind: Mapped[str]
    old_fingerprint: Mapped[str] = mapped_column(default="")
    new_fingerprint: Mapped[str] = mapped_column(default="")
    order_number: Mapped[str] = mapped_column(default="", index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)


class Question(StrEnum):
    """What the Identity API is asked about a token.

    ``learn`` its reference · ``explain`` why it was replaced · ``verify`` that it still holds · ``revoke`` it
    """

    LEARN = "learn"
    EXPLAIN = "explain"
    VERIFY = "verify"
    REVOKE = "revoke"


class IdentityTask(Model):
    """Something to ask Klarna's Identity API in the background; it outlives the link, the user and a crash."""

    id: Mapped[int] = mapped_column(primary_key=True)
    question: Mapped[str]
    customer_token: Mapped[str] = mapped_column(Encrypted)
    user_id: Mapped[int | None]
    region: Mapped[str]
    event_id: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow, index=True)
