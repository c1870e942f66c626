"""A call repeated with the same key is answered as the first time, and performed once: for 24 hours.

https://docs.klarna.com/api/escalation-and-retry-policy/ . Only the key counts: another body under the same key
still gets the first answer. Klarna names `Klarna-Idempotency-Key` everywhere and `Idempotency-Key` once; both
are honoured on every POST and PATCH. What broke inside (500 and above) is not kept (inferred).
"""

import json
import sqlite3
import time
from datetime import timedelta
from typing import cast

from flask import Response, g, request

from .. import clock, store
from .auth import merchant
from .errors import CORRELATION_HEADER, ApiError, correlation_id

HEADERS = ("Klarna-Idempotency-Key", "Idempotency-Key")
LIFETIME = timedelta(hours=24)
LONGEST_KEY = 255
PATIENCE = 20.0  # seconds a repeated call waits for the first one to end
_HERE = "merchant = ? AND method = ? AND path = ? AND key = ?"
_KEPT_HEADERS = ("Content-Type", "Location", "Capture-Id", "Refund-Id")

Place = tuple[str, str, str, str]


def replay() -> Response | None:
    """The answer of the first call with this key; None when the current call is the first one."""
    place = _place()
    until = time.monotonic() + PATIENCE
    while place is not None:
        row = _begin(place)
        if row is None:
            g.idempotency_place = place
            return None
        if row["status"] is not None:
            return _answer(row)
        if time.monotonic() > until:
            raise ApiError(409, "CONFLICT", "A call with this idempotency key is under way")
        time.sleep(0.02)
    return None


def keep(response: Response) -> Response:
    """Keep the answer of a first call; let the key go when there is nothing worth repeating."""
    place = g.pop("idempotency_place", None)
    if place is None:
        return response
    with store.transaction() as db:
        if response.status_code >= 500:
            db.execute(f"DELETE FROM idempotency WHERE {_HERE}", place)  # noqa: S608
        else:
            headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
            headers[CORRELATION_HEADER] = correlation_id()
            db.execute(
                f"UPDATE idempotency SET status = ?, headers = ?, body = ? WHERE {_HERE}",  # noqa: S608
                [response.status_code, store.dump(headers), response.get_data(), *place],
            )
    return response


def forget_interrupted() -> None:
    """Calls that were under way when the sandbox ended will get no answer: their keys are free again."""
    with store.transaction() as db:
        db.execute("DELETE FROM idempotency WHERE status IS NULL")


def _place() -> Place | None:
    key = next((request.headers[name] for name in HEADERS if request.headers.get(name)), None)
    if key is None or request.method not in ("POST", "PATCH"):
        return None
    if len(key) > LONGEST_KEY:
        raise ApiError(400, "BAD_REQUEST", "The idempotency key is too long")
    return (merchant().username, request.method, request.path, key)


def _begin(place: Place) -> sqlite3.Row | None:
    """The row of an earlier call; None when there is none, and then a row for this one is written."""
    with store.transaction() as db:
        row = db.execute(f"SELECT * FROM idempotency WHERE {_HERE}", place).fetchone()  # noqa: S608
        if row is not None and clock.now() < clock.read(row["first_at"]) + LIFETIME:
            return cast(sqlite3.Row, row)
        db.execute(
            "INSERT OR REPLACE INTO idempotency (merchant, method, path, key, first_at) VALUES (?, ?, ?, ?, ?)",
            [*place, clock.stamp(clock.now())],
        )
    return None


def _answer(row: sqlite3.Row) -> Response:
    """Under the correlation id of the first call, which an error's body names."""
    headers = json.loads(row["headers"])
    g.correlation_id = headers[CORRELATION_HEADER]
    response = Response(row["body"], row["status"])
    del response.headers["Content-Type"]
    response.headers.update(headers)
    return response
