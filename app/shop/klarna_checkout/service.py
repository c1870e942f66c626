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
from typing import Any

from sqlalchemy import select

from app.klarna import KlarnaError
from app.klarna.checkout import CheckoutOrder, CheckoutStatus
from app.klarna.errors import (
    BadRequest,
    KlarnaFailed,
    KlarnaUnreachable,
    NotAuthenticated,
    RateLimited,
    ReadOnlyOrder,
)
from app.klarna.payments import Intent

from ..cart.basket import Basket
from ..checkout import credentials
from ..checkout.attempts import Shopper, purchase_of
from ..checkout.credentials import Carrier, Credential
from ..checkout.models import CheckoutAttempt, change, move
from ..checkout.states import AttemptState
from ..encryption import fingerprint
from ..extensions import db, utcnow
from ..orders import service as orders
from ..orders.states import Way
from ..web import klarna_checkout, public_url, return_url
from . import ending, known, settling
from .bodies import opening, purchase

log = logging.getLogger(__name__)

# 48 hours from the last change at Klarna; the last one is not worth starting in.
LIFE = timedelta(hours=47)
ROUNDS = 5  # each lost one was another tab of the same shopper, so there are few
Remember = Callable[[str, str], None]


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


class Overtaken(Exception):
    """Another tab opened an order for the same cart meanwhile: that one serves this tab as well."""


def ready(shopper: Shopper, cart_id: int | None, basket: Basket, remember: Remember) -> Shown | Bought:
    """An order at Klarna that says what the cart says now: read, updated or opened, whichever is the least.

    All tabs and browsers of one cart share one order. ``remember`` is told the attempt's id and number before Klarna
    is called. Raises KlarnaError; of it BeingPaid where the cart changed while its order is being paid.
    """
    for _ in range(ROUNDS):
        try:
            return _ready(shopper, cart_id, basket, remember)
        except Overtaken as other:
            log.info("opened at once: %s", other)
    raise KlarnaFailed("create checkout", 0, "", ["too much at once"])


def _ready(shopper: Shopper, cart_id: int | None, basket: Basket, remember: Remember) -> Shown | Bought:
    credential = credentials.sign_in_at_hand(shopper.user_id, basket.market.region)
    attempt = _usable(shopper, cart_id, basket, credential)
    number = _end_others(shopper, cart_id, attempt)
    if number:
        return Bought(number)
    attempt = attempt or _write_new(shopper, cart_id, basket, credential)
    remember(attempt.id, attempt.order_number)
    if attempt.state == AttemptState.NEW:
        return _open(attempt, basket, credential)
    order = _in_step(attempt, basket)
    if order is not None and order.is_bought:
        return Bought(settling.settle(attempt.id) or attempt.order_number)
    if order is not None and order.status is CheckoutStatus.INCOMPLETE:
        return Shown(attempt.id, basket.version, Carrier(attempt.carrier), order.html_snippet)
    # Expired, ended, or out of step: Klarna's advice is to open a new one. What we never let pass nobody has paid.
    paid = settling.settle(attempt.id) if attempt.authorized_at is not None else None
    if paid:
        return Bought(paid)
    ending.drop(attempt)
    return _open(_write_new_known(shopper, cart_id, basket, credential, remember), basket, credential)


def _end_others(shopper: Shopper, cart_id: int | None, attempt: CheckoutAttempt | None) -> str:
    """What else of this browser, or of a cart without an order, could be paid; its number when it was."""
    number = ""
    if shopper.attempt_id and (attempt is None or attempt.id != shopper.attempt_id):
        number = ending.give_up(shopper.attempt_id)
    return number or (ending.free(cart_id) if attempt is None else "")


def merchant_urls(attempt: CheckoutAttempt) -> dict[str, str]:
    """Where Klarna sends the browser, and where it calls us; the callbacks' addresses hold a secret."""
    secret = {"attempt_id": attempt.id, "secret": attempt.callback_secret}
    return {
        "terms": public_url("catalogue.terms"),
        "checkout": return_url("klarna_checkout.show"),
        "confirmation": return_url("klarna_checkout.confirmation", number=attempt.order_number),
        "push": public_url("checkout_callbacks.push", **secret),
        "validation": public_url("checkout_callbacks.validation", **secret),
        "notification": public_url("callbacks.notification", **secret),
    }


