"""Which merchant is calling: HTTP Basic, with the credentials of the region whose address is called.

https://docs.klarna.com/api/authentication/ . Three forms are taken: the API key alone as it is, the key with
its user name in base64, and the older pair of user name and secret, which reads the same.
"""

import base64
import binascii
from collections.abc import Iterable

from flask import Response, g, jsonify, request
from werkzeug.exceptions import Unauthorized

from .. import switches
from ..config import current
from ..merchants import Merchant, Region
from .errors import CORRELATION_HEADER, ApiError, correlation_id

INACTIVE = "inactive_regions"


def require_merchant() -> None:
    """Find out who calls, for `merchant()`; raises Unauthorized, or ApiError 403 when the account is inactive."""
    _require(current().merchants, Region(g.region))


def require_checkout_merchant() -> None:
    """The same for Klarna Checkout, which has one address and credentials of its own."""
    _require(current().checkout_merchants, Region.EUROPE)


def require_merchant_or_checkout() -> None:
    """The same where orders are managed: of Klarna Payments and, at the root, of Klarna Checkout (inferred)."""
    _require((*current().merchants, *current().checkout_merchants), Region(g.region))


def require_any_merchant() -> None:
    """The same where one address serves all regions: the key of any of them opens it; raises ApiError 401 or 403."""
    found = _caller(current().merchants, set(Region), request.headers.get("Authorization", ""))
    if found is None:
        words = "The credentials are missing or not those of a merchant: an API key as Basic is wanted"
        raise ApiError(401, "UNAUTHORIZED", words)
    _admit(found)


def merchant() -> Merchant:
    """The merchant whose call is being answered."""
    found: Merchant = g.merchant
    return found


def _require(accounts: Iterable[Merchant], region: Region) -> None:
    found = _caller(accounts, {region}, request.headers.get("Authorization", ""))
    if found is None:
        raise Unauthorized(response=_unauthorized())
    _admit(found)


def _admit(found: Merchant) -> None:
    if found.region in switches.get(INACTIVE, []):
        raise ApiError(403, "MERCHANT_INACTIVE", "Merchant is not active")  # wording inferred
    g.merchant = found


def _caller(accounts: Iterable[Merchant], regions: set[Region], header: str) -> Merchant | None:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic" or not value.strip():
        return None
    attempts = [(None, value.strip()), *_decoded(value.strip())]
    return next(
        (
            known
            for known in accounts
            for username, password in attempts
            if known.region in regions and known.is_opened_by(username, password)
        ),
        None,
    )


def _decoded(value: str) -> list[tuple[str | None, str]]:
    try:
        text = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError):
        return []
    username, colon, password = text.partition(":")
    return [(username, password)] if colon else []


def _unauthorized() -> Response:
    """A 401 has a shape of its own, seen by others and not documented: no `error_code`."""
    response = jsonify(
        http_status_code=401,
        http_status_message="Unauthorized",
        internal_message="The credentials are missing or not those of a merchant in this region",
    )
    response.status_code = 401
    response.headers["WWW-Authenticate"] = 'Basic realm="Klarna"'
    response.headers[CORRELATION_HEADER] = correlation_id()
    return response
