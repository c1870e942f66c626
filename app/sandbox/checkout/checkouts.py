"""The life of a checkout: opened and changed by the merchant's server, for 48 hours after the last change.

https://docs.klarna.com/api/checkout/ . A change is one by the merchant or by the customer; reading is none. What was
completed does not expire (inferred).
"""

import json
import secrets
import sqlite3
import string
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from .. import clock, recognition, store
from ..api import checkout_rules
from ..api.errors import ApiError
from ..config import current
from ..merchants import Merchant, Region
from . import shipping

LIFETIME = timedelta(hours=48)
_ADDRESSES = ("billing_address", "shipping_address")


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
        """Whether something can still be bought with it."""
        return self.status is Status.INCOMPLETE

    def page(self, name: str) -> str | None:
        """One of the merchant's addresses, the order id filled in."""
        url: str | None = self.purchase["merchant_urls"].get(name)
        return url and url.replace("{checkout.order.id}", self.order_id)


def create(merchant: Merchant, body: dict[str, Any]) -> Checkout:
    """Open a checkout; raises ApiError 400. An access token that is no good is ignored."""
    sent, token = _split(checkout_rules.changes(body, current().insecure_merchant_urls))
    checkout_rules.purchase(sent, merchant.region)
    order_id, now = str(uuid.uuid4()), clock.now()
    key = "".join(secrets.choice(string.ascii_lowercase) for _ in range(20))
    with store.transaction() as db:
        db.execute(
            "INSERT INTO checkouts (order_id, merchant, region, status, purchase, browser_key, started_at,"
            " last_modified_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                *(order_id, merchant.username, merchant.region, Status.INCOMPLETE, store.dump(shipping.choose(sent))),
                *(key, clock.stamp(now), clock.stamp(now), clock.stamp(now + LIFETIME)),
            ],
        )
        _recognise(order_id, merchant, token)
        return read(order_id)


def update(order_id: str, merchant: Merchant, body: dict[str, Any]) -> Checkout:
    """Change a checkout; raises ApiError 400, 403 or 404, and Expired.

    A field that is sent replaces the one that was there, as a whole (inferred for objects). An address is ignored
    once the customer typed one. An access token is taken here as well (inferred).
    """
    with store.transaction():
        checkout = find(order_id, merchant)
        _refuse_read_only(checkout)
        sent, token = _split(checkout_rules.changes(body, current().insecure_merchant_urls))
        if checkout.typed:
            sent = {name: value for name, value in sent.items() if name not in _ADDRESSES}
        merged = checkout.purchase | sent
        checkout_rules.purchase(merged, merchant.region)
        keep(checkout, shipping.choose(merged))
        _recognise(order_id, merchant, token)
        return read(order_id)


def abort(order_id: str, merchant: Merchant) -> Checkout:
    """End a checkout that nobody completed; raises ApiError 403 or 404, and Expired."""
    with store.transaction() as db:
        checkout = find(order_id, merchant)
        _refuse_read_only(checkout)
        keep(checkout, checkout.purchase)
        db.execute("UPDATE checkouts SET status = ? WHERE order_id = ?", [Status.ABORTED, order_id])
        return read(order_id)


def find(order_id: str, merchant: Merchant) -> Checkout:
    """A checkout of this merchant; raises ApiError 404, and Expired. The code of the 404 is inferred."""
    try:
        checkout = read(order_id)
    except UnknownCheckout:
        raise _no_such_order() from None
    if (checkout.merchant, checkout.region) != (merchant.username, merchant.region):
        raise _no_such_order()
    if is_over(checkout):
        raise Expired
    return checkout


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


def takes_changes(checkout: Checkout) -> bool:
    """Whether the customer may change it now: it is open, and the merchant is not being asked about it."""
    return checkout.is_open and not is_over(checkout) and not is_locked(checkout.order_id)


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


def _no_such_order() -> ApiError:
    return ApiError(404, "NO_SUCH_ORDER", "No such order")


def _split(sent: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    """Take `customer.klarna_access_token` out of what is kept and shown."""
    customer = dict(sent.get("customer", {}))
    token = customer.pop("klarna_access_token", None)
    return sent | ({"customer": customer} if "customer" in sent else {}), token


def _recognise(order_id: str, merchant: Merchant, token: str | None) -> None:
    """Who is recognised stays so, whatever becomes of the token. An account belongs to one market."""
    if token is None:
        return
    person = recognition.by_access_token(merchant, token)
    country = read(order_id).country
    found = person.id if person and person.country == country else None
    store.connection().execute("UPDATE checkouts SET recognised = ? WHERE order_id = ?", [found, order_id])


def _refuse_read_only(checkout: Checkout) -> None:
    """That a locked checkout is refused like a completed one is inferred."""
    if not checkout.is_open or is_locked(checkout.order_id):
        raise ApiError(403, "READ_ONLY_ORDER", "Resource is read-only")


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
