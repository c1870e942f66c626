"""Payment sessions: created by the merchant's server, filled in by server and browser, open for 48 hours.

https://docs.klarna.com/payments/web-payments/integrate-with-klarna-payments/integrate-via-sdk/step-1-initiate-a-payment/
"""

import json
import sqlite3
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from . import client_tokens, clock, customer_tokens, step_ups, store, token_kinds
from .api import body as api_body
from .api import validation
from .api.errors import ApiError, bad_value, not_found
from .client_tokens import UnknownClientToken
from .config import current
from .idp import access_tokens
from .merchants import Merchant, Region

LIFETIME = timedelta(hours=48)
# A browser may say what is bought and by whom, not whom Klarna calls or as whom the shopper counts (inferred).
_SERVER_ONLY = ("merchant_urls", "intent", "customer_token")


class Credentials(NamedTuple):
    """What a merchant says about who is buying; neither is kept with the session's data."""

    customer_token: str | None
    access_token: str | None


class Status(StrEnum):
    INCOMPLETE = "incomplete"
    COMPLETE = "complete"


@dataclass(frozen=True)
class Session:
    """A session as it stands. `request` is everything the merchant said so far, without the buyer's tokens."""

    session_id: str
    client_token: str = field(repr=False)
    merchant: str
    region: Region
    status: Status
    created_at: datetime
    expires_at: datetime
    request: dict[str, Any] = field(repr=False)
    recognised: str | None
    customer_token: str | None = field(repr=False)
    authorization_token: str | None = field(repr=False)

    @property
    def intent(self) -> str:
        """What the session is for; `buy` when nothing was said (inferred)."""
        return str(self.request.get("intent", "buy"))

    @property
    def country(self) -> str:
        """The market the shopper is in: a billing country goes over the purchase country."""
        billing = self.request.get("billing_address", {})
        return str(billing.get("country", self.request["purchase_country"])).upper()


def create(merchant: Merchant, body: dict[str, Any]) -> Session:
    """Open a session; raises ApiError 400. A token that is no good recognises nobody, and is no error."""
    request, credentials = _split(validation.changes(body, current().insecure_merchant_urls))
    validation.session(request, merchant.region)
    step_ups.check(merchant, request.get("step_up_id"), credentials.customer_token)
    session_id, now = str(uuid.uuid4()), clock.now()
    with store.transaction() as db:
        db.execute(
            "INSERT INTO sessions (session_id, client_token, merchant, region, status, created_at, expires_at,"
            " request) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                *(session_id, client_tokens.sign(session_id), merchant.username, merchant.region),
                *(Status.INCOMPLETE, clock.stamp(now), clock.stamp(now + LIFETIME), store.dump(request)),
            ],
        )
        _recognise(session_id, merchant, credentials)
        return _read(session_id)


def update(session_id: str, merchant: Merchant, body: dict[str, Any]) -> Session:
    """Merge fields into a session; raises ApiError 400 or 404. What comes out is checked like a new one."""
    with store.transaction():
        session = find(session_id, merchant)
        _refuse_completed(session)
        sent, credentials = _split(validation.changes(body, current().insecure_merchant_urls))
        # https://docs.klarna.com/payments/web-payments/integrate-with-klarna-payments/tokenized-payments/
        if session.authorization_token and sent.get("intent", session.intent) != session.intent:
            raise bad_value("intent")
        step_ups.check(merchant, sent.get("step_up_id"), credentials.customer_token)
        _merge(session, sent)
        _recognise(session_id, merchant, credentials)
        return _read(session_id)


def find(session_id: str, merchant: Merchant) -> Session:
    """A session of this merchant that has not expired; raises ApiError 404."""
    session = _known(session_id)
    if session is None or (session.merchant, session.region) != (merchant.username, merchant.region):
        raise not_found("Invalid session id", *token_kinds.mistaken(session_id, token_kinds.SESSION))
    return session


def by_client_token(client_token: str) -> Session:
    """The open session a browser holds the token of; raises UnknownClientToken."""
    session = _known(client_tokens.session_id(client_token))
    if session is None or session.status is Status.COMPLETE:
        raise UnknownClientToken("the session of this client token has expired or is complete")
    return session


