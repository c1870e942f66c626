"""Sign in with Klarna, from the first click to the account: begun, confirmed, decided, ended. Commits."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.klarna import Region

from ..accounts import service as accounts
from ..accounts.models import User
from ..accounts.service import EmailTaken
from ..extensions import db, utcnow
from ..orders import service as orders
from ..web import settings
from . import endings, identities, profile, starts
from .claims import Profile, read
from .models import KlarnaIdentity
from .provider import Provider, SignInRefused, SignInUnavailable, provider
from .rules import Event, Holder, Step, Visitor, decide
from .starts import Confirmed, Start


class CustomerSaidNo(Exception):
    """The shopper closed or denied at Klarna; ``start`` says where they came from."""

    def __init__(self, start: Start) -> None:
        super().__init__("access_denied")
        self.start = start


@dataclass(frozen=True)
class Outcome:
    """What came of a sign-in. ``user`` is to be signed in; None while the shopper has to decide about ``step``.

    ``filled`` names what was taken over from Klarna; ``claimed`` says that a guest's order is the account's now.
    """

    step: Step
    start: Start
    profile: Profile
    user: User | None = None
    filled: tuple[str, ...] = ()
    claimed: bool = False


@dataclass(frozen=True)
class Returned:
    """What came back to the callback's address; empty where a parameter was missing."""

    state: str
    code: str
    error: str
    issuer: str


def begin(region: Region, browser: str, target: str, order_number: str, consent: bool) -> str:
    """Where to send the browser. Raises SignInUnavailable; nothing is kept then."""
    issuer = _provider(region)
    issuer.metadata()
    state, start = starts.begin(browser, region, target, order_number)
    prompt = {"prompt": "consent"} if consent else {}
    return _provider(region).authorization_url(state, start.nonce, start.code_verifier, **prompt)


def finish(browser: str, returned: Returned, visitor_id: int | None, guest_orders: list[str]) -> Outcome:
    """Take the browser's answer, have Klarna confirm it, and act.

    Raises NoSuchStart, CustomerSaidNo, SignInRefused, SignInUnavailable, IdTokenRefused; nobody is signed in then,
    and nothing has changed but that this start is used up.
    """
    start = starts.take(browser, returned.state)
    issuer = _provider(start.region)
    if returned.issuer and returned.issuer != issuer.config.issuer:
        raise SignInRefused("another issuer answered")
    if returned.error == "access_denied":
        raise CustomerSaidNo(start)
    if returned.error or not returned.code:
        raise SignInRefused(returned.error[:60] or "no code")
    confirmed = _confirm(issuer, start, returned.code)
    outcome = _act(confirmed, visitor_id, guest_orders)
    if outcome.user is None:
        starts.hold(browser, confirmed)
    return outcome


def waiting(browser: str, visitor_id: int | None) -> Outcome | None:
    """What the shopper of this browser still has to decide, as things stand now."""
    held = starts.held(browser)
    return Outcome(_step(held, visitor_id), held.start, read(held.claims)) if held else None


def connect(browser: str, visitor_id: int | None, password: str, guest_orders: list[str]) -> Outcome | None:
    """Connect the held sign-in to the account that was asked about. Raises WrongPassword.

    None when there is nothing held, or things changed so that nothing is to be connected.
    """
    held = starts.held(browser)
    step = _step(held, visitor_id) if held else None
    if held is None or step not in (Step.ASK_PASSWORD, Step.CONFIRM):
        return None
    known = accounts.find_user(visitor_id) if step is Step.CONFIRM else accounts.find_by_email(read(held.claims).email)
    if known is None:
        return None
    if known.has_password or step is Step.ASK_PASSWORD:
        accounts.check_password(known, password)
    return _settle_unless_raced(browser, held, known, Event.CONNECTED, guest_orders)


def create_with_email(browser: str, visitor_id: int | None, email: str, guest_orders: list[str]) -> Outcome | None:
    """Make the account of a held sign-in under an e-mail the shopper typed. Raises EmailTaken."""
    held = starts.held(browser)
    if held is None or _step(held, visitor_id) is not Step.ASK_EMAIL:
        return None
    return _settle_unless_raced(browser, held, accounts.create(email), Event.CREATED, guest_orders)


