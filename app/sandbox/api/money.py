"""The money rules of a cart, on whole minor units; each names the paths that break it.

https://docs.klarna.com/payments/web-payments/additional-resources/error-handling-and-validations/tax-handling/
"""

from typing import Any

from .fields import LOWERING_TYPES

# Beside those a refund's fee for sending goods back.
_MAY_BE_NEGATIVE = (*LOWERING_TYPES, "return_fee")
Cart = dict[str, Any]
Line = dict[str, Any]


def faults(cart: Cart) -> list[str]:
    """The paths of what does not add up: the first rule that fails names its paths and ends the check."""
    for rule in (_prices, _line_totals, _line_taxes, _order_tax, _order_amount):
        found = rule(cart)
        if found:
            return found
    return []


def line_total(line: Line) -> int:
    """What `total_amount` has to be."""
    return int(line["quantity"] * line["unit_price"] - line.get("total_discount_amount", 0))


def tax_is_right(line: Line) -> bool:
    """Within one minor unit of ``total - total * 10000 / (10000 + rate)``, multiplied out to stay whole.

    A line that says neither rate nor tax is not checked: in the US taxes have a line of their own.
    """
    if "tax_rate" not in line and "total_tax_amount" not in line:
        return True
    rate = line.get("tax_rate", 0)
    divisor = 10_000 + rate
    return bool(abs(line.get("total_tax_amount", 0) * divisor - line["total_amount"] * rate) <= divisor)


def line_tax(line: Line) -> int:
    """The tax a line brings: its own, or all of it when it is a line of sales tax."""
    if line.get("type") == "sales_tax" and not line.get("total_tax_amount"):
        return int(line["total_amount"])
    return int(line.get("total_tax_amount", 0))


def _prices(cart: Cart) -> list[str]:
    return [
        f"order_lines[{index}].unit_price"
        for index, line in enumerate(cart["order_lines"])
        if line["unit_price"] < 0 and line.get("type", "physical") not in _MAY_BE_NEGATIVE
    ]


def _line_totals(cart: Cart) -> list[str]:
    lines = enumerate(cart["order_lines"])
    return [f"order_lines[{i}].total_amount" for i, line in lines if line["total_amount"] != line_total(line)]


def _line_taxes(cart: Cart) -> list[str]:
    lines = enumerate(cart["order_lines"])
    return [f"order_lines[{i}].total_tax_amount" for i, line in lines if not tax_is_right(line)]


def _order_tax(cart: Cart) -> list[str]:
    """As many minor units of tolerance as there are lines (lines or pieces: Klarna's text leaves it open)."""
    lines = cart["order_lines"]
    if "order_tax_amount" not in cart:
        return []
    difference = cart["order_tax_amount"] - sum(line_tax(line) for line in lines)
    return ["order_tax_amount"] if abs(difference) > len(lines) else []


def _order_amount(cart: Cart) -> list[str]:
    """Inferred from the guides: the exact message is not documented."""
    total = sum(line["total_amount"] for line in cart["order_lines"])
    return ["order_amount"] if cart["order_amount"] != total else []
