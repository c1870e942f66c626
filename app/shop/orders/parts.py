"""Parts of an order, for captures and refunds: always of its stored lines, never computed anew. Pure.

Amounts in minor units. Klarna wants ``quantity * unit_price - total_discount_amount = total_amount`` for each line:
https://docs.klarna.com/payments/after-payments/order-management/manage-orders-with-the-api/capture-and-track-orders/
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from ..money import tax_within

Pieces = Mapping[int, int]


class Line(Protocol):
    """A stored line."""

    id: int
    kind: str
    reference: str
    name: str
    quantity: int
    unit_price: int
    total: int
    tax_rate: int
    tax: int


def added(parts: Iterable[Pieces]) -> Counter[int]:
    """Pieces by line id, of several parts together."""
    sum_: Counter[int] = Counter()
    for part in parts:
        sum_.update(part)
    return sum_


def amount(line: Line, before: int, quantity: int) -> int:
    """What ``quantity`` pieces of a line are worth when ``before`` of them went earlier: all parts make the total."""
    return line.total * (before + quantity) // line.quantity - line.total * before // line.quantity


def klarna_line(line: Line, before: int, quantity: int, with_tax: bool) -> dict[str, Any]:
    """A part of a line in Klarna's words; ``tax_rate`` in hundredths of a percent."""
    worth = amount(line, before, quantity)
    told: dict[str, Any] = {
        "type": line.kind,
        "reference": line.reference,
        "name": line.name,
        "quantity": quantity,
        "unit_price": line.unit_price,
        "total_amount": worth,
        "total_discount_amount": line.unit_price * quantity - worth,
    }
    if with_tax:
        whole = quantity == line.quantity
        told |= {"tax_rate": line.tax_rate, "total_tax_amount": line.tax if whole else tax_within(worth, line.tax_rate)}
    return told
