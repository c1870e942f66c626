"""A situation on order: the merchant's demo sends its presenter's browser here with what shall be so, and gets it back.

A form of the merchant's own page (its origin is among the registered redirect addresses) posts ``steps``, a JSON list
of ``{"do": name, ...}``, and ``return``, an address of that origin. What the steps are stands in `STEPS`. The
merchant's server has no part in this: to it, the situation is simply there.
"""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, redirect, render_template, request

from .. import clock, customer_tokens, faults, people, sessions, timetable
from ..authorizations import approve
from ..client_tokens import UnknownClientToken
from ..config import current
from ..customer_tokens import Status as LinkStatus
from ..hosted import headers
from ..hosted.origins import origin_of
from ..idp import chains, consents, logins, tokens
from ..markets import find as find_market
from ..merchants import Region
from ..people import UnknownPerson
from . import disconnecting, guard, people_views
from .reading import BadInput, one_of

blueprint = Blueprint("preparing", __name__)
blueprint.after_request(headers.protect)
ENDINGS = {"rotated": customer_tokens.rotate, "expired": customer_tokens.expire, "revoked": disconnecting.revoke}


class Refused(Exception):
    """Who asks may not prepare anything here."""


@blueprint.post("/prepare")
def prepare() -> Response:
    """Do each step in turn, then send the browser back."""
    back = _address_of_merchant()
    for step in _steps():
        STEPS[one_of(step.get("do"), STEPS, "do")](step)
    return redirect(back, 303)  # type: ignore[return-value]


@blueprint.errorhandler(Refused)
@blueprint.errorhandler(BadInput)
@blueprint.errorhandler(UnknownPerson)
@blueprint.errorhandler(UnknownClientToken)
@blueprint.errorhandler(faults.BadFault)
@blueprint.errorhandler(clock.TooFarAhead)
def refused(error: Exception) -> tuple[str, int]:
    return render_template("start/not_prepared.html", reason=str(error)), 403 if isinstance(error, Refused) else 400


def _address_of_merchant() -> str:
    """Where the browser came from and goes back to; raises Refused."""
    known = {origin_of(uri) for client in current().clients for uri in client.redirect_uris}
    back = request.form.get("return", "")
    if not guard.is_near() or request.headers.get("Origin") not in known or origin_of(back) not in known:
        raise Refused("Only a page of the merchant, on this computer, may prepare something here")
    headers.may_lead_to(back)
    return back if urlsplit(back).path.startswith("/") else f"{back}/"


def _steps() -> list[dict[str, Any]]:
    try:
        found = json.loads(request.form.get("steps", "[]"))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(step, dict) for step in found):
        raise BadInput("steps has to be a JSON list of objects")
    return found


def _calm(_step: dict[str, Any]) -> None:
    """Everybody's purchases end as published, and no call fails."""
    faults.clear()
    people.calm()


def _person(step: dict[str, Any]) -> None:
    """Changes of a person as the control calls take them: ``outcome``, ``consents``, ``signed_in`` ..."""
    person = people.find(str(step.get("person")))
    for name, change in people_views.CHANGES.items():
        if name in step:
            change(person.id, step[name])


def _links(step: dict[str, Any]) -> None:
    """Every active link of a person ends in one way: ``become`` rotated, expired or revoked."""
    end = ENDINGS[one_of(step.get("become"), ENDINGS, "become")]
    person = people.find(str(step.get("person")))
    for link in customer_tokens.everything():
        if link.person == person.id and link.status is LinkStatus.ACTIVE:
            end(link.customer_token)


def _approve(step: dict[str, Any]) -> None:
    """A person buys and agrees to link, as in the window; the merchant's server hears of it by its callback."""
    session = sessions.by_client_token(str(step.get("client_token")))
    person = people.find(str(step.get("person")))
    address = step.get("billing_address")
    told = {"billing_address": address, "shipping_address": address} if isinstance(address, dict) else {}
    approve(sessions.merge_from_browser(session, told) if told else session, person.id, step.get("link") is not False)


def _sign_in(step: dict[str, Any]) -> None:
    """A person is logged in to Klarna in this browser and has allowed the merchant everything it asks for."""
    person = people.find(str(step.get("person")))
    market = find_market(person.country)
    if market is None:
        raise BadInput(f"{person.id} has no market")
    logins.begin(market.region, person.id)
    for client in current().clients:
        consents.give(person.id, client.client_id, client.scopes, ())


def _sign_out(_step: dict[str, Any]) -> None:
    """Nobody is logged in to Klarna in this browser."""
    for region in Region:
        logins.end(region)


def _end_sign_ins(step: dict[str, Any]) -> None:
    """No refresh token of a person works any more, as after sixty days of silence."""
    person = people.find(str(step.get("person")))
    for chain in chains.with_tokens():
        if chain.person == person.id:
            for token in tokens.of(chain):
                tokens.expire(token.token)


def _advance(step: dict[str, Any]) -> None:
    seconds = step.get("seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise BadInput("seconds has to be a number")
    clock.advance(seconds)
    timetable.catch_up()


def _fault(step: dict[str, Any]) -> None:
    """A fault rule, as ``POST faults`` takes it."""
    faults.add({name: part for name, part in step.items() if name != "do"})


STEPS: dict[str, Callable[[dict[str, Any]], None]] = {
    "calm": _calm,
    "person": _person,
    "links": _links,
    "approve": _approve,
    "sign_in": _sign_in,
    "sign_out": _sign_out,
    "end_sign_ins": _end_sign_ins,
    "advance": _advance,
    "fault": _fault,
}
