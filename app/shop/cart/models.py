"""Tables of the cart."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from ..extensions import Model, UTCDateTime, utcnow

STANDARD = "standard"  # the delivery of a cart for which none was chosen


class Cart(Model):
    """A cart: a user's (one each), or a guest's, known by the id in the signed session cookie."""

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), unique=True)
    delivery: Mapped[str] = mapped_column(default=STANDARD)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)

    # A number is given once: a guest's cookie must not find somebody else's cart after this one is gone.
    __table_args__ = ({"sqlite_autoincrement": True},)


class CartItem(Model):
    """A product in a cart, with the price the shopper last saw (minor units of ``seen_currency``)."""

    cart_id: Mapped[int] = mapped_column(ForeignKey("cart.id", ondelete="CASCADE"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"), primary_key=True)
    quantity: Mapped[int]
    seen_price: Mapped[int]
    seen_currency: Mapped[str]
    added_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)

    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        Index("ix_cart_item_product_id", "product_id"),
    )
