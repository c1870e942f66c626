"""What was sent to merchants and what became of it; sending something again, or something that never happened.

A forged callback looks like a real one, since nothing signs them: a merchant has to ask Klarna what is true.
"""

import json
import uuid
from dataclasses import dataclass
from typing import Any

from .. import store
from ..orders import Order
from ..sessions import Session
from .courier import Kind, State, queue

LONGEST = 200  # entries in a listing


class NothingToSend(LookupError):
    """There is no such message, or nobody to send it to."""


@dataclass(frozen=True)
class Delivery:
    """One message on its way. `attempts` counts the ones that were made."""

    id: int
    kind: Kind
    session_id: str | None
    order_id: str | None
    url: str
    body: dict[str, Any] | None
    queued_at: str
    state: State
    attempts: int
    forged: bool


def latest() -> list[Delivery]:
    """The latest deliveries, the newest last."""
    rows = store.connection().execute("SELECT * FROM deliveries ORDER BY id DESC LIMIT ?", [LONGEST])
    return [_delivery(row) for row in rows][::-1]


def find(delivery: int) -> Delivery:
    """A delivery as it stands now."""
    return _delivery(store.connection().execute("SELECT * FROM deliveries WHERE id = ?", [delivery]).fetchone())


def resend(session_id: str) -> int:
    """Queue the last real authorization callback of a session again, lost or not; raises NothingToSend."""
    query = "SELECT * FROM deliveries WHERE session_id = ? AND kind = ? AND NOT forged ORDER BY id DESC LIMIT 1"
    with store.transaction() as db:
        row = db.execute(query, [session_id, Kind.AUTHORIZATION]).fetchone()
        if row is None:
            raise NothingToSend("no authorization callback belongs to this session_id")
        last = _delivery(row)
        return queue(Kind.AUTHORIZATION, last.url, last.body, session_id)


def forge(session: Session, token: str | None) -> int:
    """Queue an authorization callback with an invented token, or this one; raises NothingToSend."""
    url = session.request.get("merchant_urls", {}).get("authorization")
    if not url:
        raise NothingToSend("this session has no merchant_urls.authorization to call")
    news = {"authorization_token": token or str(uuid.uuid4()), "session_id": session.session_id}
    with store.transaction():
        return queue(Kind.AUTHORIZATION, url, news, session.session_id, forged=True)


def resend_notification(order_id: str) -> int:
    """Queue the last real notification of an order again, lost or not; raises NothingToSend."""
    query = "SELECT * FROM deliveries WHERE order_id = ? AND kind = ? AND NOT forged ORDER BY id DESC LIMIT 1"
    with store.transaction() as db:
        row = db.execute(query, [order_id, Kind.NOTIFICATION]).fetchone()
        if row is None:
            raise NothingToSend("no notification belongs to this order_id")
        last = _delivery(row)
        return queue(Kind.NOTIFICATION, last.url, last.body, order_id=order_id)


def forge_notification(order: Order, event_type: str) -> int:
    """Queue a notification of something that was not decided; raises NothingToSend."""
    url = order.urls.get("notification")
    if not url:
        raise NothingToSend("this order has no merchant_urls.notification to call")
    news = {"order_id": order.order_id, "event_type": event_type}
    with store.transaction():
        return queue(Kind.NOTIFICATION, url, news, order_id=order.order_id, forged=True)


def _delivery(row: Any) -> Delivery:
    return Delivery(
        id=row["id"],
        kind=Kind(row["kind"]),
        session_id=row["session_id"],
        order_id=row["order_id"],
        url=row["url"],
        body=json.loads(row["body"]) if row["body"] else None,
        queued_at=row["queued_at"],
        state=State(row["state"]),
        attempts=row["attempts"],
        forged=bool(row["forged"]),
    )
