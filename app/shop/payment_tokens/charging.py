"""Charging a token: the order is written with the charge, then Klarna is asked, then the answer is finished.

:func:`open_charge` writes in the caller's transaction, so that what caused the charge is written with it; after the
caller's commit :func:`ask` calls Klarna. An answer that was lost is asked for again with the same body and key: Klarna
gives the first one's answer to a repeated key for 24 hours, so a charge is one order, however often it is asked for.
https://docs.klarna.com/acquirer/klarna/web-payments/integrate-with-klarna-payments/tokenized-payments/charge-a-subscription/
"""

import json
import logging
import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, or_, select, update

from app.klarna import KlarnaRefused, KlarnaUnavailable
from app.klarna.customer_tokens import PaymentToken as Chargeable
from app.klarna.customer_tokens import WrongTokenKind
from app.klarna.errors import Conflict, NotAuthenticated

from ..cart.basket import Basket
from ..catalogue import service as catalogue
from ..checkout.attempts import purchase_of
from ..checkout.order_lines import billing_address
from ..extensions import db, rows_changed, utcnow
from ..markets import get as get_market
from ..orders import service as orders
from ..orders.sold import of_basket
from ..web import CALL_MAY_TAKE, klarna, public_url
from . import bodies, endings, settling
from .bodies import Cadence
from .models import PaymentToken, TokenCharge
from .rules import refusal
from .states import WAYS, ChargeState, TokenState, Use

log = logging.getLogger(__name__)

# Klarna says 24 hours: after that the same key would charge a second time.
KEY_LIVES = timedelta(hours=23)


class NotChargeable(Exception):
    """This token may not be charged for this. The text says why, and never the token."""


@dataclass(eq=False)
class SoldOut(Exception):
    """There are too few pieces; nothing was written."""

    name: str


@dataclass(frozen=True)
class Purchase:
    """What is charged for, by whom, and where it goes; ``said`` is the first line of the order's history.

    ``step_up`` says that the shopper is at the screen; a ``cadence`` that they are not.
    """

    user_id: int
    use: Use
    basket: Basket
    email: str
    address: dict[str, str]
    said: str
    cadence: Cadence | None = None
    step_up: bool = False


def open_charge(token: PaymentToken | None, bought: Purchase) -> TokenCharge:
    """Write charge and order and take the goods off the shelf, in the caller's transaction: roll it back on refusal.

    Raises NotChargeable and SoldOut.
    """
    secret = _chargeable(token, bought)
    for item in sorted(bought.basket.items, key=lambda item: item.product_id):
        if not catalogue.take_stock(item.product_id, item.quantity):
            raise SoldOut(item.name)
    number = orders.new_number()
    sold = of_basket(bought.basket)
    way = WAYS[bought.use]
    order = orders.open_order(number, bought.user_id, sold, bought.email, bought.address, way, bought.said)
    purchase = bodies.with_cadence(purchase_of(bought.basket, number), bought.cadence)
    shipping = billing_address(bought.email, bought.address)
    confirmation = public_url("checkout.confirmation", number=number)
    body = bodies.charge_body(purchase, confirmation, shipping, bought.step_up) | bodies.capturing(bought.use)
    charge = TokenCharge(
        payment_token_id=token.id if token else None,
        user_id=bought.user_id,
        order_id=order.id,
        use=str(bought.use),
        market=bought.basket.market.code,
        token=secret,
        body=json.dumps(body),
        idempotency_key=str(uuid.uuid4()),
        asked_at=utcnow(),
    )
    db.session.add(charge)
    db.session.flush()
    return charge


def ask(charge_id: int) -> ChargeState:
    """Call Klarna with what is stored, and finish: for whoever wrote the charge, after the commit. Commits.

    ``asked`` means that the answer was lost; the reconciler asks again.
    """
    return _call(charge_id, again=False)


def ask_again(charge_id: int) -> ChargeState:
    """Repeat a charge that was left without an answer, unless a call is under way. Commits.

    When its token was ended meanwhile, Klarna hears of that first: what never reached it is not charged any more.
    """
    if not endings.told(db.session.get_one(TokenCharge, charge_id).token or ""):
        return settling.state(charge_id)
    here = update(TokenCharge).where(TokenCharge.id == charge_id, *_unanswered())
    mine = rows_changed(here.values(asked_at=utcnow()))
    db.session.commit()
    return _call(charge_id, again=True) if mine else settling.state(charge_id)


def unanswered() -> list[int]:
    """Charges without an answer that nobody is asking about, and whose key Klarna still knows.

    One whose answer was lost for longer leaves its order *opened*: a person has to look in Klarna's portal.
    """
    return list(db.session.scalars(select(TokenCharge.id).where(*_unanswered()).order_by(TokenCharge.id)))


def _unanswered() -> tuple[ColumnElement[bool], ...]:
    now = utcnow()
    ended = or_(TokenCharge.asked_at.is_(None), TokenCharge.asked_at < now - CALL_MAY_TAKE)
    return TokenCharge.state == ChargeState.ASKED, ended, TokenCharge.created_at > now - KEY_LIVES


def _chargeable(token: PaymentToken | None, bought: Purchase) -> str:
    """The secret of a token that fits: its owner's, its use's, its market's, and of the right kind.

    A suspended one is tried: whether it goes on again is Klarna's to say. Raises NotChargeable.
    """
    if token is None or token.user_id != bought.user_id:
        raise NotChargeable("There is no permission of this account to charge Klarna.")
    if token.use != bought.use:
        raise NotChargeable(f"This permission is for {token.use}, and {bought.use} is wanted.")
    if token.market != bought.basket.market.code:
        raise NotChargeable(f"This permission is for {token.market}, and {bought.basket.market.code} is wanted.")
    if token.state == TokenState.CANCELLED:
        raise NotChargeable("The permission to charge Klarna has ended.")
    try:
        return Chargeable(token.token).token_id
    except WrongTokenKind as odd:
        raise NotChargeable(str(odd)) from odd


def _call(charge_id: int, again: bool) -> ChargeState:
    charge = db.session.get_one(TokenCharge, charge_id)
    region, secret, key = get_market(charge.market).region, charge.token or "", charge.idempotency_key
    body = json.loads(charge.body or "{}")
    db.session.commit()
    try:
        answer = klarna(region).customer_tokens.charge(Chargeable(secret), body, key)
    except (KlarnaUnavailable, NotAuthenticated, WrongTokenKind) as unclear:
        settling.leave(charge_id, unclear)
    except KlarnaRefused as no:
        _refused(charge_id, no, again)
    else:
        settling.complete(charge_id, answer)
    return settling.state(charge_id)


def _refused(charge_id: int, no: KlarnaRefused, again: bool) -> None:
    """A no counts when one call brought it: to a repeated key Klarna says again what it said first.

    While an earlier one may still be at work it does not, and a repeat is asked once more later.
    """
    charge = db.session.get_one(TokenCharge, charge_id)
    fresh = utcnow() - charge.created_at < CALL_MAY_TAKE
    if no.attempts > 1 or (again and (fresh or isinstance(no, Conflict))):
        settling.leave(charge_id, no)
        return
    log.warning("charge %d was refused: %s", charge_id, no)
    settling.refuse(charge_id, refusal(no), no)
