"""The links between Klarna accounts and a merchant's customers: `customer_token`, as Klarna sees it.

A token says who somebody is, and skips the login. It rotates and may be revoked; the newest answer is right.
https://docs.klarna.com/payments/web-payments/additional-resources/use-cases/account-linking
"""

import secrets
import sqlite3
import string
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from . import clock, store, switches
from .merchants import Merchant, Region

_ALPHABET = string.ascii_letters + string.digits
# eu1 and us1 are seen in Klarna's documents, oc1 is inferred.
_PLACES = {Region.EUROPE: "eu1", Region.NORTH_AMERICA: "us1", Region.OCEANIA: "oc1"}
# Whether a linked purchase always replaces the token it came with. Klarna does not say how often it does.
ROTATION = "rotate_on_every_order"


class Status(StrEnum):
    ACTIVE = "active"
    ROTATED = "rotated"
    REVOKED = "revoked"
    EXPIRED = "expired"


class UnknownCustomerToken(LookupError):
    """No such token was ever issued."""


@dataclass(frozen=True)
class Link:
    """One token: who it stands for, and whether it still does.

    The reference names the link itself: it outlives rotation and says nothing about the token (inferred). Who
    consents again after a revocation makes a new link.
    """

    customer_token: str = field(repr=False)
    customer_token_reference: str
    merchant: str
    region: Region
    person: str
    status: Status
    issued_at: datetime


def issue(merchant: Merchant, person_id: str) -> str:
    """A new active token for this person at this merchant, in the merchant's region."""
    token = _new_token(merchant.region)
    with store.transaction() as db:
        known = _newest(merchant, person_id)
        # Rotation renews a link; one that was revoked or ran out is followed by another (inferred).
        goes_on = known is not None and known.status in (Status.ACTIVE, Status.ROTATED)
        reference = known.customer_token_reference if known and goes_on else str(uuid.uuid4())
        db.execute(
            "INSERT INTO customer_tokens (customer_token, customer_token_reference, merchant, region, person, status,"
            " issued_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                *(token, reference, merchant.username, merchant.region, person_id),
                *(Status.ACTIVE, clock.stamp(clock.now())),
            ],
        )
    return token


def recognise(merchant: Merchant, token: str | None) -> str | None:
    """The id of the person a token stands for, or None: a token that is no good is no error."""
    link = find(token) if token else None
    if link is None or link.status is not Status.ACTIVE:
        return None
    return link.person if (link.merchant, link.region) == (merchant.username, merchant.region) else None


def for_order(merchant: Merchant, person_id: str, sent: str | None) -> str:
    """The token of an order whose buyer wants to be linked.

    The one that was sent, as long as it still stands for the buyer; the newest one this person has, when none
    was sent (inferred); else a new one. Where rotation is switched on, a new one in its place.
    """
    known = _still_good(merchant, person_id, sent)
    if known is None:
        return issue(merchant, person_id)
    if switches.get(ROTATION, "off") == "off":
        return known
    rotate(known)
    return issue(merchant, person_id)


def rotate(token: str) -> Link:
    """Klarna replaces the token at the next purchase; until then it counts as invalid."""
    return _retire(token, Status.ROTATED)


def expire(token: str) -> Link:
    """The token's time is over: it counts as invalid, and the next purchase makes another link."""
    return _retire(token, Status.EXPIRED)


def revoke(token: str) -> Link:
    """The shopper or the merchant ends the link: with it every token of it that was active.

    Where none was active (one was rotated and not replaced yet) the newest one says that the link is over.
    """
    with store.transaction() as db:
        reference = _issued(token).customer_token_reference
        db.execute(
            "UPDATE customer_tokens SET status = ? WHERE customer_token_reference = ? AND (status = ? OR number ="
            " (SELECT MAX(number) FROM customer_tokens WHERE customer_token_reference = ?))",
            [Status.REVOKED, reference, Status.ACTIVE, reference],
        )
        return _issued(token)


def is_over(reference: str) -> bool:
    """Whether this link was revoked."""
    query = "SELECT 1 FROM customer_tokens WHERE customer_token_reference = ? AND status = ?"
    return store.connection().execute(query, [reference, Status.REVOKED]).fetchone() is not None


def find(token: str) -> Link | None:
    """A token that was issued here, whatever became of it."""
    query = "SELECT * FROM customer_tokens WHERE customer_token = ?"
    row = store.connection().execute(query, [token]).fetchone()
    return _link(row) if row else None


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
        return _issued(token)


def _issued(token: str) -> Link:
    link = find(token)
    if link is None:
        raise UnknownCustomerToken("this customer_token was never issued here")
    return link


def _still_good(merchant: Merchant, person_id: str, sent: str | None) -> str | None:
    """Somebody else was recognised and the buyer said "not you": the buyer's own link is as good as ever."""
    recognised = recognise(merchant, sent)
    if sent and recognised == person_id:
        return sent
    newest = _newest(merchant, person_id, Status.ACTIVE)
    return newest.customer_token if newest and (sent is None or recognised is not None) else None


def _newest(merchant: Merchant, person_id: str, *statuses: Status) -> Link | None:
    """This person's latest token at the merchant, of these statuses where some are named."""
    wanted = statuses or tuple(Status)
    rows = store.connection().execute(
        "SELECT * FROM customer_tokens WHERE merchant = ? AND region = ? AND person = ? ORDER BY number DESC",
        [merchant.username, merchant.region, person_id],
    )
    return next((link for link in map(_link, rows) if link.status in wanted), None)


def _link(row: sqlite3.Row) -> Link:
    return Link(
        customer_token=row["customer_token"],
        customer_token_reference=row["customer_token_reference"],
        merchant=row["merchant"],
        region=Region(row["region"]),
        person=row["person"],
        status=Status(row["status"]),
        issued_at=clock.read(row["issued_at"]),
    )


def _new_token(region: Region) -> str:
    number = "".join(secrets.choice(_ALPHABET) for _ in range(32))
    return f"krn:partner:{_PLACES[region]}:test:identity:customer-token:{number}"
