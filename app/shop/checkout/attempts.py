"""Attempts to buy: opened with a session at Klarna, kept in step with the cart, replaced when they are past use.

Asks Klarna only when there is something new to say. Commits before every call.
"""

import secrets
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from blinker import Namespace

from app.klarna.errors import KlarnaRefused, NotFound
from app.klarna.payments import Category, Intent

from ..cart.basket import Basket
from ..encryption import fingerprint
from ..extensions import db, utcnow
from ..markets import Market
from ..markets import get as get_market
from ..orders import service as orders
from ..web import klarna, public_url, return_url
from . import authorizations, credentials
from .credentials import Carrier, Credential
from .models import CheckoutAttempt, change, move
from .order_lines import purchase, session_body
from .states import GIVEN_UP, HAS_ORDER, AttemptState

# Klarna keeps a session for 48 hours; the last one is not worth starting a purchase in.
SESSION_LIFE = timedelta(hours=47)
# Sent with a cart's id before it is paid here. Another way of paying ends what it has begun, and answers with the
# number of the order when the cart was paid there; it may raise KlarnaError.
paying = Namespace().signal("paying")


@dataclass(frozen=True)
class Shopper:
    """Who is buying: a user, or a guest known by the attempt in the signed session cookie."""

    user_id: int | None
    attempt_id: str | None

    def owns(self, attempt: CheckoutAttempt) -> bool:
        """A user's attempt is theirs in any browser; a guest's only in the browser that opened it."""
        if attempt.user_id is not None:
            return attempt.user_id == self.user_id
        return self.user_id is None and attempt.id == self.attempt_id


@dataclass(frozen=True)
class OpenAttempt:
    """What the checkout page needs: the session's client token, and the version of what it pays for."""

    id: str
    version: str
    client_token: str
    category: dict[str, str]
    carrier: Carrier


def find(attempt_id: str | None, shopper: Shopper) -> CheckoutAttempt | None:
    """The shopper's attempt of this id; None for anybody else's."""
    attempt = db.session.get(CheckoutAttempt, attempt_id) if attempt_id else None
    return attempt if attempt is not None and shopper.owns(attempt) else None


def ready(shopper: Shopper, cart_id: int | None, basket: Basket, remember: Callable[[str], None]) -> OpenAttempt:
    """An attempt whose session at Klarna says what the cart says now.

    Reused as it is, updated, or made anew, whichever is the least. ``remember`` is told the id before Klarna is
    called. Raises KlarnaError; the attempt is kept then, and the next call repeats with the same idempotency key.
    """
    known = credentials.at_hand(shopper.user_id, basket.market.region)
    attempt = _usable(shopper, cart_id, basket.market, known)
    if attempt is not None and attempt.state == AttemptState.OPEN and not _is_of(attempt, basket):
        attempt = _update(attempt, basket)
    if attempt is None:
        attempt = _write_new(shopper, cart_id, basket.market, known)
    remember(attempt.id)
    if attempt.state == AttemptState.NEW:
        _create(attempt, basket)
    return OpenAttempt(
        attempt.id, attempt.version, attempt.client_token or "", attempt.category, Carrier(attempt.carrier)
    )


def drop_if_gone(shopper: Shopper) -> None:
    """Give the shopper's attempt up when Klarna does not know its session any more. Raises KlarnaError.

    Klarna's clock decides, not ours: the page asks for this when Klarna's widget would not load.
    """
    attempt = find(shopper.attempt_id, shopper)
    if attempt is None or attempt.state != AttemptState.OPEN:
        return
    region, session_id = get_market(attempt.market).region, attempt.klarna_session_id or ""
    db.session.commit()
    try:
        klarna(region).payments.read_session(session_id)
    except NotFound:
        drop(attempt)


def interrupt(attempt_id: str, shopper: Shopper) -> tuple[bool, str]:
    """End the attempt of a page whose shopper signed in or out meanwhile, unless there is an order. Commits.

    Returns whether the attempt is the shopper's after all, and the order's number when it is too late to end it.
    Only the page that opened an attempt knows its id.
    """
    attempt = db.session.get(CheckoutAttempt, attempt_id)
    if attempt is None or shopper.owns(attempt):
        return attempt is not None, ""
    drop(attempt)
    return False, attempt.order_number if attempt.state in HAS_ORDER else ""


def drop(attempt: CheckoutAttempt, approved: bool = False) -> bool:
    """Give an attempt up: from now on no callback can make an order of it. Commits. False when it is past that.

    ``approved`` is whether a page says that the shopper approved, which is cancelled as is what Klarna reported;
    also when the attempt was given up before.
    """
    approved = approved or bool(attempt.authorization_token)
    dropped = move(attempt.id, AttemptState.DROPPED, authorization_token=None)
    db.session.commit()
    if approved and attempt.state in GIVEN_UP:
        authorizations.free(attempt)
    return dropped


