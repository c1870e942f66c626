"""Authorizations: the shopper's yes to one purchase, good for one order within 60 minutes.

https://docs.klarna.com/payments/web-payments/integrate-with-klarna-payments/integrate-via-sdk/step-3-create-an-order/
"""

import json
import sqlite3
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from . import (
    callbacks,
    clock,
    customer_tokens,
    order_entries,
    orders,
    outcomes,
    sessions,
    step_ups,
    store,
    timetable,
    token_kinds,
)
from .api import validation
from .api.errors import ApiError, invalid_operation, not_found, not_matching
from .callbacks import messages
from .config import current
from .matching import differences
from .merchants import Merchant
from .order_entries import Entry
from .orders import Origin
from .people import Outcome
from .sessions import Session

LIFETIME = timedelta(minutes=60)
INVALID = "Invalid authorization token"
CONSUMED = "Authorization token already consumed"


class Status(StrEnum):
    VALID = "valid"
    REPLACED = "replaced"
    CANCELLED = "cancelled"
    CONSUMED = "consumed"


@dataclass(frozen=True)
class Authorization:
    """What was approved: by whom, whether they want to be linked, and the purchase as it was then."""

    token: str = field(repr=False)
    session_id: str
    person: str
    link: bool
    snapshot: dict[str, Any] = field(repr=False)
    expires_at: datetime
    status: Status
    failure: dict[str, Any] | None
    order_id: str | None
    token_id: str | None


def approve(session: Session, person_id: str, link: bool) -> str:
    """The shopper confirms: a new authorization token, which puts the session's older one out of use.

    `link` is the consent to account linking; it means something for the intent `buy_and_link` only. Klarna
    also tells the merchant's server, through `merchant_urls.authorization`.
    """
    token = str(uuid.uuid4())
    with store.transaction() as db:
        latest = _open(session)
        _replace(db, latest)
        expires_at = clock.stamp(clock.now() + LIFETIME)
        db.execute(
            "INSERT INTO authorizations (token, session_id, person, link, snapshot, expires_at, status)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                *(token, latest.session_id, person_id, link and latest.intent == "buy_and_link"),
                *(store.dump(latest.request), expires_at, Status.VALID),
            ],
        )
        db.execute(
            "UPDATE sessions SET authorization_token = ?, person = ?, outcome = 'approved' WHERE session_id = ?",
            [token, person_id, latest.session_id],
        )
        url = latest.request.get("merchant_urls", {}).get("authorization")
        deliveries = messages.authorization(url, latest.session_id, token)
    callbacks.start(deliveries)
    return token


def wants_link(session: Session, person_id: str) -> bool:
    """Whether the box is ticked: it is, unless this person unticked it in this session before (inferred)."""
    query = "SELECT link FROM authorizations WHERE session_id = ? AND person = ? ORDER BY rowid DESC"
    last = store.connection().execute(query, [session.session_id, person_id]).fetchone()
    return last is None or bool(last["link"])


def refuse(session: Session, person_id: str) -> None:
    """Klarna declines this person's purchase. The session stays open, an earlier token stays good (inferred)."""
    with store.transaction() as db:
        latest = _open(session)
        query = "UPDATE sessions SET person = ?, outcome = 'refused' WHERE session_id = ?"
        db.execute(query, [person_id, latest.session_id])


def place_order(merchant: Merchant, token: str, body: dict[str, Any]) -> dict[str, Any]:
    """Answer a create-order call; raises ApiError.

    A refusal is remembered with the token: calling again gives the same refusal, whatever is sent then. The
    way out is a new authorization.
    """
    failure: ApiError | None = None
    deliveries: list[int] = []
    with store.transaction() as db:
        authorization, session = find(merchant, token)
        if authorization.status is Status.CONSUMED:
            return _repeated(authorization, body)
        _refuse_unusable(authorization, session)
        try:
            request = _accepted(authorization, session, body)
        except ApiError as refusal:
            _remember(db, token, refusal)
            failure = refusal
        else:
            answer, deliveries = _complete(db, merchant, authorization, session, request, body)
    callbacks.start(deliveries)
    if failure:
        raise failure
    timetable.catch_up()
    return answer


def cancel(merchant: Merchant, token: str) -> None:
    """The merchant will not place an order; raises ApiError 404.

    https://docs.klarna.com/payments/web-payments/integrate-with-klarna-payments/other-actions/cancel-an-authorization/
    """
    with store.transaction() as db:
        authorization, _session = find(merchant, token)
        if authorization.status is Status.CONSUMED:
            raise not_found("Authorization cannot be deleted")
        refuse_gone(authorization)
        db.execute("UPDATE authorizations SET status = ? WHERE token = ?", [Status.CANCELLED, token])
        db.execute("UPDATE sessions SET authorization_token = NULL WHERE authorization_token = ?", [token])


def find(merchant: Merchant, token: str) -> tuple[Authorization, Session]:
    """An authorization of this merchant, whatever its state, with its session; raises ApiError 404."""
    row = store.connection().execute("SELECT * FROM authorizations WHERE token = ?", [token]).fetchone()
    if row is None:
        raise not_found(INVALID, *token_kinds.mistaken(token, token_kinds.AUTHORIZATION))
    session = sessions.read_by_id(row["session_id"])
    if (session.merchant, session.region) != (merchant.username, merchant.region):
        raise not_found(INVALID)
    return _authorization(row), session


