"""Tables of subscriptions: what comes how often, and what became of each period."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..cart.basket import Basket
from ..extensions import Model, UTCDateTime, utcnow
from ..markets import get as get_market
from .dates import Rhythm, due_at
from .rules import RENEWAL_WORDS, WORDS, Agreed, RenewalState, SubscriptionState, basket, in_words


class Subscription(Model):
    """Bags of coffee, week by week or month by month, for the price agreed at sign-up (minor units).

    Periods are counted from the beginning; ``anchor_period`` is the one that is due at ``anchor_at``, and the rhythm
    goes on from there. ``next_period`` is the first nobody has dealt with, due at ``next_at``: who moves it on, by a
    conditional UPDATE, is the one who charges. ``needs_payment``: only a new token helps.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    signup_id: Mapped[str] = mapped_column(ForeignKey("token_signup.id"), unique=True)
    payment_token_id: Mapped[int | None] = mapped_column(ForeignKey("payment_token.id", ondelete="SET NULL"))
    state: Mapped[str] = mapped_column(default=SubscriptionState.ACTIVE)
    needs_payment: Mapped[bool] = mapped_column(default=False)

    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id", ondelete="SET NULL"))
    slug: Mapped[str]
    sku: Mapped[str]
    name: Mapped[str]
    tax: Mapped[str]
    unit_price: Mapped[int]
    market: Mapped[str]
    quantity: Mapped[int]
    rhythm: Mapped[str]
    email: Mapped[str]
    address: Mapped[dict[str, str]] = mapped_column(JSON)

    anchor_at: Mapped[datetime] = mapped_column(UTCDateTime)
    anchor_period: Mapped[int] = mapped_column(default=0)
    next_period: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    renewals: Mapped[list["Renewal"]] = relationship(
        lazy="raise", order_by="Renewal.period.desc()", cascade="all, delete-orphan"
    )

    __table_args__ = (CheckConstraint("quantity > 0", name="something"), {"sqlite_autoincrement": True})

    @property
    def agreed(self) -> Agreed:
        return Agreed(self.product_id or 0, self.slug, self.sku, self.name, self.tax, self.unit_price)

    @property
    def basket(self) -> Basket:
        """One delivery, priced as agreed."""
        return basket(get_market(self.market), self.agreed, self.quantity)

    @property
    def words(self) -> str:
        return in_words(self.name, self.quantity, self.rhythm)

    @property
    def state_text(self) -> str:
        return WORDS[SubscriptionState(self.state)]

    def due_at(self, period: int) -> datetime:
        """When a period is due, counted from the beginning."""
        return due_at(self.anchor_at, Rhythm(self.rhythm), period - self.anchor_period)


class Renewal(Model):
    """One period of a subscription: charged once at most, however often and by how many it is tried.

    The charge holds what Klarna is asked, and its key (:class:`..payment_tokens.models.TokenCharge`). ``ran_at`` is the
    time by the clock of the run that tried it last: what follows is dated from there. ``refusals`` are those in a row
    that count. ``total`` in minor units of the market.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscription.id", ondelete="CASCADE"))
    period: Mapped[int]
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[str] = mapped_column(default=RenewalState.CHARGING, index=True)
    tries: Mapped[int] = mapped_column(default=1)
    refusals: Mapped[int] = mapped_column(default=0)
    refusal: Mapped[str] = mapped_column(default="")
    ran_at: Mapped[datetime] = mapped_column(UTCDateTime)
    refused_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    next_try_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    charge_id: Mapped[int | None] = mapped_column(ForeignKey("token_charge.id", ondelete="SET NULL"), unique=True)
    order_number: Mapped[str] = mapped_column(default="")
    total: Mapped[int]

    __table_args__ = (UniqueConstraint("subscription_id", "period"), {"sqlite_autoincrement": True})

    @property
    def state_text(self) -> str:
        return RENEWAL_WORDS[RenewalState(self.state)]
