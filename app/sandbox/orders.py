"""Klarna's ledger: the orders as Order Management would return them.

https://docs.klarna.com/payments/after-payments/order-management/manage-orders-with-the-api/view-and-change-orders/
"""

import json
import secrets
import sqlite3
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from . import clock, people, store
from .config import current
from .merchants import Region
from .sessions import Session

# One published sample shows 28 days; the length depends on contract and method (inferred).
AUTHORIZED_FOR = timedelta(days=28)
_REFERENCE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_KEPT = (
    *("purchase_country", "purchase_currency", "locale", "order_lines", "billing_address", "shipping_address"),
    *("merchant_reference1", "merchant_reference2", "merchant_data"),
)
_CUSTOMER = ("date_of_birth", "type", "title", "gender")


class Origin(Protocol):
    """What an order comes from: a session, or a checkout."""

    @property
    def merchant(self) -> str: ...
    @property
    def region(self) -> Region: ...


@dataclass(frozen=True)
class Order:
    """An order with what the sandbox needs to answer for it again. `confirmation` is the shop's page, or None."""

    order_id: str
    session_id: str
    request: dict[str, Any] = field(repr=False)
    answer: dict[str, Any] = field(repr=False)
    ledger: dict[str, Any] = field(repr=False)
    confirmation: str | None


def place(session: Session, person_id: str, request: dict[str, Any], body: dict[str, Any], fraud_status: str) -> Order:
    """Write the order into the ledger. `request` is the checked body, `body` what came over the wire."""
    order_id = str(uuid.uuid4())
    purchase = session.request | request
    urls = _urls(session, request)
    confirmation = filled(urls.get("confirmation"), session.session_id, order_id)
    answer: dict[str, Any] = {"order_id": order_id, "fraud_status": fraud_status}
    # The description of the API has an object here, the guide's sample a bare string.
    answer["authorized_payment_method"] = {"type": "invoice", "number_of_days": 30}
    if confirmation:
        answer["redirect_url"] = f"{current().url}/payments/redirect/{order_id}"
    ledger = _ledger(order_id, purchase, people.find(person_id)) | {"fraud_status": fraud_status}
    order = Order(order_id, session.session_id, body, answer, ledger, confirmation)
    _insert(order, session, person_id)
    return order


def enter(
    origin: Origin, order_id: str, person: people.Person, purchase: dict[str, Any], fraud_status: str, page: str
) -> Order:
    """Write an order that was completed elsewhere into the ledger, under the id it had there. `page` confirms it."""
    ledger = _ledger(order_id, purchase, person) | {"fraud_status": fraud_status}
    answer = {"order_id": order_id, "fraud_status": fraud_status}
    order = Order(order_id, order_id, purchase, answer, ledger, page)
    _insert(order, origin, person.id)
    return order


def add_to_answer(order: Order, **fields: str) -> dict[str, Any]:
    """Complete the answer of an order that was just placed, and keep it for a repeated call."""
    answer = order.answer | fields
    query = "UPDATE orders SET answer = ? WHERE order_id = ?"
    store.connection().execute(query, [store.dump(answer), order.order_id])
    return answer


def find(order_id: str) -> Order | None:
    """An order by Klarna's id."""
    row = store.connection().execute("SELECT * FROM orders WHERE order_id = ?", [order_id]).fetchone()
    return _order(row) if row else None


def everything() -> list[dict[str, Any]]:
    """The whole ledger, the oldest order first."""
    rows = store.connection().execute("SELECT ledger FROM orders ORDER BY created_at, rowid")
    return [json.loads(row["ledger"]) for row in rows]


def confirmation_url(order_id: str) -> str | None:
    """Where the browser goes after Klarna's redirect page: the shop's confirmation page, placeholders filled."""
    order = find(order_id)
    return order.confirmation if order else None


def push_url(order: Order, session: Session, request: dict[str, Any]) -> str | None:
    """The address the shop wants to be told at, placeholders filled; None when it gave none."""
    return filled(_urls(session, request).get("push"), session.session_id, order.order_id)


def filled(url: str | None, session_id: str, order_id: str) -> str | None:
    """An address with Klarna's two placeholders replaced."""
    return url and url.replace("{session.id}", session_id).replace("{order.id}", order_id)


def _urls(session: Session, request: dict[str, Any]) -> dict[str, str]:
    """The addresses of the order go over those of the session, one by one (inferred)."""
    urls: dict[str, str] = {**session.request.get("merchant_urls", {}), **request.get("merchant_urls", {})}
    return urls


def _ledger(order_id: str, purchase: dict[str, Any], person: people.Person) -> dict[str, Any]:
    now, reference = clock.now(), "".join(secrets.choice(_REFERENCE_LETTERS) for _ in range(8))
    billing = purchase.get("billing_address") or person.address
    known = {"date_of_birth": person.date_of_birth} if person.date_of_birth else {}
    customer = {name: value for name, value in purchase.get("customer", {}).items() if name in _CUSTOMER}
    order = {
        "order_id": order_id,
        "klarna_reference": reference,
        "created_at": clock.stamp(now),
        "expires_at": clock.stamp(now + AUTHORIZED_FOR),
        "initial_payment_method": {"type": "INVOICE", "description": "Pay in 30 days"},
        "captures": [],
        "refunds": [],
        **{name: purchase[name] for name in _KEPT if name in purchase},
        "billing_address": billing,
        "shipping_address": purchase.get("shipping_address") or billing,
        "customer": known | customer,
    }
    return order | _amounts(order, purchase)


def _amounts(order: dict[str, Any], purchase: dict[str, Any]) -> dict[str, Any]:
    """An order is authorized in full; with `auto_capture` it is captured in full in the same moment.

    https://docs.klarna.com/payments/web-payments/additional-resources/use-cases/automatic-capture/
    """
    amount, captured = purchase["order_amount"], bool(purchase.get("auto_capture"))
    capture = {
        "capture_id": str(uuid.uuid4()),
        "klarna_reference": f"{order['klarna_reference']}-1",
        "captured_amount": amount,
        "captured_at": order["created_at"],
        "refunded_amount": 0,
        "order_lines": purchase["order_lines"],
    }
    return {
        "status": "CAPTURED" if captured else "AUTHORIZED",
        "order_amount": amount,
        "original_order_amount": amount,
        "captured_amount": amount if captured else 0,
        "refunded_amount": 0,
        "remaining_authorized_amount": 0 if captured else amount,
        "captures": [capture] if captured else [],
    }


def _insert(order: Order, origin: Origin, person_id: str) -> None:
    texts = [store.dump(part) for part in (order.request, order.answer, order.ledger)]
    store.connection().execute(
        "INSERT INTO orders (order_id, session_id, merchant, region, person, created_at, request, answer, ledger,"
        " confirmation) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            *(order.order_id, order.session_id, origin.merchant, origin.region, person_id),
            *(order.ledger["created_at"], *texts, order.confirmation),
        ],
    )


def _order(row: sqlite3.Row) -> Order:
    return Order(
        order_id=row["order_id"],
        session_id=row["session_id"],
        request=json.loads(row["request"]),
        answer=json.loads(row["answer"]),
        ledger=json.loads(row["ledger"]),
        confirmation=row["confirmation"],
    )
