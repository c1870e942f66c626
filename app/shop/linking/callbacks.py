"""What Klarna reports about links. A report is a hint: it is verified at Klarna before anything changes."""

import hmac

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from ..extensions import csrf, limiter
from ..web import settings
from . import service

blueprint = Blueprint("link_callbacks", __name__, url_prefix="/klarna/callbacks/webhooks")
csrf.exempt(blueprint)
limiter.exempt(blueprint)

REVOKED = "identity.customer-token.state-change.revoked"


@blueprint.post("/<secret>")
def webhook(secret: str) -> ResponseReturnValue:
    """Klarna Network's webhooks; those we did not ask for are taken and left."""
    expected = settings().webhook_secret
    if not expected or not hmac.compare_digest(expected.encode(), secret.encode()):
        abort(404)
    sent = request.get_json(silent=True)
    metadata = sent.get("metadata") if isinstance(sent, dict) else None
    if not isinstance(sent, dict) or not isinstance(metadata, dict):
        abort(400)
    if metadata.get("event_type") == REVOKED:
        payload = sent.get("payload")
        reference = payload.get("customer_token_reference") if isinstance(payload, dict) else None
        service.doubt(reference if isinstance(reference, str) else "")
    return "", 204