def switch(browser: str, visitor_id: int | None, guest_orders: list[str]) -> Outcome | None:
    """Sign in as whom Klarna says, although somebody else is signed in: the shopper said so."""
    held = starts.held(browser)
    if held is None or _step(held, visitor_id) is not Step.ASK_WHICH:
        return None
    owner = identities.owner(held.issuer, held.subject)
    return _settle(browser, held, owner, Event.SIGNED_IN, guest_orders) if owner else None


def drop(browser: str) -> None:
    """The shopper decided against it: what Klarna gave is revoked, nothing else changed."""
    held = starts.held(browser)
    if held is not None:
        endings.put(held.start.region, held.tokens.refresh_token)
    starts.let_go(browser)
    db.session.commit()
    endings.revoke_soon()


def disconnect(user_id: int, identity_id: int) -> bool:
    """End a sign-in with Klarna; False when there is none. The account must have a password: who calls sees to it."""
    row = db.session.scalar(select(KlarnaIdentity).filter_by(id=identity_id, user_id=user_id))
    if row is None:
        return False
    identities.end(row)
    identities.tell(user_id, Event.DISCONNECTED)
    db.session.commit()
    endings.revoke_soon()
    return True


def _provider(region: Region) -> Provider:
    found = provider(region)
    if found is None:
        raise SignInUnavailable("no client in this region")
    return found


def _confirm(issuer: Provider, start: Start, code: str) -> Confirmed:
    """Code for tokens, and the id_token through every check. A refused one's refresh token is revoked."""
    tokens = issuer.exchange(code, start.code_verifier)
    try:
        return Confirmed(start, issuer.claims(tokens, start.nonce), tokens)
    except Exception:
        endings.put(start.region, tokens.refresh_token)
        db.session.commit()
        endings.revoke_soon()
        raise


def _step(confirmed: Confirmed, visitor_id: int | None) -> Step:
    """The rule, fed with what the database says now."""
    said = read(confirmed.claims)
    owner = identities.owner(confirmed.issuer, confirmed.subject)
    visitor = Visitor(visitor_id, identities.connected(visitor_id, confirmed.issuer)) if visitor_id else None
    same = accounts.find_by_email(said.email) if said.email else None
    holder = Holder(same.id, same.has_password) if same else None
    return decide(owner.id if owner else None, visitor, said.email, said.email_verified, holder)


def _act(confirmed: Confirmed, visitor_id: int | None, guest_orders: list[str]) -> Outcome:
    """Do what needs no question; another sign-in of the same person at the same moment may have come first."""
    said, step = read(confirmed.claims), _step(confirmed, visitor_id)
    if step in (Step.SIGN_IN, Step.REFRESH):
        owner = identities.owner(confirmed.issuer, confirmed.subject)
        if owner is not None:
            return _settle("", confirmed, owner, Event.SIGNED_IN, guest_orders)
    if step is Step.CREATE:
        try:
            return _settle("", confirmed, accounts.create(said.email), Event.CREATED, guest_orders)
        except (EmailTaken, IntegrityError):
            db.session.rollback()
            return _act(confirmed, visitor_id, guest_orders)
    return Outcome(step, confirmed.start, said)


def _settle_unless_raced(
    browser: str, confirmed: Confirmed, user: User, event: Event, guest_orders: list[str]
) -> Outcome | None:
    """None when another page of the shopper settled it a moment ago."""
    try:
        return _settle(browser, confirmed, user, event, guest_orders)
    except IntegrityError:
        db.session.rollback()
        return None


def _settle(browser: str, confirmed: Confirmed, user: User, event: Event, guest_orders: list[str]) -> Outcome:
    """Write identity, tokens, empty fields, history and the guest's order in one transaction."""
    said, start = read(confirmed.claims), confirmed.start
    row = identities.write(user, confirmed, settings().sign_in[start.region].refresh_token_life)
    row.signed_in_at = utcnow()
    filled = profile.fill(user, said)
    identities.tell(user.id, event)
    if filled:
        identities.tell(user.id, Event.FILLED, filled)
    claimed = start.order_number in guest_orders and orders.give_to(start.order_number, user.id)
    if browser:
        starts.let_go(browser)
    db.session.commit()
    step = Step.CREATE if event is Event.CREATED else Step.SIGN_IN
    return Outcome(step, start, said, user, tuple(filled), claimed)
