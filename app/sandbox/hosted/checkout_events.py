"""What the merchant's page is told of a checkout, by the event that tells it. For display only. Pure but for totals.

https://docs.klarna.com/klarna-checkout/in-depth-knowledge/client-side-events . Countries are in three small letters
here and nowhere else. What is not known yet is left out; in Austria and Germany names are.
"""

from typing import Any

from ..checkout import alpha3, shipping
from ..checkout.checkouts import Checkout

Event = dict[str, Any]
_NAMELESS = ("AT", "DE")
_OPTION = ("id", "name", "description", "promo", "price", "tax_amount", "tax_rate")


def of(checkout: Checkout, values: dict[str, str]) -> dict[str, Event]:
    """The events whose data may have changed, each with its data now; `values` are the form's."""
    purchase = shipping.with_fee(checkout.purchase)
    address = _address(checkout, values)
    chosen = purchase.get("selected_shipping_option")
    events = {
        "customer": {"type": purchase.get("customer", {}).get("type", "person")},
        "change": address,
        "billing_address_change": _short(checkout, address),
        "shipping_address_change": _short(checkout, address),
        "order_total_change": {"order_total": purchase["order_amount"]},
    }
    return events | ({"shipping_option_change": {k: chosen[k] for k in _OPTION if k in chosen}} if chosen else {})


def load(checkout: Checkout, values: dict[str, str]) -> Event:
    """What comes once the frame is there."""
    address = _address(checkout, values)
    told = {name: address[name] for name in ("country", "postal_code") if name in address}
    kind = checkout.purchase.get("customer", {}).get("type", "person")
    return {"customer": {"type": kind}, "shipping_address": told}


def _address(checkout: Checkout, values: dict[str, str]) -> Event:
    names = ("email", "postal_code") if checkout.country in _NAMELESS else (
        "email", "postal_code", "given_name", "family_name")  # fmt: skip
    told = {name: values[name] for name in names if values.get(name)}
    return told | {"country": alpha3.of(checkout.country)}


def _short(checkout: Checkout, address: Event) -> Event:
    """Of a German or an Austrian address postal code and country alone."""
    if checkout.country not in _NAMELESS:
        return address
    return {name: value for name, value in address.items() if name != "email"}
