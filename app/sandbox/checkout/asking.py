"""Asks the merchant what follows from what the customer changed, and puts the answer into the checkout.

https://docs.klarna.com/api/checkout-callbacks/ . Nothing else changes the checkout meanwhile. `country_change` is never
asked: the frame offers no other country.
"""

from typing import Any

from .. import store
from ..api import checkout_rules
from ..api.checkout_fields import CHANGES
from ..api.errors import ApiError
from ..callbacks import questions
from ..callbacks.questions import PATIENCE, Ruling
from ..config import current
from . import checkouts, shipping
from .checkouts import Checkout

_SENT = (
    *("order_amount", "order_tax_amount", "order_lines", "billing_address", "shipping_address", "customer", "locale"),
    *("selected_shipping_option", "purchase_currency", "merchant_data", "merchant_reference1", "merchant_reference2"),
)
_ADDRESSES = ("billing_address", "shipping_address")
_OPTIONS = ("selected_shipping_option",)
_UNUSABLE = Ruling(False, "The shop could not work out this order. Nothing was charged; please try again later.")


def about_changes(before: Checkout, after: Checkout) -> Ruling:
    """Ask about another address, then about another shipping option, where the merchant wants to be asked."""
    for names, url in (
        (_ADDRESSES, after.page("address_update")),
        (_OPTIONS, after.page("shipping_option_update")),
    ):
        if url and any(before.purchase.get(name) != after.purchase.get(name) for name in names):
            ruling = _ask(url, after)
            if not ruling.fine:
                return ruling
            after = checkouts.read(after.order_id)
    return Ruling(True)


def _ask(url: str, checkout: Checkout) -> Ruling:
    with store.transaction():
        checkouts.lock(checkout.order_id, 2 * PATIENCE)
    try:
        ruling = questions.update(url, news(checkout))
        return _applied(checkout, ruling) if ruling.fine and ruling.changes else ruling
    finally:
        with store.transaction():
            checkouts.unlock(checkout.order_id)


def news(checkout: Checkout) -> dict[str, Any]:
    """What the merchant is told: the cart, the addresses, the option."""
    purchase = shipping.with_fee(checkout.purchase)
    addresses = {"shipping_address": purchase.get("shipping_address") or purchase.get("billing_address")}
    told = {name: purchase[name] for name in _SENT if name in purchase}
    return {name: value for name, value in (addresses | told).items() if value}


def _applied(checkout: Checkout, ruling: Ruling) -> Ruling:
    """What does not add up keeps the customer from buying."""
    said = {name: value for name, value in ruling.changes.items() if name in CHANGES}
    try:
        merged = checkout.purchase | checkout_rules.changes(said, current().insecure_merchant_urls)
        checkout_rules.purchase(merged, checkout.region)
    except ApiError:
        return _UNUSABLE
    with store.transaction():
        checkouts.keep(checkout, shipping.choose(merged))
    return ruling
