"""The one place where a sign-up for a token goes on and ends: first order placed, token stored, or neither. Commits."""

import logging

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.klarna import KlarnaError
from app.klarna.customer_tokens import NewPaymentToken, WrongTokenKind
from app.klarna.payments import PlacedOrder

from ..accounts import service as accounts
from ..checkout import reviews
from ..checkout.finishing import LETTERS
from ..extensions import db, utcnow
from ..mail import sending
from ..markets import get as get_market
from ..orders import letters
from ..orders import service as orders
from ..orders.models import Order
from ..orders.states import OrderState
from ..web import return_url
from . import bodies, endings, service, signals
from .models import TokenSignup, move
from .outcomes import SignedUp
from .states import CONFIRMED, SignupState, Use

log = logging.getLogger(__name__)


def confirmed(signup: TokenSignup) -> bool:
    """Whether something came of it, or still may: also of one whose order Klarna has, and refused the token."""
    failed = signup.state == SignupState.FAILED and signup.order_id is not None
    order = db.session.get(Order, signup.order_id) if failed else None
    return signup.state in CONFIRMED or (order is not None and order.klarna_order_id is not None)


def found(signup: TokenSignup) -> SignedUp:
    """Where the browser goes for a sign-up, however far it is: by way of Klarna, when it wants that."""
    db.session.refresh(signup)
    return SignedUp(signup.redirect_url or return_url("payment_tokens.done", signup_id=signup.id))


def ordered(signup_id: str, placed: PlacedOrder) -> bool:
    """Klarna has the first order: record it; the token is next. False when there is to be none.

    An order that repairs a token is the end: the token is there.
    """
    signup = db.session.get_one(TokenSignup, signup_id)
    state = reviews.AT_FIRST[placed.fraud_status]
    rejected = state is OrderState.REJECTED
    next_one = SignupState.COMPLETED if signup.step_up_id else SignupState.TOKENIZING
    target = SignupState.FAILED if rejected else next_one
    goes_on = target is SignupState.TOKENIZING
    if not move(signup_id, target, asked_at=utcnow() if goes_on else None, redirect_url=placed.redirect_url):
        db.session.rollback()
        return False
    order = _order(signup)
    orders.move(
        order.id,
        state,
        reviews.WORDS[state],
        klarna_order_id=placed.order_id,
        fraud_status=placed.fraud_status,
        payment_method=placed.payment_method,
        redirect_url=placed.redirect_url,
    )
    if rejected:
        orders.give_back_stock(order)
        signals.failed.send(signup)
    elif state is OrderState.PLACED and bodies.captured_at_once(signup.order_body):
        orders.follow_charge(order, order.total)
    letters.write(LETTERS[state], order)
    db.session.commit()
    sending.send_soon()
    return not rejected


def complete(signup_id: str, made: NewPaymentToken) -> None:
    """Klarna made the token: keep it for whoever signed up, and tell the feature. Without them it is ended at once."""
    signup = db.session.get_one(TokenSignup, signup_id)
    ended: dict[str, str | None] = {"authorization_token": None, "asked_at": None}
    ended |= {} if signup.redirect_url else {"redirect_url": made.redirect_url}
    if not move(signup_id, SignupState.COMPLETED, **ended):
        db.session.rollback()
        return
    if signup.user_id is None:
        endings.put(get_market(signup.market).region, made.token.token_id)
    else:
        token = service.keep(signup.user_id, signup.market, Use(signup.use), made.token, signup.description)
        signup.payment_token_id = token.id
        accounts.remember_address(signup.user_id, signup.address)
        signals.stored.send(signup, token=token)
    gone = signup.user_id is None
    db.session.commit()
    sending.send_soon()
    if gone:
        endings.cancel_soon()
    else:
        signals.done.send(signup_id)


def fail(signup_id: str, no: KlarnaError | WrongTokenKind) -> None:
    """Klarna said no: to the order, and the goods go back to the shelf; or to the token alone, and the order stays."""
    signup = db.session.get_one(TokenSignup, signup_id)
    at_order = signup.state == SignupState.ORDERING
    if not move(signup_id, SignupState.FAILED, authorization_token=None, asked_at=None):
        db.session.rollback()
        return
    if at_order:
        order, code = _order(signup), getattr(no, "error_code", "") or getattr(no, "status", "")
        orders.move(order.id, OrderState.FAILED, f"Klarna did not take the order ({code}).")
        orders.give_back_stock(order)
    elif signup.order_id is not None:
        orders.tell(signup.order_id, "This order is yours, but Klarna gave us no permission to charge for more.")
    signals.failed.send(signup)
    db.session.commit()


def _order(signup: TokenSignup) -> Order:
    with_lines = select(Order).options(selectinload(Order.lines)).where(Order.id == signup.order_id)
    return db.session.scalars(with_lines).one()
