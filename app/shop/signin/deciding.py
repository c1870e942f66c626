"""From a sign-in that Klarna confirmed to an account: done at once, or asked about first. Commits.

Account, identity, tokens, profile and history are written in one transaction; what happened to any of them meanwhile is
looked at anew.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from app.klarna import Region

from ..accounts import service as accounts
from ..accounts.models import User
from ..accounts.service import EmailTaken
from ..config import SignInConfig
from ..extensions import db
from ..orders import service as orders
from ..web import settings
from . import endings, identities, profile, starts
from .claims import Profile, read
from .identities import Meanwhile
from .provider import SignInUnavailable
from .rules import OTHER_EMAIL, Event, Holder, Step, Visitor, decide
from .starts import Confirmed, Start

ROUNDS = 10  # each lost one was another browser of the same person, so there are few
LATELY = 600  # seconds
EVENTS = {Step.CREATE: Event.CREATED, Step.CONFIRM: Event.CONNECTED}


@dataclass(frozen=True)
class Outcome:
    """What came of a sign-in. ``user`` is to be signed in; None while the shopper has to decide about ``step``.

    ``filled`` names what was taken over from Klarna; ``claimed`` says that a guest's order is the account's now;
    ``ticket`` is what the question is asked by; ``proved`` that Klarna saw the person itself a moment ago.
    """

    step: Step
    start: Start
    profile: Profile
    user: User | None = None
    filled: tuple[str, ...] = ()
    claimed: bool = False
    ticket: str = field(default="", repr=False)
    proved: bool = False


def act(confirmed: Confirmed, visitor_id: int | None, guest_orders: list[str]) -> Outcome:
    """Do what needs no question; what happened to account or identity meanwhile is looked at anew.

    Raises SignInUnavailable when it never comes to rest.
    """
    for _ in range(ROUNDS):
        step = _step(confirmed, visitor_id)
        if step not in (Step.SIGN_IN, Step.REFRESH, Step.CREATE):
            return Outcome(step, confirmed.start, said_by(confirmed), ticket=starts.hold(confirmed, visitor_id))
        try:
            return _settle(confirmed, _account(confirmed, step), step, guest_orders)
        except (EmailTaken, Meanwhile, IntegrityError, StaleDataError):
            db.session.rollback()
    raise SignInUnavailable("too much at once")


def waiting(ticket: str, visitor_id: int | None) -> Outcome | None:
    """What the shopper still has to decide, as things stand now."""
    held = starts.held(ticket, visitor_id)
    return Outcome(_step(held, visitor_id), held.start, said_by(held)) if held else None


def connect(ticket: str, visitor_id: int | None, password: str, guest_orders: list[str]) -> Outcome | None:
    """Connect the held sign-in to the account that was asked about. Raises WrongPassword.

    None when there is nothing held, or things changed so that nothing is to be connected. Who calls sees to it that
    somebody without a password proved lately who they are.
    """
    held = starts.held(ticket, visitor_id)
    step = _step(held, visitor_id) if held else None
    if held is None or step not in (Step.ASK_PASSWORD, Step.CONFIRM):
        return None
    known = accounts.find_user(visitor_id) if step is Step.CONFIRM else accounts.find_by_email(said_by(held).email)
    if known is None:
        return None
    if known.has_password or step is Step.ASK_PASSWORD:
        accounts.check_password(known, password)
    return _decided(ticket, held, lambda: known, Event.CONNECTED, guest_orders)


def create_with_email(ticket: str, visitor_id: int | None, email: str, guest_orders: list[str]) -> Outcome | None:
    """Make the account of a held sign-in under an e-mail the shopper typed. Raises EmailTaken."""
    held = starts.held(ticket, visitor_id)
    if held is None or _step(held, visitor_id) not in OTHER_EMAIL:
        return None
    return _decided(ticket, held, lambda: accounts.create(email), Event.CREATED, guest_orders)


def switch(ticket: str, visitor_id: int | None, guest_orders: list[str]) -> Outcome | None:
    """Sign in as whom Klarna says, although somebody else is signed in: the shopper said so."""
    held = starts.held(ticket, visitor_id)
    if held is None or _step(held, visitor_id) is not Step.ASK_WHICH:
        return None
    owner = identities.owner(held.issuer, held.subject)
    return _decided(ticket, held, lambda: owner, Event.SIGNED_IN, guest_orders) if owner else None


def drop(ticket: str, visitor_id: int | None) -> None:
    """The shopper decided against it: what Klarna gave is revoked, nothing else changed."""
    held = starts.held(ticket, visitor_id)
    if held is not None and starts.let_go(ticket):
        endings.put(held.start.region, _config(held.start.region).client_id, held.tokens.refresh_token)
    db.session.commit()
    endings.revoke_soon()


def said_by(confirmed: Confirmed) -> Profile:
    return read(confirmed.claims)


def _config(region: Region) -> SignInConfig:
    """The settings of a region. Raises SignInUnavailable when it signs in no more."""
    found = settings().sign_in.get(region)
    if found is None:
        raise SignInUnavailable("no client in this region")
    return found


def _step(confirmed: Confirmed, visitor_id: int | None) -> Step:
    """The rule, fed with what the database says now."""
    said = said_by(confirmed)
    visitor = Visitor(visitor_id, identities.connected(visitor_id, confirmed.issuer)) if visitor_id else None
    same = accounts.find_by_email(said.email) if said.email else None
    # The owner last: what another browser of the same person writes in between is then seen as theirs.
    owner = identities.owner(confirmed.issuer, confirmed.subject)
    holder = Holder(same.id, same.has_password) if same else None
    return decide(owner.id if owner else None, visitor, said.email, said.email_verified, holder)


def _account(confirmed: Confirmed, step: Step) -> User:
    """Whose account it is, or the new one. Raises EmailTaken, Meanwhile."""
    if step is Step.CREATE:
        return accounts.create(said_by(confirmed).email)
    owner = identities.owner(confirmed.issuer, confirmed.subject)
    if owner is None:
        raise Meanwhile
    return owner


def _decided(
    ticket: str, held: Confirmed, account: Callable[[], User], event: Event, guest_orders: list[str]
) -> Outcome | None:
    """Settle what was held, once: None when another page of the shopper did so a moment ago. Raises EmailTaken."""
    steps = {Event.CREATED: Step.CREATE, Event.CONNECTED: Step.CONFIRM, Event.SIGNED_IN: Step.SIGN_IN}
    if not starts.let_go(ticket):
        db.session.rollback()
        return None
    try:
        return _settle(held, account(), steps[event], guest_orders)
    except EmailTaken:
        db.session.rollback()
        raise
    except (Meanwhile, IntegrityError, StaleDataError):
        db.session.rollback()
        return None


def _settle(confirmed: Confirmed, user: User, step: Step, guest_orders: list[str]) -> Outcome:
    """Write identity, tokens, empty fields, history and the guest's order in one transaction. Commits.

    Raises Meanwhile, IntegrityError, StaleDataError.
    """
    said, start, config = said_by(confirmed), confirmed.start, _config(confirmed.start.region)
    known = step in (Step.SIGN_IN, Step.REFRESH)
    (identities.renew if known else identities.write_new)(user, confirmed, config)
    filled = profile.fill(user, said)
    identities.tell(user.id, EVENTS.get(step, Event.SIGNED_IN))
    if filled:
        identities.tell(user.id, Event.FILLED, filled)
    claimed = start.order_number in guest_orders and orders.give_to(start.order_number, user.id)
    if claimed:
        identities.tell(user.id, Event.CLAIMED, [start.order_number])
    db.session.commit()
    endings.revoke_soon()
    return Outcome(step, start, said, user, tuple(filled), claimed, proved=_signed_in_lately(confirmed))


def _signed_in_lately(confirmed: Confirmed) -> bool:
    """Whether Klarna saw the person itself a moment ago, and not just a browser it knew."""
    seen = confirmed.claims.get("auth_time")
    return isinstance(seen, int | float) and time.time() - seen < LATELY
