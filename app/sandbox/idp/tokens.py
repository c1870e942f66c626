"""Access tokens (five minutes, opaque) and refresh tokens (good once, then replaced by a new one).

https://docs.klarna.com/conversion-boosters/sign-in-with-klarna/additional-resources/siwk-tokens/
Documents disagree about the life of a refresh token (60 or 90 days): it is a setting. Each one lives for the whole
time again. What an access token may do stands in its scopes; a refresh token keeps those of the sign-in.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from .. import clock, store
from ..clients import Client
from ..config import current
from . import chains
from .chains import Chain

ACCESS_LIFETIME = timedelta(minutes=5)


class Kind(StrEnum):
    ACCESS = "access"
    REFRESH = "refresh"


class Status(StrEnum):
    """Whether a token is good, and if not, why."""

    ACTIVE = "active"
    USED = "used"
    EXPIRED = "expired"
    REVOKED = "revoked"


class UnknownToken(LookupError):
    """No such token was ever issued."""


@dataclass(frozen=True)
class Token:
    """An access or refresh token and the sign-in it belongs to."""

    token: str = field(repr=False)
    kind: Kind
    chain: Chain
    scopes: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime
    status: Status

    def check_client(self, client: Client) -> bool:
        """Asked by Authlib: whether it was given to this client."""
        return self.chain.client_id == client.client_id

    def get_scope(self) -> str:
        """Asked by Authlib."""
        return " ".join(self.scopes)


def issue(kind: Kind, chain: Chain, scopes: Iterable[str]) -> str:
    """A new token of a sign-in."""
    now = clock.now()
    lifetime = ACCESS_LIFETIME if kind is Kind.ACCESS else timedelta(days=current().refresh_token_days)
    token = chains.new_token("at" if kind is Kind.ACCESS else "rt")
    with store.transaction() as db:
        db.execute(
            "INSERT INTO sign_in_tokens (token, kind, chain, scopes, issued_at, expires_at, status)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                *(token, kind, chain.number, store.dump(list(scopes))),
                *(clock.stamp(now), clock.stamp(now + lifetime), Status.ACTIVE),
            ],
        )
    return token


def find(token: str, kind: Kind | None = None) -> Token | None:
    """A token that was issued here, whatever became of it."""
    row = store.connection().execute("SELECT * FROM sign_in_tokens WHERE token = ?", [token]).fetchone()
    return _token(row) if row and kind in (None, Kind(row["kind"])) else None


def of(chain: Chain) -> list[Token]:
    """The tokens of a sign-in, the oldest first."""
    query = "SELECT * FROM sign_in_tokens WHERE chain = ? ORDER BY rowid"
    return [_token(row) for row in store.connection().execute(query, [chain.number])]


def use(token: Token) -> None:
    """A refresh token was changed for new ones."""
    with store.transaction() as db:
        db.execute("UPDATE sign_in_tokens SET status = ? WHERE token = ?", [Status.USED, token.token])


def expire(token: str) -> Token:
    """The token's time is over; raises UnknownToken."""
    with store.transaction() as db:
        found = _issued(token)
        if found.status is Status.ACTIVE:
            query = "UPDATE sign_in_tokens SET expires_at = ? WHERE token = ?"
            db.execute(query, [clock.stamp(clock.now()), token])
        return _issued(token)


def revoke(token: str) -> Token:
    """End the sign-in a token belongs to, as Hydra does (inferred); raises UnknownToken."""
    with store.transaction():
        chains.revoke(_issued(token).chain)
        return _issued(token)


def _issued(token: str) -> Token:
    found = find(token)
    if found is None:
        raise UnknownToken("this token was never issued here")
    return found


def _token(row: sqlite3.Row) -> Token:
    chain = chains.find(row["chain"])
    expires_at = clock.read(row["expires_at"])
    return Token(
        token=row["token"],
        kind=Kind(row["kind"]),
        chain=chain,
        scopes=tuple(json.loads(row["scopes"])),
        issued_at=clock.read(row["issued_at"]),
        expires_at=expires_at,
        status=_status(Status(row["status"]), chain, expires_at),
    )


def _status(kept: Status, chain: Chain, expires_at: datetime) -> Status:
    """A used token stays a used one: that it comes again is worth knowing."""
    if kept is Status.USED:
        return Status.USED
    if chain.status is chains.Status.REVOKED:
        return Status.REVOKED
    return Status.EXPIRED if clock.now() >= expires_at else kept
