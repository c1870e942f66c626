"""Tables of orders. What was sold is copied, not referenced: a later price must not change an old order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..extensions import Model, UTCDateTime, utcnow
from ..markets import get as get_market
from ..money import show
from .states import PAYMENT_WORDS, WAY_WORDS, WORDS, WORDS_WITHOUT_PARCEL, ActionKind, ActionState, OrderState, Way


@dataclass(frozen=True)
class Shipment:
    """A parcel on its way; what is not known of it is empty. ``link`` is a web address."""

    company: str
    number: str
    link: str
    at: datetime


class Order(Model):
    """An order, written before Klarna is called. Amounts in minor units of ``currency``.

    ``state`` is a word of :class:`.states.OrderState`. Placed without Klarna's order id cannot be stored.
    ``hinted_at`` is when Klarna said that its review ended, until the order was read there; ``looked_at`` is when it
    was last read.
    ``captured``, ``released`` and ``refunded`` are what Klarna confirmed to us; ``revision`` counts what was done with
    the order, so that of two who saw the same one goes on. ``differs`` says where Klarna's ledger was another.
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

    captured: Mapped[int] = mapped_column(default=0)
    released: Mapped[int] = mapped_column(default=0)
    refunded: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=0)
    authorized_until: Mapped[str] = mapped_column(default="")
    differs: Mapped[str] = mapped_column(default="")

    lines: Mapped[list["OrderLine"]] = relationship(lazy="raise", order_by="OrderLine.id", cascade="all, delete-orphan")
    events: Mapped[list["OrderEvent"]] = relationship(
        lazy="raise", order_by="OrderEvent.id", cascade="all, delete-orphan"
    )
    actions: Mapped[list["OrderAction"]] = relationship(
        lazy="raise", order_by="OrderAction.id", cascade="all, delete-orphan"
    )

    __table_args__ = (
        CheckConstraint(
            "state NOT IN ('placed', 'pending') OR (klarna_order_id IS NOT NULL AND fraud_status IS NOT NULL)",
            name="placed_means_at_klarna",
        ),
        CheckConstraint("captured >= 0 AND (captured = 0 OR klarna_order_id IS NOT NULL)", name="captured_at_klarna"),
        CheckConstraint("released >= 0 AND captured + released <= total", name="within_total"),
        CheckConstraint("refunded >= 0 AND refunded <= captured", name="refunded_within_captured"),
        {"sqlite_autoincrement": True},
    )

    @property
    def shipping(self) -> dict[str, str]:
        return self.delivered_to or self.billing

    @property
    def state_text(self) -> str:
        words = WORDS if self.travels else WORDS_WITHOUT_PARCEL
        return words[OrderState(self.state)]

    @property
    def payment_words(self) -> str:
        """How it is paid at Klarna, for the shopper; empty for a type we have no words for."""
        return PAYMENT_WORDS.get(self.payment_method, "")

    @property
    def paid_by(self) -> str:
        """Which of Klarna's products took the payment."""
        return "Klarna Checkout" if self.way == Way.CHECKOUT else "Klarna"

    @property
    def way_text(self) -> str:
        """The same, for whoever looks after the order."""
        return WAY_WORDS[Way(self.way)]

    @property
    def remaining(self) -> int:
        """What may still be captured."""
        return self.total - self.captured - self.released

    @property
    def refundable(self) -> int:
        return self.captured - self.refunded

    @property
    def shipments(self) -> list[Shipment]:
        """The parcels we said something of, in the order they left."""
        return [shipment for action in self.actions if (shipment := action.shipment)]

    @property
    def travels(self) -> bool:
        """Whether anything of it is sent; a ticket is not."""
        return any(line.kind == "physical" for line in self.lines)

    @property
    def count(self) -> int:
        """Pieces of goods in the order."""
        return sum(line.quantity for line in self.lines if line.kind == "physical")

    def worded(self, amount: int) -> str:
        """An amount of it in words, as its market's shoppers write it."""
        return show(amount, self.currency, get_market(self.market).babel_locale)


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


class OrderAction(Model):
    """Something a clerk has done with an order at Klarna, written before Klarna is called.

    ``nonce`` is the form's, so that a second click does nothing; ``idempotency_key`` and ``body`` are what Klarna is
    called with, so that it can be repeated to the byte; ``request`` is what was wanted, in our words. ``asked_at`` is
    set while a call is under way. ``amount`` in minor units of the order's currency.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default=ActionState.ASKED)
    nonce: Mapped[str] = mapped_column(unique=True)
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    amount: Mapped[int] = mapped_column(default=0)
    request: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    body: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    klarna_id: Mapped[str] = mapped_column(default="")
    refusal: Mapped[str] = mapped_column(default="")
    correlation_id: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)

    __table_args__ = ({"sqlite_autoincrement": True},)

    @property
    def pieces(self) -> dict[int, int]:
        """How many of each line, by the line's id."""
        return {int(line): int(quantity) for line, quantity in self.request.get("pieces", {}).items()}

    @property
    def shipment(self) -> Shipment | None:
        """The parcel, when this is a capture that was made and something was said of how it travels."""
        told = self.request.get("shipment", {})
        if self.kind != ActionKind.CAPTURE or self.state != ActionState.DONE or not told:
            return None
        return Shipment(told["company"], told["number"], told["link"], self.created_at)
