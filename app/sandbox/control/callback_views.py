"""The control calls about what is sent to merchants: the list, once more, and what never happened."""

from flask import Blueprint, Response, jsonify

from .. import callbacks, fraud, orders, sessions
from ..callbacks import ledger
from . import guard
from .reading import BadInput, one_of, sent_object, sent_text

blueprint = Blueprint("control_callbacks", __name__, url_prefix="/_sandbox/callbacks")
guard.protect(blueprint)


@blueprint.get("")
def list_deliveries() -> Response:
    return jsonify(ledger.latest())


@blueprint.post("/resend")
def resend() -> Response:
    """The last callback of a session, or with `order_id` the last notification of an order."""
    if "order_id" in sent_object():
        return _sent(ledger.resend_notification(_order_id()))
    return _sent(ledger.resend(_session_id()))


@blueprint.post("/forge")
def forge() -> Response:
    """Whatever the switches say: it is sent once, at once. With `order_id` it is a notification."""
    if "order_id" in sent_object():
        return _forge_notification()
    session = sessions.read_by_id(_session_id())
    token = sent_object().get("authorization_token")
    if token is not None and (not isinstance(token, str) or not token):
        raise BadInput("authorization_token has to be text; left out, a token is invented")
    return _sent(ledger.forge(session, token))


def _forge_notification() -> Response:
    event_type = one_of(sent_object().get("event_type"), fraud.EVENTS.values(), "event_type")
    order = orders.find(_order_id())
    if order is None:
        raise fraud.UnknownOrder("no order has this order_id")
    return _sent(ledger.forge_notification(order, event_type))


def _order_id() -> str:
    return sent_text("order_id", "the id of an order")


def _session_id() -> str:
    return sent_text("session_id", "the id of a payment session")


def _sent(delivery: int) -> Response:
    callbacks.start([delivery])
    return jsonify(ledger.find(delivery))
