"""The arithmetic of a cart. Pure: things in, lines and totals out.

:func:`price` is the one place where lines *and* totals are made. The cart, the summary, Klarna's session, the
order and the confirmation all show its result, so that they cannot differ by a cent.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum

from .. import money
from ..markets import Delivery, Market

MAX_QUANTITY = 10
DELIVERY = "delivery-"


class Kind(StrEnum):
    """What a line is; the words are Klarna's order line types."""

    PHYSICAL = "physical"
    DIGITAL = "digital"
    SHIPPING_FEE = "shipping_fee"
    SALES_TAX = "sales_tax"


@dataclass(frozen=True)
class Item:
    """A product in the cart as it is right now; ``unit_price`` in minor units of the market."""

    product_id: int
    slug: str
    sku: str
    name: str
    tax: str
    unit_price: int
    stock: int
    quantity: int

    @property
    def max_quantity(self) -> int:
        return min(self.stock, MAX_QUANTITY)

    @property
    def total(self) -> int:
        return self.unit_price * self.quantity


@dataclass(frozen=True)
class Line:
    """A priced line in minor units. Where prices exclude tax, ``tax_rate`` and ``tax`` are zero."""

    kind: Kind
    reference: str
    name: str
    slug: str
    quantity: int
    unit_price: int
    total: int
    tax_rate: int
    tax: int


@dataclass(frozen=True)
class Basket:
    """A priced cart. ``total`` is what is paid, in minor units; ``tax`` is contained in it."""

    market: Market
    items: tuple[Item, ...]
    delivery: Delivery
    lines: tuple[Line, ...]
    goods: int
    delivery_fee: int
    tax: int
    total: int

    @property
    def count(self) -> int:
        return sum(item.quantity for item in self.items)

    @property
    def free_delivery_missing(self) -> int | None:
        """How much more makes delivery free; None when it is free or never will be."""
        if self.delivery.free_from is None or self.goods >= self.delivery.free_from:
            return None
        return self.delivery.free_from - self.goods

    @property
    def delivery_choices(self) -> list[tuple[Delivery, int, bool]]:
        """Every delivery of the market with its fee for this cart (minor units), and whether it is the chosen one."""
        return [(each, each.fee_for(self.goods), each == self.delivery) for each in self.market.deliveries]

    @property
    def version(self) -> str:
        """A fingerprint of everything that is paid for: it changes when any of it does."""
        paid_for = [self.market.code, self.delivery.code, [asdict(line) for line in self.lines]]
        canonical = json.dumps(paid_for, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:20]


def price(market: Market, items: Iterable[Item], delivery_code: str) -> Basket:
    """The cart in a market: a line per item, one for delivery, and one for sales tax where prices exclude it."""
    items = tuple(items)
    delivery = market.delivery(delivery_code)
    goods = sum(item.total for item in items)
    fee = delivery.fee_for(goods) if items else 0
    lines = [_item_line(market, item) for item in items]
    if items:
        lines.append(_delivery_line(market, delivery, fee, lines))
    return _basket(market, items, delivery, lines, goods, fee)


def digital(market: Market, reference: str, name: str, unit_price: int) -> Basket:
    """One thing that does not travel, priced in a market: taxed at the standard rate, and nothing to deliver."""
    rate = market.standard_rate if market.prices_include_tax else 0
    tax = money.tax_within(unit_price, rate)
    line = Line(Kind.DIGITAL, reference, name, "", 1, unit_price, unit_price, rate, tax)
    return _basket(market, (), market.delivery(""), [line], unit_price, 0)


def _basket(
    market: Market, items: tuple[Item, ...], delivery: Delivery, lines: list[Line], goods: int, fee: int
) -> Basket:
    if market.sales_tax and lines:
        lines = [*lines, _sales_tax_line(market, goods + fee)]
    return Basket(
        market=market,
        items=items,
        delivery=delivery,
        lines=tuple(lines),
        goods=goods,
        delivery_fee=fee,
        tax=sum(line.tax for line in lines) if market.prices_include_tax else _sales_tax(lines),
        total=sum(line.total for line in lines),
    )


def delivery_code(references: Iterable[str]) -> str:
    """The delivery that lines with these references were priced with; empty when there is none among them."""
    return next((each.removeprefix(DELIVERY) for each in references if each.startswith(DELIVERY)), "")


def _item_line(market: Market, item: Item) -> Line:
    rate = market.rate(item.tax) if market.prices_include_tax else 0
    return Line(
        kind=Kind.PHYSICAL,
        reference=item.sku,
        name=item.name,
        slug=item.slug,
        quantity=item.quantity,
        unit_price=item.unit_price,
        total=item.total,
        tax_rate=rate,
        tax=money.tax_within(item.total, rate),
    )


def _delivery_line(market: Market, delivery: Delivery, fee: int, goods: list[Line]) -> Line:
    # Delivery is taxed like what it delivers; with mixed rates the highest is the safe side.
    rate = max(line.tax_rate for line in goods)
    return Line(
        kind=Kind.SHIPPING_FEE,
        reference=f"{DELIVERY}{delivery.code}",
        name=delivery.name,
        slug="",
        quantity=1,
        unit_price=fee,
        total=fee,
        tax_rate=rate,
        tax=money.tax_within(fee, rate),
    )


def _sales_tax_line(market: Market, net: int) -> Line:
    tax = money.tax_on_top(net, market.sales_tax)
    return Line(Kind.SALES_TAX, "sales-tax", "Sales tax", "", 1, tax, tax, 0, 0)


def _sales_tax(lines: list[Line]) -> int:
    return sum(line.total for line in lines if line.kind is Kind.SALES_TAX)


@dataclass(frozen=True)
class Change:
    """Something the shopper has to be told about their cart."""

    text: str
    quantity: int
    """How many pieces are left in the cart; 0 takes the line out."""


def what_changed(item: Item, seen_price: int | None, show: money.Show) -> list[Change]:
    """What happened to a line since the shopper last saw it at ``seen_price`` (None: another currency)."""
    if item.stock == 0:
        return [Change(f"“{item.name}” is sold out and was taken out of your cart.", 0)]
    changes = []
    quantity = min(item.quantity, item.max_quantity)
    if quantity < item.quantity:
        changes.append(Change(f"Only {item.stock} of “{item.name}” left: your cart now has {quantity}.", quantity))
    if seen_price is not None and seen_price != item.unit_price:
        was, now = show(seen_price), show(item.unit_price)
        changes.append(Change(f"The price of “{item.name}” changed from {was} to {now}.", quantity))
    return changes
