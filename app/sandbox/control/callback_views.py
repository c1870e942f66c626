"""The control calls about what is sent to merchants: the list, once more, and what never happened."""

from flask import Blueprint, Response, jsonify

from .. import callbacks, sessions
from ..callbacks import ledger
from . import guard
from .reading import BadInput, sent_object, sent_text

blueprint = Blueprint("control_callbacks", __name__, url_prefix="/_sandbox/callbacks")
guard.protect(blueprint)


@blueprint.get("")
def list_deliveries() -> Response:
    return jsonify(ledger.latest())


@blueprint.post("/resend")
def resend() -> Response:
    return _sent(ledger.resend(_session_id()))


@blueprint.post("/forge")
def forge() -> Response:
    """Whatever the switches say: it is sent once, at once."""
    session = sessions.read_by_id(_session_id())
    token = sent_object().get("authorization_token")
    if token is not None and (not isinstance(token, str) or not token):
        raise BadInput("authorization_token has to be text; left out, a token is invented")
    return _sent(ledger.forge(session, token))


def _session_id() -> str:
    return sent_text("session_id", "the id of a payment session")


def _sent(delivery: int) -> Response:
    callbacks.start([delivery])
    return jsonify(ledger.find(delivery))
