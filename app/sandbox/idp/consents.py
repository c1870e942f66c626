"""What people allowed which client, and what they switched off: asked once, remembered until withdrawn.

Withdrawing (in Klarna's app: Profile, Security and privacy, Data sharing) ends every token that rests on it; what
happens to stored refresh tokens is not documented (inferred). The next sign-in asks again.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from .. import clock, store
from . import chains


@dataclass(frozen=True)
class Consent:
    """A person's answer to one client: the scopes allowed, and the optional ones declined."""

    person: str
    client_id: str
    scopes: tuple[str, ...]
    declined: tuple[str, ...]
    given_at: datetime

    def answers(self, asked: Iterable[str]) -> bool:
        """Whether there is nothing left to ask."""
        return set(asked) <= {*self.scopes, *self.declined}


def find(person_id: str, client_id: str) -> Consent | None:
    """What this person answered this client."""
    query = "SELECT * FROM consents WHERE person = ? AND client_id = ?"
    row = store.connection().execute(query, [person_id, client_id]).fetchone()
    return _consent(row) if row else None


def of(person_id: str) -> list[Consent]:
    """All consents of a person, the oldest first."""
    rows = store.connection().execute("SELECT * FROM consents WHERE person = ? ORDER BY given_at", [person_id])
    return [_consent(row) for row in rows]


def give(person_id: str, client_id: str, asked: Iterable[str], declined: Iterable[str]) -> Consent:
    """Remember an answer. What was allowed or declined before and is not asked now stays as it was."""
    refused, wanted = set(declined), list(asked)
    with store.transaction() as db:
        before = find(person_id, client_id)
        allowed = [scope for scope in wanted if scope not in refused]
        if before:
            allowed += [scope for scope in before.scopes if scope not in wanted]
            refused |= {scope for scope in before.declined if scope not in wanted}
        now = clock.now()
        db.execute(
            "INSERT OR REPLACE INTO consents (person, client_id, scopes, declined, given_at) VALUES (?, ?, ?, ?, ?)",
            [person_id, client_id, store.dump(allowed), store.dump(sorted(refused)), clock.stamp(now)],
        )
        return Consent(person_id, client_id, tuple(allowed), tuple(sorted(refused)), now)


def withdraw(person_id: str) -> None:
    """Take back every consent of a person; their tokens end at once."""
    with store.transaction() as db:
        db.execute("DELETE FROM consents WHERE person = ?", [person_id])
        chains.revoke_of(person_id)


def _consent(row: sqlite3.Row) -> Consent:
    scopes, declined = json.loads(row["scopes"]), json.loads(row["declined"])
    given_at = clock.read(row["given_at"])
    return Consent(row["person"], row["client_id"], tuple(scopes), tuple(declined), given_at)
