"""Klarna's ledger: every order as Order Management returns it, wherever it was placed.

https://docs.klarna.com/payments/after-payments/order-management/manage-orders-with-the-api/view-and-change-orders/
An order is found and acknowledged here, whatever placed it (`order_entries`). What becomes of it later stands in
`order_changes`, `captures`, `refunds` and `fraud`.
"""

import json
import sqlite3
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from blinker import Namespace

from . import clock, order_states, store, token_kinds
from .api.errors import ApiError
from .config import current
from .merchants import Merchant, Region
from .order_states import Ledger

# Sent once for each order, inside the transaction, with the `Order` as sender: the merchant knows of it.
acknowledged = Namespace().signal("order acknowledged")


class Origin(StrEnum):
    """Which of Klarna's APIs an order was placed through."""

    PAYMENTS = "payments"
    CUSTOMER_TOKEN = "customer_token"  # noqa: S105 (the API's name)
    CHECKOUT = "checkout"


@dataclass(frozen=True)
class Order:
    """An order with what the sandbox needs to answer for it again. `ledger` is the order as it stands now."""

    order_id: str
    origin: Origin
    session_id: str | None
    merchant: str
    region: Region
    person: str | None
    request: dict[str, Any] = field(repr=False)
    answer: dict[str, Any] = field(repr=False)
    ledger: Ledger = field(repr=False)
    urls: dict[str, str]
    acknowledged_at: datetime | None
    decided_at: datetime | None
    extensions: dict[str, int]


def redirect_url(order_id: str) -> str:
    """Klarna's page that the browser passes by on its way to the shop's confirmation page."""
    return f"{current().url}/payments/redirect/{order_id}"


def add_to_answer(order: Order, **fields: str) -> dict[str, Any]:
    """Complete the answer of an order that was just placed, and keep it for a repeated call."""
    answer = order.answer | fields
    query = "UPDATE orders SET answer = ? WHERE order_id = ?"
    store.connection().execute(query, [store.dump(answer), order.order_id])
    return answer


def find(order_id: str, moment: datetime | None = None) -> Order | None:
    """An order by Klarna's id: as it stands now, or as it stood at a moment nothing was written down since."""
    row = store.connection().execute("SELECT * FROM orders WHERE order_id = ?", [order_id]).fetchone()
    return _order(row, moment or clock.now()) if row else None


def read(order_id: str, moment: datetime | None = None) -> Order:
    """The same for an id that the sandbox itself kept."""
    order = find(order_id, moment)
    if order is None:
        raise LookupError(f"no order {order_id!r} was placed here")
    return order


def of_merchant(merchant: Merchant, order_id: str, code: str = "NO_SUCH_ORDER") -> Order:
    """An order of this merchant; raises ApiError 404 with this code, or 400 for what can be no order's id."""
    if not token_kinds.is_uuid(order_id):
        mistaken = token_kinds.mistaken(order_id, token_kinds.ORDER)
        raise ApiError(400, "INVALID_ORDER_ID", "Order ID must be a valid UUID.", *mistaken)
    order = find(order_id)
    if order is None or (order.merchant, order.region) != (merchant.username, merchant.region):
        mistaken = token_kinds.mistaken(order_id, token_kinds.ORDER)
        raise ApiError(404, code, f"Order {order_id} cannot be found", *mistaken)
    return order


def save(order: Order, ledger: Ledger) -> None:
    """The order is now this; called inside the transaction it was read in."""
    query = "UPDATE orders SET ledger = ? WHERE order_id = ?"
    store.connection().execute(query, [store.dump(ledger), order.order_id])


def acknowledge(order: Order) -> None:
    """The merchant knows of the order: by saying so, or by capturing. Only the first time is told to others."""
    if order.acknowledged_at is None:
        query = "UPDATE orders SET acknowledged_at = ? WHERE order_id = ?"
        store.connection().execute(query, [clock.stamp(clock.now()), order.order_id])
        acknowledged.send(read(order.order_id))


def everything() -> list[Ledger]:
    """The whole ledger, the oldest order first."""
    rows = store.connection().execute("SELECT * FROM orders ORDER BY created_at, rowid")
    return [_order(row, clock.now()).ledger for row in rows]


def confirmation_url(order_id: str) -> str | None:
    """Where the browser goes after Klarna's redirect page: the shop's confirmation page."""
    order = find(order_id)
    return order.urls.get("confirmation") if order else None


def _order(row: sqlite3.Row, moment: datetime) -> Order:
    decided_at = clock.read(row["decided_at"]) if row["decided_at"] else None
    return Order(
        order_id=row["order_id"],
        origin=Origin(row["origin"]),
        session_id=row["session_id"],
        merchant=row["merchant"],
        region=Region(row["region"]),
        person=row["person"],
        request=json.loads(row["request"]),
        answer=json.loads(row["answer"]),
        ledger=order_states.at(json.loads(row["ledger"]), moment, decided_at),
        urls=json.loads(row["urls"]),
        acknowledged_at=clock.read(row["acknowledged_at"]) if row["acknowledged_at"] else None,
        decided_at=decided_at,
        extensions=json.loads(row["extensions"]),
    )
