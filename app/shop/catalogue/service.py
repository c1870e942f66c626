"""What there is to buy, and at what price in a market. Every list is one query."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Row, Select, func, or_, select, update
from sqlalchemy.orm import selectinload

from ..extensions import db, rows_changed
from ..markets import Market
from ..paging import Page, stretch
from .models import Category, Price, Product

CATALOGUE = Path(__file__).with_name("catalogue.json")
PER_PAGE = 12
SORTS = ("recommended", "price", "price-desc", "name")


@dataclass(frozen=True)
class Card:
    """A product as lists show it; ``price`` in minor units of the market."""

    slug: str
    name: str
    summary: str
    price: int
    stock: int
    badge: str | None
    category_slug: str
    category_name: str


@dataclass(frozen=True)
class Detail(Card):
    """A product as its own page shows it; ``tax_rate`` in hundredths of a percent."""

    description: str
    details: list[str]
    sku: str
    tax_rate: int


def categories() -> list[Category]:
    return list(db.session.scalars(select(Category).order_by(Category.position)))


def featured(market: Market, count: int) -> list[Card]:
    """The bestsellers first, then the shop's own order; nothing that is sold out."""
    others = func.coalesce(Product.badge, "") != "Bestseller"
    query = _priced(market).where(Product.stock > 0).order_by(others, Product.position)
    return _cards(query.limit(count))


def newest(market: Market, count: int) -> list[Card]:
    query = _priced(market).where(Product.badge == "New", Product.stock > 0).order_by(Product.position)
    return _cards(query.limit(count))


def related(market: Market, product: Card, count: int) -> list[Card]:
    query = _priced(market).where(Product.category_slug == product.category_slug, Product.slug != product.slug)
    return _cards(query.order_by((Product.stock == 0), Product.position).limit(count))


def listing(market: Market, category: str | None, sort: str, in_stock: bool, page: int) -> Page[Card]:
    """A category, or everything; an unknown ``sort`` is the shop's own order."""
    query = _priced(market)
    if category:
        query = query.where(Product.category_slug == category)
    if in_stock:
        query = query.where(Product.stock > 0)
    return _page(query.order_by(*_order(sort)), page)


def search(market: Market, words: str, page: int) -> Page[Card]:
    """Products in which every word occurs: in name, summary, description or category."""
    query = _priced(market)
    for word in words.split()[:8]:
        pattern = f"%{_escaped(word)}%"
        columns = (Product.name, Product.summary, Product.description, Category.name)
        query = query.where(or_(*(column.ilike(pattern, escape="\\") for column in columns)))
    return _page(query.order_by(Product.position), page)


def detail(market: Market, slug: str) -> Detail | None:
    """One product, or None."""
    row = db.session.execute(_priced(market).where(Product.slug == slug)).first()
    if row is None:
        return None
    product = row.Product
    return Detail(
        **_fields(row),
        description=product.description,
        details=product.details,
        sku=product.sku,
        tax_rate=market.rate(product.tax),
    )


def by_reference(references: list[str]) -> dict[str, tuple[int, str]]:
    """Id and slug of products by their reference, the SKU; one query."""
    found = select(Product.sku, Product.id, Product.slug).where(Product.sku.in_(references))
    return {sku: (product_id, slug) for sku, product_id, slug in db.session.execute(found).all()}


def in_stock(product_id: int, quantity: int) -> bool:
    enough = select(Product.id).where(Product.id == product_id, Product.stock >= quantity)
    return db.session.scalar(enough) is not None


def take_stock(product_id: int, quantity: int) -> bool:
    """Reserve pieces in the caller's transaction; False, and nothing changed, when there are too few."""
    enough = update(Product).where(Product.id == product_id, Product.stock >= quantity)
    return bool(rows_changed(enough.values(stock=Product.stock - quantity)))


def give_back_stock(product_id: int, quantity: int) -> None:
    """Undo :func:`take_stock` in the caller's transaction."""
    db.session.execute(update(Product).where(Product.id == product_id).values(stock=Product.stock + quantity))


def seed() -> int:
    """Bring the database to what ``catalogue.json`` says, but for the stock of products it knows. Commits."""
    catalogue = json.loads(CATALOGUE.read_text())
    for position, category in enumerate(catalogue["categories"]):
        db.session.merge(Category(position=position, **category))
    known = {p.slug: p for p in db.session.scalars(select(Product).options(selectinload(Product.prices)))}
    for position, entry in enumerate(catalogue["products"]):
        _write(known.get(entry["slug"]), position, entry)
    db.session.commit()
    return len(catalogue["products"])


def _write(product: Product | None, position: int, entry: dict[str, Any]) -> None:
    if product is None:
        product = Product(slug=entry["slug"], stock=entry["stock"], prices=[])
        db.session.add(product)
    for name in ("sku", "name", "tax", "summary", "description", "details", "badge"):
        setattr(product, name, entry[name])
    product.category_slug, product.position = entry["category"], position
    there = {price.currency: price for price in product.prices}
    for currency, amount in entry["prices"].items():
        if currency in there:
            there[currency].amount = amount
        else:
            product.prices.append(Price(currency=currency, amount=amount))


def _priced(market: Market) -> Select[Product, int, str]:
    priced = select(Product, Price.amount, Category.name.label("category_name"))
    joined = priced.join(Price, (Price.product_id == Product.id) & (Price.currency == market.currency))
    return joined.join(Category, Category.slug == Product.category_slug)


def _order(sort: str) -> tuple[Any, ...]:
    orders: dict[str, tuple[Any, ...]] = {
        "price": (Price.amount, Product.position),
        "price-desc": (Price.amount.desc(), Product.position),
        "name": (Product.name,),
    }
    return orders.get(sort, (Product.position,))


def _page(query: Select[Product, int, str], number: int) -> Page[Card]:
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    shown = stretch(total, number, PER_PAGE)
    return Page(_cards(query.limit(PER_PAGE).offset(shown.offset)), shown.number, shown.pages, total)


def _cards(query: Select[Product, int, str]) -> list[Card]:
    return [Card(**_fields(row)) for row in db.session.execute(query)]


def _fields(row: Row[Product, int, str]) -> dict[str, Any]:
    product = row.Product
    return {
        "slug": product.slug,
        "name": product.name,
        "summary": product.summary,
        "price": row.amount,
        "stock": product.stock,
        "badge": product.badge,
        "category_slug": product.category_slug,
        "category_name": row.category_name,
    }


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
