"""Writes down what passes: pages, calls to Klarna, callbacks, and what changed in the shop.

Listens at the edges (Flask's hooks, the clients' watchers, the database session) so that no feature of the shop
knows that it is watched.
"""

import json
import secrets
import time
from dataclasses import replace
from typing import Any

from flask import Flask, Response, current_app, g, has_request_context, request
from sqlalchemy import event
from sqlalchemy.orm import Session, object_session
from werkzeug.exceptions import HTTPException

from app.klarna.transport import Exchange

from ..linking.models import LinkEvent
from ..orders.models import OrderEvent
from ..payment_tokens.models import TokenEvent
from ..signin.models import SignInEvent
from ..signin.provider import checked
from . import lanes, places
from .entries import Entry, Fact, Kind
from .gate import Gate
from .masking import MASK, mask, mask_address, mask_pairs
from .owners import Owners
from .timeline import Timeline

VISITOR_COOKIE = "demo_visitor"
YEAR = 365 * 24 * 3600
CALLBACKS = "/klarna/callbacks/"
UNWATCHED = ("/static/", "/demo", "/healthz", "/readyz", "/favicon")
CHECKED = "id_token checked"
# Others wait behind the first two, and a refresh that is late is made by somebody else with the same token.
NEVER_HELD = ("discover issuer", "read issuer's keys", "refresh sign-in")
NOTED = {LinkEvent: "account link", OrderEvent: "order", SignInEvent: "sign-in", TokenEvent: "payment token"}


def install(app: Flask) -> None:
    """Watch an application from now on."""
    app.extensions["timeline"] = Timeline()
    app.extensions["gate"] = Gate()
    app.extensions["owners"] = Owners()
    app.before_request(_begin)
    app.after_request(_note_page)
    checked.connect(_note_check)
    for model in NOTED:
        _listen(model, "after_insert", _remember)
    _listen(Session, "after_commit", _write_notes)
    _listen(Session, "after_rollback", _forget_notes)


def timeline() -> Timeline:
    """The timeline of the running shop."""
    found: Timeline = current_app.extensions["timeline"]
    return found


def gate() -> Gate:
    """The gate of the running shop."""
    found: Gate = current_app.extensions["gate"]
    return found


class Recorder:
    """What a client of Klarna tells its calls to. ``account`` names the settings of its credentials."""

    def __init__(self, app: Flask, account: str) -> None:
        self._timeline: Timeline = app.extensions["timeline"]
        self._gate: Gate = app.extensions["gate"]
        self._owners: Owners = app.extensions["owners"]
        self._account = account

    def before(self, operation: str, method: str, path: str) -> None:
        if operation not in NEVER_HELD:
            self._gate.wait(visitor(), operation, method, path)

    def after(self, exchange: Exchange) -> None:
        if visitor():
            self._owners.note(exchange.request, visitor())
        _keep(self._timeline, fact_of(exchange, self._account))


def fact_of(exchange: Exchange, account: str) -> Fact:
    return Fact(
        kind=Kind.API,
        title=exchange.operation,
        method=exchange.method,
        path=exchange.path,
        request=mask(exchange.request),
        status=exchange.status,
        response=mask(exchange.response),
        seconds=exchange.seconds,
        correlation_id=exchange.correlation_id,
        idempotency_key=exchange.idempotency_key,
        attempts=exchange.attempts,
        account=account,
        place=places.of_caller(),
    )


def visitor() -> str:
    """The browser that asks; empty where nobody does."""
    return str(g.get("console_visitor", "")) if has_request_context() else ""


def write(fact: Fact) -> None:
    """Put a fact that the console itself learned into the running shop's timeline."""
    _keep(timeline(), fact)


def _keep(kept: Timeline, fact: Fact) -> Entry:
    """Everybody sees what the shop does by itself: that it did, and nothing of whom it was about."""
    shown = fact if _whose() else replace(fact, request=None, response=None)
    return kept.write(shown, _whose(), _during(), lanes.current())


def _whose() -> str:
    """The browser that asks, or whose purchase Klarna calls back about."""
    return visitor() or (str(g.get("console_owner", "")) if has_request_context() else "")


