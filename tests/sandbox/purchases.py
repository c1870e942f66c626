"""Carts as merchants send them, right to the last minor unit."""

from typing import Any

Body = dict[str, Any]


def line(**changes: Any) -> Body:
    """One lamp at 259.00, 19 % tax included."""
    return {
        "type": "physical",
        "name": "Lamp",
        "quantity": 1,
        "unit_price": 25900,
        "tax_rate": 1900,
        "total_amount": 25900,
        "total_discount_amount": 0,
        "total_tax_amount": 4135,
    } | changes


def german(**changes: Any) -> Body:
    """A linking purchase in Germany."""
    return {
        "intent": "buy_and_link",
        "purchase_country": "DE",
        "purchase_currency": "EUR",
        "locale": "de-DE",
        "order_amount": 25900,
        "order_tax_amount": 4135,
        "order_lines": [line()],
    } | changes


def american(**changes: Any) -> Body:
    """A purchase in the United States: prices without tax, the tax as a line of its own."""
    lamp = {"name": "Lamp", "quantity": 1, "unit_price": 10000, "total_amount": 10000}
    tax = {"type": "sales_tax", "name": "Tax", "quantity": 1, "unit_price": 888, "total_amount": 888}
    return {
        "intent": "buy_and_link",
        "purchase_country": "US",
        "purchase_currency": "USD",
        "locale": "en-US",
        "order_amount": 10888,
        "order_tax_amount": 888,
        "order_lines": [lamp, tax],
    } | changes


BERLIN = {
    "given_name": "Mock",
    "family_name": "Mock",
    "email": "customer@email.de",
    "phone": "+4917614284340",
    "street_address": "Neue Schönhauser Str. 2",
    "postal_code": "10178",
    "city": "Berlin",
    "country": "DE",
}
