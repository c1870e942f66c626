"""The control calls about payment tokens: the list, and what Klarna decides about one."""

from flask import Blueprint, Response, jsonify

from .. import payment_tokens
from ..payment_tokens import NextCharge, Status
from . import guard, listing
from .reading import BadInput, one_of, sent_object

blueprint = Blueprint("control_payment_tokens", __name__, url_prefix="/_sandbox/payment-tokens")
guard.protect(blueprint)


@blueprint.get("")
def list_payment_tokens() -> Response:
    return jsonify([listing.payment_token(token) for token in payment_tokens.everything()])


@blueprint.post("/<token_id>")
def put(token_id: str) -> Response:
    """`status`, or what becomes of the next charge, or both."""
    sent = sent_object()
    status = Status(one_of(sent["status"], Status, "status")) if "status" in sent else None
    wanted = NextCharge(one_of(sent["next_charge"], NextCharge, "next_charge")) if "next_charge" in sent else None
    if status is None and wanted is None:
        raise BadInput('send {"status": "SUSPENDED"} or {"next_charge": "decline"}')
    return jsonify(listing.payment_token(payment_tokens.put(token_id, status, wanted)))
