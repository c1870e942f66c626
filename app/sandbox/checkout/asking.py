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
# The question, by the name of its address, and what it is about.
_QUESTIONS = (
    ("address_update", ("billing_address", "shipping_address")),
    ("shipping_option_update", ("selected_shipping_option",)),
)
_UNUSABLE = Ruling(False, "The shop could not work out this order. Nothing was charged; please try again later.")


def about_changes(before: Checkout, after: Checkout) -> Ruling:
    """Ask about another address, then about another shipping option, where the merchant wants to be asked.

    Who objected is asked again each time, until they have nothing against it.
    """
    objected = checkouts.objections(after.order_id)
    for question, names in _QUESTIONS:
        changed = any(before.purchase.get(name) != after.purchase.get(name) for name in names)
        if after.page(question) and (changed or question in objected):
            ruling = _ask(question, after)
            if not ruling.fine:
                return ruling
            after = checkouts.read(after.order_id)
    return Ruling(True)


def _ask(question: str, checkout: Checkout) -> Ruling:
    with store.transaction():
        checkouts.lock(checkout.order_id, 2 * PATIENCE)
    try:
        ruling = questions.update(checkout.page(question) or "", news(checkout))
        ruling = _applied(checkout, ruling) if ruling.fine and ruling.changes else ruling
        with store.transaction():
            checkouts.note_answer(checkout.order_id, question, ruling.fine)
        return ruling
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
        checkout_rules.purchase(merged)
    except ApiError:
        return _UNUSABLE
    with store.transaction():
        checkouts.keep(checkout, shipping.choose(merged))
    return ruling
