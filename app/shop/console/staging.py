"""Brings a scenario about: the shop's side by the shop's own services, Klarna's side by steps for its console.

A scenario goes through stages, one a page load; between two of them the browser may visit Klarna's console. The shop
never asks the console for anything itself.
"""

import secrets
from contextlib import suppress
from typing import Any

from flask import request, session, url_for
from flask_login import logout_user

from ..accounts import service as accounts
from ..accounts.service import EmailTaken, WrongPassword
from ..accounts.sessions import begin_session
from ..web import settings
from . import recorder, renewal, stages
from .checklist import BEGINNING
from .entries import Fact, Kind
from .personas import EMAILS, HOMES, PASSWORD
from .scenarios import BY_ID, Actor, Scenario
from .stages import HOME, Move, NotStaged

SESSION_KEY = "demo"
NEWCOMERS = (Actor.SHOPPER, Actor.LINKED, Actor.OPTED_OUT, Actor.SECOND, Actor.SUBSCRIBER)


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
    if scenario.anew:
        renewal.begin_anew(EMAILS[scenario.market], HOMES[scenario.market]["phone"])
    email = _newcomer() if scenario.actor in NEWCOMERS else ""
    session[SESSION_KEY] = {"scenario": scenario.id, "account": email, "stages": stages.before(scenario)}
    session["market"] = HOME
    recorder.write(Fact(Kind.NOTE, f"{BEGINNING}{scenario.id}"))
    return Move(url_for("console.ready"), ({"do": "calm"}, *scenario.before))


def go_on() -> Move:
    """The next stage. Raises NotStaged."""
    scenario, coming = current(), _state().get("stages") or []
    if scenario is None:
        raise NotStaged("No scenario was started in this browser.")
    if not coming:
        return Move(request.script_root + scenario.path)
    session[SESSION_KEY] = _state() | {"stages": coming[1:]}
    return STAGES[coming[0]](scenario)


def leave() -> None:
    """Forget who was here and what they wanted, in this browser alone."""
    logout_user()
    session.clear()
    session["_remember"] = "clear"  # Flask-Login's: or the long-lived cookie would bring them back


def _state() -> dict[str, Any]:
    """What the session keeps of a scenario: its id, the account made for it, the stages to come."""
    found = session.get(SESSION_KEY)
    return found if isinstance(found, dict) else {}


def _newcomer() -> str:
    """Somebody with a new account and addresses is signed in here; the account's e-mail."""
    email = f"demo-{secrets.token_hex(8)}@example.com"
    user = accounts.register(email, PASSWORD)
    for home in HOMES.values():
        accounts.save_address(user, home)
    begin_session(user)
    return email


def _another(_scenario: Scenario) -> Move:
    """Whoever was here has bought, or signed in; now it is somebody with a second account."""
    stages.place_order()
    state = _state()
    leave()
    session[SESSION_KEY] = state | {"account": _newcomer()}
    session["market"] = HOME
    return Move(url_for("console.ready"))


def _hold(scenario: Scenario) -> Move:
    """The e-mail of Klarna's sample customer has an account of the demo's; nobody is signed in. Raises NotStaged."""
    email = EMAILS[scenario.market]
    try:
        with suppress(EmailTaken):
            accounts.register(email, PASSWORD)
        accounts.authenticate(email, PASSWORD)
    except WrongPassword:
        raise NotStaged(f"The account {email} has a password of its own. It has to be deleted first.") from None
    session[SESSION_KEY] = _state() | {"account": email}
    return Move(url_for("console.ready"))


STAGES = stages.STAGES | {"another": _another, "hold": _hold}
