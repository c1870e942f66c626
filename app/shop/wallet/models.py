"""The table of parking tickets."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..extensions import Model, UTCDateTime, utcnow
from ..orders.models import Order
from ..payment_tokens.models import TokenCharge


class ParkingTicket(Model):
    """A parking session somebody paid for with one click, or tried to; ``total`` in minor units of the market.

    ``nonce`` is that of the page it was clicked on, so that a double click is one ticket. ``order_id`` is the newest
    order for it: a charge that was refused may be followed by one that the shopper confirms. The time counts from
    Klarna's yes.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    nonce: Mapped[str]
    market: Mapped[str]
    zone: Mapped[str]
    minutes: Mapped[int]
    total: Mapped[int]
    order_id: Mapped[int | None] = mapped_column(ForeignKey("order.id", ondelete="SET NULL"), unique=True)
    charge_id: Mapped[int | None] = mapped_column(ForeignKey("token_charge.id", ondelete="SET NULL"))
    valid_from: Mapped[datetime | None] = mapped_column(UTCDateTime)
    valid_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)

    order: Mapped[Order | None] = relationship(lazy="raise")
    charge: Mapped[TokenCharge | None] = relationship(lazy="raise")

    __table_args__ = (UniqueConstraint("user_id", "nonce"), {"sqlite_autoincrement": True})
