"""The one place where an attempt ends. Page, callback and reconciler all come through here.

State moves by a conditional UPDATE: whoever comes second changes nothing and reads the first one's result.
"""

import logging

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.klarna import KlarnaError
from app.klarna.payments import Intent, PlacedOrder

from ..accounts import service as accounts
from ..cart import store
from ..cart.basket import delivery_code
from ..extensions import db, utcnow
from ..linking import questions
from ..linking import service as linking
from ..linking.models import Question
from ..mail import sending
from ..mail.letters import Kind
from ..markets import get as get_market
from ..orders import letters
from ..orders import service as orders
from ..orders.models import Order
from ..orders.states import OrderState
from . import reviews
from .models import CheckoutAttempt, move
from .outcomes import OrderFound
from .states import AttemptState

log = logging.getLogger(__name__)

LETTERS = {OrderState.PLACED: Kind.CONFIRMED, OrderState.PENDING: Kind.PENDING, OrderState.REJECTED: Kind.REJECTED}


def complete(attempt_id: str, placed: PlacedOrder) -> OrderFound:
    """Klarna has the order: record it and follow the link, in one transaction. Commits."""
    attempt = db.session.get_one(CheckoutAttempt, attempt_id)
    if not move(attempt_id, AttemptState.COMPLETED, authorization_token=None, asked_at=None):
        db.session.rollback()
        if attempt.state != AttemptState.COMPLETED:
            log.error("attempt %s is %s, and Klarna has its order %s", attempt_id, attempt.state, placed.order_id)
        return found(attempt)
    order, state = _order(attempt), reviews.AT_FIRST[placed.fraud_status]
    orders.move(
        order.id,
        state,
        reviews.WORDS[state],
        klarna_order_id=placed.order_id,
        fraud_status=placed.fraud_status,
        payment_method=placed.payment_method,
        redirect_url=placed.redirect_url,
    )
    _follow_link(attempt, placed)
    if attempt.user_id is not None:
        accounts.remember_address(attempt.user_id, attempt.address)
    if state is OrderState.REJECTED:
        _give_back(attempt, order)
    letters.write(LETTERS[state], order)
    db.session.commit()
    questions.answer_soon()
    sending.send_soon()
    return OrderFound(order.number, placed.redirect_url)


def refuse(attempt_id: str, no: KlarnaError) -> None:
    """Klarna said no: the goods go back to shelf and cart, the authorization is worthless. Commits."""
    attempt = db.session.get_one(CheckoutAttempt, attempt_id)
    if not move(attempt_id, AttemptState.FAILED, authorization_token=None, asked_at=None):
        db.session.rollback()
        return
    order = _order(attempt)
    orders.move(order.id, OrderState.FAILED, f"Klarna did not take the order ({no.error_code or no.status}).")
    _give_back(attempt, order)
    db.session.commit()


def found(attempt: CheckoutAttempt) -> OrderFound:
    """The order of an attempt, in whatever state it is by now."""
    number = attempt.order_number
    redirect_url = db.session.scalar(select(Order.redirect_url).where(Order.number == number)) or ""
    return OrderFound(number, redirect_url)


def _give_back(attempt: CheckoutAttempt, order: Order) -> None:
    """The goods are on the shelf again, and in the cart they were taken out of."""
    orders.give_back_stock(order)
    if attempt.cart_id is not None:
        goods = [(line.product_id, line.quantity, line.unit_price) for line in order.lines if line.product_id]
        store.put_back(attempt.cart_id, goods, order.currency, delivery_code(line.reference for line in order.lines))


def _order(attempt: CheckoutAttempt) -> Order:
    with_lines = select(Order).options(selectinload(Order.lines)).where(Order.id == attempt.order_id)
    return db.session.scalars(with_lines).one()


def _follow_link(attempt: CheckoutAttempt, placed: PlacedOrder) -> None:
    """The token is saved for the user who opened the attempt, whoever's browser brought the answer.

    It is ended where that user deleted their account meanwhile.
    """
    if attempt.intent != Intent.BUY_AND_LINK:
        return
    region = get_market(attempt.market).region
    if attempt.user_id is None:
        questions.put(Question.REVOKE, placed.customer_token, region)
        return
    answer = linking.Answer(
        placed.customer_token, attempt.authorized_at or utcnow(), attempt.order_number, attempt.opened_at
    )
    linking.record_order(attempt.user_id, region, answer)
