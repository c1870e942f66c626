"""Sign-ups for a token: written with all they will need, opened with a session at Klarna, replaced when past use.

Commits before every call. Who confirms, and what comes of it, is :mod:`.confirming`'s.
"""

import hashlib
import json
import logging
import secrets
import uuid
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import select

from app.klarna import KlarnaRefused
from app.klarna.payments import Intent

from ..cart.basket import Basket
from ..checkout import credentials
from ..checkout.attempts import SESSION_LIFE, purchase_of
from ..checkout.credentials import Carrier, Credential
from ..checkout.order_lines import session_body
from ..encryption import fingerprint
from ..extensions import db, utcnow
from ..markets import get as get_market
from ..orders import service as orders
from ..orders.sold import of_basket
from ..web import klarna, public_url, return_url
from . import bodies, finishing, outcomes
from .bodies import Cadence
from .dropping import drop, drop_if_gone
from .models import PaymentToken, TokenSignup, move
from .states import SignupState, Use

log = logging.getLogger(__name__)

UNCONFIRMED = (SignupState.NEW, SignupState.OPEN)


@dataclass(frozen=True)
class StepUp:
    """A charge the shopper has to choose a way of paying for: Klarna's id of it, and the token it repairs."""

    step_up_id: str
    payment_token_id: int


@dataclass(frozen=True)
class Wish:
    """What a feature wants a token for. ``basket`` is what is bought with it, right now when ``buys_now``.

    ``description`` (1 to 255 characters) is the token's purpose as Klarna keeps it; ``terms`` are the feature's own,
    plain JSON; ``return_to`` is the path of ours where it ends. With a ``cadence`` the goods come without the shopper.
    With a ``step_up`` it wants no token, but an order that repairs one.
    """

    user_id: int
    use: Use
    basket: Basket
    buys_now: bool
    description: str
    return_to: str
    cadence: Cadence | None = None
    terms: dict[str, Any] = field(default_factory=dict)
    step_up: StepUp | None = None

    @property
    def intent(self) -> Intent:
        if self.step_up:
            return Intent.BUY
        return Intent.BUY_AND_TOKENIZE if self.buys_now else Intent.TOKENIZE


@dataclass(frozen=True)
class OpenSignup:
    """What the page needs: the session's client token, and the version of what is confirmed with it."""

    id: str
    version: str
    client_token: str = field(repr=False)
    category: dict[str, str]
    carrier: Carrier


def find(user_id: int | None, signup_id: str) -> TokenSignup | None:
    """The user's sign-up of this id; None for anybody else's."""
    signup = db.session.get(TokenSignup, signup_id)
    return signup if signup is not None and user_id is not None and signup.user_id == user_id else None


def ready(wish: Wish) -> OpenSignup:
    """A sign-up with a session at Klarna: the one that was opened for the same, while it is young, else a new one.

    Raises KlarnaError; what was written is kept then, and the next call repeats with the same idempotency key. Raises
    CheckoutRefused when the token that a step-up repairs has ended.
    """
    known = credentials.at_hand(wish.user_id, wish.basket.market.region)
    fresh = _of(wish, known)
    return _opened(_usable(fresh) or _write(fresh))


def again(user_id: int | None, signup_id: str, doubt: bool = False) -> OpenSignup:
    """The same wish in a fresh session, unless the old one still serves. ``doubt`` has Klarna asked about it first.

    Raises KlarnaError, and CheckoutRefused for somebody else's and for one that was confirmed.
    """
    signup = find(user_id, signup_id)
    if signup is None:
        raise outcomes.not_yours()
    if finishing.confirmed(signup):
        raise outcomes.has_ended()
    if doubt:
        drop_if_gone(signup)
    known = credentials.at_hand(signup.user_id, get_market(signup.market).region)
    fresh = _copy(signup, known)
    return _opened(_usable(fresh) or _write(fresh))


def merchant_urls(signup: TokenSignup) -> dict[str, str]:
    """Where Klarna sends the browser, and where it calls us; the callbacks' addresses hold a secret."""
    secret = {"signup_id": signup.id, "secret": signup.callback_secret}
    return {
        "confirmation": return_url("payment_tokens.done", signup_id=signup.id),
        "authorization": public_url("token_callbacks.authorization", **secret),
        "notification": public_url("token_callbacks.notification", **secret),
    }


