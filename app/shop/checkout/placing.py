"""Placing an order: everything is checked and written, then Klarna is asked, then the answer is finished.

The page contributes nothing but the authorization token. Lines, amounts, address and buyer are the attempt's.
"""

import json
import logging
import re
import uuid

from sqlalchemy import or_, update

from app.klarna import KlarnaError, KlarnaRefused, KlarnaUnavailable
from app.klarna.errors import NotFound

from ..cart import store
from ..cart.basket import Basket
from ..cart.models import Cart
from ..catalogue import service as catalogue
from ..extensions import db, rows_changed, utcnow
from ..markets import get as get_market
from ..orders import service as orders
from ..orders.sold import of_basket
from ..web import CALL_MAY_TAKE, klarna
from . import attempts, authorizations, finishing, outcomes
from .attempts import Shopper, merchant_urls
from .models import CheckoutAttempt, move
from .order_lines import billing_address, order_body
from .outcomes import CheckoutRefused, OrderFound
from .states import HAS_ORDER, AttemptState

log = logging.getLogger(__name__)

TOKEN = re.compile(r"[A-Za-z0-9._~:-]{8,255}")


def place(shopper: Shopper, attempt_id: str, version: str, authorization_token: str) -> OrderFound:
    """Place the order of an attempt, once, however often this is called.

    Raises CheckoutRefused when there is no order and none can follow: the attempt is given up before that is said.
    When Klarna's answer is lost the order stays *opened*; asking again, or the reconciler, finds out.
    """
    attempt = db.session.get(CheckoutAttempt, attempt_id)
    if attempt is None:
        raise outcomes.not_yours()
    mine, readable = shopper.owns(attempt), TOKEN.fullmatch(authorization_token) is not None
    try:
        if not mine:
            raise outcomes.not_yours()
        if attempt.state in HAS_ORDER:
            return finishing.found(attempt)
        if not (readable and _belongs(attempt, authorization_token)):
            raise outcomes.odd_token()
        first = write_order(attempt, version, authorization_token)
    except CheckoutRefused:
        dropped = attempts.drop(attempt, approved=readable and mine)
        if not dropped and attempt.state in HAS_ORDER:
            if not mine:
                raise outcomes.has_order() from None
            return finishing.found(attempt)  # the cart was empty because the same order was being written
        raise
    return ask_klarna(attempt_id) if first else finishing.found(attempt)


def place_approved(attempt_id: str) -> OrderFound:
    """Place the order of an approval that no page brought back. Raises CheckoutRefused.

    What a callback reported is a hint: it may be invented, or older than the approval that counts. Where Klarna's
    session holds none, or cannot be read, the attempt stays open.
    """
    attempt = db.session.get_one(CheckoutAttempt, attempt_id)
    token = _approval(attempt)
    if not token and attempt.state not in HAS_ORDER:
        authorizations.forget(attempt)
        raise outcomes.not_approved()
    try:
        first = write_order(attempt, attempt.version, token)
    except CheckoutRefused:
        attempts.drop(attempt, approved=True)
        raise
    return ask_klarna(attempt_id) if first else finishing.found(attempt)


def _approval(attempt: CheckoutAttempt) -> str:
    """What Klarna's session holds; empty where it holds none, or is over.

    Raises CheckoutRefused when Klarna does not say, of this or of another way by which the cart may be paid.
    """
    try:
        attempts.paid_elsewhere(attempt.cart_id)
    except KlarnaError as trouble:
        raise outcomes.not_placed_yet(trouble) from trouble
    try:
        return authorizations.held(attempt)
    except NotFound:
        return ""
    except KlarnaError as trouble:
        raise outcomes.not_placed_yet(trouble) from trouble


def _belongs(attempt: CheckoutAttempt, authorization_token: str) -> bool:
    """Whether an approval is one of this attempt's session. Klarna's callback mostly told; else Klarna is asked.

    Raises CheckoutRefused when Klarna cannot be reached, or the session is over, and every approval of it.
    """
    if attempt.state != AttemptState.OPEN or authorization_token == attempt.authorization_token:
        return True
    try:
        return authorizations.held(attempt) == authorization_token
    except NotFound as over:
        raise outcomes.refused(over) from over
    except KlarnaError as trouble:
        raise outcomes.unreachable(trouble) from trouble


