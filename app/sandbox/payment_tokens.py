"""Payment tokens: a saved way of paying that may be charged. No link: it does not say who somebody is to a login.

Klarna's API calls one `token_id`, and the API about them Customer Token API. https://docs.klarna.com/api/customertoken/
`tokenization` makes them, `charges` charges them.
"""

import json
import sqlite3
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from . import clock, store, token_kinds
from .api.errors import bad_value, not_found
from .merchants import Merchant, Region

METHOD = "INVOICE"


class Status(StrEnum):
    """SUSPENDED is Klarna's doing and may end; CANCELLED is for good."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    CANCELLED = "CANCELLED"


class NextCharge(StrEnum):
    """What becomes of the next charge. A step-up wants the shopper to confirm it in Klarna's window."""

    APPROVE = "approve"
    DECLINE = "decline"
    STEP_UP = "step_up"


class UnknownPaymentToken(LookupError):
    """No such token was ever made."""


class CancelledForGood(ValueError):
    """A cancelled token stays cancelled."""


@dataclass(frozen=True)
class PaymentToken:
    """One token: whose way of paying, at which merchant. A subscription's is charged without the shopper."""

    token_id: str = field(repr=False)
    merchant: str
    region: Region
    person: str
    status: Status
    created_at: datetime
    request: dict[str, Any] = field(repr=False)
    subscription: bool
    next_charge: NextCharge
    updated_at: datetime | None


def issue(merchant: Merchant, person_id: str, request: dict[str, Any], subscription: bool) -> str:
    """A new active token for the purchases the request describes."""
    token_id = str(uuid.uuid4())
    store.connection().execute(
        "INSERT INTO payment_tokens (token_id, merchant, region, person, status, created_at, request, subscription,"
        " next_charge) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            *(token_id, merchant.username, merchant.region, person_id, Status.ACTIVE),
            *(clock.stamp(clock.now()), store.dump(request), subscription, NextCharge.APPROVE),
        ],
    )
    return token_id


def find(token_id: str) -> PaymentToken | None:
    """A token that was made here, whatever became of it."""
    row = store.connection().execute("SELECT * FROM payment_tokens WHERE token_id = ?", [token_id]).fetchone()
    return _token(row) if row else None


def of_merchant(merchant: Merchant, token_id: str) -> PaymentToken | None:
    """The same, if it is this merchant's: another one's is unknown (the choice among two readings of the documents)."""
    token = find(token_id)
    mine = token and (token.merchant, token.region) == (merchant.username, merchant.region)
    return token if mine else None


def everything() -> list[PaymentToken]:
    """All tokens, the oldest first."""
    rows = store.connection().execute("SELECT * FROM payment_tokens ORDER BY created_at, rowid")
    return [_token(row) for row in rows]


def describe(merchant: Merchant, token_id: str) -> dict[str, Any]:
    """A token as the API shows it; raises ApiError 404."""
    token = of_merchant(merchant, token_id)
    if token is None:
        raise not_found("Invalid customer-token ID", *token_kinds.mistaken(token_id, token_kinds.PAYMENT))
    return {"status": token.status, "payment_method_type": METHOD}


def cancel(merchant: Merchant, token_id: str, body: dict[str, Any]) -> None:
    """The merchant charges it no more; doing it twice is doing it once (inferred). Raises ApiError 400 or 404."""
    with store.transaction():
        if of_merchant(merchant, token_id) is None:
            raise not_found("Invalid token ID", *token_kinds.mistaken(token_id, token_kinds.PAYMENT))
        if body.get("status") != Status.CANCELLED:
            raise bad_value("status")
        _set(token_id, "status", Status.CANCELLED)


def put(token_id: str, status: Status | None, next_charge: NextCharge | None) -> PaymentToken:
    """Klarna's side: suspend, let go on, cancel, or decide the next charge.

    Raises UnknownPaymentToken, and CancelledForGood for a token that is to come back.
    """
    with store.transaction():
        token = find(token_id)
        if token is None:
            raise UnknownPaymentToken("no payment token has this token_id")
        if status and token.status is Status.CANCELLED and status is not Status.CANCELLED:
            raise CancelledForGood("a cancelled payment token stays cancelled")
        if status:
            _set(token_id, "status", status)
        if next_charge:
            _set(token_id, "next_charge", next_charge)
        return find(token_id) or token


def _set(token_id: str, column: str, value: str) -> None:
    query = f"UPDATE payment_tokens SET {column} = ? WHERE token_id = ?"  # noqa: S608 (a name of ours)
    store.connection().execute(query, [value, token_id])


def renew(token_id: str) -> None:
    """The shopper chose a way of paying anew: the next charge goes through."""
    query = "UPDATE payment_tokens SET next_charge = ?, updated_at = ? WHERE token_id = ?"
    store.connection().execute(query, [NextCharge.APPROVE, clock.stamp(clock.now()), token_id])


def _token(row: sqlite3.Row) -> PaymentToken:
    return PaymentToken(
        token_id=row["token_id"],
        merchant=row["merchant"],
        region=Region(row["region"]),
        person=row["person"],
        status=Status(row["status"]),
        created_at=clock.read(row["created_at"]),
        request=json.loads(row["request"]),
        subscription=bool(row["subscription"]),
        next_charge=NextCharge(row["next_charge"]),
        updated_at=clock.read(row["updated_at"]) if row["updated_at"] else None,
    )
