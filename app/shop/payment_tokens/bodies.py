"""What Klarna is told about tokens and charges. Pure. Amounts in minor units.

https://docs.klarna.com/api/customertoken/ and, for the ``subscription`` of a line, https://docs.klarna.com/api/payments/
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from .states import AT_ONCE, Use

GOODS = ("physical", "digital")
NOTHING_NOW = {"unit_price": 0, "total_amount": 0, "total_discount_amount": 0}


@dataclass(frozen=True)
class Cadence:
    """A subscription as Klarna shows it; ``interval`` is DAY, WEEK, MONTH or YEAR."""

    name: str
    interval: str
    interval_count: int = 1


def with_cadence(purchase: Mapping[str, Any], cadence: Cadence | None) -> dict[str, Any]:
    """A purchase whose goods come again and again; left as it is without a cadence: then the shopper asks each time."""
    told = {"subscription": asdict(cadence)} if cadence else {}
    lines = [line | told if line["type"] in GOODS else line for line in purchase["order_lines"]]
    return dict(purchase) | {"order_lines": lines}


def nothing_now(purchase: Mapping[str, Any]) -> dict[str, Any]:
    """The same goods for nothing: a token is made, and no order. No delivery, no tax, no order number."""
    lines = [
        line | NOTHING_NOW | ({"total_tax_amount": 0} if "total_tax_amount" in line else {})
        for line in purchase["order_lines"]
        if line["type"] in GOODS
    ]
    free = dict(purchase) | {"order_amount": 0, "order_tax_amount": 0, "order_lines": lines}
    return {name: value for name, value in free.items() if name != "merchant_reference1"}


def token_body(purchase: Mapping[str, Any], description: str, billing: dict[str, str]) -> dict[str, Any]:
    """The body of *generate a customer token*. ``SUBSCRIPTION`` is the one use Klarna knows a word for."""
    market = {name: purchase[name] for name in ("purchase_country", "purchase_currency", "locale")}
    return market | {"description": description, "intended_use": "SUBSCRIPTION", "billing_address": billing}


def capturing(use: Use) -> dict[str, bool]:
    """What has Klarna charge all of an order with its yes; goods are charged when they leave instead.

    https://docs.klarna.com/payments/web-payments/additional-resources/use-cases/automatic-capture/
    """
    return {"auto_capture": True} if use in AT_ONCE else {}


def captured_at_once(body: str | None) -> bool:
    """Whether Klarna was asked so, by what it was sent."""
    return bool(json.loads(body or "{}").get("auto_capture"))


def charge_body(
    purchase: Mapping[str, Any], confirmation: str, shipping: dict[str, str], step_up: bool
) -> dict[str, Any]:
    """The body of a charge. Country, language and who pays are the token's.

    ``step_up`` says that the shopper is there to repair what fails; a subscription's charge never says so.
    """
    left_out = ("purchase_country", "locale")
    body = {name: value for name, value in purchase.items() if name not in left_out}
    body |= {"merchant_urls": {"confirmation": confirmation}, "shipping_address": shipping}
    return body | ({"step_up": "SUPPORTED"} if step_up else {})
