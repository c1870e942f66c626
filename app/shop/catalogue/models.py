"""Tables of the catalogue."""

from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..extensions import Model


class Tax(StrEnum):
    """A product's tax class; the market says what rate that is."""

    STANDARD = "standard"
    REDUCED = "reduced"


class Category(Model):
    """A shelf of the shop."""

    slug: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    blurb: Mapped[str]
    position: Mapped[int]


class Product(Model):
    """Something to buy. Its picture is ``products/<slug>.svg``."""

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    sku: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    category_slug: Mapped[str] = mapped_column(ForeignKey("category.slug"), index=True)
    tax: Mapped[str]
    stock: Mapped[int]
    summary: Mapped[str]
    description: Mapped[str]
    details: Mapped[list[str]] = mapped_column(JSON)
    badge: Mapped[str | None]
    position: Mapped[int]

    category: Mapped[Category] = relationship(lazy="raise")
    prices: Mapped[list["Price"]] = relationship(lazy="raise", cascade="all, delete-orphan")

    __table_args__ = (CheckConstraint("stock >= 0", name="stock_not_negative"),)


class Price(Model):
    """What a product costs in a currency: minor units, tax included where the market's prices include it."""

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    amount: Mapped[int]

    __table_args__ = (CheckConstraint("amount > 0", name="positive"),)
