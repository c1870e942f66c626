"""Requests as a merchant sends them: right in every amount, to be made wrong in one place by a test."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from typing import Any

MISSING: Any = object()
"""In `changed`: take the field out."""

ADDRESS = {
    "given_name": "Mock",
    "family_name": "Mock",
    "email": "customer@email.de",
    "phone": "+4917614284340",
    "street_address": "Neue Schönhauser Str. 2",
    "postal_code": "10178",
    "city": "Berlin",
    "country": "DE",
}

_ORDER_FIELDS = (
    "purchase_country",
    "purchase_currency",
    "locale",
    "order_amount",
    "order_tax_amount",
    "order_lines",
    "billing_address",
    "shipping_address",
    "merchant_urls",
    "merchant_reference1",
    "merchant_reference2",
)


def line(total: int = 11900, tax: int = 1900, *, rate: int = 1900, **fields: Any) -> dict[str, Any]:
    """One piece at `total` minor units; 19 % of 10000 is 1900, so the expected tax is a whole number."""
    return {
        "type": "physical",
        "reference": "LAMP-1",
        "name": "Lamp",
        "quantity": 1,
        "unit_price": total,
        "tax_rate": rate,
        "total_amount": total,
        "total_discount_amount": 0,
        "total_tax_amount": tax,
    } | fields


def purchase(*lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A session in Germany over these lines, with the totals they add up to."""
    chosen = [deepcopy(one) for one in lines] or [line()]
    return {
        "intent": "buy",
        "purchase_country": "DE",
        "purchase_currency": "EUR",
        "locale": "de-DE",
        "order_amount": sum(one["total_amount"] for one in chosen),
        "order_tax_amount": sum(one.get("total_tax_amount", 0) for one in chosen),
        "order_lines": chosen,
    } | fields


def american_purchase(*, tax: int = 888, **fields: Any) -> dict[str, Any]:
    """Prices without tax, and the tax as a line of its own."""
    goods = {"type": "physical", "name": "Lamp", "quantity": 1, "unit_price": 10000, "total_amount": 10000}
    taxes = {"type": "sales_tax", "name": "Tax", "quantity": 1, "unit_price": tax, "total_amount": tax}
    return {
        "intent": "buy",
        "purchase_country": "US",
        "purchase_currency": "USD",
        "locale": "en-US",
        "order_amount": 10000 + tax,
        "order_tax_amount": tax,
        "order_lines": [goods, taxes],
    } | fields


def order_for(session: dict[str, Any]) -> dict[str, Any]:
    """The order that goes with a session: the same purchase, without what only a session has."""
    return deepcopy({name: session[name] for name in _ORDER_FIELDS if name in session})


def changed(body: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A copy with the fields at these paths (`order_lines[0].name`) set, or taken out by `MISSING`."""
    result: dict[str, Any] = json.loads(json.dumps(body))
    for path, value in changes.items():
        *parents, last = _steps(path)
        place: Any = result
        for step in parents:
            place = place.setdefault(step, {}) if isinstance(place, dict) else place[step]
        if value is MISSING:
            del place[last]
        else:
            place[last] = deepcopy(value)
    return result


def _steps(path: str) -> list[Any]:
    found = re.findall(r"([^.\[\]]+)|\[(\d+)\]", path)
    return [name or int(index) for name, index in found]
