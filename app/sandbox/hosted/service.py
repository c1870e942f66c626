"""The browser library's own requests, under ``/kp/v1``: JSON, with the client token as bearer.

A session answers pages of its merchant only: the origin of the request has to be one its ``merchant_urls`` name.
Only then may the page's script read the answer.
"""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Response, g, request, url_for

from .. import outcomes, sessions
from ..api.errors import ApiError
from ..client_tokens import UnknownClientToken
from ..sessions import Session
from . import purchases, tickets
from .origins import is_origin, merchant_origins
from .purchases import Outcome, PurchaseChanged, Verdict
from .tickets import FrameTicket, InvalidTicket

blueprint = Blueprint("service", __name__, url_prefix="/kp/v1")

Answer = dict[str, Any]
CATEGORIES = ("klarna",)
CLOSED: Answer = {"approved": False, "show_form": True}
REFUSED: Answer = {"approved": False, "show_form": False}
INVALID: Answer = CLOSED | {"error": {"invalid_fields": list(outcomes.INVALID_FIELDS)}}
_FIELD_OF_SHOPPER = re.compile(r"Bad value: ((?:billing_address|shipping_address|customer)(?:\.\w+)?)$")


def for_page(view: Callable[[Session, Answer], Answer]) -> Callable[[], Answer]:
    """Hands the session and the JSON body to a view, once the page that asks may use this session."""

    @wraps(view)
    def checked() -> Answer:
        session = _session_of_bearer()
        origin = request.headers.get("Origin", "")
        if origin not in merchant_origins(session.request):
            raise ApiError(403, "NOT_ALLOWED", "This page's origin is not named in the session's merchant_urls")
        g.readable_by = origin
        body = request.get_json(silent=True)
        return view(session, body if isinstance(body, dict) else {})

    return checked


@blueprint.post("/load")
@for_page
def load(session: Session, body: Answer) -> Answer:
    """Whether Klarna is offered, and the widget to show."""
    wanted = body.get("categories")
    session, error = _merge(session, body)
    is_wanted = not wanted or (isinstance(wanted, list) and any(name in wanted for name in CATEGORIES))
    shown = is_wanted and purchases.is_offered(session)
    frame = _frame(session, "offer" if shown else "unavailable")
    return {"show_form": shown, "frame": frame, "country": session.country} | error


@blueprint.post("/review")
@for_page
def review(session: Session, _body: Answer) -> Answer:
    """The summary of how the shopper pays. The country is checked here for pages that never loaded the widget."""
    if session.country != "US":
        raise ApiError(400, "BAD_REQUEST", "A payment review exists in the United States only")
    return {"show_form": True, "frame": _frame(session, "review")}


@blueprint.post("/authorize")
@for_page
def authorize(session: Session, body: Answer) -> Answer:
    """A ticket for the window, or the end of the purchase when the data has to be mended first."""
    session, error = _merge(session, body)
    if error:
        return {"result": CLOSED | error}
    ending = purchases.ends_before_login(session)
    if ending:
        return {"result": as_result(Outcome(ending))}
    return {"ticket": _window(session, body.get("auto_finalize") is not False)}


@blueprint.post("/reauthorize")
@for_page
def reauthorize(session: Session, body: Answer) -> Answer:
    """The same purchase for no more money needs no second confirmation; anything else opens the window."""
    session, error = _merge(session, body)
    if error:
        return {"result": CLOSED | error}
    outcome = purchases.authorize_again(session)
    return {"result": as_result(outcome)} if outcome else {"ticket": _window(session, auto_finalize=True)}


@blueprint.post("/finalize")
@for_page
def finalize(session: Session, body: Answer) -> Answer:
    """The token for what the shopper confirmed with ``auto_finalize: false``."""
    session, error = _merge(session, body)
    if error:
        return {"result": CLOSED | error}
    try:
        agreement = tickets.read_agreement(str(body.get("agreement")))
        if agreement.session_id != session.session_id:
            raise InvalidTicket
        return {"result": as_result(purchases.finalize(session, agreement))}
    except (InvalidTicket, PurchaseChanged):
        return {"result": CLOSED}


@blueprint.post("/outcome")
@for_page
def outcome(session: Session, body: Answer) -> Answer:
    """How a window ended that was closed without a word."""
    try:
        ticket = tickets.read_window(str(body.get("ticket")))
    except InvalidTicket:
        return {"result": CLOSED}
    if ticket.session_id != session.session_id:
        return {"result": CLOSED}
    given = purchases.given_in_window(session, ticket)
    return {"result": as_result(Outcome(Verdict.APPROVED, given)) if given else CLOSED}


def as_result(outcome: Outcome) -> Answer:
    """An outcome as the page's callback gets it."""
    match outcome.verdict:
        case Verdict.APPROVED:
            return {"approved": True, "show_form": True, "authorization_token": outcome.authorization_token}
        case Verdict.AGREED if outcome.agreement:
            agreement = tickets.write(outcome.agreement)
            return {"approved": True, "show_form": True, "finalize_required": True, "agreement": agreement}
        case Verdict.INVALID:
            return INVALID
        case _:
            return REFUSED


@blueprint.before_request
def preflight() -> Response | None:
    """A browser asks before it sends a token. The token is not known yet, so the answer is no promise."""
    if request.method != "OPTIONS":
        return None
    g.readable_by = request.headers.get("Origin", "")
    response = Response(status=204)
    response.headers["Access-Control-Allow-Methods"] = "POST"
    response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
    response.headers["Access-Control-Max-Age"] = "600"
    return response


@blueprint.errorhandler(UnknownClientToken)
def over(_error: UnknownClientToken) -> tuple[Answer, int]:
    """Read by any page: it tells nothing about a session, and a page has to learn that its session is over."""
    return {"error_code": "NOT_FOUND", "error_messages": ["Invalid client token"]}, 404


@blueprint.after_request
def share(response: Response) -> Response:
    """Lets the page's script read the answer, and nobody keep it."""
    origin = g.get("readable_by", "")
    response.headers["Cache-Control"] = "no-store"
    response.headers.add("Vary", "Origin")
    if is_origin(origin):
        response.headers["Access-Control-Allow-Origin"] = origin
    return response


def _session_of_bearer() -> Session:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind != "Bearer":
        raise UnknownClientToken("no bearer token")
    try:
        return sessions.by_client_token(token.strip())
    except UnknownClientToken:
        g.readable_by = request.headers.get("Origin", "")
        raise


def _merge(session: Session, body: Answer) -> tuple[Session, Answer]:
    """The session with the page's data in it, or as it was, with the fields the shopper has to mend."""
    data = body.get("data")
    if not isinstance(data, dict) or not data:
        return session, {}
    try:
        return sessions.merge_from_browser(session, data), {}
    except ApiError as error:
        fields = [match[1] for message in error.messages if (match := _FIELD_OF_SHOPPER.match(message))]
        if error.status == 400 and fields and len(fields) == len(error.messages):
            return session, {"error": {"invalid_fields": fields}}
        raise


def _window(session: Session, auto_finalize: bool) -> str:
    return tickets.write(purchases.open_window(session, g.readable_by, auto_finalize))


def _frame(session: Session, view: str) -> str:
    ticket = tickets.write(FrameTicket(session.session_id, g.readable_by, view))
    return url_for("frames.widget", ticket=ticket)
