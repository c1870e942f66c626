"""A line as it was sold. Pure: amounts in minor units, whoever made them."""

from collections.abc import Iterable
from dataclasses import dataclass

from ..cart.basket import Basket, Kind


@dataclass(frozen=True)
class SoldLine:
    """What an order keeps of a line. ``product_id`` is None for what is no product, or none any more."""

    product_id: int | None
    kind: str
    reference: str
    slug: str
    name: str
    quantity: int
    unit_price: int
    total: int
    tax_rate: int
    tax: int


@dataclass(frozen=True)
class Sold:
    """All that is sold in one order, in one currency; ``tax`` is contained in ``total``."""

    market: str
    currency: str
    lines: tuple[SoldLine, ...]
    tax: int

    @property
    def total(self) -> int:
        return sum(line.total for line in self.lines)

    @property
    def goods(self) -> int:
        return sum(line.total for line in self.lines if line.kind in (Kind.PHYSICAL, Kind.DIGITAL))

    @property
    def delivery_fee(self) -> int:
        return sum(line.total for line in self.lines if line.kind == Kind.SHIPPING_FEE)

    @property
    def delivery_name(self) -> str:
        return next((line.name for line in self.lines if line.kind == Kind.SHIPPING_FEE), "")


def of_basket(basket: Basket) -> Sold:
    """A priced cart, line by line as it was shown."""
    product_ids = {item.sku: item.product_id for item in basket.items}
    return Sold(basket.market.code, basket.market.currency, tuple(_lines(basket, product_ids)), basket.tax)


def _lines(basket: Basket, product_ids: dict[str, int]) -> Iterable[SoldLine]:
    for line in basket.lines:
        yield SoldLine(
            product_id=product_ids.get(line.reference),
            kind=line.kind,
            reference=line.reference,
            slug=line.slug,
            name=line.name,
            quantity=line.quantity,
            unit_price=line.unit_price,
            total=line.total,
            tax_rate=line.tax_rate,
            tax=line.tax,
        )
