"""The customer pays: Klarna decides, the merchant is asked, and the checkout becomes an order under the same id.

https://docs.klarna.com/klarna-checkout/in-depth-knowledge/confirm-purchase/ . In which order Klarna decides and asks
is inferred.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .. import clock, order_entries, orders, outcomes, store, timetable
from ..callbacks import pushes, questions
from ..callbacks.questions import STRICT_PATIENCE, Ruling
from ..order_entries import Entry
from ..orders import Order, Origin
from ..people import Outcome, Person
from . import checkouts, shipping
from .checkouts import Checkout, Status
from .shown import as_answered, options

_REFUSED = (Outcome.REFUSE, Outcome.NO_FORM, Outcome.REJECT_ORDER)
_LOCKED_FOR = 2 * STRICT_PATIENCE


class Verdict(StrEnum):
    """How an attempt to pay ended. Only `complete` charges anything."""

    COMPLETE = "complete"
    REFUSED = "refused"
    BAD_ADDRESS = "bad address"
    DENIED = "denied"
    SENT_AWAY = "sent away"
    CHANGED = "changed"
    BUSY = "busy"
    OVER = "over"


@dataclass(frozen=True)
class Result:
    """`words` say why the merchant denied it, `location` is the page of the shop to go to."""

    verdict: Verdict
    words: str = ""
    location: str = ""


def complete(order_id: str, person: Person | None, shown: str | None = None) -> Result:
    """Pay. `shown` is the `fingerprint` of what the customer saw; of something else nothing is bought.

    Paying twice is paying once. Nobody else changes the checkout while the merchant is asked.
    """
    checkout, ended = _begin(order_id, person, shown)
    if ended:
        return ended
    try:
        ruling = _validated(checkout)
        if not ruling.fine:
            verdict = Verdict.SENT_AWAY if ruling.location else Verdict.DENIED
            return Result(verdict, ruling.words, ruling.location)
        return _finish(checkout, person)
    finally:
        with store.transaction():
            checkouts.unlock(order_id)


@orders.acknowledged.connect
def acknowledge(order: Order) -> None:
    """The merchant knows of this order: Order Management was told so, or captured it. The pushes end.

    Called inside the transaction. An order that came from no checkout is left alone.
    """
    query = "UPDATE checkouts SET status = ? WHERE order_id = ? AND status = ?"
    store.connection().execute(query, [Status.CREATED, order.order_id, Status.COMPLETE])
    pushes.end(order.order_id)


def fingerprint(checkout: Checkout) -> str:
    """Stands for what the customer is shown: the cart with its shipping."""
    purchase = shipping.with_fee(checkout.purchase)
    return store.dump([purchase["order_amount"], purchase["purchase_currency"], purchase["order_lines"]])


def _begin(order_id: str, person: Person | None, shown: str | None) -> tuple[Checkout, Result | None]:
    """Klarna's part of the decision; where it is yes, the checkout is locked."""
    with store.transaction():
        checkout = checkouts.read(order_id)
        ended = _ended(checkout, person, shown)
        if ended is None:
            checkouts.lock(order_id, _LOCKED_FOR)
        return checkout, ended


def _ended(checkout: Checkout, person: Person | None, shown: str | None) -> Result | None:
    if checkout.status in (Status.COMPLETE, Status.CREATED):
        return Result(Verdict.COMPLETE, location=checkout.page("confirmation") or "")
    if not checkouts.is_payable(checkout):
        return Result(Verdict.OVER)
    if checkouts.is_locked(checkout.order_id):
        return Result(Verdict.BUSY)
    if shown is not None and shown != fingerprint(checkout):
        return Result(Verdict.CHANGED)
    outcome = outcomes.of(checkout.purchase, person.id if person else None)
    if outcome in _REFUSED:
        return Result(Verdict.REFUSED)
    return Result(Verdict.BAD_ADDRESS) if outcome is Outcome.INVALID_FIELDS else None


def _validated(checkout: Checkout) -> Ruling:
    """The merchant gets the order as a read would show it."""
    url = checkout.page("validation")
    if url is None:
        return Ruling(True)
    order = as_answered(checkout)
    order.setdefault("shipping_address", order.get("billing_address", {}))
    return questions.validate(url, order, strict=options(checkout)["require_validate_callback_success"])


def _finish(checkout: Checkout, person: Person | None) -> Result:
    buyer, purchase = person.id if person else None, _bought(checkout)
    with store.transaction() as db:
        checkouts.keep(checkout, purchase)
        db.execute(
            "UPDATE checkouts SET status = ?, person = ?, completed_at = ? WHERE order_id = ?",
            [Status.COMPLETE, buyer, clock.stamp(clock.now()), checkout.order_id],
        )
        order = order_entries.place(_entry(checkout, buyer, purchase))
        pushes.begin(order.order_id, order.urls["push"])
    timetable.catch_up()
    return Result(Verdict.COMPLETE, location=order.urls["confirmation"])


def _entry(checkout: Checkout, buyer: str | None, purchase: dict[str, Any]) -> Entry:
    """The order of the ledger. Somebody Klarna does not know is what they typed."""
    bought = purchase | {"auto_capture": bool(options(checkout).get("auto_capture"))}
    return Entry(
        origin=Origin.CHECKOUT,
        merchant=checkout.merchant,
        region=checkout.region,
        person=buyer,
        purchase=bought,
        request=bought,
        urls={name: checkout.page(name) or "" for name in purchase["merchant_urls"]},
        review=outcomes.review(purchase, buyer),
        order_id=checkout.order_id,
    )


def _bought(checkout: Checkout) -> dict[str, Any]:
    """The purchase as it goes into the ledger: with the shipping fee, and an address to send it to."""
    purchase = shipping.with_fee(checkout.purchase)
    addresses = {"shipping_address": purchase.get("shipping_address") or purchase["billing_address"]}
    return purchase | addresses