def paid_elsewhere(cart_id: int | None) -> str:
    """The number of the order by which this cart was paid in another way; mostly empty. Raises KlarnaError."""
    return next((number for _, number in paying.send(cart_id) if number), "")


def merchant_urls(attempt: CheckoutAttempt) -> dict[str, str]:
    """Where Klarna sends the browser, and where it calls us; the callbacks' addresses hold a secret."""
    secret = {"attempt_id": attempt.id, "secret": attempt.callback_secret}
    return {
        "confirmation": return_url("checkout.confirmation", number=attempt.order_number),
        "authorization": public_url("callbacks.authorization", **secret),
        "notification": public_url("callbacks.notification", **secret),
    }


def _usable(shopper: Shopper, cart_id: int | None, market: Market, known: Credential) -> CheckoutAttempt | None:
    """The attempt of this browser, when it is for the same buyer, cart, market and credential, and young enough."""
    attempt = find(shopper.attempt_id, shopper)
    if attempt is None or attempt.state not in (AttemptState.NEW, AttemptState.OPEN):
        return None
    same = (attempt.cart_id, attempt.market, attempt.credential) == (cart_id, market.code, known.mark)
    if same and utcnow() - attempt.opened_at < SESSION_LIFE:
        return attempt
    drop(attempt)
    return None


def _write_new(shopper: Shopper, cart_id: int | None, market: Market, known: Credential) -> CheckoutAttempt:
    attempt = CheckoutAttempt(
        id=uuid.uuid4().hex,
        state=AttemptState.NEW,
        user_id=shopper.user_id,
        cart_id=cart_id,
        market=market.code,
        intent=Intent.BUY_AND_LINK if shopper.user_id else Intent.BUY,
        order_number=orders.new_number(),
        callback_secret=secrets.token_urlsafe(24),
        carrier=known.carrier,
        credential=known.mark,
        session_key=str(uuid.uuid4()),
    )
    db.session.add(attempt)
    db.session.commit()
    return attempt


def _create(attempt: CheckoutAttempt, basket: Basket) -> None:
    credential = credentials.credential_for(attempt.user_id, basket.market.region)
    bought = purchase_of(basket, attempt.order_number)
    body = session_body(bought, attempt.intent, merchant_urls(attempt), credential.customer)
    # Another cart under the same key would get the first cart's session back: the key belongs to the content.
    key = str(uuid.uuid5(uuid.UUID(attempt.session_key), basket.version + fingerprint(credential.value)))
    db.session.commit()
    try:
        session = klarna(basket.market.region).payments.create_session(body, key)
    except KlarnaRefused:
        drop(attempt)  # Klarna keeps its no under this key; the next try is to be a new one
        raise
    # Two tabs that opened at once have the same session from Klarna; the second to come finds it written.
    move(
        attempt.id,
        AttemptState.OPEN,
        klarna_session_id=session.session_id,
        client_token=session.client_token,
        category=_shown(session.categories),
        opened_at=utcnow(),
        purchase=bought,
        version=basket.version,
        carrier=credential.carrier,
    )
    db.session.commit()


def _is_of(attempt: CheckoutAttempt, basket: Basket) -> bool:
    """Whether Klarna knows this cart, and in this language."""
    return attempt.version == basket.version and attempt.purchase.get("locale") == basket.market.locale


def _update(attempt: CheckoutAttempt, basket: Basket) -> CheckoutAttempt | None:
    """Tell Klarna what the cart is now; None when the session is gone and a new one is due."""
    credential = credentials.credential_for(attempt.user_id, basket.market.region)
    bought = purchase_of(basket, attempt.order_number)
    body = session_body(bought, attempt.intent, merchant_urls(attempt), credential.customer)
    session_id = attempt.klarna_session_id or ""
    # Should the answer be lost, nobody knows what the session says: whatever the cart is then, Klarna is told again.
    change(attempt.id, AttemptState.OPEN, version="")
    db.session.commit()
    try:
        klarna(basket.market.region).payments.update_session(session_id, body, str(uuid.uuid4()))
    except NotFound:
        drop(attempt)
        return None
    # Only what Klarna confirmed counts as the attempt's content; an approval of what it was before is void.
    change(attempt.id, AttemptState.OPEN, purchase=bought, version=basket.version, carrier=credential.carrier)
    db.session.commit()
    authorizations.discard(attempt)
    return attempt


def _shown(categories: tuple[Category, ...]) -> dict[str, str]:
    """The first way to pay Klarna offers; nothing when it offers none."""
    return asdict(categories[0]) if categories else {}


def purchase_of(basket: Basket, number: str) -> dict[str, Any]:
    """A priced cart in Klarna's words, with the addresses of our pages in it."""
    return purchase(
        basket,
        number,
        product_url=lambda slug: public_url("catalogue.product", slug=slug),
        image_url=lambda slug: public_url("static", filename=f"products/{slug}.svg"),
    )
