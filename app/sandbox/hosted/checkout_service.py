"""What the library of Klarna Checkout asks for: the frame of one checkout, opened by the key in its snippet.

The key is the browser's credential for this checkout, no more; the page that asks has to be one of the merchant's.
"""

import hmac

from flask import Blueprint, g, request, url_for

from ..api.errors import ApiError
from ..checkout import checkouts
from ..checkout.checkouts import Checkout, UnknownCheckout
from . import service, tickets
from .origins import merchant_origins
from .tickets import CheckoutTicket

blueprint = Blueprint("checkout_service", __name__, url_prefix="/kco/checkout/orders")
blueprint.before_request(service.preflight)
blueprint.after_request(service.share)


@blueprint.post("/<order_id>")
def open_frame(order_id: str) -> dict[str, str]:
    """The address of the frame's page, good for this merchant's page only."""
    checkout = _opened_by_key(order_id)
    origin = request.headers.get("Origin", "")
    if origin not in merchant_origins(checkout.purchase):
        g.readable_by = origin
        words = "This page's origin is named neither by merchant_urls.checkout nor by merchant_urls.confirmation"
        raise ApiError(403, "NOT_ALLOWED", words)
    g.readable_by = origin
    ticket = tickets.write(CheckoutTicket(order_id, origin))
    return {"frame": url_for("checkout_frame.show", ticket=ticket)}


@blueprint.errorhandler(UnknownCheckout)
def unknown(_error: UnknownCheckout) -> tuple[dict[str, object], int]:
    """Read by any page: it tells nothing, and a page has to learn that its checkout is over."""
    g.readable_by = request.headers.get("Origin", "")
    return {"error_code": "NO_SUCH_ORDER", "error_messages": ["No such order"]}, 404


def _opened_by_key(order_id: str) -> Checkout:
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    checkout = checkouts.read(order_id)
    right = kind == "KlarnaCheckout" and hmac.compare_digest(key.encode(), checkout.browser_key.encode())
    if not right:
        raise UnknownCheckout("not the key of this checkout")
    return checkout
