"""Klarna Payments: the six calls of a merchant's server. https://docs.klarna.com/api/payments/

The same blueprint stands at the root for Europe and under a prefix for each other region.
"""

from typing import Any

from flask import Blueprint, Response, g, jsonify

from .. import authorizations, clock, sessions, tokenization
from ..config import current
from ..sessions import Session
from . import body, idempotency, rate_limit
from .auth import merchant, require_merchant

blueprint = Blueprint("payments", __name__)
# What a read session shows of the customer: neither the linking token nor a national number.
_READABLE = (
    *("date_of_birth", "gender", "title", "type", "vat_id"),
    *("organization_registration_id", "organization_entity_type"),
)
# The customer is shown in part; a step-up is not among the fields of a read session.
_UNSHOWN = ("customer", "step_up_id")


@blueprint.url_value_preprocessor
def take_region(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """The region comes from where the blueprint stands, not from what a merchant says."""
    g.region = (values or {}).pop("region")


blueprint.before_request(require_merchant)
blueprint.before_request(rate_limit.count_call)
blueprint.before_request(idempotency.replay)
blueprint.after_request(idempotency.keep)
blueprint.after_request(rate_limit.add_headers)


@blueprint.post("/payments/v1/sessions")
def create_session() -> Response:
    session = sessions.create(merchant(), body.read())
    return jsonify(
        session_id=session.session_id,
        client_token=session.client_token,
        payment_method_categories=_categories(),
    )


@blueprint.post("/payments/v1/sessions/<session_id>")
def update_session(session_id: str) -> Response:
    sessions.update(session_id, merchant(), body.read())
    return _no_content()


@blueprint.get("/payments/v1/sessions/<session_id>")
def read_session(session_id: str) -> Response:
    return jsonify(_readable(sessions.find(session_id, merchant())))


@blueprint.post("/payments/v1/authorizations/<authorization_token>/order")
def create_order(authorization_token: str) -> Response:
    return jsonify(authorizations.place_order(merchant(), authorization_token, body.read()))


@blueprint.delete("/payments/v1/authorizations/<authorization_token>")
def cancel_authorization(authorization_token: str) -> Response:
    authorizations.cancel(merchant(), authorization_token)
    return _no_content()


@blueprint.post("/payments/v1/authorizations/<authorization_token>/customer-token")
def create_customer_token(authorization_token: str) -> Response:
    return jsonify(tokenization.generate(merchant(), authorization_token, body.read()))


def _no_content() -> Response:
    response = Response(status=204)
    del response.headers["Content-Type"]
    return response


def _categories() -> list[dict[str, Any]]:
    """The one category of today's typical answer; its picture is served here, as there may be no internet."""
    picture = f"{current().url}/static/klarna.svg"
    return [
        {
            "identifier": "klarna",
            "name": "Pay with Klarna",
            "asset_urls": {"standard": picture, "descriptive": picture},
        }
    ]


def _readable(session: Session) -> dict[str, Any]:
    customer = session.request.get("customer", {})
    shown = {name: customer[name] for name in _READABLE if name in customer}
    return {
        **{name: value for name, value in session.request.items() if name not in _UNSHOWN},
        **({"customer": shown} if shown else {}),
        **({"authorization_token": session.authorization_token} if session.authorization_token else {}),
        "intent": session.intent,
        "status": session.status,
        "expires_at": clock.stamp(session.expires_at),
        "client_token": session.client_token,
        "payment_method_categories": _categories(),
    }