def _of(wish: Wish, known: Credential) -> TokenSignup:
    number = orders.new_number() if wish.buys_now else None
    bought = bodies.with_cadence(purchase_of(wish.basket, number or ""), wish.cadence)
    purchase = bought if wish.buys_now else bodies.nothing_now(bought)
    return TokenSignup(
        id=uuid.uuid4().hex,
        user_id=wish.user_id,
        use=str(wish.use),
        intent=str(wish.intent),
        market=wish.basket.market.code,
        description=wish.description,
        return_to=wish.return_to,
        terms=wish.terms,
        version=_version(wish, purchase),
        purchase=purchase,
        sold=asdict(of_basket(wish.basket)) if wish.buys_now else {},
        order_number=number,
        step_up_id=wish.step_up.step_up_id if wish.step_up else "",
        payment_token_id=wish.step_up.payment_token_id if wish.step_up else None,
        **_fresh(known),
    )


def _copy(signup: TokenSignup, known: Credential) -> TokenSignup:
    names = ["user_id", "use", "intent", "market", "description", "return_to", "terms", "version", "sold"]
    names += ["step_up_id", "payment_token_id"] if signup.step_up_id else []
    same = {name: getattr(signup, name) for name in names}
    number = orders.new_number() if signup.order_number else None
    purchase = signup.purchase | ({"merchant_reference1": number} if number else {})
    return TokenSignup(
        id=uuid.uuid4().hex,
        purchase=purchase,
        order_number=number,
        email=signup.email,
        address=signup.address,
        **same,
        **_fresh(known),
    )


def _fresh(known: Credential) -> dict[str, Any]:
    return {
        "state": SignupState.NEW,
        "callback_secret": secrets.token_urlsafe(24),
        "session_key": str(uuid.uuid4()),
        "carrier": known.carrier,
        "credential": known.mark,
    }


def _version(wish: Wish, purchase: dict[str, Any]) -> str:
    """A fingerprint of everything that is agreed to, whichever number its order will have."""
    step_up_id = wish.step_up.step_up_id if wish.step_up else ""
    agreed = [wish.use, wish.description, wish.return_to, wish.terms, {**purchase, "merchant_reference1": ""}]
    agreed += [step_up_id] if step_up_id else []
    canonical = json.dumps(agreed, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:20]


def _usable(fresh: TokenSignup) -> TokenSignup | None:
    """What this user opened before for the very same, by the same credential, and not too long ago."""
    same = select(TokenSignup).filter_by(user_id=fresh.user_id, version=fresh.version, credential=fresh.credential)
    young = same.where(TokenSignup.state.in_(UNCONFIRMED), TokenSignup.opened_at > utcnow() - SESSION_LIFE)
    return db.session.scalar(young.order_by(TokenSignup.opened_at.desc()).limit(1))


def _write(fresh: TokenSignup) -> TokenSignup:
    db.session.add(fresh)
    db.session.commit()
    return fresh


def _opened(signup: TokenSignup) -> OpenSignup:
    if signup.state == SignupState.NEW:
        _create(signup)
    return OpenSignup(signup.id, signup.version, signup.client_token or "", signup.category, Carrier(signup.carrier))


def _create(signup: TokenSignup) -> None:
    region = get_market(signup.market).region
    repaired = _repaired(signup)
    if signup.step_up_id and repaired is None:
        drop(signup)
        raise outcomes.token_ended()
    credential = repaired or credentials.credential_for(signup.user_id, region)
    body = session_body(signup.purchase, signup.intent, merchant_urls(signup), credential.customer)
    body |= {"step_up_id": signup.step_up_id} if signup.step_up_id else {}
    key = str(uuid.uuid5(uuid.UUID(signup.session_key), fingerprint(credential.value)))
    signup_id = signup.id
    db.session.commit()
    try:
        session = klarna(region).payments.create_session(body, key)
    except KlarnaRefused:
        drop(signup)  # Klarna keeps its no under this key; the next try is to be a new one
        raise
    # Two tabs that opened at once have the same session from Klarna; the second to come finds it written.
    shown = asdict(session.categories[0]) if session.categories else {}
    told = {"client_token": session.client_token, "category": shown, "opened_at": utcnow()}
    move(signup_id, SignupState.OPEN, klarna_session_id=session.session_id, carrier=credential.carrier, **told)
    db.session.commit()


def _repaired(signup: TokenSignup) -> Credential | None:
    """For a step-up it is the payment token itself that says who pays.

    https://docs.klarna.com/payments/web-payments/integrate-with-klarna-payments/tokenized-payments/recover-charge-failure/
    """
    token = db.session.get(PaymentToken, signup.payment_token_id) if signup.step_up_id else None
    return Credential(Carrier.PAYMENT_TOKEN, token.fingerprint, token.token) if token and token.token else None
