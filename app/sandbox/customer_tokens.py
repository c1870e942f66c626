"""The links between Klarna accounts and a merchant's customers: `customer_token`, as Klarna sees it.

A token says who somebody is, and skips the login. It rotates and may be revoked; the newest answer is right.
https://docs.klarna.com/payments/web-payments/additional-resources/use-cases/account-linking
"""

import secrets
import sqlite3
import string
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from . import clock, store
from .merchants import Merchant, Region

_ALPHABET = string.ascii_letters + string.digits
# eu1 and us1 are seen in Klarna's documents, oc1 is inferred.
_PLACES = {Region.EUROPE: "eu1", Region.NORTH_AMERICA: "us1", Region.OCEANIA: "oc1"}


class Status(StrEnum):
    ACTIVE = "active"
    ROTATED = "rotated"
    REVOKED = "revoked"


class UnknownCustomerToken(LookupError):
    """No such token was ever issued."""


@dataclass(frozen=True)
class Link:
    """One token: who it stands for, and whether it still does."""

    customer_token: str = field(repr=False)
    merchant: str
    region: Region
    person: str
    status: Status
    issued_at: datetime


def issue(merchant: Merchant, person_id: str) -> str:
    """A new active token for this person at this merchant, in the merchant's region."""
    token = _new_token(merchant.region)
    with store.transaction() as db:
        db.execute(
            "INSERT INTO customer_tokens (customer_token, merchant, region, person, status, issued_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [token, merchant.username, merchant.region, person_id, Status.ACTIVE, clock.stamp(clock.now())],
        )
    return token


def recognise(merchant: Merchant, token: str | None) -> str | None:
    """The id of the person a token stands for, or None: a token that is no good is no error."""
    link = _find(token) if token else None
    if link is None or link.status is not Status.ACTIVE:
        return None
    return link.person if (link.merchant, link.region) == (merchant.username, merchant.region) else None


def for_order(merchant: Merchant, person_id: str, sent: str | None) -> str:
    """The token of an order whose buyer wants to be linked.

    The one that was sent, as long as it still stands for the buyer; the newest one this person has, when none
    was sent (inferred); else a new one.
    """
    if sent and recognise(merchant, sent) == person_id:
        return sent
    known = _newest(merchant, person_id)
    # Somebody else was recognised and the buyer said "not you": the buyer's own link is as good as ever.
    sent_is_good = sent is None or recognise(merchant, sent) is not None
    return known if known and sent_is_good else issue(merchant, person_id)


def rotate(token: str) -> Link:
    """Klarna replaces the token at the next purchase; until then it counts as invalid."""
    return _retire(token, Status.ROTATED)


def revoke(token: str) -> Link:
    """The shopper or the merchant ends the link."""
    return _retire(token, Status.REVOKED)


def everything() -> list[Link]:
    """All links, the oldest first."""
    rows = store.connection().execute("SELECT * FROM customer_tokens ORDER BY number")
    return [_link(row) for row in rows]


def _retire(token: str, status: Status) -> Link:
    """Only an active token changes: a revoked one stays revoked."""
    with store.transaction() as db:
        db.execute(
            "UPDATE customer_tokens SET status = ? WHERE customer_token = ? AND status = ?",
            [status, token, Status.ACTIVE],
        )
        link = _find(token)
    if link is None:
        raise UnknownCustomerToken("this customer_token was never issued here")
    return link


def _find(token: str) -> Link | None:
    query = "SELECT * FROM customer_tokens WHERE customer_token = ?"
    row = store.connection().execute(query, [token]).fetchone()
    return _link(row) if row else None


def _newest(merchant: Merchant, person_id: str) -> str | None:
    row = (
        store.connection()
        .execute(
            "SELECT customer_token FROM customer_tokens WHERE merchant = ? AND region = ? AND person = ?"
            " AND status = ? ORDER BY number DESC LIMIT 1",
            [merchant.username, merchant.region, person_id, Status.ACTIVE],
        )
        .fetchone()
    )
    return row["customer_token"] if row else None


def _link(row: sqlite3.Row) -> Link:
    return Link(
        customer_token=row["customer_token"],
        merchant=row["merchant"],
        region=Region(row["region"]),
        person=row["person"],
        status=Status(row["status"]),
        issued_at=clock.read(row["issued_at"]),
    )


def _new_token(region: Region) -> str:
    number = "".join(secrets.choice(_ALPHABET) for _ in range(32))
    return f"krn:partner:{_PLACES[region]}:test:identity:customer-token:{number}"
