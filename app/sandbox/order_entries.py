"""Writing an order into Klarna's ledger, as it is on the day of the purchase.

Each of Klarna's APIs that place orders fills in an `Entry`; everything after that is the same for all of them.
"""

import secrets
import uuid
from dataclasses import dataclass, field
from typing import Any

from . import clock, order_states, orders, people, store
from .merchants import Region
from .order_states import Fraud, Ledger, Review, Status
from .orders import Order, Origin

_REFERENCE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_KEPT = (
    *("purchase_country", "purchase_currency", "locale", "order_lines", "billing_address", "shipping_address"),
    *("merchant_reference1", "merchant_reference2", "merchant_data"),
)
# The description of a read order knows no more of a customer.
_CUSTOMER = ("date_of_birth",)


@dataclass(frozen=True)
class Entry:
    """An order to be written down.

    `purchase` is what is bought, in the fields of an order of Klarna Payments; `request` what came over the wire;
    `urls` the merchant's, where `{session.id}` and `{order.id}` are filled in. Without a review the order is
    accepted. A checkout's order goes by the checkout's id; else one is made. Without a person (a guest of a checkout
    who is no test person) the purchase says all there is to say about the buyer.
    """

    origin: Origin
    merchant: str
    region: Region
    person: str | None
    purchase: dict[str, Any] = field(repr=False)
    request: dict[str, Any] = field(repr=False)
    urls: dict[str, str]
    review: Review | None = None
    session_id: str | None = None
    order_id: str = field(default_factory=lambda: str(uuid.uuid4()))


def place(entry: Entry) -> Order:
    """Write the order into the ledger, and the answer of the call that placed it."""
    urls = {name: _filled(url, entry) for name, url in entry.urls.items()}
    fraud_status = Fraud.PENDING if entry.review else Fraud.ACCEPTED
    answer: dict[str, Any] = {"order_id": entry.order_id, "fraud_status": fraud_status}
    # The description of the API has an object here, the guide's sample a bare string.
    answer["authorized_payment_method"] = {"type": "invoice", "number_of_days": 30}
    if urls.get("confirmation"):
        answer["redirect_url"] = orders.redirect_url(entry.order_id)
    ledger = _ledger(entry) | {"fraud_status": fraud_status}
    if entry.purchase.get("auto_capture") and not entry.review:
        ledger = captured_whole(ledger)
    _insert(entry, urls, answer, ledger)
    return orders.read(entry.order_id)


def _filled(url: str, entry: Entry) -> str:
    """An address with Klarna's two placeholders replaced."""
    return url.replace("{session.id}", entry.session_id or "").replace("{order.id}", entry.order_id)


def _ledger(entry: Entry) -> Ledger:
    now, purchase = clock.now(), entry.purchase
    person = people.find(entry.person) if entry.person else None
    billing = purchase.get("billing_address") or (person.address if person else {})
    known = {"date_of_birth": person.date_of_birth} if person and person.date_of_birth else {}
    customer = {name: value for name, value in purchase.get("customer", {}).items() if name in _CUSTOMER}
    amount = purchase["order_amount"]
    return {
        "order_id": entry.order_id,
        "klarna_reference": "".join(secrets.choice(_REFERENCE_LETTERS) for _ in range(8)),
        "created_at": clock.stamp(now),
        "expires_at": clock.stamp(now + order_states.AUTHORIZED_FOR),
        "initial_payment_method": {"type": "INVOICE", "description": "Pay in 30 days"},
        **{name: purchase[name] for name in _KEPT if name in purchase},
        "billing_address": billing,
        "shipping_address": purchase.get("shipping_address") or billing,
        "customer": known | customer,
        "status": Status.AUTHORIZED,
        "order_amount": amount,
        "original_order_amount": amount,
        "captured_amount": 0,
        "refunded_amount": 0,
        "remaining_authorized_amount": amount,
        "captures": [],
        "refunds": [],
    }


def captured_whole(ledger: Ledger) -> Ledger:
    """With `auto_capture` all of it is captured at once; of a pending order when it is accepted (inferred).

    https://docs.klarna.com/payments/web-payments/additional-resources/use-cases/automatic-capture/
    """
    capture = {
        "capture_id": str(uuid.uuid4()),
        "captured_amount": ledger["order_amount"],
        "captured_at": clock.stamp(clock.now()),
        "refunded_amount": 0,
        "order_lines": ledger["order_lines"],
        "billing_address": ledger["billing_address"],
        "shipping_address": ledger["shipping_address"],
    }
    return order_states.with_capture(ledger, capture)


def _insert(entry: Entry, urls: dict[str, str], answer: dict[str, Any], ledger: Ledger) -> None:
    review, now = entry.review, clock.now()
    store.connection().execute(
        "INSERT INTO orders (order_id, origin, session_id, merchant, region, person, created_at, request, answer,"
        " ledger, urls, decision, decides_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            *(entry.order_id, entry.origin, entry.session_id, entry.merchant, entry.region, entry.person),
            *(ledger["created_at"], *(store.dump(part) for part in (entry.request, answer, ledger, urls))),
            *((review.decision, clock.stamp(now + review.after)) if review else (None, None)),
        ],
    )
