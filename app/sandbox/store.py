"""The sandbox's memory: one SQLite file of its own, which it keeps over a restart.

A connection belongs to one application context, so to one request or one background delivery. Everything
that reads and then writes does so inside `transaction`, which takes the write lock at its beginning.
Times are UTC, as text in one fixed width, so that they compare as text.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask, g

from .config import current

# Raised with every change of the schema; what another version wrote is thrown away: it is test data only.
VERSION = 5
# Making keys takes long, and nothing that is tested depends on which they are.
_OVER_A_RESET = ("signing_keys",)
SCHEMA = Path(__file__).with_name("schema.sql")


def install(app: Flask, path: Path) -> None:
    """Prepare the file and close each context's connection when the context ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    db = _connect(path)
    try:
        with _immediately(db):
            _prepare(db)
    finally:
        db.close()
    app.teardown_appcontext(_close)


def connection() -> sqlite3.Connection:
    """The connection of this application context."""
    if "sandbox_db" not in g:
        g.sandbox_db = _connect(current().database)
    db: sqlite3.Connection = g.sandbox_db
    return db


@contextmanager
def transaction() -> Iterator[sqlite3.Connection]:
    """All or nothing, one writer at a time; a transaction inside another one joins it."""
    db = connection()
    if db.in_transaction:
        yield db
        return
    with _immediately(db):
        yield db


def reset() -> None:
    """Forget everything but keys. Journal ids go on counting, so that whoever reads it in steps misses nothing."""
    with transaction() as db:
        for table in set(_tables(db)) - set(_OVER_A_RESET):
            db.execute(f'DELETE FROM "{table}"')  # noqa: S608 (names come from the schema)


def dump(value: Any) -> str:
    """JSON in one fixed form: equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=10, isolation_level=None)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    return db


@contextmanager
def _immediately(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _prepare(db: sqlite3.Connection) -> None:
    if db.execute("PRAGMA user_version").fetchone()[0] == VERSION:
        return
    for table in _tables(db):
        db.execute(f'DROP TABLE "{table}"')
    for statement in SCHEMA.read_text().split(";"):
        db.execute(statement)
    db.execute(f"PRAGMA user_version = {VERSION}")


def _tables(db: sqlite3.Connection) -> list[str]:
    rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return [row["name"] for row in rows]


def _close(_error: BaseException | None) -> None:
    db: sqlite3.Connection | None = g.pop("sandbox_db", None)
    if db is not None:
        db.close()
