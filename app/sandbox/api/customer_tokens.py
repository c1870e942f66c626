"""Customer Token API: reading, cancelling and charging payment tokens. https://docs.klarna.com/api/customertoken/

Like Klarna Payments it stands at the root for Europe and under a prefix for each other region.
"""

from typing import Any

from flask import Blueprint, Response, g, jsonify

from .. import charges, payment_tokens
from . import body, idempotency, rate_limit
from .auth import merchant, require_merchant

blueprint = Blueprint("customer_tokens", __name__, url_prefix="/customer-token/v1/tokens/<token_id>")


@blueprint.url_value_preprocessor
def take_region(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """The region comes from where the blueprint stands, not from what a merchant says."""
    g.region = (values or {}).pop("region")


blueprint.before_request(require_merchant)
blueprint.before_request(rate_limit.count_call)
blueprint.before_request(idempotency.replay)
blueprint.after_request(idempotency.keep)
blueprint.after_request(rate_limit.add_headers)


@blueprint.get("")
def read_customer_token(token_id: str) -> Response:
    return jsonify(payment_tokens.describe(merchant(), token_id))


@blueprint.patch("/status")
def update_status(token_id: str) -> Response:
    """Accepted, to be done soon; here it is done at once."""
    payment_tokens.cancel(merchant(), token_id, body.read())
    response = Response(status=202)
    del response.headers["Content-Type"]
    return response


@blueprint.post("/order")
def create_order(token_id: str) -> Response:
    return jsonify(charges.create(merchant(), token_id, body.read()))
