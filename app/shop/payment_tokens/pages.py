"""What a page needs on which the shopper lets us charge Klarna.

The page is the feature's: it includes ``payment_tokens/_payment.html`` with what :func:`page` gives, and loads
``checkout.js``, which speaks to the addresses of :mod:`.views` as it does to the checkout's.
"""

import logging
from typing import Any

from flask import url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from app.klarna import KlarnaError

from ..accounts import service as accounts
from ..checkout.credentials import Carrier
from ..checkout.forms import CheckoutForm
from ..checkout.outcomes import CheckoutRefused
from ..web import settings
from . import signups
from .signups import OpenSignup, Wish

log = logging.getLogger(__name__)


def page(wish: Wish) -> dict[str, Any]:
    """All that ``payment_tokens/_payment.html`` and the address form need; Klarna ready, or an honest word."""
    market = wish.basket.market
    known = accounts.prefill(current_user, market.code)
    values = {"email": known.email} | known.address
    form = CheckoutForm(MultiDict(), data=values).in_market(market)
    common = {"form": form, "known_address": known.complete, "basket": wish.basket, "urls": script_urls()}
    return common | _klarna_state(wish)


def script_urls() -> dict[str, str]:
    return {
        "details": url_for("payment_tokens.save_details"),
        "orders": url_for("payment_tokens.confirm"),
        "refresh": url_for("payment_tokens.refresh"),
        "interrupted": url_for("payment_tokens.interrupted", signup_id="-"),
    }


def _klarna_state(wish: Wish) -> dict[str, Any]:
    """What the payment section shows: Klarna ready, or an honest word that it is not."""
    common: dict[str, Any] = {"sdk_url": settings().sdk_url, "client_token": "", "category": {}}
    try:
        opened = signups.ready(wish)
    except (KlarnaError, CheckoutRefused) as trouble:
        log.warning("no session: %s", trouble)
        unavailable = common | {"state": "unavailable", "correlation_id": trouble.correlation_id}
        return {"klarna": unavailable, "attempt_id": "", "version": ""}
    shown = common | {"state": "ready"} | _offered(opened)
    return {"klarna": shown, "attempt_id": opened.id, "version": opened.version}


def _offered(opened: OpenSignup) -> dict[str, Any]:
    return {
        "client_token": opened.client_token,
        "category": opened.category,
        "linked": opened.carrier is Carrier.CUSTOMER_TOKEN,
        "signed_in": opened.carrier is Carrier.ACCESS_TOKEN,
    }