def refuse_gone(authorization: Authorization) -> None:
    """Raises ApiError 404 when the authorization was replaced or cancelled, or its time is over."""
    in_use = authorization.status in (Status.VALID, Status.CONSUMED)
    if not in_use or clock.now() >= authorization.expires_at:
        raise not_found(INVALID)


def _open(session: Session) -> Session:
    """The session as it is now, if something can still be bought with it."""
    latest = sessions.read_by_id(session.session_id)
    if latest.status is sessions.Status.COMPLETE:
        raise ApiError(404, "SESSION_COMPLETED", "Session has already been completed")
    if clock.now() >= latest.expires_at:
        raise not_found("Invalid session id")
    return latest


def _replace(db: sqlite3.Connection, session: Session) -> None:
    query = "UPDATE authorizations SET status = ? WHERE session_id = ? AND status = ?"
    db.execute(query, [Status.REPLACED, session.session_id, Status.VALID])


def _repeated(authorization: Authorization, body: dict[str, Any]) -> dict[str, Any]:
    """The same call again is a repeat, and gets the same order. Which of the two refusals comes is inferred."""
    order = orders.find(authorization.order_id) if authorization.order_id else None
    if order is None:
        raise invalid_operation(CONSUMED)
    if store.dump(order.request) != store.dump(body):
        raise ApiError(409, "BAD_VALUE", "The order has been already completed with different request body")
    return order.answer


def _refuse_unusable(authorization: Authorization, session: Session) -> None:
    if session.status is sessions.Status.COMPLETE:
        raise ApiError(404, "SESSION_COMPLETED", "Session has already been completed")
    refuse_gone(authorization)
    if authorization.failure:
        failure = authorization.failure
        raise ApiError(failure["status"], failure["code"], *failure["messages"])


def _accepted(authorization: Authorization, session: Session, body: dict[str, Any]) -> dict[str, Any]:
    """The checked request. It has to fit what was approved and the latest Klarna was told: after a changed cart
    only a new authorization helps.
    """
    request = validation.order(body, session.region, current().insecure_merchant_urls)
    if session.intent == "tokenize":
        raise invalid_operation("Not allowed to create order for intent tokenize")  # wording inferred
    found = differences(authorization.snapshot, request) or differences(session.request, request)
    if found:
        raise not_matching(found)
    if outcomes.of(session.request | request, authorization.person) in (Outcome.REFUSE, Outcome.REJECT_ORDER):
        raise ApiError(403, "REJECTED", "Rejected")
    return request


def _remember(db: sqlite3.Connection, token: str, refusal: ApiError) -> None:
    failure = {"status": refusal.status, "code": refusal.code, "messages": refusal.messages}
    db.execute("UPDATE authorizations SET failure = ? WHERE token = ?", [store.dump(failure), token])


def _complete(
    db: sqlite3.Connection,
    merchant: Merchant,
    authorization: Authorization,
    session: Session,
    request: dict[str, Any],
    body: dict[str, Any],
) -> tuple[dict[str, Any], list[int]]:
    """Place the order, end session and authorization, link the shopper who wants it, tell the merchant."""
    order = order_entries.place(_entry(authorization, session, request, body))
    db.execute(
        "UPDATE authorizations SET status = ?, order_id = ? WHERE token = ?",
        [Status.CONSUMED, order.order_id, authorization.token],
    )
    query = "UPDATE sessions SET status = ? WHERE session_id = ?"
    db.execute(query, [sessions.Status.COMPLETE, session.session_id])
    step_ups.fulfil(session.request.get("step_up_id"), authorization.person)
    deliveries = messages.push(order.urls.get("push"), session.session_id)
    return orders.add_to_answer(order, **_link(merchant, authorization, session)), deliveries


def _entry(authorization: Authorization, session: Session, request: dict[str, Any], body: dict[str, Any]) -> Entry:
    """The addresses of the order go over those of the session, one by one (inferred)."""
    purchase = session.request | request
    return Entry(
        origin=Origin.PAYMENTS,
        merchant=session.merchant,
        region=session.region,
        person=authorization.person,
        purchase=purchase,
        request=body,
        urls={**session.request.get("merchant_urls", {}), **request.get("merchant_urls", {})},
        review=outcomes.review(purchase, authorization.person),
        session_id=session.session_id,
    )


def _link(merchant: Merchant, authorization: Authorization, session: Session) -> dict[str, str]:
    """Who opts out gets an answer without the field, and keeps a link made earlier (the latter is inferred)."""
    if not authorization.link:
        return {}
    token = customer_tokens.for_order(merchant, authorization.person, session.customer_token)
    return {"customer_token": token}


def _authorization(row: sqlite3.Row) -> Authorization:
    return Authorization(
        token=row["token"],
        session_id=row["session_id"],
        person=row["person"],
        link=bool(row["link"]),
        snapshot=json.loads(row["snapshot"]),
        expires_at=clock.read(row["expires_at"]),
        status=Status(row["status"]),
        failure=json.loads(row["failure"]) if row["failure"] else None,
        order_id=row["order_id"],
        token_id=row["token_id"],
    )
