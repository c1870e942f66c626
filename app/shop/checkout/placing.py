"""Placing an order: everything is checked and written, then Klarna is asked, then the answer is finished.

The page contributes nothing but the authorization token. Lines, amounts, address and buyer are the attempt's.
"""

import logging
import re
import uuid

from sqlalchemy import update

from app.klarna import KlarnaError, KlarnaRefused, KlarnaUnavailable

from ..cart import store
from ..cart.basket import Basket
from ..cart.models import Cart
from ..catalogue import service as catalogue
from ..extensions import db, rows_changed, utcnow
from ..markets import get as get_market
from ..orders import service as orders
from ..web import klarna
from . import finishing, outcomes
from .attempts import Shopper, find, merchant_urls
from .models import AttemptState, CheckoutAttempt
from .order_lines import billing_address, order_body
from .outcomes import CheckoutRefused, OrderFound

log = logging.getLogger(__name__)

TOKEN = re.compile(r"[A-Za-z0-9._~:-]{8,255}")


def place(shopper: Shopper, attempt_id: str, version: str, authorization_token: str) -> OrderFound:
    """Place the order of an attempt, once, however often this is called.

    Raises CheckoutRefused when there is no order. When Klarna's answer is lost the order stays *opened*; asking
    again, or the reconciler, finds out.
    """
    attempt = find(attempt_id, shopper)
    if attempt is None:
        raise outcomes.not_yours()
    if attempt.state in (AttemptState.PLACING, AttemptState.COMPLETED):
        return finishing.found(attempt)
    if not TOKEN.fullmatch(authorization_token):
        raise outcomes.odd_token()
    try:
        first = write_order(attempt, version, authorization_token)
    except CheckoutRefused:
        cancel(attempt, authorization_token)
        raise
    return ask_klarna(attempt.id) if first else finishing.found(attempt)


def write_order(attempt: CheckoutAttempt, version: str, authorization_token: str) -> bool:
    """Check the attempt against the cart of now, reserve the goods and write the order. Commits or changes nothing.

    False when somebody else is at it already. Raises CheckoutRefused.
    """
    cart = db.session.get(Cart, attempt.cart_id) if attempt.cart_id else None
    if attempt.state != AttemptState.OPEN or cart is None:
        raise outcomes.cart_changed()
    basket = store.price_cart(cart, get_market(attempt.market))
    if not version == attempt.version == basket.version:
        raise outcomes.cart_changed()
    if not attempt.address:
        raise outcomes.details_missing()
    if not _claim(attempt):
        return False
    try:
        _reserve(basket)
    except CheckoutRefused:
        db.session.rollback()
        raise
    billing = billing_address(attempt.email, attempt.address)
    order = orders.open_order(attempt.order_number, attempt.user_id, basket, attempt.email, attempt.address)
    attempt.order_id = order.id
    attempt.order_body = order_body(attempt.purchase, merchant_urls(attempt), billing)
    attempt.order_key = str(uuid.uuid4())
    attempt.authorization_token, attempt.authorized_at = authorization_token, utcnow()
    db.session.commit()
    return True


def ask_klarna(attempt_id: str) -> OrderFound:
    """Call create order with what is stored, to the byte the same each time, and finish. Raises CheckoutRefused."""
    attempt = db.session.get_one(CheckoutAttempt, attempt_id)
    if attempt.state != AttemptState.PLACING:
        return finishing.found(attempt)
    region = get_market(attempt.market).region
    token, body, key = attempt.authorization_token or "", attempt.order_body, attempt.order_key
    db.session.commit()
    try:
        placed = klarna(region).payments.place_order(token, body, key)
    except KlarnaUnavailable as lost:
        log.warning("order %s is unclear: %s", attempt.order_number, lost)
        return finishing.found(attempt)
    except KlarnaRefused as no:
        log.warning("order %s was refused: %s", attempt.order_number, no)
        finishing.refuse(attempt_id, no)
        raise outcomes.refused(no) from no
    return finishing.complete(attempt_id, placed)


def cancel(attempt: CheckoutAttempt, authorization_token: str) -> None:
    """No order will follow: free the shopper's credit. Klarna's refusal of this changes nothing for us."""
    region = get_market(attempt.market).region
    db.session.commit()
    try:
        klarna(region).payments.cancel_authorization(authorization_token)
    except KlarnaError as no:
        log.info("authorization was not cancelled: %s", no)


def _claim(attempt: CheckoutAttempt) -> bool:
    """Of several that place at once one goes on; the others read its result."""
    here = (CheckoutAttempt.id == attempt.id, CheckoutAttempt.state == AttemptState.OPEN)
    claimed = rows_changed(update(CheckoutAttempt).where(*here).values(state=AttemptState.PLACING))
    if not claimed:
        db.session.rollback()
    return bool(claimed)


def _reserve(basket: Basket) -> None:
    for item in basket.items:
        if not catalogue.take_stock(item.product_id, item.quantity):
            raise outcomes.sold_out(item.name)
