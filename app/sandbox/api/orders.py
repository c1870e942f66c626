"""Order Management: what a merchant does with an order after the purchase. https://docs.klarna.com/api/ordermanagement/

Like Klarna Payments it stands at the root for Europe and under a prefix for each other region; orders of Klarna
Checkout are managed at the root, with Checkout's credentials.
"""

from typing import Any

from flask import Blueprint, Response, g, jsonify

from .. import captures, due_dates, order_changes, orders, refunds, timetable
from ..config import current
from . import body, idempotency, rate_limit
from .auth import merchant, require_merchant_or_checkout

PREFIX = "/ordermanagement/v1/orders/<order_id>"
blueprint = Blueprint("orders", __name__, url_prefix=PREFIX)


@blueprint.url_value_preprocessor
def take_region(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """The region comes from where the blueprint stands, not from what a merchant says."""
    g.region = (values or {}).pop("region")


blueprint.before_request(require_merchant_or_checkout)
blueprint.before_request(rate_limit.count_call)
blueprint.before_request(idempotency.replay)
blueprint.before_request(timetable.catch_up)
blueprint.after_request(idempotency.keep)
blueprint.after_request(rate_limit.add_headers)


@blueprint.get("")
def read_order(order_id: str) -> Response:
    return jsonify(orders.of_merchant(merchant(), order_id).ledger)


@blueprint.post("/acknowledge")
def acknowledge(order_id: str) -> Response:
    order_changes.acknowledge(merchant(), order_id)
    return _no_content()


@blueprint.patch("/authorization")
def update_authorization(order_id: str) -> Response:
    order_changes.set_authorization(merchant(), order_id, body.read())
    return _no_content()


@blueprint.patch("/merchant-references")
def update_merchant_references(order_id: str) -> Response:
    order_changes.set_references(merchant(), order_id, body.read())
    return _no_content()


@blueprint.patch("/customer-details")
def update_customer_details(order_id: str) -> Response:
    order_changes.set_shipping_address(merchant(), order_id, body.read())
    return _no_content()


@blueprint.post("/shipping-info")
def add_shipping_info(order_id: str) -> Response:
    order_changes.add_shipping_info(merchant(), order_id, body.read())
    return _no_content()


@blueprint.post("/extend-authorization-time")
def extend_authorization_time(order_id: str) -> Response:
    order_changes.extend_authorization(merchant(), order_id)
    return _no_content()


@blueprint.post("/cancel")
def cancel(order_id: str) -> Response:
    order_changes.cancel(merchant(), order_id)
    return _no_content()


@blueprint.post("/release-remaining-authorization")
def release_remaining_authorization(order_id: str) -> Response:
    order_changes.release_remaining(merchant(), order_id)
    return _no_content()


@blueprint.post("/captures")
def create_capture(order_id: str) -> Response:
    capture_id = captures.create(merchant(), order_id, body.read())
    return _created("Capture-Id", capture_id, f"{order_id}/captures/{capture_id}")


@blueprint.get("/captures")
def list_captures(order_id: str) -> Response:
    return jsonify(orders.of_merchant(merchant(), order_id).ledger["captures"])


@blueprint.get("/captures/<capture_id>")
def read_capture(order_id: str, capture_id: str) -> Response:
    return jsonify(captures.find(orders.of_merchant(merchant(), order_id), capture_id))


@blueprint.post("/captures/<capture_id>/shipping-info")
def add_shipping_info_to_capture(order_id: str, capture_id: str) -> Response:
    captures.add_shipping_info(merchant(), order_id, capture_id, body.read())
    return _no_content()


@blueprint.post("/captures/<capture_id>/trigger-send-out")
def trigger_send_out(order_id: str, capture_id: str) -> Response:
    """Nobody is messaged by the sandbox: it says whether Klarna would."""
    captures.shipped(orders.of_merchant(merchant(), order_id), capture_id)
    return _no_content()


@blueprint.get("/captures/<capture_id>/extend-due-date-options")
def list_due_date_options(order_id: str, capture_id: str) -> Response:
    return jsonify(due_dates.options(orders.of_merchant(merchant(), order_id), capture_id))


# The guide names the path of the options for this call, too.
@blueprint.patch("/captures/<capture_id>/extend-due-date")
@blueprint.patch("/captures/<capture_id>/extend-due-date-options", endpoint="extend_due_date_by_the_guide")
def extend_due_date(order_id: str, capture_id: str) -> Response:
    due_dates.extend(merchant(), order_id, capture_id, body.read())
    return _no_content()


@blueprint.post("/refunds")
def create_refund(order_id: str) -> Response:
    refund_id = refunds.create(merchant(), order_id, body.read())
    return _created("Refund-Id", refund_id, f"{order_id}/refunds/{refund_id}")


@blueprint.get("/refunds/<refund_id>")
def read_refund(order_id: str, refund_id: str) -> Response:
    return jsonify(refunds.find(merchant(), order_id, refund_id))


def _no_content() -> Response:
    response = Response(status=204)
    del response.headers["Content-Type"]
    return response


def _created(header: str, value: str, path: str) -> Response:
    """Without a body: what was made is named in the headers."""
    response = Response(status=201)
    del response.headers["Content-Type"]
    response.headers[header] = value
    response.headers["Location"] = f"{current().url}{merchant().region.prefix}/ordermanagement/v1/orders/{path}"
    return response
