"""Shipping options inside the frame: which one is chosen, and the line it adds to the order. Pure.

https://docs.klarna.com/klarna-checkout/use-cases/shipping . Without `shipping_option_update` the fee of the chosen
option is put among the lines by Klarna; with that callback, or with a shipping fee of its own, by the merchant.
"""

from typing import Any

Purchase = dict[str, Any]
Option = dict[str, Any]


def choose(purchase: Purchase, wanted: str | None = None) -> Purchase:
    """The purchase with its option chosen: the wanted one, else the one chosen before, the preselected, the first.

    The last of these is inferred. Without options nothing is chosen.
    """
    options: list[Option] = purchase.get("shipping_options", [])
    if not options:
        return {name: value for name, value in purchase.items() if name != "selected_shipping_option"}
    before = purchase.get("selected_shipping_option", {}).get("id")
    named = [option for name in (wanted, before) for option in options if option["id"] == name]
    preselected = [option for option in options if option.get("preselected")]
    return purchase | {"selected_shipping_option": [*named, *preselected, options[0]][0]}


def with_fee(purchase: Purchase) -> Purchase:
    """The purchase with the line Klarna adds for the chosen option, and with totals that hold it."""
    option = purchase.get("selected_shipping_option")
    if option is None or _is_the_merchants(purchase):
        return purchase
    return purchase | {
        "order_lines": [*purchase["order_lines"], _line(option)],
        "order_amount": purchase["order_amount"] + option["price"],
        "order_tax_amount": purchase["order_tax_amount"] + option["tax_amount"],
    }


def _is_the_merchants(purchase: Purchase) -> bool:
    asked = "shipping_option_update" in purchase["merchant_urls"]
    return asked or any(line.get("type") == "shipping_fee" for line in purchase["order_lines"])


def _line(option: Option) -> dict[str, Any]:
    return {
        "type": "shipping_fee",
        "reference": option["id"][:255],
        "name": option["name"],
        "quantity": 1,
        "unit_price": option["price"],
        "tax_rate": option["tax_rate"],
        "total_amount": option["price"],
        "total_discount_amount": 0,
        "total_tax_amount": option["tax_amount"],
    }
