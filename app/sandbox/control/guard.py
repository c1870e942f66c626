"""Who may control the sandbox: this machine, and no web page of somebody else's.

Tokens and addresses are shown here, so other machines, foreign host names (which a web page could point at
this machine) and requests a browser sends for another site are refused.
"""

import ipaddress
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, request

from .. import clock, faults, fraud, payment_tokens
from ..api.errors import ApiError
from ..callbacks.ledger import NothingToSend
from ..checkout.checkouts import UnknownCheckout
from ..config import current
from ..customer_tokens import UnknownCustomerToken
from ..idp.tokens import UnknownToken
from ..people import UnknownPerson
from .reading import BadInput

_SAFE = ("GET", "HEAD", "OPTIONS")
_OWN_SITES = ("same-origin", "none")


class NotDone(Exception):
    """What was asked for made sense, and still did not come about; the message says why."""


def protect(blueprint: Blueprint) -> None:
    """Guard the calls of a blueprint, and have it answer in words what makes no sense or is not there."""
    blueprint.before_request(refuse_strangers)
    too_late = (fraud.CannotDecide, payment_tokens.CancelledForGood)
    for senseless in (BadInput, faults.BadFault, clock.TooFarAhead, *too_late):
        blueprint.register_error_handler(senseless, lambda error: refusal(400, str(error)))
    unknown = (UnknownPerson, UnknownCustomerToken, UnknownToken, UnknownCheckout, NothingToSend)
    for missing in (*unknown, fraud.UnknownOrder, payment_tokens.UnknownPaymentToken):
        blueprint.register_error_handler(missing, lambda error: refusal(404, str(error)))
    blueprint.register_error_handler(NotDone, lambda error: refusal(409, str(error)))
    blueprint.register_error_handler(ApiError, lambda error: refusal(error.status, ". ".join(error.messages)))


def refuse_strangers() -> Response | None:
    """Runs before each control request."""
    if not is_near():
        return refusal(403, "The sandbox is controlled from its own machine only (SANDBOX_REMOTE_CONTROL)")
    if request.method not in _SAFE and not _is_own_page():
        return refusal(403, "A page of another site may not control the sandbox")
    if request.method not in _SAFE and not _is_json():
        return refusal(400, "Send JSON, with Content-Type: application/json")
    return None


def is_near() -> bool:
    """Whether the request comes from this machine and was meant for it, or may come from elsewhere."""
    return current().remote_control or (_is_loopback(request.remote_addr) and _is_own_host())


def refusal(status: int, words: str) -> Response:
    response = jsonify(error=words)
    response.status_code = status
    return response


def _is_loopback(address: str | None) -> bool:
    try:
        parsed = ipaddress.ip_address(address or "")
        return (getattr(parsed, "ipv4_mapped", None) or parsed).is_loopback
    except ValueError:
        return False


def _is_own_host() -> bool:
    host = urlsplit(f"//{request.host}").hostname
    return host in ("localhost", "127.0.0.1", "::1", urlsplit(current().url).hostname)


def _is_own_page() -> bool:
    """Browsers say where a request comes from; programs do not."""
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site", "none")
    own = (None, current().url, request.host_url.rstrip("/"))
    return origin in own and site in _OWN_SITES


def _is_json() -> bool:
    """A form of another site cannot send JSON; a request with neither body nor type is fine."""
    empty = not request.content_length and not request.content_type
    return request.is_json or empty
