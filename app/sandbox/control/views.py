"""The control calls: reset, clock, journal, faults, people, links, orders, switches."""

from flask import Blueprint, Response, jsonify, request

from .. import callbacks, clock, customer_tokens, faults, journal, orders, people, store
from ..api.errors import correlation_id
from ..callbacks import messages, pushes
from ..people import Decision, Outcome
from . import guard, listing, switchboard
from .reading import BadInput, one_of, sent_object, sent_text

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
    pushes.catch_up()
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


@blueprint.get("/people")
def list_people() -> Response:
    return jsonify([listing.person(person) for person in people.everybody()])


@blueprint.patch("/people/<person_id>")
def decide(person_id: str) -> Response:
    """`outcome` says it all; `decision` is the shorter word for the two outcomes that are its namesakes."""
    sent = sent_object()
    name, choices = ("outcome", Outcome) if "outcome" in sent else ("decision", Decision)
    outcome = Outcome(one_of(sent.get(name), choices, name))
    return jsonify(listing.person(people.expect(person_id, outcome)))


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
    """The shopper ends the link in Klarna's app: the merchant is told, once."""
    token, deliveries = _customer_token(), []
    with store.transaction():
        before = customer_tokens.find(token)
        was_over = before is not None and customer_tokens.is_over(before.customer_token_reference)
        link = customer_tokens.revoke(token)
        if not was_over:
            deliveries = messages.revoked(link.customer_token_reference, correlation_id())
    callbacks.start(deliveries)
    return jsonify(listing.link(link))


@blueprint.get("/orders")
def list_orders() -> Response:
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
