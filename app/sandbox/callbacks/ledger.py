"""What was sent to merchants and what became of it; sending something again, or something that never happened.

A forged callback looks like a real one, since nothing signs them: a merchant has to ask Klarna what is true.
"""

import json
import uuid
from dataclasses import dataclass
from typing import Any

from .. import store
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


def _delivery(row: Any) -> Delivery:
    return Delivery(
        id=row["id"],
        kind=Kind(row["kind"]),
        session_id=row["session_id"],
        url=row["url"],
        body=json.loads(row["body"]) if row["body"] else None,
        queued_at=row["queued_at"],
        state=State(row["state"]),
        attempts=row["attempts"],
        forged=bool(row["forged"]),
    )
