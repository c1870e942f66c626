"""Klarna Checkout's four calls of a merchant's server. https://docs.klarna.com/api/checkout/

Kustom, which runs it today, has one host and one pair of credentials for all regions: so it stands at the root only,
and credentials are those of Klarna Checkout, not of Klarna Payments.
https://help.kustom.co/en/articles/454956-kustom-api-endpoint-switch-guide
"""

from flask import Blueprint, Response, jsonify

from ..checkout import calls, snippet
from ..checkout.checkouts import Checkout, Expired
from ..checkout.shown import as_answered
from ..config import current
from . import body, idempotency, rate_limit
from .auth import merchant, require_checkout_merchant

blueprint = Blueprint("checkout", __name__)

blueprint.before_request(require_checkout_merchant)
blueprint.before_request(rate_limit.count_call)
blueprint.before_request(idempotency.replay)
blueprint.after_request(idempotency.keep)
blueprint.after_request(rate_limit.add_headers)


@blueprint.post("/checkout/v3/orders")
def create_order() -> Response:
    """`Location` is the address a merchant keeps and uses from now on."""
    checkout = calls.create(merchant(), body.read())
    response = _answer(checkout)
    response.status_code = 201
    response.headers["Location"] = f"{current().url}/checkout/v3/orders/{checkout.order_id}"
    return response


@blueprint.get("/checkout/v3/orders/<order_id>")
def read_order(order_id: str) -> Response:
    return _answer(calls.find(order_id, merchant()))


@blueprint.post("/checkout/v3/orders/<order_id>")
def update_order(order_id: str) -> Response:
    return _answer(calls.update(order_id, merchant(), body.read()))


@blueprint.post("/checkout/v3/orders/<order_id>/abort")
def abort_order(order_id: str) -> Response:
    return _answer(calls.abort(order_id, merchant()))


@blueprint.errorhandler(Expired)
def expired(_error: Expired) -> Response:
    """Seen by others: no body at all. That the status is 404 is inferred."""
    response = Response(status=404)
    del response.headers["Content-Type"]
    return response


def _answer(checkout: Checkout) -> Response:
    return jsonify(as_answered(checkout) | {"html_snippet": snippet.of(checkout)})
