"""The control calls: reset, clock, journal, faults, people, links, orders, switches."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from .. import clock, customer_tokens, faults, journal, orders, people, store, switches
from ..api import auth, body, rate_limit
from ..api.errors import ApiError
from ..config import RateLimits
from ..merchants import Region
from . import guard, listing

blueprint = Blueprint("control", __name__, url_prefix="/_sandbox")
blueprint.before_request(guard.refuse_strangers)


class BadInput(ValueError):
    """What was sent makes no sense; the message says why."""


@blueprint.errorhandler(BadInput)
@blueprint.errorhandler(faults.BadFault)
@blueprint.errorhandler(clock.TooFarAhead)
def bad_input(error: Exception) -> Response:
    return guard.refusal(400, str(error))


@blueprint.errorhandler(people.UnknownPerson)
@blueprint.errorhandler(customer_tokens.UnknownCustomerToken)
def unknown(error: LookupError) -> Response:
    return guard.refusal(404, str(error))


@blueprint.post("/reset")
def reset() -> Response:
    store.reset()
    return jsonify(reset=True)


@blueprint.get("/journal")
def read_journal() -> Response:
    after = request.args.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) <= 18):
        raise BadInput("after has to be the id of a journal entry, a whole number")
    return jsonify(journal.after(int(after)))


@blueprint.get("/clock")
def read_clock() -> Response:
    return jsonify(now=clock.stamp(clock.now()), offset=clock.offset())


@blueprint.post("/clock")
def advance_clock() -> Response:
    seconds = _object().get("advance")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise BadInput('send {"advance": seconds}, a number')
    clock.advance(seconds)
    return read_clock()


@blueprint.get("/faults")
def list_faults() -> Response:
    return jsonify(faults.pending())


@blueprint.post("/faults")
def add_fault() -> Response:
    return jsonify(faults.add(_object()))


@blueprint.delete("/faults")
def clear_faults() -> Response:
    faults.clear()
    return Response(status=204)


@blueprint.get("/people")
def list_people() -> Response:
    return jsonify([listing.person(person) for person in people.everybody()])


@blueprint.patch("/people/<person_id>")
def decide(person_id: str) -> Response:
    decision = _object().get("decision")
    if decision not in list(people.Decision):
        raise BadInput(f"decision has to be one of {', '.join(people.Decision)}")
    return jsonify(listing.person(people.decide(person_id, people.Decision(decision))))


@blueprint.get("/customer-tokens")
def list_customer_tokens() -> Response:
    return jsonify([listing.link(link) for link in customer_tokens.everything()])


@blueprint.post("/customer-tokens/rotate")
def rotate() -> Response:
    return jsonify(listing.link(customer_tokens.rotate(_customer_token())))


@blueprint.post("/customer-tokens/revoke")
def revoke() -> Response:
    return jsonify(listing.link(customer_tokens.revoke(_customer_token())))


@blueprint.get("/orders")
def list_orders() -> Response:
    return jsonify(orders.everything())


@blueprint.get("/switches")
def read_switches() -> Response:
    inactive = switches.get(auth.INACTIVE, [])
    return jsonify({rate_limit.SWITCH: rate_limit.numbers_in_force(), auth.INACTIVE: inactive})


@blueprint.patch("/switches")
def set_switches() -> Response:
    """`rate_limits`: playground, live or off. `inactive_regions`: where the merchant account is inactive."""
    wanted = _object()
    unknown_names = set(wanted) - {rate_limit.SWITCH, auth.INACTIVE}
    regions = wanted.get(auth.INACTIVE, [])
    if unknown_names or wanted.get(rate_limit.SWITCH, RateLimits.OFF) not in list(RateLimits):
        raise BadInput(f"send rate_limits ({', '.join(RateLimits)}) or inactive_regions")
    if not isinstance(regions, list) or not all(region in list(Region) for region in regions):
        raise BadInput(f"inactive_regions has to be a list of {', '.join(Region)}")
    for name, value in wanted.items():
        switches.put(name, value)
    return read_switches()


def _object() -> dict[str, Any]:
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise BadInput("send a JSON object")
    try:
        body.check(sent)
    except ApiError as error:
        raise BadInput(", ".join(error.messages)) from error
    return sent


def _customer_token() -> str:
    token = _object().get("customer_token")
    if not isinstance(token, str) or not token:
        raise BadInput('send {"customer_token": "krn:partner:..."}')
    return token
