"""What follows from one sign-in: a code, the tokens it is changed for, and those that replace them. One chain.

Revoking any part of it ends the whole: a code that comes twice, a refresh token that comes twice (inferred from
Hydra, behind a switch), a withdrawn consent, the revocation endpoint.
"""

import json
import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from .. import clock, store
from ..merchants import Region

CODE_LIFETIME = timedelta(minutes=10)  # inferred


class Status(StrEnum):
    """What became of a sign-in: its code waits, its tokens are in use, or it is over."""

    CODE = "code"
    ACTIVE = "active"
    REVOKED = "revoked"


@dataclass(frozen=True)
class Chain:
    """One sign-in, with what its id_tokens say about it. The first four belong to its code."""

    number: int
    code: str = field(repr=False)
    code_expires_at: datetime
    redirect_uri: str
    code_challenge: str | None
    region: Region
    client_id: str
    person: str
    scopes: tuple[str, ...]
    nonce: str | None
    sid: str
    authenticated_at: datetime
    status: Status

    @property
    def code_challenge_method(self) -> str:
        """Asked by Authlib's PKCE check."""
        return "S256"

    def get_redirect_uri(self) -> str:
        """Asked by Authlib, which would want it repeated. The grant compares it where it is repeated."""
        return ""


@dataclass(frozen=True)
class Beginning:
    """What is known when a code is given out."""

    region: Region
    client_id: str
    person: str
    scopes: tuple[str, ...]
    redirect_uri: str
    nonce: str | None
    code_challenge: str | None
    sid: str
    authenticated_at: datetime


def begin(what: Beginning) -> Chain:
    """Give out a code, good for ten minutes and once."""
    code = new_token("ac")
    with store.transaction() as db:
        db.execute(
            "INSERT INTO sign_in_chains (code, code_expires_at, region, client_id, person, scopes, redirect_uri, nonce,"
            " code_challenge, sid, authenticated_at, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                *(code, clock.stamp(clock.now() + CODE_LIFETIME), what.region, what.client_id, what.person),
                *(store.dump(list(what.scopes)), what.redirect_uri, what.nonce, what.code_challenge),
                *(what.sid, clock.stamp(what.authenticated_at), Status.CODE),
            ],
        )
        row = db.execute("SELECT * FROM sign_in_chains WHERE code = ?", [code]).fetchone()
    return _chain(row)


def by_code(code: str) -> Chain | None:
    """The sign-in a code was given out for, whatever became of it."""
    row = store.connection().execute("SELECT * FROM sign_in_chains WHERE code = ?", [code]).fetchone()
    return _chain(row) if row else None


def find(number: int) -> Chain:
    """A sign-in whose number the sandbox itself kept."""
    row = store.connection().execute("SELECT * FROM sign_in_chains WHERE number = ?", [number]).fetchone()
    return _chain(row)


def with_tokens() -> list[Chain]:
    """The sign-ins whose code was used, the oldest first."""
    query = "SELECT * FROM sign_in_chains WHERE number IN (SELECT chain FROM sign_in_tokens) ORDER BY number"
    return [_chain(row) for row in store.connection().execute(query)]


def spend_code(chain: Chain) -> None:
    """The code was changed for tokens."""
    _set(Status.ACTIVE, [chain.number])


def revoke(chain: Chain) -> None:
    """End a sign-in: its code and all of its tokens are no good from now on."""
    _set(Status.REVOKED, [chain.number])


def revoke_of(person_id: str) -> None:
    """End all sign-ins of a person."""
    query = "SELECT number FROM sign_in_chains WHERE person = ?"
    _set(Status.REVOKED, [row["number"] for row in store.connection().execute(query, [person_id])])


def new_token(kind: str) -> str:
    """A value that says what it is, and nothing else: ``ory_ac_`` a code, ``ory_at_`` and ``ory_rt_`` tokens."""
    return f"ory_{kind}_{secrets.token_urlsafe(32)}.{secrets.token_urlsafe(32)}"


def _set(status: Status, numbers: Iterable[int]) -> None:
    with store.transaction() as db:
        query = "UPDATE sign_in_chains SET status = ? WHERE number = ?"
        db.executemany(query, [(status, number) for number in numbers])


def _chain(row: sqlite3.Row) -> Chain:
    return Chain(
        number=row["number"],
        code=row["code"],
        code_expires_at=clock.read(row["code_expires_at"]),
        redirect_uri=row["redirect_uri"],
        code_challenge=row["code_challenge"],
        region=Region(row["region"]),
        client_id=row["client_id"],
        person=row["person"],
        scopes=tuple(json.loads(row["scopes"])),
        nonce=row["nonce"],
        sid=row["sid"],
        authenticated_at=clock.read(row["authenticated_at"]),
        status=Status(row["status"]),
    )
