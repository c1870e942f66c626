"""The keys that sign id_tokens: per region two pairs at least, made when they are first needed, kept over a reset.

The key that signs is never the first one published: a client has to choose by `kid`. As at Klarna (older Hydra)
each key is published twice, under a `public:` and a `private:` kid, with nothing private in either.
"""

import sqlite3
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from joserfc.jwk import KeySet, RSAKey

from .. import clock, store
from ..merchants import Region

SIZE = 2048  # bits; Klarna's have 4096


class Status(StrEnum):
    """What a key is there for: published before its time, signing, or published for what it signed."""

    STANDBY = "standby"
    SIGNING = "signing"
    OLD = "old"


@dataclass(frozen=True)
class SigningKey:
    """One key pair of a region."""

    number: str
    region: Region
    status: Status
    created_at: datetime
    pem: str = field(repr=False)

    @property
    def kid(self) -> str:
        """The `kid` in the header of what it signs."""
        return f"public:{self.number}"

    @property
    def private(self) -> RSAKey:
        return RSAKey.import_key(self.pem, {"kid": self.kid})

    @property
    def published(self) -> list[dict[str, Any]]:
        """Its two entries in the JWKS."""
        public = RSAKey.import_key(self.pem).as_dict(private=False)
        shown = {"use": "sig", "alg": "RS256", "kty": "RSA", "n": public["n"], "e": public["e"]}
        return [shown | {"kid": f"{kind}:{self.number}"} for kind in ("public", "private")]


def signing(region: Region) -> SigningKey:
    """The key that signs now."""
    return next(key for key in of(region) if key.status is Status.SIGNING)


def jwks(region: Region) -> dict[str, Any]:
    """The published keys; the one that signs stands last."""
    return {"keys": [entry for key in of(region) for entry in key.published]}


def verifying(region: Region) -> KeySet:
    """What checks a signature of this region."""
    return KeySet.import_key_set(jwks(region))  # type: ignore[arg-type]


def of(region: Region) -> list[SigningKey]:
    """The keys of a region: standby, old ones, and the one that signs."""
    with store.transaction():
        if not _read(region):
            _make(region, Status.STANDBY)
            _make(region, Status.SIGNING)
        return sorted(_read(region), key=lambda key: key.status is Status.SIGNING)


def everything() -> list[SigningKey]:
    """The keys of both regions."""
    return [key for region in (Region.EUROPE, Region.NORTH_AMERICA) for key in of(region)]


def rotate() -> None:
    """In each region a new key signs; the one before stays published, for what it signed."""
    for region in (Region.EUROPE, Region.NORTH_AMERICA):
        with store.transaction() as db:
            before = signing(region)
            db.execute("UPDATE signing_keys SET status = ? WHERE number = ?", [Status.OLD, before.number])
            _make(region, Status.SIGNING)


def retire() -> None:
    """Keys that sign no more are not published any longer: what they signed cannot be checked from now on."""
    with store.transaction() as db:
        db.execute("DELETE FROM signing_keys WHERE status = ?", [Status.OLD])


def _make(region: Region, status: Status) -> None:
    pem = RSAKey.generate_key(SIZE, private=True).as_pem(private=True).decode()
    store.connection().execute(
        "INSERT INTO signing_keys (number, region, status, created_at, pem) VALUES (?, ?, ?, ?, ?)",
        [str(uuid.uuid4()), region, status, clock.stamp(clock.now()), pem],
    )


def _read(region: Region) -> list[SigningKey]:
    query = "SELECT * FROM signing_keys WHERE region = ? ORDER BY rowid"
    return [_key(row) for row in store.connection().execute(query, [region])]


def _key(row: sqlite3.Row) -> SigningKey:
    created = clock.read(row["created_at"])
    return SigningKey(row["number"], Region(row["region"]), Status(row["status"]), created, row["pem"])
