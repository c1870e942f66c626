"""``redirect_url`` of an order: the browser passes by here, then goes on to the merchant's confirmation page."""

from flask import Blueprint, redirect, render_template
from werkzeug.wrappers import Response

from .. import orders
from . import headers

blueprint = Blueprint("redirects", __name__)
blueprint.after_request(headers.protect)


@blueprint.get("/payments/redirect/<order_id>")
def to_confirmation(order_id: str) -> Response | tuple[str, int]:
    """To the address stored with the order; never to one that comes with the request."""
    confirmation = orders.confirmation_url(order_id)
    if confirmation:
        return redirect(confirmation)
    return render_template("start/not_found.html"), 404
