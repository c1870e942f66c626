"""What a purchase window decides: who buys, whether they may, and that one window gives one authorization.

Knows no HTML and no HTTP. What becomes of whose purchase stands in `outcomes`.
"""

import hashlib
import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .. import authorizations, outcomes, people, sessions, store
from ..authorizations import Authorization
from ..config import current
from ..people import Outcome as Expected
from ..people import Person
from ..sessions import Session
from .tickets import Agreement, WindowTicket

_REFUSED = (Expected.REFUSE, Expected.NO_FORM)
# Between looking at a session and authorizing it nobody else gets in. Not a transaction of the store: the message
# to the merchant may leave only after the authorization is written.
_ONE_AT_A_TIME = threading.Lock()
# What the review shows. The rest of a session may change under an open window without asking again.
_SHOWN = ("order_amount", "purchase_currency", "order_lines", "billing_address", "shipping_address", "intent")


class PurchaseChanged(Exception):
    """The merchant changed the purchase after the shopper saw it."""


class Verdict(StrEnum):
    APPROVED = "approved"
    AGREED = "agreed"
    REFUSED = "refused"
    INVALID = "invalid"


@dataclass(frozen=True)
class Outcome:
    """How a confirmation ended. An approval has a token; an agreement waits for the merchant to finalize."""

    verdict: Verdict
    authorization_token: str | None = None
    agreement: Agreement | None = None


def open_session(session_id: str) -> Session:
    """The session as it stands now; raises UnknownClientToken once it is complete or expired."""
    return sessions.by_client_token(sessions.read_by_id(session_id).client_token)


def open_window(session: Session, origin: str, auto_finalize: bool) -> WindowTicket:
    """A window for this session, opened by a page of this (checked) origin."""
    earlier = fingerprint(session.authorization_token)
    ticket = WindowTicket(session.session_id, origin, auto_finalize, earlier)
    return ticket.recognise(session.recognised) if session.recognised else ticket


def is_offered(session: Session) -> bool:
    """The assessment before anything is shown."""
    return _expected(session, session.recognised) is not Expected.NO_FORM


def ends_before_login(session: Session) -> Verdict | None:
    """How a purchase ends without a window: by what is known of a recognised person and the billed address."""
    match _expected(session, session.recognised):
        case Expected.NO_FORM:
            return Verdict.REFUSED
        case Expected.INVALID_FIELDS:
            return Verdict.INVALID
        case _:
            return None


def confirm(ticket: WindowTicket, link: bool) -> Outcome:
    """The shopper confirms. Doing it twice in one window is doing it once.

    Raises PurchaseChanged, and UnknownClientToken when the session is over.
    """
    with _ONE_AT_A_TIME:
        session = open_session(ticket.session_id)
        given = given_in_window(session, ticket)
        if given:
            return Outcome(Verdict.APPROVED, given)
        if purchase_shown(session) != ticket.reviewed:
            raise PurchaseChanged
        agreement = Agreement(session.session_id, str(ticket.person_id), link, ticket.reviewed)
        if not ticket.auto_finalize and _verdict(session, agreement.person_id) is Verdict.APPROVED:
            return Outcome(Verdict.AGREED, agreement=agreement)
        return _decide(session, agreement)


def finalize(session: Session, agreement: Agreement) -> Outcome:
    """Turns what the shopper confirmed earlier into an authorization; raises PurchaseChanged."""
    with _ONE_AT_A_TIME:
        latest = open_session(session.session_id)
        if purchase_shown(latest) != agreement.reviewed:
            raise PurchaseChanged
        return _decide(latest, agreement)


def authorize_again(session: Session) -> Outcome | None:
    """Authorizes for the shopper of the last authorization; None where the shopper has to be asked (inferred).

    Nobody is asked again when the purchase costs no more than what they confirmed.
    """
    with _ONE_AT_A_TIME:
        latest = open_session(session.session_id)
        confirmed = _last_authorization(latest)
        if confirmed is None or latest.request["order_amount"] > confirmed.snapshot["order_amount"]:
            return None
        return _decide(latest, Agreement(latest.session_id, confirmed.person, confirmed.link, ""))


def given_in_window(session: Session, ticket: WindowTicket) -> str | None:
    """The authorization given since this window was opened, if any."""
    token = session.authorization_token
    return token if token and fingerprint(token) != ticket.earlier else None


def purchase_shown(session: Session) -> str:
    """A fingerprint of everything a review shows."""
    shown: dict[str, Any] = {name: session.request.get(name) for name in _SHOWN}
    return fingerprint(store.dump(shown))


def fingerprint(text: str | None) -> str:
    """Stands for a secret or a long text where only sameness matters."""
    return hashlib.sha256(text.encode()).hexdigest()[:24] if text else ""


def _decide(session: Session, agreement: Agreement) -> Outcome:
    verdict = _verdict(session, agreement.person_id)
    if verdict is Verdict.REFUSED:
        authorizations.refuse(session, agreement.person_id)
    if verdict is not Verdict.APPROVED:
        return Outcome(verdict)
    link = agreement.link and session.intent == "buy_and_link"
    token = authorizations.approve(session, agreement.person_id, link)
    return Outcome(Verdict.APPROVED, token)


def _last_authorization(session: Session) -> Authorization | None:
    if session.authorization_token is None:
        return None
    owners = (merchant for merchant in current().merchants if merchant.region is session.region)
    merchant = next(owner for owner in owners if owner.username == session.merchant)
    return authorizations.find(merchant, session.authorization_token)[0]


def _verdict(session: Session, person_id: str) -> Verdict:
    """What somebody who logged in hears. The other outcomes show when the order is placed."""
    expected = _expected(session, person_id)
    if expected in _REFUSED:
        return Verdict.REFUSED
    return Verdict.INVALID if expected is Expected.INVALID_FIELDS else Verdict.APPROVED


def _expected(session: Session, person_id: str | None) -> Expected:
    return outcomes.of(session.request, person_id)


def person_of(ticket: WindowTicket) -> Person | None:
    """Who the window is about, logged in or not yet."""
    return people.find(ticket.person_id) if ticket.person_id else None


def elsewhere(phone: str, country: str) -> Person | None:
    """Who has this number in another market."""
    others = sorted({person.country for person in people.everybody()} - {country})
    found = (people.by_phone(phone, other) for other in others)
    return next((person for person in found if person), None)
