"""Orders in Klarna Checkout: opened, kept in step with the cart, replaced when they are past use. Commits before calls.

Klarna Checkout is Kustom's today; address and credentials are settings of their own.
https://docs.klarna.com/klarna-checkout/
"""

import logging
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from app.klarna import KlarnaError, KlarnaRefused
from app.klarna.checkout import CheckoutOrder
from app.klarna.errors import NotFound, ReadOnlyOrder
from app.klarna.payments import Intent

from ..cart.basket import Basket
from ..checkout import credentials
from ..checkout.attempts import Shopper, find, purchase_of
from ..checkout.credentials import Carrier, Credential
from ..checkout.models import CheckoutAttempt, change, move
from ..checkout.states import HAS_ORDER, AttemptState
from ..encryption import fingerprint
from ..extensions import db, utcnow
from ..orders import service as orders
from ..orders.states import Way
from ..web import klarna_checkout, public_url
from . import known, settling
from .bodies import opening, purchase

log = logging.getLogger(__name__)

# 48 hours from the last change at Klarna; the last one is not worth starting in.
LIFE = timedelta(hours=47)


@dataclass(frozen=True)
class Shown:
    """What the page needs: Klarna's snippet for an order that says what the cart says."""

    attempt_id: str
    version: str
    carrier: Carrier
    snippet: str = field(repr=False)


@dataclass(frozen=True)
class Bought:
    """There is nothing left to show: it was bought already, here or in another tab."""

    number: str


def ready(shopper: Shopper, cart_id: int | None, basket: Basket, remember: Callable[[str], None]) -> Shown | Bought:
    """An order at Klarna that says what the cart says now: read, updated or opened, whichever is the least.

    ``remember`` is told the attempt's id before Klarna is called. Raises KlarnaError.
    """
    credential = credentials.sign_in_at_hand(shopper.user_id, basket.market.region)
    attempt = _usable(shopper, cart_id, basket, credential)
    if attempt is None:
        number = give_up(shopper.attempt_id)
        if number:
            return Bought(number)
        attempt = _write_new(shopper, cart_id, basket, credential)
    remember(attempt.id)
    if attempt.state == AttemptState.NEW:
        return _open(attempt, basket, credential)
    try:
        return _show(attempt, basket, _in_step(attempt, basket))
    except KlarnaRefused as no:  # expired, or no longer as it should be: Klarna's advice is to open a new one
        log.info("checkout of attempt %s is opened anew: %s", attempt.id, no)
        move(attempt.id, AttemptState.DROPPED)
        db.session.commit()
        return ready(shopper, cart_id, basket, remember)


def give_up(attempt_id: str | None) -> str:
    """End an order nobody shall pay any more: signed in midway, another cart or market. Commits.

    The number of the order when it was paid already. While Klarna cannot be asked it stays as it is: a push tells
    when somebody pays it all the same.
    """
    attempt = db.session.get(CheckoutAttempt, attempt_id) if attempt_id else None
    if attempt is None or attempt.state != AttemptState.OPEN:
        return ""
    klarna_id = attempt.klarna_session_id or ""
    db.session.commit()
    try:
        klarna_checkout().checkout.abort(klarna_id)
    except ReadOnlyOrder:
        return settling.settle(attempt.id) or ""
    except NotFound:
        pass
    except KlarnaError as trouble:
        log.warning("checkout of attempt %s was not ended: %s", attempt.id, trouble)
        return ""
    move(attempt.id, AttemptState.DROPPED)
    db.session.commit()
    return ""


def merchant_urls(attempt: CheckoutAttempt) -> dict[str, str]:
    """Where Klarna sends the browser, and where it calls us; the callbacks' addresses hold a secret."""
    secret = {"attempt_id": attempt.id, "secret": attempt.callback_secret}
    return {
        "terms": public_url("catalogue.terms"),
        "checkout": public_url("klarna_checkout.show"),
        "confirmation": public_url("klarna_checkout.confirmation", number=attempt.order_number),
        "push": public_url("checkout_callbacks.push", **secret),
        "validation": public_url("checkout_callbacks.validation", **secret),
        "notification": public_url("callbacks.notification", **secret),
    }


def _usable(shopper: Shopper, cart_id: int | None, basket: Basket, known: Credential) -> CheckoutAttempt | None:
    """The attempt of this browser, when it is for the same buyer, cart, market and sign-in, and young enough."""
    attempt = find(shopper.attempt_id, shopper)
    if attempt is None or attempt.state not in (AttemptState.NEW, AttemptState.OPEN):
        return None
    said = (attempt.cart_id, attempt.market, attempt.credential)
    same = said == (cart_id, basket.market.code, known.mark)
    return attempt if same and utcnow() - attempt.changed_at < LIFE else None


def _write_new(shopper: Shopper, cart_id: int | None, basket: Basket, known: Credential) -> CheckoutAttempt:
    attempt = CheckoutAttempt(
        id=uuid.uuid4().hex,
        way=Way.CHECKOUT,
        state=AttemptState.NEW,
        user_id=shopper.user_id,
        cart_id=cart_id,
        market=basket.market.code,
        intent=Intent.BUY,
        order_number=orders.new_number(),
        callback_secret=secrets.token_urlsafe(24),
        carrier=known.carrier,
        credential=known.mark,
        session_key=str(uuid.uuid4()),
    )
    db.session.add(attempt)
    db.session.commit()
    return attempt


def _open(attempt: CheckoutAttempt, basket: Basket, at_hand: Credential) -> Shown:
    """Create the order. At most one refresh comes before it; a token that is no good costs a login, not the page."""
    filled = known.of(attempt.user_id, basket.market)
    credential = credentials.with_value(at_hand, attempt.user_id, basket.market.region)
    bought = purchase_of(basket, attempt.order_number)
    body = opening(bought, merchant_urls(attempt), filled.customer | credential.customer, filled.addresses)
    key = str(uuid.uuid5(uuid.UUID(attempt.session_key), basket.version + fingerprint(credential.value)))
    db.session.commit()
    order = klarna_checkout().checkout.create(body, key)
    said = {"purchase": bought, "version": basket.version, "opened_at": utcnow()}
    named = {"carrier": credential.carrier, "credential": credential.mark, "klarna_session_id": order.order_id}
    move(attempt.id, AttemptState.OPEN, **said, **named)
    db.session.commit()
    return Shown(attempt.id, basket.version, credential.carrier, order.html_snippet)


def _in_step(attempt: CheckoutAttempt, basket: Basket) -> CheckoutOrder:
    """The order as it is at Klarna, changed first when the cart was. Raises KlarnaError."""
    klarna_id = attempt.klarna_session_id or ""
    if attempt.version == basket.version:
        db.session.commit()
        return klarna_checkout().checkout.read(klarna_id)
    bought = purchase_of(basket, attempt.order_number)
    db.session.commit()
    try:
        order = klarna_checkout().checkout.update(klarna_id, purchase(bought))
    except ReadOnlyOrder:  # the shopper was faster, in another tab perhaps
        return klarna_checkout().checkout.read(klarna_id)
    # Only what Klarna confirmed counts as the attempt's content.
    change(attempt.id, AttemptState.OPEN, purchase=bought, version=basket.version)
    db.session.commit()
    return order


def _show(attempt: CheckoutAttempt, basket: Basket, order: CheckoutOrder) -> Shown | Bought:
    if order.is_bought or attempt.state in HAS_ORDER:
        return Bought(settling.settle(attempt.id) or attempt.order_number)
    return Shown(attempt.id, basket.version, Carrier(attempt.carrier), order.html_snippet)
