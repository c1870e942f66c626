"""The one place where an attempt ends. Page, callback and reconciler all come through here.

State moves by a conditional UPDATE: whoever comes second changes nothing and reads the first one's result.
"""

from sqlalchemy import select, update
from sqlalchemy.orm import selectinload

from app.klarna import KlarnaError
from app.klarna.payments import FraudStatus, Intent, PlacedOrder

from ..accounts import service as accounts
from ..cart import store
from ..catalogue import service as catalogue
from ..extensions import db, rows_changed
from ..linking import service as linking
from ..markets import get as get_market
from ..orders import service as orders
from ..orders.models import Order
from ..orders.states import OrderState
from .models import AttemptState, CheckoutAttempt
from .outcomes import OrderFound


def complete(attempt_id: str, placed: PlacedOrder) -> OrderFound:
    """Klarna has the order: record it, follow the link, empty the cart, in one transaction. Commits."""
    attempt = db.session.get_one(CheckoutAttempt, attempt_id)
    if not _end(attempt_id, AttemptState.COMPLETED):
        return found(attempt)
    accepted = placed.fraud_status is FraudStatus.ACCEPTED
    order = _order(attempt)
    orders.move(
        order.id,
        OrderState.PLACED if accepted else OrderState.PENDING,
        "Klarna approved the payment." if accepted else "Klarna is reviewing the payment.",
        klarna_order_id=placed.order_id,
        fraud_status=placed.fraud_status,
        payment_method=placed.payment_method,
        redirect_url=placed.redirect_url,
    )
    if attempt.user_id is not None:
        _follow_link(attempt, placed)
        accounts.remember_address(attempt.user_id, attempt.address)
    if attempt.cart_id is not None:
        store.take_out(attempt.cart_id, _goods(order))
    db.session.commit()
    return OrderFound(order.number, placed.redirect_url)


def refuse(attempt_id: str, no: KlarnaError) -> None:
    """Klarna said no: the goods go back, the authorization is worthless, the cart stays. Commits."""
    attempt = db.session.get_one(CheckoutAttempt, attempt_id)
    if not _end(attempt_id, AttemptState.FAILED):
        return
    order = _order(attempt)
    orders.move(order.id, OrderState.FAILED, f"Klarna did not take the order ({no.error_code or no.status}).")
    for product_id, quantity in _goods(order):
        catalogue.give_back_stock(product_id, quantity)
    attempt.authorization_token = None
    db.session.commit()


def found(attempt: CheckoutAttempt) -> OrderFound:
    """The order of an attempt, in whatever state it is by now."""
    number = attempt.order_number
    redirect_url = db.session.scalar(select(Order.redirect_url).where(Order.number == number)) or ""
    return OrderFound(number, redirect_url)


def _end(attempt_id: str, state: AttemptState) -> bool:
    here = (CheckoutAttempt.id == attempt_id, CheckoutAttempt.state == AttemptState.PLACING)
    ended = rows_changed(update(CheckoutAttempt).where(*here).values(state=state))
    if not ended:
        db.session.rollback()
    return bool(ended)


def _order(attempt: CheckoutAttempt) -> Order:
    with_lines = select(Order).options(selectinload(Order.lines)).where(Order.id == attempt.order_id)
    return db.session.scalars(with_lines).one()


def _goods(order: Order) -> list[tuple[int, int]]:
    return [(line.product_id, line.quantity) for line in order.lines if line.product_id is not None]


def _follow_link(attempt: CheckoutAttempt, placed: PlacedOrder) -> None:
    """The token is saved for the user who opened the attempt, whoever's browser brought the answer."""
    if attempt.intent == Intent.BUY_AND_LINK and attempt.user_id is not None:
        region = get_market(attempt.market).region
        linking.record_order(attempt.user_id, region, placed.customer_token, attempt.order_number)
