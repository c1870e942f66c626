"""A checkout as Klarna keeps it, and for how long: 48 hours after the last change.

A change is one by the merchant or by the customer; reading is none. What was completed does not expire (inferred).
"""

import json
import sqlite3
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from .. import clock, store
from ..merchants import Region

LIFETIME = timedelta(hours=48)


class Status(StrEnum):
    """Where a checkout stands. `aborted` is inferred: Klarna documents only that nothing can be changed then."""

    INCOMPLETE = "checkout_incomplete"
    COMPLETE = "checkout_complete"
    CREATED = "created"
    ABORTED = "aborted"


class UnknownCheckout(LookupError):
    """No checkout has this id."""


class Expired(Exception):
    """The checkout's 48 hours are over. Klarna says so with an answer that has no body."""


@dataclass(frozen=True)
class Checkout:
    """A checkout as it stands. `purchase` is what merchant and customer said, without the access token.

    `browser_key` opens it to the merchant's page, `typed` tells that the customer changed something themselves.
    """

    order_id: str
    merchant: str
    region: Region
    status: Status
    purchase: dict[str, Any] = field(repr=False)
    browser_key: str = field(repr=False)
    recognised: str | None
    typed: bool
    person: str | None
    started_at: datetime
    last_modified_at: datetime
    completed_at: datetime | None
    expires_at: datetime

    @property
    def country(self) -> str:
        """The market, in capital letters."""
        return str(self.purchase["purchase_country"]).upper()

    @property
    def is_open(self) -> bool:
        """Whether nobody completed or ended it."""
        return self.status is Status.INCOMPLETE

    def page(self, name: str) -> str | None:
        """One of the merchant's addresses, the order id filled in."""
        url: str | None = self.purchase["merchant_urls"].get(name)
        return url and url.replace("{checkout.order.id}", self.order_id)


def is_over(checkout: Checkout) -> bool:
    """Whether its time has run out."""
    return checkout.status in (Status.INCOMPLETE, Status.ABORTED) and clock.now() >= checkout.expires_at


def read(order_id: str) -> Checkout:
    """A checkout of any merchant, expired or not; raises UnknownCheckout."""
    row = store.connection().execute("SELECT * FROM checkouts WHERE order_id = ?", [order_id]).fetchone()
    if row is None:
        raise UnknownCheckout("there is no checkout with this order_id")
    return _checkout(row)


def everything() -> list[Checkout]:
    """All checkouts, the oldest first."""
    rows = store.connection().execute("SELECT * FROM checkouts ORDER BY started_at, rowid")
    return [_checkout(row) for row in rows]


def is_payable(checkout: Checkout) -> bool:
    """Whether the customer can still buy with it."""
    return checkout.is_open and not is_over(checkout)


def takes_changes(checkout: Checkout) -> bool:
    """Whether the customer may change it now: the merchant is not being asked about it."""
    return is_payable(checkout) and not is_locked(checkout.order_id)


def keep(checkout: Checkout, purchase: dict[str, Any], typed: bool = False) -> None:
    """Write down a changed purchase; the 48 hours begin anew."""
    now = clock.now()
    store.connection().execute(
        "UPDATE checkouts SET purchase = ?, typed = ?, last_modified_at = ?, expires_at = ? WHERE order_id = ?",
        [
            *(store.dump(purchase), checkout.typed or typed, clock.stamp(now), clock.stamp(now + LIFETIME)),
            checkout.order_id,
        ],
    )


def lock(order_id: str, seconds: float) -> None:
    """While the merchant is asked about a checkout, nobody changes it. Ends by itself, in real time."""
    query = "UPDATE checkouts SET locked_until = ? WHERE order_id = ?"
    store.connection().execute(query, [time.time() + seconds, order_id])


def unlock(order_id: str) -> None:
    """The merchant has answered."""
    store.connection().execute("UPDATE checkouts SET locked_until = 0 WHERE order_id = ?", [order_id])


def is_locked(order_id: str) -> bool:
    query = "SELECT 1 FROM checkouts WHERE order_id = ? AND locked_until > ?"
    return store.connection().execute(query, [order_id, time.time()]).fetchone() is not None


def objections(order_id: str) -> set[str]:
    """The questions the merchant last said no to: an order with one of these cannot be bought."""
    query = "SELECT objections FROM checkouts WHERE order_id = ?"
    return set(json.loads(store.connection().execute(query, [order_id]).fetchone()["objections"]))


def note_answer(order_id: str, question: str, fine: bool) -> None:
    """Remember whether the merchant objects; the latest answer counts."""
    left = objections(order_id) - {question} if fine else objections(order_id) | {question}
    query = "UPDATE checkouts SET objections = ? WHERE order_id = ?"
    store.connection().execute(query, [store.dump(sorted(left)), order_id])


def _checkout(row: sqlite3.Row) -> Checkout:
    return Checkout(
        order_id=row["order_id"],
        merchant=row["merchant"],
        region=Region(row["region"]),
        status=Status(row["status"]),
        purchase=json.loads(row["purchase"]),
        browser_key=row["browser_key"],
        recognised=row["recognised"],
        typed=bool(row["typed"]),
        person=row["person"],
        started_at=clock.read(row["started_at"]),
        last_modified_at=clock.read(row["last_modified_at"]),
        completed_at=clock.read(row["completed_at"]) if row["completed_at"] else None,
        expires_at=clock.read(row["expires_at"]),
    )
