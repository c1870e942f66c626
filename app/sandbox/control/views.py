"""The control calls: reset, clock, journal, faults, links, orders, switches. People are in `people_views`."""

from flask import Blueprint, Response, jsonify, request

from .. import clock, customer_tokens, faults, journal, orders, store, timetable
from . import disconnecting, guard, listing, switchboard
from .reading import BadInput, sent_object, sent_text

blueprint = Blueprint("control", __name__, url_prefix="/_sandbox")
guard.protect(blueprint)


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
    seconds = sent_object().get("advance")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise BadInput('send {"advance": seconds}, a number')
    clock.advance(seconds)
    timetable.catch_up()
    return read_clock()


@blueprint.get("/faults")
def list_faults() -> Response:
    return jsonify(faults.pending())


@blueprint.post("/faults")
def add_fault() -> Response:
    return jsonify(faults.add(sent_object()))


@blueprint.delete("/faults")
def clear_faults() -> Response:
    faults.clear()
    return Response(status=204)


@blueprint.get("/customer-tokens")
def list_customer_tokens() -> Response:
    return jsonify([listing.link(link) for link in customer_tokens.everything()])


@blueprint.post("/customer-tokens/rotate")
def rotate() -> Response:
    return jsonify(listing.link(customer_tokens.rotate(_customer_token())))


@blueprint.post("/customer-tokens/expire")
def expire() -> Response:
    return jsonify(listing.link(customer_tokens.expire(_customer_token())))


@blueprint.post("/customer-tokens/revoke")
def revoke() -> Response:
    return jsonify(listing.link(disconnecting.revoke(_customer_token())))


@blueprint.get("/orders")
def list_orders() -> Response:
    timetable.catch_up()
    return jsonify(orders.everything())


@blueprint.get("/switches")
def read_switches() -> Response:
    return jsonify(switchboard.positions())


@blueprint.patch("/switches")
def set_switches() -> Response:
    switchboard.put(sent_object())
    return read_switches()


def _customer_token() -> str:
    return sent_text("customer_token", "krn:partner:...")
