"""What a merchant's server does with a checkout: open, read, change, end. https://docs.klarna.com/api/checkout/"""

import secrets
import string
import uuid
from dataclasses import replace
from typing import Any

from .. import clock, people, store
from ..api import checkout_rules
from ..api.errors import ApiError
from ..config import current
from ..idp import access_tokens
from ..merchants import Merchant
from . import shipping
from .checkouts import LIFETIME, Checkout, Expired, Status, UnknownCheckout, is_locked, is_over, keep, read

_ADDRESSES = ("billing_address", "shipping_address")


def create(merchant: Merchant, body: dict[str, Any]) -> Checkout:
    """Open a checkout; raises ApiError 400. An access token that is no good is ignored."""
    sent, token = _split(checkout_rules.changes(body, current().insecure_merchant_urls))
    checkout_rules.purchase(sent)
    order_id, now = str(uuid.uuid4()), clock.now()
    key = "".join(secrets.choice(string.ascii_lowercase) for _ in range(20))
    with store.transaction() as db:
        db.execute(
            "INSERT INTO checkouts (order_id, merchant, region, status, purchase, browser_key, started_at,"
            " last_modified_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                *(order_id, merchant.username, merchant.region, Status.INCOMPLETE, store.dump(shipping.choose(sent))),
                *(key, clock.stamp(now), clock.stamp(now), clock.stamp(now + LIFETIME)),
            ],
        )
        _recognise(order_id, merchant, token)
        return read(order_id)


def update(order_id: str, merchant: Merchant, body: dict[str, Any]) -> Checkout:
    """Change a checkout; raises ApiError 400, 403 or 404, and Expired.

    A field that is sent replaces the one that was there, as a whole (inferred for objects). An address is ignored
    once the customer typed one. An access token is taken here as well (inferred).
    """
    with store.transaction():
        checkout = find(order_id, merchant)
        _refuse_read_only(checkout)
        sent, token = _split(checkout_rules.changes(body, current().insecure_merchant_urls))
        if checkout.typed:
            sent = {name: value for name, value in sent.items() if name not in _ADDRESSES}
        merged = checkout.purchase | sent
        checkout_rules.purchase(merged)
        keep(checkout, shipping.choose(merged))
        _recognise(order_id, merchant, token)
        return read(order_id)


def abort(order_id: str, merchant: Merchant) -> Checkout:
    """End a checkout that nobody completed; raises ApiError 403 or 404, and Expired."""
    with store.transaction() as db:
        checkout = find(order_id, merchant)
        _refuse_read_only(checkout)
        keep(checkout, checkout.purchase)
        db.execute("UPDATE checkouts SET status = ? WHERE order_id = ?", [Status.ABORTED, order_id])
        return read(order_id)


def find(order_id: str, merchant: Merchant) -> Checkout:
    """A checkout of this merchant; raises ApiError 404, and Expired. The code of the 404 is inferred."""
    try:
        checkout = read(order_id)
    except UnknownCheckout:
        raise _no_such_order() from None
    if (checkout.merchant, checkout.region) != (merchant.username, merchant.region):
        raise _no_such_order()
    if is_over(checkout):
        raise Expired
    return checkout


def _no_such_order() -> ApiError:
    return ApiError(404, "NO_SUCH_ORDER", "No such order")


def _split(sent: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    """Take `customer.klarna_access_token` out of what is kept and shown."""
    customer = dict(sent.get("customer", {}))
    token = customer.pop("klarna_access_token", None)
    return sent | ({"customer": customer} if "customer" in sent else {}), token


def _recognise(order_id: str, merchant: Merchant, token: str | None) -> None:
    """Who is recognised stays so, whatever becomes of the token. An account belongs to one market."""
    if token is None:
        return
    person = _signed_in(merchant, token)
    found = person if person and people.find(person).country == read(order_id).country else None
    store.connection().execute("UPDATE checkouts SET recognised = ? WHERE order_id = ?", [found, order_id])


def _signed_in(merchant: Merchant, token: str) -> str | None:
    """Whom an access token of Sign in with Klarna stands for, of either region (inferred): there is one address.

    https://docs.klarna.com/sign-in-with-klarna/integrate-sign-in-with-klarna/klarna-checkout/
    """
    found = (access_tokens.recognise(replace(merchant, region=region), token) for region in checkout_rules.REGIONS)
    return next((recognition.person for recognition in found if recognition), None)


def _refuse_read_only(checkout: Checkout) -> None:
    """That a locked checkout is refused like a completed one is inferred."""
    if not checkout.is_open or is_locked(checkout.order_id):
        raise ApiError(403, "READ_ONLY_ORDER", "Resource is read-only")
