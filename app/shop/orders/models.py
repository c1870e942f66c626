"""Tables of orders. What was sold is copied, not referenced: a later price must not change an old order."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..extensions import Model, UTCDateTime, utcnow
from .states import PAYMENT_WORDS, WORDS, OrderState, Way


class Order(Model):
    """An order, written before Klarna is called. Amounts in minor units of ``currency``.

    ``state`` is a word of :class:`.states.OrderState`. Placed without Klarna's order id cannot be stored.
    ``hinted_at`` is when Klarna said that its review ended, until the order was read there; ``looked_at`` is when it
    was last read.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    state: Mapped[str] = mapped_column(index=True)
    way: Mapped[str] = mapped_column(default=Way.PAYMENTS)
    market: Mapped[str]
    currency: Mapped[str]
    goods: Mapped[int]
    delivery_fee: Mapped[int]
    tax: Mapped[int]
    total: Mapped[int]
    delivery_name: Mapped[str]
    email: Mapped[str]
    billing: Mapped[dict[str, str]] = mapped_column(JSON)
    delivered_to: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    klarna_order_id: Mapped[str | None] = mapped_column(unique=True)
    fraud_status: Mapped[str | None]
    payment_method: Mapped[str] = mapped_column(default="")
    redirect_url: Mapped[str] = mapped_column(default="")
    hinted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    looked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)

    lines: Mapped[list["OrderLine"]] = relationship(lazy="raise", order_by="OrderLine.id", cascade="all, delete-orphan")
    events: Mapped[list["OrderEvent"]] = relationship(
        lazy="raise", order_by="OrderEvent.id", cascade="all, delete-orphan"
    )

    __table_args__ = (
        CheckConstraint(
            "state NOT IN ('placed', 'pending') OR (klarna_order_id IS NOT NULL AND fraud_status IS NOT NULL)",
            name="placed_means_at_klarna",
        ),
        {"sqlite_autoincrement": True},
    )

    @property
    def shipping(self) -> dict[str, str]:
        return self.delivered_to or self.billing

    @property
    def state_text(self) -> str:
        return WORDS[OrderState(self.state)]

    @property
    def payment_words(self) -> str:
        """How it is paid at Klarna, for the shopper; empty for a type we have no words for."""
        return PAYMENT_WORDS.get(self.payment_method, "")

    @property
    def paid_by(self) -> str:
        """Which of Klarna's products took the payment."""
        return "Klarna Checkout" if self.way == Way.CHECKOUT else "Klarna"

    @property
    def count(self) -> int:
        """Pieces of goods in the order."""
        return sum(line.quantity for line in self.lines if line.kind == "physical")


class OrderLine(Model):
    """A line of an order, as it was shown and as it was sent to Klarna."""

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id", ondelete="CASCADE"), index=True)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id", ondelete="SET NULL"))
    kind: Mapped[str]
    reference: Mapped[str]
    slug: Mapped[str]
    name: Mapped[str]
    quantity: Mapped[int]
    unit_price: Mapped[int]
    total: Mapped[int]
    tax_rate: Mapped[int]
    tax: Mapped[int]


class OrderEvent(Model):
    """Something that happened to an order, in words for its owner."""

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id", ondelete="CASCADE"), index=True)
    text: Mapped[str]
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
