"""Faults on demand: an answer, a delay or a cut connection for the next calls that fit a rule.

They work on the merchant API, on the browser library's calls and on Sign in with Klarna, so that a shop can be tried
against a Klarna that fails, is slow, or did the work while the answer got lost.
"""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from flask import Response, g, jsonify, request
from waitress.channel import ClientDisconnected

from . import store
from .api.surface import is_api, is_library, is_sign_in

ANY = "*"
SLOWEST = 300.0  # seconds


class BadFault(ValueError):
    """A rule that says nothing the sandbox can do; the message says what is wrong with it."""


class Dropped(ClientDisconnected, ConnectionResetError):
    """Ends an answer before its first byte. Servers take it for a caller who hung up: nothing is sent, the
    connection is closed. The first base is what waitress looks for, the second what werkzeug, wsgiref and
    gunicorn do.
    """


@dataclass(frozen=True)
class Fault:
    """A rule: the next `times` calls with this method and path (a glob) meet the action."""

    id: int
    method: str
    path: str
    times: int
    action: dict[str, Any]


def add(rule: dict[str, Any]) -> Fault:
    """Set up a rule; raises BadFault."""
    method, path, times, action = _checked(rule)
    with store.transaction() as db:
        cursor = db.execute(
            "INSERT INTO faults (method, path, times, action) VALUES (?, ?, ?, ?)",
            [method, path, times, store.dump(action)],
        )
    return Fault(cursor.lastrowid or 0, method, path, times, action)


def pending() -> list[Fault]:
    """The rules that still have calls to meet, in the order they were set up."""
    rows = store.connection().execute("SELECT * FROM faults WHERE times > 0 ORDER BY id")
    return [Fault(row["id"], row["method"], row["path"], row["times"], json.loads(row["action"])) for row in rows]


def clear() -> None:
    """Take all rules away."""
    with store.transaction() as db:
        db.execute("DELETE FROM faults")


def before() -> Response | None:
    """Runs before each request: what the first rule that fits does to it."""
    if not (is_api(request.path) or is_library(request.path) or is_sign_in(request.path)):
        return None
    action = _next_action(request.method, request.path)
    if action is None:
        return None
    if "delay" in action:
        time.sleep(action["delay"])
        return None
    if "drop" in action:
        g.drop = action["drop"]
        return Response(status=503) if action["drop"] == "before" else None
    return _answer(action)


def nothing_happened() -> bool:
    """Whether the current call was cut off before anything was done for it."""
    return bool(g.get("drop") == "before")


def after(response: Response) -> Response:
    """Runs last: takes the answer away where the rule says so."""
    if "drop" not in g:
        return response
    sockets = [request.environ.get(name) for name in ("werkzeug.socket", "gunicorn.socket")]
    return Response(_Cut(next((found for found in sockets if found), None)))


class _Cut:
    """A body that ends the connection when its first byte is asked for.

    Servers that hand out the socket would keep it open for the next request, so it is shut down here.
    """

    def __init__(self, connection: socket.socket | None) -> None:
        self._connection = connection

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._connection is not None:
            with suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)
        raise Dropped("the connection is cut on request")


def _next_action(method: str, path: str) -> dict[str, Any] | None:
    """Take one use off the first rule that fits."""
    if not pending():
        return None
    with store.transaction() as db:
        for fault in pending():
            if fault.method in _methods(method) and fnmatchcase(path, fault.path):
                db.execute("UPDATE faults SET times = times - 1 WHERE id = ?", [fault.id])
                return fault.action
    return None


def _methods(method: str) -> tuple[str, ...]:
    """A browser's question before its real call uses up no rule for any method."""
    return (method,) if method == "OPTIONS" else (ANY, method)


def _answer(action: dict[str, Any]) -> Response:
    """Pages of every origin may read it: it says nothing that is not in the rule."""
    body = action.get("body")
    response = Response(body) if isinstance(body, str) else Response() if body is None else jsonify(body)
    response.status_code = action["status"]
    if is_library(request.path) and "Origin" in request.headers:
        response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
    return response


def _checked(rule: dict[str, Any]) -> tuple[str, str, int, dict[str, Any]]:
    method, path = rule.get("method") or ANY, rule.get("path")
    times, action = rule.get("times", 1), rule.get("action")
    if not isinstance(method, str) or not isinstance(path, str) or not path:
        raise BadFault("method and path have to be text; path is a glob such as */sessions")
    if type(times) is not int or not 1 <= times <= 1_000_000:
        raise BadFault("times has to be a whole number from 1")
    if not isinstance(action, dict) or not _is_action(action):
        raise BadFault(
            'action has to be one of {"status": 500, "body": {}}, {"delay": seconds},'
            ' {"drop": "before"} and {"drop": "after"}'
        )
    return method.upper(), path, times, action


def _is_action(action: dict[str, Any]) -> bool:
    kinds = set(action)
    if kinds == {"drop"}:
        return action["drop"] in ("before", "after")
    if kinds == {"delay"}:
        return type(action["delay"]) in (int, float) and 0 <= action["delay"] <= SLOWEST
    status = action.get("status")
    return kinds in ({"status"}, {"status", "body"}) and type(status) is int and 200 <= status <= 599