def _during() -> str:
    return str(g.get("console_request", "")) if has_request_context() else ""


def _begin() -> None:
    """A page is asked for: its entry comes first, and before whatever it leads to."""
    g.console_started = time.perf_counter()
    g.console_request = secrets.token_hex(4)
    kind = Kind.CALLBACK if request.path.startswith(CALLBACKS) else Kind.PAGE
    if kind is Kind.PAGE:
        g.console_visitor = _known_visitor() or secrets.token_urlsafe(12)
    else:
        owners: Owners = current_app.extensions["owners"]
        g.console_owner = owners.of(request.path)
    if not request.path.startswith(UNWATCHED):
        g.console_entry = _keep(timeline(), _asked(kind))


def _note_page(response: Response) -> Response:
    if visitor() != _known_visitor() and not request.path.startswith("/static/"):
        secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
        response.set_cookie(VISITOR_COOKIE, visitor(), max_age=YEAR, httponly=True, samesite="Lax", secure=secure)
    if "console_entry" in g:
        answered = replace(
            g.console_entry.fact,
            status=response.status_code,
            response=_answered(response) if _whose() else None,
            seconds=time.perf_counter() - g.console_started,
        )
        timeline().finish(g.console_entry, answered)
    return response


def _known_visitor() -> str:
    return request.cookies.get(VISITOR_COOKIE, "")[:40]


def _asked(kind: Kind) -> Fact:
    # A callback's address holds its secret: the rule says which one it was, and what has none may still hold it.
    rule = request.url_rule.rule if request.url_rule else CALLBACKS + MASK
    path = rule if kind is Kind.CALLBACK else request.path
    sent = {"query": mask_pairs(request.args.items()) if request.query_string else None, "sent": _sent()}
    told = {name: part for name, part in sent.items() if part} or None
    view = current_app.view_functions.get(request.endpoint or "")
    name = (request.endpoint or "").rpartition(".")[2].replace("_", " ")
    title = f"{name} callback" if kind is Kind.CALLBACK else f"{request.method} {path}"
    place = places.of_function(view) if view else ""
    return Fact(kind=kind, title=title, method=request.method, path=path, request=told, place=place)


def _sent() -> Any:
    """What came along, as far as it can be read: refusing it is up to the page."""
    if request.method in ("GET", "HEAD"):
        return None
    try:
        if request.is_json:
            return mask(request.get_json(silent=True))
        return mask_pairs(request.form.items()) if request.form else None
    except HTTPException:
        return None


def _answered(response: Response) -> Any:
    """Where the browser is sent, or what a script was answered; pages speak for themselves."""
    target = response.headers.get("Location", "")
    if target:
        return {"location": mask_address(target)}
    if not response.is_json or response.direct_passthrough:
        return None
    try:
        return mask(json.loads(response.get_data()))
    except ValueError:
        return None


def _listen(target: Any, name: str, hear: Any) -> None:
    if not event.contains(target, name, hear):
        event.listen(target, name, hear)


def _remember(_mapper: Any, _connection: Any, row: Any) -> None:
    session = object_session(row)
    if session is not None and "timeline" in current_app.extensions:
        session.info.setdefault("console_notes", []).append(_note(row))


def _write_notes(session: Session) -> None:
    """Only what is committed happened; a savepoint's end is no commit."""
    if not session.in_nested_transaction():
        for fact in session.info.pop("console_notes", []):
            write(fact)


def _note_check(_sender: Any, claims: dict[str, Any], refused: str) -> None:
    if "timeline" in current_app.extensions:
        told = {"refused": refused} if refused else {"claims": claims}
        write(Fact(Kind.NOTE, CHECKED, response=mask(told)))


def _forget_notes(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop("console_notes", None)


def _note(row: Any) -> Fact:
    """A row of the shop's histories as a fact."""
    words = str(vars(row).get("kind") or vars(row).get("text") or "")
    told = {
        name: str(value) for name, value in vars(row).items() if not name.startswith("_") and value not in (None, "")
    }
    return Fact(kind=Kind.NOTE, title=f"{NOTED[type(row)]}: {words}", response=mask(told))
