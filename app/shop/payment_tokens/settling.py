"""The one place where a charge ends: order, shelf, token and history in one transaction, and the feature is told.

State moves by a conditional UPDATE: whoever comes second changes nothing and reads the first one's result. Commits.
"""

import logging

from sqlalchemy import select, update
from sqlalchemy.orm import selectinload

from app.klarna import KlarnaError, KlarnaRefused
from app.klarna.customer_tokens import Charge, WrongTokenKind

from ..checkout import reviews
from ..extensions import db, rows_changed
from ..mail import sending
from ..orders import service as orders
from ..orders.models import Order
from ..orders.states import OrderState
from . import bodies, service, signals
from .models import PaymentToken, TokenCharge
from .rules import WORDS, Refusal, state_after
from .states import ChargeState, TokenChange, TokenState

log = logging.getLogger(__name__)


def state(charge_id: int) -> ChargeState:
    """The state of a charge, as it is by now."""
    return ChargeState(db.session.scalars(select(TokenCharge.state).where(TokenCharge.id == charge_id)).one())


def leave(charge_id: int, why: KlarnaError | WrongTokenKind) -> None:
    """Nobody knows whether it was charged: it stays as it is, and may be asked again."""
    log.warning("charge %d is unclear: %s", charge_id, why)
    _move(charge_id, ChargeState.ASKED, correlation_id=getattr(why, "correlation_id", ""))
    db.session.commit()


def complete(charge_id: int, answer: Charge) -> None:
    """Klarna has the order. Its review may still end with a no; and one that Klarna rejects at once is a refusal."""
    outcome = reviews.AT_FIRST[answer.fraud_status]
    rejected = outcome is OrderState.REJECTED
    ended = {"refusal": str(Refusal.DECLINED), "error_code": "REJECTED"} if rejected else {}
    if not _move(charge_id, ChargeState.REFUSED if rejected else ChargeState.DONE, token=None, **ended):
        db.session.rollback()
        return
    charge = db.session.get_one(TokenCharge, charge_id)
    order = _order(charge)
    orders.move(
        order.id,
        outcome,
        reviews.WORDS[outcome],
        klarna_order_id=answer.order_id,
        fraud_status=answer.fraud_status,
        payment_method=answer.payment_method,
        redirect_url=answer.redirect_url,
    )
    if rejected:
        orders.give_back_stock(order)
    elif outcome is OrderState.PLACED and bodies.captured_at_once(charge.body):
        orders.follow_charge(order, order.total)
    _follow(charge, order, TokenState.ACTIVE, TokenChange.REFUSED if rejected else TokenChange.CHARGED)
    (signals.refused if rejected else signals.charged).send(charge, order=order)
    db.session.commit()
    sending.send_soon()


def refuse(charge_id: int, why: Refusal, no: KlarnaRefused) -> None:
    """Klarna said no: nothing was charged, the goods are on the shelf again, the token is what Klarna says it is."""
    step_up_id = getattr(no, "step_up_id", "")
    told = {"refusal": str(why), "error_code": no.error_code, "correlation_id": no.correlation_id}
    if not _move(charge_id, ChargeState.REFUSED, token=None, step_up_id=step_up_id, **told):
        db.session.rollback()
        return
    charge = db.session.get_one(TokenCharge, charge_id)
    order = _order(charge)
    orders.move(order.id, OrderState.FAILED, f"{WORDS[why]} Nothing was charged ({no.error_code or no.status}).")
    orders.give_back_stock(order)
    _follow(charge, order, state_after(why), TokenChange.REFUSED)
    signals.refused.send(charge, order=order)
    db.session.commit()
    sending.send_soon()


def _follow(charge: TokenCharge, order: Order, state: TokenState, told: TokenChange) -> None:
    """The token's history, and its state where Klarna's answer says something of that."""
    token = db.session.get(PaymentToken, charge.payment_token_id) if charge.payment_token_id else None
    if token is None:
        return
    service.tell(token, told, order.number if told is TokenChange.CHARGED else "")
    if state is not TokenState.ACTIVE or told is TokenChange.CHARGED:
        service.follow(token, state)


def _move(charge_id: int, target: ChargeState, **values: object) -> bool:
    here = (TokenCharge.id == charge_id, TokenCharge.state == ChargeState.ASKED)
    return bool(rows_changed(update(TokenCharge).where(*here).values(state=target, asked_at=None, **values)))


def _order(charge: TokenCharge) -> Order:
    with_lines = select(Order).options(selectinload(Order.lines)).where(Order.id == charge.order_id)
    return db.session.scalars(with_lines.execution_options(populate_existing=True)).one()
