"""The pages of a sign-in, step by step: number, code, (account,) consent, and back to the shop.

What a sign-in knows travels in form and address as a signed ticket. Who is logged in, the browser remembers.
An answer that was taken is followed by a page with an address of its own, so that reload and the way back work.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AccessDeniedError
from flask import Blueprint, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from .. import clock, people
from ..hosted import formats, headers
from ..hosted import login as login_rules
from ..hosted.tickets import InvalidTicket
from ..merchants import Region
from ..people import Person
from . import accounts, authorization, chains, consents, logins, scopes, screens, steps, tickets
from .authorization import NotRedirectable
from .logins import Login
from .oauth import Request
from .steps import Step
from .tickets import SignInTicket

blueprint = Blueprint("sign_in", __name__)
blueprint.after_request(headers.protect)
Page = str | Response | tuple[str, int]
LONGEST_TYPED = 99


@blueprint.url_value_preprocessor
def take_region(_endpoint: str | None, values: dict[str, Region] | None) -> None:
    g.region = (values or {}).pop("region")


def step(view: Callable[[SignInTicket], Page]) -> Callable[[], Page]:
    """Hands the ticket of form or address to a view."""

    @wraps(view)
    def checked() -> Page:
        return view(tickets.read(request.values.get("ticket", ""), g.region))

    return checked


def logged_in(view: Callable[[SignInTicket, Login, Person], Page]) -> Callable[[], Page]:
    """The same with who is logged in. Whoever was logged out meanwhile begins again."""

    @wraps(view)
    def checked() -> Page:
        ticket = tickets.read(request.values.get("ticket", ""), g.region)
        login = logins.here(g.region)
        if login is None or not ticket.belongs_to(login):
            return _to(".ask_phone", ticket)
        return view(ticket, login, people.find(login.person))

    return checked


@blueprint.route("/oauth2/auth", methods=["GET", "POST"])
def authorize() -> Page:
    """Where a shop sends its shopper."""
    asked = Request(request, g.region)
    client, redirect_uri = authorization.addressee(asked)
    try:
        wanted = authorization.read(asked, client, redirect_uri)
        return _begin(tickets.begin(wanted))
    except OAuth2Error as error:
        return redirect(authorization.failure(redirect_uri, asked.payload.data.get("state", ""), error))


@blueprint.get("/login/phone")
@step
def ask_phone(ticket: SignInTicket) -> Page:
    """The first step; ``phone`` is a number that was not taken."""
    typed = request.args.get("phone")
    return screens.phone(ticket) if typed is None else screens.phone(ticket, typed, _number_fault(typed))


@blueprint.post("/login/phone")
@step
def enter_phone(ticket: SignInTicket) -> Page:
    """Looks the number up in the region."""
    typed = request.form.get("phone", "").strip()
    person = accounts.by_phone(typed, g.region, ticket.request.ui_locales)
    if person is None:
        return _to(".ask_phone", ticket, phone=typed[:LONGEST_TYPED])
    return _to(".ask_code", ticket.claim(person.id))


@blueprint.get("/login/code")
@step
def ask_code(ticket: SignInTicket) -> Page:
    """The second step; ``code`` is one that was not taken."""
    if ticket.person_id is None:
        return _to(".ask_phone", ticket)
    typed = request.args.get("code")
    fault = "" if typed is None else login_rules.code_fault(typed)
    return screens.code(ticket, people.find(ticket.person_id), typed or "", fault)


@blueprint.post("/login/code")
@step
def enter_code(ticket: SignInTicket) -> Page:
    """The right code logs the person in, in this browser and for a while."""
    typed = request.form.get("code", "")
    if ticket.person_id is None or login_rules.code_fault(typed):
        return _to(".ask_code", ticket, code=typed[:LONGEST_TYPED])
    person = people.find(ticket.person_id)
    login = logins.begin(g.region, person.id)
    return _go_on(ticket.log_in(login), login, person)


@blueprint.post("/login/other")
@step
def somebody_else(ticket: SignInTicket) -> Page:
    """Not the person Klarna thinks."""
    logins.end(g.region)
    return _to(".ask_phone", ticket)


@blueprint.get("/login/account")
@logged_in
def ask_account(ticket: SignInTicket, login: Login, person: Person) -> Page:
    """What an account needs; whoever has one is past this."""
    return (
        screens.sign_up(ticket, person, {"email": person.email}, []) if person.is_new else _go_on(ticket, login, person)
    )


@blueprint.post("/login/account")
@logged_in
def open_account(ticket: SignInTicket, login: Login, person: Person) -> Page:
    """Somebody new opens an account."""
    names = [name for name, _label, _meaning in screens.sign_up_fields(person)]
    typed = {name: request.form.get(name, "").strip() for name in names}
    wrong = accounts.faults(person, typed) if person.is_new else []
    if wrong:
        return screens.sign_up(ticket, person, typed, wrong)
    return _go_on(ticket, login, accounts.open_account(person, typed) if person.is_new else person)


@blueprint.get("/login/consent")
@logged_in
def ask_consent(ticket: SignInTicket, login: Login, person: Person) -> Page:
    """What the shop would like to have."""
    return _go_on(ticket, login, person) if person.is_new else screens.consent(ticket, person)


@blueprint.post("/login/consent")
@logged_in
def allow(ticket: SignInTicket, login: Login, person: Person) -> Page:
    """The shopper agrees, to what was not switched off."""
    asked = ticket.request.scopes
    if person.is_new:
        return _go_on(ticket, login, person)
    consents.give(person.id, ticket.request.client_id, asked, scopes.declined(asked, request.form.getlist("item")))
    return _done(ticket, login)


@blueprint.post("/login/cancel")
@step
def deny(ticket: SignInTicket) -> Page:
    """The shopper does not want to."""
    return redirect(ticket.request.failure(AccessDeniedError("The person did not agree to sign in")))


@blueprint.errorhandler(NotRedirectable)
def not_redirectable(error: NotRedirectable) -> Page:
    return screens.end("refused", reason=str(error)), 400


@blueprint.errorhandler(InvalidTicket)
def stale(_error: InvalidTicket) -> Page:
    return screens.end("ended", has_cookie="browser" in session), 410


def _to(page: str, ticket: SignInTicket, **typed: Any) -> Response:
    """The page of a step, at its own address."""
    return redirect(url_for(page, ticket=tickets.write(ticket), **typed), 303)


def _begin(ticket: SignInTicket) -> Page:
    """Straight to what is left to ask; raises OAuth2Error where the shop wants no page to be shown."""
    login, silent = logins.here(g.region), ticket.request.prompts("none")
    if login is None or steps.needs_login(ticket.request, login, clock.now()):
        if silent:
            raise steps.refusal(Step.LOG_IN)
        return screens.phone(ticket)
    return _go_on(ticket.log_in(login), login, people.find(login.person), silent)


def _go_on(ticket: SignInTicket, login: Login, person: Person, silent: bool = False) -> Page:
    left = steps.after_login(ticket.request, person, consents.find(person.id, ticket.request.client_id))
    if silent and left is not Step.DONE:
        raise steps.refusal(left)
    match left:
        case Step.SIGN_UP:
            return _to(".ask_account", ticket)
        case Step.CONSENT:
            return _to(".ask_consent", ticket)
        case _:
            return _done(ticket, login)


def _done(ticket: SignInTicket, login: Login) -> Page:
    """Back to the shop, with a code for what was agreed to."""
    wanted = ticket.request
    consent = consents.find(login.person, wanted.client_id)
    granted = tuple(scope for scope in wanted.scopes if consent and scope in consent.scopes)
    chain = chains.begin(
        chains.Beginning(
            region=g.region,
            client_id=wanted.client_id,
            person=login.person,
            scopes=granted,
            redirect_uri=wanted.redirect_uri,
            nonce=wanted.nonce,
            code_challenge=wanted.code_challenge,
            sid=login.sid,
            authenticated_at=login.began_at,
        )
    )
    return redirect(wanted.success(chain.code, granted))


def _number_fault(typed: str) -> str:
    fault = login_rules.number_fault(typed)
    if fault:
        return fault
    abroad = accounts.elsewhere(typed, g.region)
    if abroad:
        return f"This number has a Klarna account in {formats.country(abroad.country)}, which signs in elsewhere."
    return "Klarna knows nobody with this number. Check it, or use one of the offline people."
