"""What Klarna Checkout calls. A push is a hint that is read back; a validation is answered from our own books.

https://docs.klarna.com/klarna-checkout/in-depth-knowledge/confirm-purchase/ , .../kco/use-cases/validate-order/
"""

from flask import Blueprint, Response, abort, redirect, request
from flask.typing import ResponseReturnValue

from ..extensions import csrf, limiter
from ..web import public_url
from . import answering

blueprint = Blueprint("checkout_callbacks", __name__, url_prefix="/klarna/callbacks/checkout")
csrf.exempt(blueprint)
limiter.exempt(blueprint)

SEE_OTHER = 303


@blueprint.post("/push/<attempt_id>/<secret>")
def push(attempt_id: str, secret: str) -> ResponseReturnValue:
    """Somebody paid, says an empty and unsigned body: noted at once, looked into afterwards."""
    _only_klarna(attempt_id, secret)
    answering.note_push(attempt_id)
    return "", 204


@blueprint.post("/validation/<attempt_id>/<secret>")
def validation(attempt_id: str, secret: str) -> ResponseReturnValue:
    """May this be sold as it stands? Answered without asking anybody: Klarna waits three seconds."""
    _only_klarna(attempt_id, secret)
    sent = request.get_json(silent=True)
    no = answering.objection(attempt_id, sent if isinstance(sent, dict) else {})
    if no is None:
        return "", 200
    answer = redirect(public_url("klarna_checkout.not_sold", why=no), SEE_OTHER)
    return answer if isinstance(answer, Response) else abort(500)


def _only_klarna(attempt_id: str, secret: str) -> None:
    if not answering.is_klarna(attempt_id, secret):
        abort(404)
