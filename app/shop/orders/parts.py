"""Parts of an order, for captures and refunds: always of its stored lines, never computed anew. Pure.

Pieces are chosen of everything but sales tax, which follows from what is chosen. Amounts in minor units. Klarna wants
``quantity * unit_price - total_discount_amount = total_amount`` for each line:
https://docs.klarna.com/payments/after-payments/order-management/manage-orders-with-the-api/capture-and-track-orders/
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from ..cart.basket import Kind
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


def is_sales_tax(line: Line) -> bool:
    """Whether a line follows from the others, so that no pieces of it are chosen."""
    return line.kind == Kind.SALES_TAX


def amount(line: Line, before: int, quantity: int) -> int:
    """What ``quantity`` pieces of a line are worth when ``before`` of them went earlier: all parts make the total."""
    return _share(line.total, line.quantity, before, quantity)


def sales_tax(line: Line, lines: Sequence[Line], before: Pieces, pieces: Pieces) -> int:
    """The sales tax on ``pieces`` when those ``before`` went earlier: their share, and all parts make its total.

    It is on all other lines, delivery included. Nothing is left of one that went as a piece of its own, as it once did.
    """
    if before.get(line.id):
        return 0
    taxed = [each for each in lines if not is_sales_tax(each)]
    earlier = sum(amount(each, 0, before.get(each.id, 0)) for each in taxed)
    now = sum(amount(each, before.get(each.id, 0), pieces.get(each.id, 0)) for each in taxed)
    return _share(line.total, sum(each.total for each in taxed), earlier, now)


def klarna_lines(lines: Sequence[Line], before: Pieces, pieces: Pieces, with_tax: bool) -> list[dict[str, Any]]:
    """Pieces, and the sales tax that is on them, in Klarna's words."""
    told = [klarna_line(line, before.get(line.id, 0), pieces[line.id], with_tax) for line in lines if line.id in pieces]
    for line in filter(is_sales_tax, lines):
        due = sales_tax(line, lines, before, pieces)
        part = {"unit_price": due, "total_amount": due, "total_discount_amount": 0}
        told += [klarna_line(line, 0, 1, with_tax) | part] if due else []
    return told


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


def _share(total: int, whole: int, before: int, now: int) -> int:
    """What ``now`` of ``whole`` is worth after ``before``: rounded down from the first on, so that nothing is lost."""
    return total * (before + now) // whole - total * before // whole if whole else 0
