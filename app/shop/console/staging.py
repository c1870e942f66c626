"""Brings a scenario about: the shop's side by the shop's own services, Klarna's side by steps for its console.

A scenario goes through stages, one a page load; between two of them the browser may visit Klarna's console. The shop
never asks the console for anything itself.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import request, session, url_for
from flask_login import current_user, logout_user

from app.klarna import KlarnaError

from ..accounts import service as accounts
from ..accounts.sessions import begin_session
from ..cart import store
from ..checkout import attempts, details, placing
from ..checkout.attempts import Shopper
from ..checkout.models import CheckoutAttempt
from ..checkout.order_lines import billing_address
from ..checkout.outcomes import CheckoutRefused
from ..checkout.states import HAS_ORDER
from ..extensions import db
from ..linking import service as linking
from ..markets import find
from ..web import current_market, markets, settings
from . import recorder
from .checklist import BEGINNING
from .entries import Fact, Kind
from .personas import HOMES, PASSWORD
from .scenarios import BY_ID, MOCK, Actor, Scenario, Step

SESSION_KEY, ATTEMPT = "demo", "attempt"
HOME = "DE"  # where the earlier purchase of a linked shopper was made
BOUGHT, WANTED = "stoneware-mug", "house-blend"
PATIENCE = 10.0  # seconds for Klarna's callback to come


class NotStaged(Exception):
    """A scenario could not be brought about; the message says why."""


@dataclass(frozen=True)
class Move:
    """What the browser does next: first these steps at Klarna's console, if any, then this address."""

    address: str
    steps: tuple[Step, ...] = ()


def current() -> Scenario | None:
    """The scenario this browser is in."""
    return BY_ID.get(str(_state().get("scenario", "")))


def account() -> str:
    """The e-mail of the account that was made for the scenario, empty for none."""
    return str(_state().get("account", ""))


def makes_accounts() -> bool:
    """False with live keys: the password of a demo account is everybody's."""
    return settings().environment != "live"


def begin(scenario: Scenario) -> Move:
    """Start anew in this browser: nobody is signed in, then whoever the scenario is about.

    Raises NotStaged where no demo accounts are made.
    """
    if not makes_accounts():
        raise NotStaged(
            "With live keys no demo accounts are made: scenarios are for the offline Klarna and the playground."
        )
    leave()
    email = ""
    if scenario.actor in (Actor.SHOPPER, Actor.LINKED, Actor.OPTED_OUT):
        email = f"demo-{secrets.token_hex(8)}@example.com"
        user = accounts.register(email, PASSWORD)
        for home in HOMES.values():
            accounts.save_address(user, home)
        begin_session(user)
    session[SESSION_KEY] = {"scenario": scenario.id, "account": email, "stages": _stages(scenario)}
    session["market"] = HOME
    recorder.write(Fact(Kind.NOTE, f"{BEGINNING}{scenario.id}"))
    return Move(url_for("console.ready"), ({"do": "calm"}, *scenario.before))


def go_on() -> Move:
    """The next stage. Raises NotStaged."""
    scenario, stages = current(), _state().get("stages") or []
    if scenario is None:
        raise NotStaged("No scenario was started in this browser.")
    if not stages:
        return Move(request.script_root + scenario.path)
    session[SESSION_KEY] = _state() | {"stages": stages[1:]}
    return STEPS[stages[0]](scenario)


def leave() -> None:
    """Forget who was here and what they wanted, in this browser alone."""
    logout_user()
    session.clear()
    session["_remember"] = "clear"  # Flask-Login's: or the long-lived cookie would bring them back


def _state() -> dict[str, Any]:
    """What the session keeps of a scenario: its id, the account made for it, the stages to come."""
    found = session.get(SESSION_KEY)
    return found if isinstance(found, dict) else {}


def _stages(scenario: Scenario) -> list[str]:
    """What real Klarna's console cannot do is left to the presenter's hands."""
    offline = bool(settings().console_url)
    earlier = {Actor.LINKED: ["purchase"], Actor.OPTED_OUT: ["purchase"], Actor.KLARNA: ["sign_in"]}
    return [*(earlier.get(scenario.actor, []) if offline else []), "arrive"]


def _purchase(scenario: Scenario) -> Move:
    """The purchase before: opened as at the checkout, to be approved at the console, placed by Klarna's callback."""
    market, shopper = current_market(), Shopper(current_user.id, None)
    store.add(market, BOUGHT, 1)
    try:
        opened = attempts.ready(shopper, store.cart_id(), store.basket(market), _remember)
    except KlarnaError as trouble:
        raise NotStaged(f"Klarna did not open a session for the earlier purchase ({trouble.correlation_id}).") from None
    details.save(shopper, opened.id, current_user.email, HOMES[market.code])
    address = billing_address(current_user.email, HOMES[market.code])
    approval = {"do": "approve", "client_token": opened.client_token, "person": MOCK, "billing_address": address}
    return Move(url_for("console.ready"), (approval | {"link": scenario.actor is Actor.LINKED},))


def _sign_in(_scenario: Scenario) -> Move:
    return Move(url_for("signin.start", next=url_for("console.ready")))


def _arrive(scenario: Scenario) -> Move:
    """The purchase before is an order by now; the cart is filled in the scenario's market."""
    _place_order()
    # Whoever signs in with Klarna may have bought and linked in a scenario before. By hand they sign in after this.
    if scenario.actor is Actor.KLARNA and current_user.is_authenticated:
        linking.unlink_everywhere(current_user.id)
    market = find(scenario.market, markets()) or current_market()
    session["market"] = market.code
    for item in store.basket(market).items:  # of an account that was here before
        store.remove(item.slug)
    store.add(market, WANTED, 1)
    if scenario.opened:
        user_id = current_user.id if current_user.is_authenticated else None
        attempts.ready(Shopper(user_id, None), store.cart_id(), store.basket(market), _remember)
    return Move(url_for("console.ready"), scenario.after)


STEPS: dict[str, Callable[[Scenario], Move]] = {"purchase": _purchase, "sign_in": _sign_in, "arrive": _arrive}


def _remember(attempt_id: str) -> None:
    session[ATTEMPT] = attempt_id


def _place_order() -> None:
    """Make an order of the earlier purchase as soon as Klarna's callback has brought the approval. Raises NotStaged."""
    attempt_id, until = session.pop(ATTEMPT, None), time.monotonic() + PATIENCE
    while attempt_id and time.monotonic() < until:
        attempt = db.session.get(CheckoutAttempt, attempt_id)
        if attempt is None or attempt.authorization_token or attempt.state in HAS_ORDER:
            break
        db.session.rollback()
        time.sleep(0.05)
    try:
        if attempt_id:
            placing.place_approved(attempt_id)
    except CheckoutRefused as no:
        raise NotStaged(f"The earlier purchase did not become an order: {no.message}") from None
