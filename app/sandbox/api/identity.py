"""Identity API of the Klarna Network, v2: what became of a customer token, and ending its link.

https://docs.klarna.com/api/kn/klarna-product-api-identity/klarna-product-api-identity-v2-r7
The exact paths and the 410 are inferred. One partner account holds the configured merchant accounts of all regions,
and the API key of any of them opens it. The token travels in a header, so that it stands in no address.
"""

import re
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from .. import customer_tokens, store, token_kinds
from ..config import current
from ..customer_tokens import Link, Status
from . import idempotency, rate_limit
from .auth import require_any_merchant
from .errors import ApiError

blueprint = Blueprint("identity", __name__, url_prefix="/v2/accounts/<partner_account_id>/identity/customer-token")
TOKEN_HEADER = "X-Klarna-Customer-Token"  # noqa: S105 (the header's name)
PARTNER_CORRELATION_HEADER = "Partner-Correlation-Id"
LONGEST_TOKEN = 1024
SCOPES = ("payment:customer_present", "customer:login")
# Klarna says alphanumeric; the hyphens of a UUID pass as well (inferred).
_CORRELATION = re.compile(r"[A-Za-z0-9_-]{1,255}")
_GONE = {
    Status.ROTATED: "was replaced by a newer one",
    Status.EXPIRED: "has expired",
}


@blueprint.url_value_preprocessor
def take_account(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Views need not take it: it is checked once for all of them."""
    g.partner_account_id = (values or {}).pop("partner_account_id", "")


def require_own_account() -> None:
    """Raises ApiError 403 for an account that is not the caller's."""
    if g.partner_account_id != current().partner_account_id:
        raise ApiError(403, "ACCESS_DENIED", "This partner account is not the one the API key belongs to")


def require_plain_correlation_id() -> None:
    """Raises ApiError 400 for a correlation id that could not be echoed."""
    sent = request.headers.get(PARTNER_CORRELATION_HEADER)
    if sent is not None and not _CORRELATION.fullmatch(sent):
        raise _invalid(f"{PARTNER_CORRELATION_HEADER} has 1 to 255 letters and digits")


blueprint.before_request(require_any_merchant)
blueprint.before_request(rate_limit.count_call)
blueprint.before_request(require_own_account)
blueprint.before_request(require_plain_correlation_id)
blueprint.before_request(idempotency.replay)
blueprint.after_request(idempotency.keep)
blueprint.after_request(rate_limit.add_headers)


@blueprint.after_request
def echo_correlation_id(response: Response) -> Response:
    """On refusals as well."""
    sent = request.headers.get(PARTNER_CORRELATION_HEADER, "")
    if _CORRELATION.fullmatch(sent):
        response.headers[PARTNER_CORRELATION_HEADER] = sent
    return response


@blueprint.post("/introspect")
def introspect() -> Response:
    link = _active_link()
    return jsonify(
        status="ACTIVE",
        scopes=SCOPES,
        issued_at=int(link.issued_at.timestamp() * 1000),
        customer_token_reference=link.customer_token_reference,
    )


@blueprint.post("/revoke")
def revoke() -> Response:
    """Ends the link. The merchant is sent no webhook about what it did itself (inferred)."""
    with store.transaction():
        link = customer_tokens.revoke(_active_link().customer_token)
    return jsonify(customer_token_reference=link.customer_token_reference)


def _active_link() -> Link:
    """The link whose token the header holds; raises ApiError 400, 403, 404 or 410."""
    link = customer_tokens.find(_token())
    if link is None:
        raise _unknown("does not exist")
    if link.merchant not in {merchant.username for merchant in current().merchants}:
        raise ApiError(403, "ACCESS_DENIED", "This customer token belongs to another merchant")
    if link.status is Status.REVOKED:
        raise ApiError(410, "CUSTOMER_TOKEN_REVOKED", "This customer token has been revoked")
    if link.status is not Status.ACTIVE:
        raise _unknown(_GONE[link.status])
    return link


def _token() -> str:
    token = request.headers.get(TOKEN_HEADER, "").strip()
    if not token:
        raise _invalid(f"The header {TOKEN_HEADER} is missing")
    if len(token) > LONGEST_TOKEN:
        raise _invalid(f"The header {TOKEN_HEADER} has at most {LONGEST_TOKEN} characters")
    mistaken = token_kinds.mistaken(token, token_kinds.LINKING)
    if mistaken:
        raise _invalid(f"{TOKEN_HEADER}: {mistaken[0]}")
    return token


def _invalid(words: str) -> ApiError:
    return ApiError(400, "VALIDATION_ERROR", words)


def _unknown(fate: str) -> ApiError:
    return ApiError(404, "CUSTOMER_TOKEN_NOT_FOUND", f"This customer token {fate}")
