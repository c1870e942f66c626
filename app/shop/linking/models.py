"""Tables of account linking: whose Klarna account is whose, and how that came about."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..encryption import fingerprint
from ..extensions import Encrypted, Model, UTCDateTime, utcnow


class KlarnaAccount(Model):
    """A shopper's Klarna account in one of Klarna's regions.

    ``customer_token`` says *who this is* (``krn:partner:…:identity:customer-token:…``, up to 1024 characters). It
    rotates, it cannot be charged, and it goes to no page, log or address.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    region: Mapped[str]
    customer_token: Mapped[str] = mapped_column(Encrypted)
    linked_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)

    __table_args__ = (UniqueConstraint("user_id", "region"),)

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.customer_token)


class LinkEvent(Model):
    """Something that happened to a link; shown to the shopper. Fingerprints, never tokens."""

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    region: Mapped[str]
    kind: Mapped[str]
    old_fingerprint: Mapped[str] = mapped_column(default="")
    new_fingerprint: Mapped[str] = mapped_column(default="")
    order_number: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