def merge_from_browser(session: Session, data: dict[str, Any]) -> Session:
    """Merge the partial session that comes with load or authorize; raises ApiError 400, or 404 when it is over."""
    api_body.check(data)
    said = {name: value for name, value in data.items() if name not in _SERVER_ONLY}
    sent, _credentials = _split(validation.changes(said, current().insecure_merchant_urls))
    with store.transaction():
        latest = _known(session.session_id)
        if latest is None:
            raise not_found("Invalid session id")
        _refuse_completed(latest)
        _merge(latest, sent)
        return _read(session.session_id)


def read_by_id(session_id: str) -> Session:
    """A session whose id the sandbox itself kept, expired or not."""
    return _read(session_id)


def of_person(person_id: str) -> list[dict[str, str]]:
    """The sessions in which Klarna approved or refused this person's purchase, the newest first."""
    rows = store.connection().execute(
        "SELECT session_id, status, outcome, expires_at FROM sessions WHERE person = ?"
        " ORDER BY created_at DESC LIMIT 50",
        [person_id],
    )
    return [dict(row) for row in rows]


def _split(request: dict[str, Any]) -> tuple[dict[str, Any], Credentials]:
    """Take the buyer's tokens out of what is kept as the session's data."""
    customer = dict(request.get("customer", {}))
    credentials = Credentials(customer.pop("customer_token", None), customer.pop("klarna_access_token", None))
    return request | ({"customer": customer} if "customer" in request else {}), credentials


def _merge(session: Session, sent: dict[str, Any]) -> None:
    """A field that is sent replaces the one that was there, as a whole (inferred for objects)."""
    merged = session.request | sent
    validation.session(merged, session.region)
    with store.transaction() as db:
        query = "UPDATE sessions SET request = ? WHERE session_id = ?"
        db.execute(query, [store.dump(merged), session.session_id])


def _recognise(session_id: str, merchant: Merchant, sent: Credentials) -> None:
    """An update without a token leaves it at what was known (inferred).

    A `customer_token` that recognises somebody goes over an access token, also when it came earlier (inferred).
    """
    if sent == Credentials(None, None):
        return
    token = _read(session_id).customer_token if sent.customer_token is None else sent.customer_token
    person = (customer_tokens.recognise(merchant, token) or step_ups.recognise(merchant, token)) if token else None
    if person is None:
        signed_in = access_tokens.recognise(merchant, sent.access_token)
        person = signed_in.person if signed_in else None
    query = "UPDATE sessions SET customer_token = ?, recognised = ? WHERE session_id = ?"
    store.connection().execute(query, [token, person, session_id])


def _refuse_completed(session: Session) -> None:
    if session.status is Status.COMPLETE:
        raise ApiError(404, "SESSION_COMPLETED", "Session has already been completed")


def _known(session_id: str) -> Session | None:
    session = _load(session_id)
    return session if session and clock.now() < session.expires_at else None


def _read(session_id: str) -> Session:
    session = _load(session_id)
    if session is None:
        raise not_found("Invalid session id")
    return session


def _load(session_id: str) -> Session | None:
    """An authorization token shows as long as it is good, no longer."""
    query = (
        "SELECT s.*, a.expires_at AS authorized_until FROM sessions s"
        " LEFT JOIN authorizations a ON a.token = s.authorization_token WHERE s.session_id = ?"
    )
    row = store.connection().execute(query, [session_id]).fetchone()
    return _session(row) if row else None


def _session(row: sqlite3.Row) -> Session:
    authorized = row["authorized_until"] and clock.now() < clock.read(row["authorized_until"])
    return Session(
        session_id=row["session_id"],
        client_token=row["client_token"],
        merchant=row["merchant"],
        region=Region(row["region"]),
        status=Status(row["status"]),
        created_at=clock.read(row["created_at"]),
        expires_at=clock.read(row["expires_at"]),
        request=json.loads(row["request"]),
        recognised=row["recognised"],
        customer_token=row["customer_token"],
        authorization_token=row["authorization_token"] if authorized else None,
    )
