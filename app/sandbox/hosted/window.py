"""The purchase window, step by step: number, code, (address,) review, end. Each step is a form to the next.

What the window knows travels in the form as a signed ticket; there is no cookie.
"""

from collections.abc import Callable
from functools import wraps

from flask import Blueprint, g, request

from .. import authorizations, people, sessions
from ..api.errors import ApiError
from ..client_tokens import UnknownClientToken
from ..sessions import Session
from . import formats, headers, login, purchases, screens, tickets
from .origins import is_origin
from .purchases import PurchaseChanged, Verdict
from .service import as_result
from .tickets import InvalidTicket, WindowTicket

blueprint = Blueprint("window", __name__, url_prefix="/kp/window")
blueprint.after_request(headers.protect)
_LAST_SCREENS = {Verdict.REFUSED: "refused", Verdict.INVALID: "mend"}


def step(view: Callable[[WindowTicket, Session], str]) -> Callable[[], str]:
    """Hands the ticket and its open session to a view; the page that comes out belongs to the ticket's origin."""

    @wraps(view)
    def checked() -> str:
        ticket = tickets.read_window(request.form.get("ticket", ""))
        g.ticket_origin = ticket.origin
        headers.may_be_framed_by(ticket.origin)
        return view(ticket, purchases.open_session(ticket.session_id))

    return checked


@blueprint.get("")
def waiting() -> str:
    """What a window opens with. It holds nothing, and asks the page of this one origin for its ticket."""
    origin = request.args.get("origin", "")
    if not is_origin(origin):
        return screens.end("waiting", "")
    headers.may_be_framed_by(origin)
    return screens.end("waiting", origin)


@blueprint.post("/open")
@step
def open_window(ticket: WindowTicket, session: Session) -> str:
    """Straight to the review for whom the session recognises, to the login for everybody else."""
    return _review_or_signup(ticket, session) if ticket.logged_in else screens.phone(ticket, session)


@blueprint.post("/phone")
@step
def enter_phone(ticket: WindowTicket, session: Session) -> str:
    """Looks the number up in the session's market."""
    typed = request.form.get("phone", "").strip()
    person = people.by_phone(typed, session.country)
    if person is None:
        return screens.phone(ticket, session, typed, _number_error(typed, session.country))
    return screens.code(ticket.claim(person.id), person)


@blueprint.post("/code")
@step
def enter_code(ticket: WindowTicket, session: Session) -> str:
    """Any six digits are right, except 999999."""
    person = purchases.person_of(ticket)
    if person is None:
        return screens.phone(ticket, session)
    typed = request.form.get("code", "")
    fault = login.code_fault(typed)
    if fault:
        return screens.code(ticket, person, typed, fault)
    return _review_or_signup(ticket.log_in(), session)


@blueprint.post("/other")
@step
def somebody_else(ticket: WindowTicket, session: Session) -> str:
    """Not the person the window thinks."""
    return screens.phone(ticket.somebody_else(), session)


@blueprint.post("/address")
@step
def enter_address(ticket: WindowTicket, session: Session) -> str:
    """The address of somebody new becomes the session's billing address."""
    person = purchases.person_of(ticket)
    if person is None or not ticket.logged_in:
        return screens.phone(ticket, session)
    names = [name for name, _label, _meaning in screens.address_fields(session)]
    typed = {name: request.form.get(name, "").strip() for name in names}
    missing = [name for name in names if not typed[name]]
    if missing:
        return screens.signup(ticket, session, typed, missing)
    address = {**typed, "email": person.email, "phone": person.phone, "country": session.country}
    try:
        return _review_or_signup(ticket, sessions.merge_from_browser(session, {"billing_address": address}))
    except ApiError as error:
        wrong = [name for name in names if f"Bad value: billing_address.{name}" in error.messages]
        return screens.signup(ticket, session, typed, wrong, "" if wrong else "This address is not accepted.")


@blueprint.post("/confirm")
@step
def confirm(ticket: WindowTicket, session: Session) -> str:
    """The shopper confirms what the review showed."""
    link = "link" in request.form
    person = purchases.person_of(ticket)
    if person is None or not ticket.logged_in:
        return screens.phone(ticket, session)
    try:
        outcome = purchases.confirm(ticket, link)
    except PurchaseChanged:
        return screens.review(ticket, session, person, link, changed=True)
    return screens.end(_LAST_SCREENS.get(outcome.verdict, "approved"), ticket.origin, outcome=as_result(outcome))


@blueprint.errorhandler(InvalidTicket)
def stale(_error: InvalidTicket) -> tuple[str, int]:
    return _ended("It was open for too long, or was not opened by a shop."), 410


@blueprint.errorhandler(UnknownClientToken)
def over(_error: UnknownClientToken) -> tuple[str, int]:
    return _ended("The shop’s payment session is over: it was completed, or is older than 48 hours."), 410


def _review_or_signup(ticket: WindowTicket, session: Session) -> str:
    person = purchases.person_of(ticket)
    if person is None:
        return screens.phone(ticket, session)
    if person.is_new and not session.request.get("billing_address", {}).get("street_address"):
        return screens.signup(ticket, session, {}, [])
    return screens.review(ticket, session, person, authorizations.wants_link(session, person.id))


def _number_error(typed: str, country: str) -> str:
    fault = login.number_fault(typed)
    if fault:
        return fault
    abroad = purchases.elsewhere(typed, country)
    if abroad:
        here, there = formats.country(country), formats.country(abroad.country)
        return f"This number has a Klarna account in {there}. This purchase is in {here}."
    return "Klarna knows nobody with this number. Check it, or use one of the offline people."


def _ended(reason: str) -> str:
    return screens.end("ended", g.get("ticket_origin", ""), reason=reason)
