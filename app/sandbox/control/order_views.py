"""The control call about an order: ending Klarna's review of it. The ledger itself is listed with the other lists."""

from flask import Blueprint, Response, jsonify

from .. import callbacks, fraud, orders, timetable
from ..order_states import Decision
from . import guard
from .reading import one_of, sent_object

blueprint = Blueprint("control_orders", __name__, url_prefix="/_sandbox/orders")
guard.protect(blueprint)


@blueprint.post("/<order_id>/decide")
def decide(order_id: str) -> Response:
    """Accept or reject what is pending, or stop what was accepted; the merchant is notified."""
    decision = Decision(one_of(sent_object().get("decision"), Decision, "decision"))
    timetable.catch_up()
    callbacks.start(fraud.decide(order_id, decision))
    return jsonify(orders.read(order_id).ledger)
