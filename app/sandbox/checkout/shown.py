"""A checkout as Klarna's API answers it, without the snippet: the merchant's data, Klarna's own, and defaults.

Status and countries are in small letters, as others have seen them on the wire. The access token is never among it.
"""

from datetime import datetime
from typing import Any

from ..config import current
from . import shipping
from .checkouts import Checkout


def as_answered(checkout: Checkout) -> dict[str, Any]:
    """Every field but `html_snippet`."""
    purchase = shipping.with_fee(checkout.purchase)
    completed = {"completed_at": _moment(checkout.completed_at)} if checkout.completed_at else {}
    return {
        "external_payment_methods": [],
        "external_checkouts": [],
        "customer": {},
        **purchase,
        **{name: _address(purchase[name]) for name in ("billing_address", "shipping_address") if name in purchase},
        "purchase_country": checkout.country.lower(),
        "purchase_currency": purchase["purchase_currency"].upper(),
        "options": options(checkout),
        "order_id": checkout.order_id,
        "name": current().merchant_name,
        "status": checkout.status,
        "started_at": _moment(checkout.started_at),
        "last_modified_at": _moment(checkout.last_modified_at),
        **completed,
    }


def options(checkout: Checkout) -> dict[str, Any]:
    """The merchant's options over the three that are always answered; in Germany one of them is on by itself."""
    defaults = {
        "allow_separate_shipping_address": checkout.country == "DE",
        "date_of_birth_mandatory": False,
        "require_validate_callback_success": False,
    }
    return defaults | checkout.purchase.get("options", {})


def _address(address: dict[str, Any]) -> dict[str, Any]:
    country = {"country": address["country"].lower()} if "country" in address else {}
    return address | country


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