def write_order(attempt: CheckoutAttempt, version: str, authorization_token: str) -> bool:
    """Check the attempt against the cart of now, reserve the goods and write the order. Commits or changes nothing.

    False when somebody else is at it already. Raises CheckoutRefused.
    """
    if attempt.state in HAS_ORDER:
        return False
    try:
        bought = attempts.paid_elsewhere(attempt.cart_id)
    except KlarnaError as trouble:
        raise outcomes.perhaps_paid(trouble) from trouble
    if bought:
        raise outcomes.already_ordered()
    cart = db.session.get(Cart, attempt.cart_id) if attempt.cart_id else None
    if cart is None:
        raise outcomes.cart_changed()
    basket = store.price_cart(cart, get_market(attempt.market))
    # What was given up in the background, before the page asked, is told in the same words.
    if attempt.state != AttemptState.OPEN or not version == attempt.version == basket.version:
        raise outcomes.cart_changed() if basket.items else outcomes.already_ordered()
    if not attempt.address:
        raise outcomes.details_missing()
    # Of several that place at once one goes on; the others read its result.
    if not move(attempt.id, AttemptState.PLACING, asked_at=utcnow()):
        db.session.rollback()
        return False
    try:
        _reserve(cart.id, basket)
    except CheckoutRefused:
        db.session.rollback()
        raise
    billing = billing_address(attempt.email, attempt.address)
    order = orders.open_order(attempt.order_number, attempt.user_id, of_basket(basket), attempt.email, attempt.address)
    attempt.order_id = order.id
    attempt.order_body = json.dumps(order_body(attempt.purchase, merchant_urls(attempt), billing))
    attempt.order_key = str(uuid.uuid4())
    attempt.authorization_token, attempt.authorized_at = authorization_token, utcnow()
    db.session.commit()
    return True


def _reserve(cart_id: int, basket: Basket) -> None:
    """Take the goods off the shelf and out of the cart. Always in one order, so that two carts never wait crosswise."""
    for item in sorted(basket.items, key=lambda item: item.product_id):
        if not catalogue.take_stock(item.product_id, item.quantity):
            raise outcomes.sold_out(item.name)
    if not store.take_out(cart_id, basket.items):
        raise outcomes.cart_changed()


def ask_klarna(attempt_id: str) -> OrderFound:
    """Call create order with what is stored, and finish: for whoever wrote the order. Raises CheckoutRefused."""
    return _call(attempt_id, again=False)


def ask_again(attempt_id: str) -> OrderFound:
    """Repeat a create order that was left without an answer, unless a call is under way. Raises CheckoutRefused."""
    ended = or_(CheckoutAttempt.asked_at.is_(None), CheckoutAttempt.asked_at < utcnow() - CALL_MAY_TAKE)
    here = (CheckoutAttempt.id == attempt_id, CheckoutAttempt.state == AttemptState.PLACING, ended)
    mine = rows_changed(update(CheckoutAttempt).where(*here).values(asked_at=utcnow()))
    db.session.commit()
    if not mine:
        return finishing.found(db.session.get_one(CheckoutAttempt, attempt_id))
    return _call(attempt_id, again=True)


def _call(attempt_id: str, again: bool) -> OrderFound:
    attempt = db.session.get_one(CheckoutAttempt, attempt_id)
    region = get_market(attempt.market).region
    token, body, key = attempt.authorization_token or "", json.loads(attempt.order_body or "{}"), attempt.order_key
    db.session.commit()
    try:
        placed = klarna(region).payments.place_order(token, body, key)
    except KlarnaUnavailable as lost:
        return _leave_open(attempt_id, lost)
    except KlarnaRefused as no:
        if (again or no.attempts > 1) and not _surely_without_order(attempt_id, no, again):
            return _leave_open(attempt_id, no)
        log.warning("order of attempt %s was refused: %s", attempt_id, no)
        finishing.refuse(attempt_id, no)
        authorizations.free(attempt)
        raise outcomes.refused(no) from no
    return finishing.complete(attempt_id, placed)


def _leave_open(attempt_id: str, why: KlarnaError) -> OrderFound:
    """Nobody knows whether the order was made: it stays as it is, and may be asked about again."""
    log.warning("order of attempt %s is unclear: %s", attempt_id, why)
    attempt = db.session.get_one(CheckoutAttempt, attempt_id)
    attempt.asked_at = None
    db.session.commit()
    return finishing.found(attempt)


def _surely_without_order(attempt_id: str, no: KlarnaRefused, again: bool) -> bool:
    """Whether the refusal of a repeated call is a verdict on the first one, too: only the session can tell.

    Right after the first try not even that: it may still be at work.
    """
    attempt = db.session.get_one(CheckoutAttempt, attempt_id)
    region, session_id = get_market(attempt.market).region, attempt.klarna_session_id or ""
    settled = attempt.authorized_at is not None and utcnow() - attempt.authorized_at > CALL_MAY_TAKE
    db.session.commit()
    if not (again and settled):
        return False
    try:
        return klarna(region).payments.read_session(session_id).status == "incomplete"
    except KlarnaError as trouble:
        log.error("attempt %s may have an order at Klarna; refused with %s, and %s", attempt_id, no, trouble)
        return False