def _usable(shopper: Shopper, cart_id: int | None, basket: Basket, known: Credential) -> CheckoutAttempt | None:
    """The newest attempt at this cart, for the same buyer, market and sign-in, and young enough."""
    same = {"user_id": shopper.user_id, "market": basket.market.code, "credential": known.mark}
    mine = select(CheckoutAttempt).filter_by(way=Way.CHECKOUT, cart_id=cart_id, **same)
    alive = mine.where(
        CheckoutAttempt.state.in_((AttemptState.NEW, AttemptState.OPEN)), CheckoutAttempt.changed_at > utcnow() - LIFE
    )
    return db.session.scalar(alive.order_by(CheckoutAttempt.opened_at.desc()).limit(1)) if cart_id else None


def _write_new_known(
    shopper: Shopper, cart_id: int | None, basket: Basket, known: Credential, remember: Remember
) -> CheckoutAttempt:
    attempt = _write_new(shopper, cart_id, basket, known)
    remember(attempt.id, attempt.order_number)
    return attempt


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
    """Create the order. At most one refresh comes before it; a token that is no good costs a login, not the page.

    What Klarna refuses with all we know is asked for once more with the purchase alone.
    """
    filled = known.of(attempt.user_id, basket.market)
    credential = credentials.with_value(at_hand, attempt.user_id, basket.market.region)
    bought = purchase_of(basket, attempt.order_number)
    urls = merchant_urls(attempt)
    whole = opening(bought, urls, filled.customer | credential.customer, filled.addresses)
    try:
        order = _create(attempt, whole, basket.version + fingerprint(credential.value))
    except BadRequest as odd:
        if whole == opening(bought, urls, {}, {}):
            ending.drop(attempt)  # Klarna keeps its no under this key; the next try is to be a new one
            raise
        log.warning("checkout of attempt %s is opened without what we know: %s", attempt.id, odd)
        credential, order = credentials.NOTHING, _create(attempt, opening(bought, urls, {}, {}), basket.version)
    said = {"purchase": bought, "version": basket.version, "opened_at": utcnow()}
    named = {"carrier": credential.carrier, "klarna_session_id": order.order_id}
    first = move(attempt.id, AttemptState.OPEN, **said, **named)
    db.session.commit()
    if not first:
        _go_with(attempt, order.order_id)
    ending.drop_older(attempt)
    return Shown(attempt.id, basket.version, credential.carrier, order.html_snippet)


def _create(attempt: CheckoutAttempt, body: dict[str, Any], content: str) -> CheckoutOrder:
    """The key belongs to the content: another cart under the same one would get the first cart's order back."""
    key = str(uuid.uuid5(uuid.UUID(attempt.session_key), content))
    db.session.commit()
    return klarna_checkout().checkout.create(body, key)


def _go_with(attempt: CheckoutAttempt, klarna_id: str) -> None:
    """Another tab moved the attempt on: fine when it has the same order from Klarna. Raises Overtaken."""
    same, dropped = attempt.klarna_session_id == klarna_id, attempt.state == AttemptState.DROPPED
    db.session.commit()
    if not same:
        _end_unknown(klarna_id)
    if dropped or not same:
        raise Overtaken(attempt.id)


def _end_unknown(klarna_id: str) -> None:
    """An order at Klarna that no row of ours knows must not be paid."""
    try:
        klarna_checkout().checkout.abort(klarna_id)
    except KlarnaError as trouble:
        log.error("order %s at Klarna belongs to nobody: %s", klarna_id, trouble)


def _in_step(attempt: CheckoutAttempt, basket: Basket) -> CheckoutOrder | None:
    """The order as it is at Klarna, changed where it differs from the cart; None when it is no use any more.

    Raises KlarnaError for what says nothing about this order.
    """
    klarna_id, bought = attempt.klarna_session_id or "", purchase_of(basket, attempt.order_number)
    known_version = attempt.version
    db.session.commit()
    try:
        if known_version == basket.version:
            order = klarna_checkout().checkout.read(klarna_id)
            if order.status is not CheckoutStatus.INCOMPLETE or _agrees(order, basket):
                return order
        order = klarna_checkout().checkout.update(klarna_id, purchase(bought))
    except ReadOnlyOrder:  # the shopper was faster, in another tab perhaps
        return ending.ended(klarna_id)
    except (NotAuthenticated, KlarnaUnreachable, RateLimited):
        raise  # says nothing of this order, and the next call would end the same way
    except KlarnaError as no:
        log.info("checkout of attempt %s is of no use any more: %s", attempt.id, no)
        return None
    # Only what Klarna confirmed counts as the attempt's content.
    change(attempt.id, AttemptState.OPEN, purchase=bought, version=basket.version)
    db.session.commit()
    return order


def _agrees(order: CheckoutOrder, basket: Basket) -> bool:
    """Whether Klarna's total is ours: an update whose answer was lost may have been made all the same."""
    return order.body.get("order_amount") == basket.total
