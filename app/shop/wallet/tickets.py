"""Parking tickets as their owner is shown them. Amounts in minor units of the market."""

from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from ..extensions import db, utcnow
from ..orders.models import Order
from ..orders.states import OrderState
from ..payment_tokens import charging
from ..payment_tokens.models import PaymentToken, TokenCharge
from ..payment_tokens.rules import WORDS, Refusal
from ..payment_tokens.states import ChargeState, TokenState
from . import tariffs
from .models import ParkingTicket
from .rules import Standing, standing
from .tariffs import Tariff

SHOWN = 10


@dataclass(frozen=True)
class Ticket:
    """A ticket as it stands now. ``why`` is Klarna's no in words; ``repairable``: the shopper may choose how to pay."""

    parking: ParkingTicket
    order: Order
    tariff: Tariff
    currency: str
    standing: Standing
    refusal: str
    why: str
    repairable: bool


def find(user_id: int, ticket_id: int) -> Ticket | None:
    """The user's ticket of this id; None for everybody else's."""
    found = db.session.scalar(_tickets(user_id).where(ParkingTicket.id == ticket_id))
    return _ticket(found) if found else None


def latest(user_id: int) -> list[Ticket]:
    """A user's newest tickets."""
    newest = _tickets(user_id).order_by(ParkingTicket.id.desc()).limit(SHOWN)
    return [_ticket(each) for each in db.session.scalars(newest)]


def by_nonce(user_id: int, nonce: str) -> int | None:
    """The ticket of a click, or None."""
    return db.session.scalar(select(ParkingTicket.id).filter_by(user_id=user_id, nonce=nonce))


def unanswered(user_id: int) -> bool:
    """Whether a charge is under way; one that Klarna does not remember any more holds nobody up."""
    recent = (ParkingTicket.user_id == user_id, ParkingTicket.created_at > utcnow() - charging.KEY_LIVES)
    waiting = select(ParkingTicket.id).join(Order).where(*recent, Order.state == OrderState.OPENED)
    return db.session.scalar(waiting.limit(1)) is not None


def _tickets(user_id: int) -> Select[ParkingTicket]:
    parts = (selectinload(ParkingTicket.order), selectinload(ParkingTicket.charge))
    return (
        select(ParkingTicket)
        .options(*parts)
        .where(ParkingTicket.user_id == user_id, ParkingTicket.order_id.is_not(None))
    )


def _ticket(parking: ParkingTicket) -> Ticket:
    order, charge = parking.order, parking.charge
    tariff = tariffs.find(parking.zone, str(parking.minutes))
    if order is None or tariff is None:
        raise LookupError(f"ticket {parking.id}")  # orders are kept, and zones are not taken out of the table
    now = standing(OrderState(order.state), parking.valid_until, utcnow())
    refusal = charge.refusal if charge and charge.state == ChargeState.REFUSED else ""
    return Ticket(
        parking=parking,
        order=order,
        tariff=tariff,
        currency=order.currency,
        standing=now,
        refusal=refusal,
        why=WORDS[Refusal(refusal)] if refusal else "",
        repairable=now is Standing.REFUSED and _repairable(charge),
    )


def _repairable(charge: TokenCharge | None) -> bool:
    """Whether Klarna offers a session for it, and the token it would repair has not ended."""
    if charge is None or not charge.step_up_id:
        return False
    token = db.session.get(PaymentToken, charge.payment_token_id) if charge.payment_token_id else None
    return token is not None and token.state != TokenState.CANCELLED
