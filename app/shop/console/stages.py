"""What is done before a scenario begins, one stage a page load."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from flask import session, url_for
from flask_login import current_user
from sqlalchemy.exc import NoResultFound

from app.klarna import KlarnaError

from ..cart import store
from ..checkout import attempts, details, placing
from ..checkout.attempts import Shopper
from ..checkout.models import CheckoutAttempt
from ..checkout.order_lines import billing_address
from ..checkout.outcomes import CheckoutRefused
from ..checkout.states import HAS_ORDER
from ..extensions import db
from ..linking import questions
from ..linking import service as linking
from ..markets import find
from ..web import current_market, markets, settings
from . import subscribing
from .personas import HOMES
from .scenarios import MOCK, Actor, Scenario, Step

ATTEMPT, SIGN_UP = "attempt", "sign_up"
HOME = "DE"  # where the earlier purchase of a linked shopper was made
BOUGHT, WANTED = "stoneware-mug", "house-blend"
EARLIER = {
    Actor.LINKED: ("purchase",),
    Actor.OPTED_OUT: ("purchase",),
    Actor.KLARNA: ("sign_in",),
    Actor.SECOND: ("purchase", "another"),
    Actor.MISTAKEN: ("sign_in", "another"),
    Actor.HOLDER: ("hold",),
    Actor.SUBSCRIBER: ("subscribe", "renew"),
}
PATIENCE = 10.0  # seconds for Klarna's callback to come


class NotStaged(Exception):
    """A scenario could not be brought about; the message says why."""


@dataclass(frozen=True)
class Move:
    """What the browser does next: first these steps at Klarna's console, if any, then this address."""

    address: str
    steps: tuple[Step, ...] = ()


def before(scenario: Scenario) -> list[str]:
    """The stages a scenario goes through. What real Klarna's console cannot do is left to the presenter's hands."""
    offline = bool(settings().console_url)
    return [*(EARLIER.get(scenario.actor, ()) if offline else ()), "arrive"]


def _purchase(scenario: Scenario) -> Move:
    """The purchase before: opened as at the checkout, to be approved at the console, placed by Klarna's callback."""
    market, shopper = current_market(), Shopper(current_user.id, None)
    store.add(market, BOUGHT, 1)
    try:
        opened = attempts.ready(shopper, store.cart_id(), store.basket(market), _remember)
    except KlarnaError as trouble:
        raise NotStaged(f"Klarna did not open a session for the earlier purchase ({trouble.correlation_id}).") from None
    details.save(shopper, opened.id, current_user.email, HOMES[market.code])
    return _approved(opened.client_token, link=scenario.actor is not Actor.OPTED_OUT)


def _subscribe(_scenario: Scenario) -> Move:
    """A subscription, to be approved at the console. Raises NotStaged."""
    try:
        opened = subscribing.begin(current_user, current_market(), WANTED)
    except (KlarnaError, CheckoutRefused):
        opened = None
    if opened is None:
        raise NotStaged("Klarna did not open a session for the subscription.")
    session[SIGN_UP] = opened.id
    return _approved(opened.client_token)


def _renew(_scenario: Scenario) -> Move:
    """The approval is a subscription by now, and its next delivery is due. Raises NotStaged."""
    signup_id = session.pop(SIGN_UP, "")
    _wait_until(lambda: subscribing.is_approved(signup_id))
    try:
        subscribing.renew(signup_id)
    except (CheckoutRefused, NoResultFound):
        raise NotStaged("The subscription did not begin.") from None
    return Move(url_for("console.ready"))


def _approved(client_token: str, **choice: bool) -> Move:
    """On by way of the console, where Klarna's customer confirms."""
    address = billing_address(current_user.email, HOMES[current_market().code])
    approval = {"do": "approve", "client_token": client_token, "person": MOCK, "billing_address": address}
    return Move(url_for("console.ready"), (approval | choice,))


def _sign_in(_scenario: Scenario) -> Move:
    return Move(url_for("signin.start", next=url_for("console.ready")))


def _arrive(scenario: Scenario) -> Move:
    """The purchase before is an order by now; the cart is filled in the scenario's market."""
    place_order()
    # Whoever signs in with Klarna may have bought and linked in a scenario before. By hand they sign in after this.
    if scenario.actor is Actor.KLARNA and current_user.is_authenticated:
        linking.unlink_everywhere(current_user.id)
        db.session.commit()
        questions.answer_soon()
    market = find(scenario.market, markets()) or current_market()
    session["market"] = market.code
    for item in store.basket(market).items:  # of an account that was here before
        store.remove(item.slug)
    store.add(market, WANTED, 1)
    if scenario.opened:
        user_id = current_user.id if current_user.is_authenticated else None
        attempts.ready(Shopper(user_id, None), store.cart_id(), store.basket(market), _remember)
    return Move(url_for("console.ready"), scenario.after)


def _remember(attempt_id: str) -> None:
    session[ATTEMPT] = attempt_id


def place_order() -> None:
    """Make an order of the earlier purchase as soon as Klarna's callback has brought the approval. Raises NotStaged."""
    attempt_id = session.pop(ATTEMPT, None)
    if attempt_id is None:
        return
    _wait_until(lambda: _has_approval(attempt_id))
    try:
        placing.place_approved(attempt_id)
    except CheckoutRefused as no:
        raise NotStaged(f"The earlier purchase did not become an order: {no.message}") from None


def _has_approval(attempt_id: str) -> bool:
    attempt = db.session.get(CheckoutAttempt, attempt_id)
    return attempt is None or attempt.authorization_token is not None or attempt.state in HAS_ORDER


def _wait_until(heard: Callable[[], bool]) -> None:
    """Klarna's callback comes by another thread; whoever waits looks with fresh eyes each time."""
    until = time.monotonic() + PATIENCE
    while not heard() and time.monotonic() < until:
        db.session.rollback()
        time.sleep(0.05)


STAGES: dict[str, Callable[[Scenario], Move]] = {
    "purchase": _purchase,
    "subscribe": _subscribe,
    "renew": _renew,
    "sign_in": _sign_in,
    "arrive": _arrive,
}
