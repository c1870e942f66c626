"""The table of outgoing e-mails: written with what they tell about, sent afterwards."""

from datetime import datetime

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..extensions import Model, UTCDateTime, utcnow


class OutboxMail(Model):
    """An e-mail. It is unsent while ``sent_at`` is empty; ``due_at`` is when the next try may be made.

    There is one of a kind for each occasion of an order, so that two paths to the same end write to nobody twice.
    ``occasion`` is empty for what happens to an order once.
    """

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    order_number: Mapped[str | None]
    occasion: Mapped[str] = mapped_column(default="")
    recipient: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow, index=True)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (UniqueConstraint("kind", "order_number", "occasion"),)
