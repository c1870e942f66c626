"""What Klarna Checkout is told, and what it says of an order, in the shop's words. Pure.

https://docs.klarna.com/api/checkout/ . Amounts in minor units, tax included; rates in hundredths of a percent.
"""

from collections.abc import Mapping
from typing import Any

from ..orders.sold import SoldLine

NAMES = ("given_name", "family_name")
ADDRESS = ("given_name", "family_name", "street_address", "street_address2", "postal_code", "city", "region", "phone")


class UnreadableOrder(Exception):
    """Klarna's order lacks what an order of ours has to have."""


def purchase(bought: Mapping[str, Any]) -> dict[str, Any]:
    """Lines and amounts of a purchase. Every line says its tax here, zero where prices go without."""
    lines = [{"tax_rate": 0, "total_tax_amount": 0} | line for line in bought["order_lines"]]
    return dict(bought) | {"order_lines": lines}


def opening(
    bought: Mapping[str, Any], merchant_urls: dict[str, str], customer: dict[str, str], known: dict[str, dict[str, str]]
) -> dict[str, Any]:
    """The body of *create*: the purchase, and what Klarna may fill in and recognise the shopper by.

    https://docs.klarna.com/sign-in-with-klarna/integrate-sign-in-with-klarna/klarna-checkout/
    """
    # Silence must not sell: what is sold out or changed meanwhile is refused by the validation callback alone.
    strict = {"require_validate_callback_success": True}
    body = purchase(bought) | {"merchant_urls": merchant_urls, "options": strict} | known
    return body | {"customer": customer} if customer else body


def prefill(email: str, address: Mapping[str, str], country: str) -> dict[str, str]:
    """An address for the form, empty parts left out; of another country's than the market's only who it is."""
    parts = ADDRESS if (address.get("country") or country) == country else NAMES
    said = {"email": email} | {name: address.get(name, "") for name in parts}
    known = {name: value for name, value in said.items() if value}
    return known | {"country": country} if known else {}


def sold_lines(body: Mapping[str, Any], products: Mapping[str, tuple[int, str]]) -> list[SoldLine]:
    """The lines Klarna sold. ``products`` are id and slug by reference. Raises UnreadableOrder."""
    lines = [_sold(line, products) for line in _lines(body)]
    if not lines or sum(line.total for line in lines) != body.get("order_amount"):
        raise UnreadableOrder("lines and amount do not add up")
    return lines


def references(body: Mapping[str, Any]) -> list[str]:
    return [str(line["reference"]) for line in _lines(body) if line.get("reference")]


def _lines(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    said = body.get("order_lines")
    return [line for line in said if isinstance(line, dict)] if isinstance(said, list) else []


def bought_address(body: Mapping[str, Any], name: str) -> tuple[str, dict[str, str]]:
    """E-mail and address the shopper gave in Klarna's form; ``name`` is billing_address or shipping_address."""
    given = body.get(name)
    said = given if isinstance(given, dict) else {}
    country = str(said.get("country") or body.get("purchase_country") or "").upper()
    address = {part: str(said.get(part) or "") for part in ADDRESS} | {"country": country}
    return str(said.get("email") or ""), address


def _sold(line: Mapping[str, Any], products: Mapping[str, tuple[int, str]]) -> SoldLine:
    reference = str(line.get("reference") or "")
    product_id, slug = products.get(reference, (None, ""))
    try:
        return SoldLine(
            product_id=product_id,
            kind=str(line.get("type") or "physical"),
            reference=reference,
            slug=slug,
            name=str(line["name"]),
            quantity=int(line["quantity"]),
            unit_price=int(line["unit_price"]),
            total=int(line["total_amount"]),
            tax_rate=int(line.get("tax_rate") or 0),
            tax=int(line.get("total_tax_amount") or 0),
        )
    except (KeyError, TypeError, ValueError) as odd:
        raise UnreadableOrder("a line without name, quantity or amounts") from odd
