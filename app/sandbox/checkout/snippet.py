"""`html_snippet`: the container, the queue that stands in for the library until it is there, and its settings.

As others have captured it: https://docs.klarna.com/klarna-checkout/get-started/render-checkout-snippet . Two things
are left out, so that a merchant's strict content policy has nothing to complain of: the container's inline style,
which the script sets instead, and the picture that counts views. The policy has to allow the snippet's script by nonce
(`script-src 'nonce-...'`), and Klarna's address in `script-src`, `frame-src` and `connect-src`.
"""

from typing import Any

from flask import render_template

from ..config import current
from . import alpha3
from .checkouts import Checkout
from .shown import options


def of(checkout: Checkout) -> str:
    """The snippet of a checkout as it stands: the form, or the confirmation of what was bought."""
    return render_template("checkout/snippet.html", config=_config(checkout))


def _config(checkout: Checkout) -> dict[str, Any]:
    url = current().url
    return {
        "ORDER_URL": f"{url}/kco/checkout/orders/{checkout.order_id}",
        "AUTH_HEADER": f"KlarnaCheckout {checkout.browser_key}",
        "LOCALE": checkout.purchase["locale"],
        "ORDER_STATUS": checkout.status,
        "MERCHANT_NAME": current().merchant_name,
        "GUI_OPTIONS": checkout.purchase.get("gui", {}).get("options", []),
        "ALLOW_SEPARATE_SHIPPING_ADDRESS": options(checkout)["allow_separate_shipping_address"],
        "PURCHASE_COUNTRY": alpha3.of(checkout.country),
        "PURCHASE_CURRENCY": checkout.purchase["purchase_currency"].upper(),
        "TESTDRIVE": True,
        "BOOTSTRAP_SRC": f"{url}/kco/checkout.bootstrap.js",
        "FE_EVENTS_DISABLED": True,
        "CLIENT_EVENT_HOST": url,
    }
