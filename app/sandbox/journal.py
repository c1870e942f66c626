"""Every exchange in order: what merchants and browsers asked, and what was sent to merchants.

Raw, as it is Klarna's side: tokens and addresses are in it. It is read through the loopback-only control
address and never gets into a page as it is.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs

from flask import Response, request
from werkzeug.exceptions import HTTPException

from . import clock, store
from .api.surface import is_api, is_library, is_sign_in, is_sign_in_page

LONGEST = 5000  # entries; the oldest go first
_FORM = "application/x-www-form-urlencoded"


class Actor(StrEnum):
    """Who began the exchange."""

    MERCHANT = "merchant"
    BROWSER = "browser"
    CALLBACK = "callback"


@dataclass(frozen=True)
class Side:
    """One side of an exchange; the body as text, None when there was none."""

    headers: dict[str, str]
    body: str | None

    def as_json(self) -> str:
        try:
            return store.dump({"headers": self.headers, "body": self._parsed()})
        except RecursionError:
            return store.dump({"headers": self.headers, "body": self.body})

    def _parsed(self) -> Any:
        kind = next((value for name, value in self.headers.items() if name.lower() == "content-type"), "")
        if not self.body:
            return None
        if kind.startswith(_FORM):
            form = parse_qs(self.body, keep_blank_values=True)
            return {name: values[0] if len(values) == 1 else values for name, values in form.items()}
        try:
            return json.loads(self.body, parse_constant=str) if "json" in kind else self.body
        except (ValueError, RecursionError):
            return self.body


def write(actor: Actor, method: str, path: str, status: int | None, asked: Side, answered: Side | None) -> None:
    """Add an exchange. No status: the other side gave no answer."""
    with store.transaction() as db:
        cursor = db.execute(
            "INSERT INTO journal (at, actor, method, path, status, request, response) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                *(clock.stamp(clock.now()), actor, method, path, status),
                *(asked.as_json(), answered.as_json() if answered else None),
            ],
        )
        db.execute("DELETE FROM journal WHERE id <= ?", [(cursor.lastrowid or 0) - LONGEST])


def record(response: Response, answered: bool) -> None:
    """Add the exchange that is being answered, if it belongs in the journal."""
    actor = _actor(response)
    if actor is None:
        return
    asked = Side(dict(request.headers), _body_of_request())
    path = request.full_path.rstrip("?")
    if answered:
        # What a page looks like says nothing; where it leads stands in its headers.
        is_page = response.mimetype == "text/html" and is_sign_in(request.path)
        answer = Side(dict(response.headers), None if is_page else response.get_data(as_text=True))
        write(actor, request.method, path, response.status_code, asked, answer)
    else:
        write(actor, request.method, path, None, asked, None)


def after(entry: int) -> list[dict[str, Any]]:
    """The entries with a higher id, the oldest first."""
    rows = store.connection().execute("SELECT * FROM journal WHERE id > ? ORDER BY id", [entry])
    parsed = (dict(row) for row in rows)
    return [
        row
        | {
            "request": json.loads(row["request"]),
            "response": json.loads(row["response"]) if row["response"] else None,
        }
        for row in parsed
    ]


def _actor(response: Response) -> Actor | None:
    """Of what browsers ask, the library's calls count (those that speak JSON), and the pages of a sign-in."""
    if is_api(request.path):
        return Actor.MERCHANT
    if is_sign_in(request.path) and request.method != "OPTIONS":
        by_page = is_sign_in_page(request.path) or "Origin" in request.headers
        return Actor.BROWSER if by_page else Actor.MERCHANT
    if is_library(request.path) and (request.is_json or response.is_json):
        return Actor.BROWSER
    return None


def _body_of_request() -> str | None:
    try:
        return request.get_data(cache=True, as_text=True) or None
    except (HTTPException, OSError):
        return None  # too large, or the caller hung up
