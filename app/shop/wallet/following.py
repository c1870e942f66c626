"""What the wallet does when tokens, charges and orders move: each in the transaction of what it follows."""

from datetime import timedelta

from sqlalchemy import select, update

from ..extensions import db, rows_changed, utcnow
from ..mail.letters import Kind
from ..markets import get as get_market
from ..orders import letters as order_letters
from ..orders import service as orders
from ..orders.models import Order
from ..orders.states import OrderState
from ..payment_tokens import outcomes, signals
from ..payment_tokens import service as tokens
from ..payment_tokens.models import PaymentToken, TokenCharge, TokenSignup
from ..payment_tokens.states import Use
from . import letters, tickets
from .models import ParkingTicket


@signals.stored.connect
def on_token(signup: TokenSignup, token: PaymentToken) -> None:
    """The newest permission of a market replaces older ones; its owner is told."""
    if token.use != Use.ON_DEMAND:
        return
    for old in tokens.of_user(token.user_id, Use.ON_DEMAND):
        if old.id != token.id and old.market == token.market:
            tokens.end(old)
    letters.set_up(signup.email, get_market(token.market).country)


@signals.charged.connect
def on_charge(charge: TokenCharge, order: Order) -> None:
    """Klarna took it, or looks closer."""
    if charge.use == Use.ON_DEMAND:
        order_letters.write(Kind.PENDING if order.state == OrderState.PENDING else Kind.CONFIRMED, order)


@signals.ordering.connect
def on_order(signup: TokenSignup, order: Order) -> None:
    """A refused ticket is confirmed in Klarna's window, in one of several tabs. Raises CheckoutRefused."""
    if signup.use != Use.ON_DEMAND or "ticket" not in signup.terms:
        return
    ticket = tickets.find(order.user_id or 0, int(signup.terms["ticket"]))
    if ticket is None or not ticket.repairable:
        raise outcomes.has_ended()
    here = (ParkingTicket.id == ticket.parking.id, ParkingTicket.order_id == ticket.order.id)
    if not rows_changed(update(ParkingTicket).where(*here).values(order_id=order.id)):
        raise outcomes.has_ended()


@orders.moved.connect
def on_move(order_id: int, state: OrderState) -> None:
    """Klarna said yes: the time counts from now."""
    parking = None
    if state is OrderState.PLACED:
        parking = db.session.scalar(select(ParkingTicket).where(ParkingTicket.order_id == order_id))
    if parking is not None:
        parking.valid_from = utcnow()
        parking.valid_until = parking.valid_from + timedelta(minutes=parking.minutes)
