"""Parking with one click: set up, paid, asked about again, removed. Commits. Amounts in minor units of the market.

Klarna calls this on demand: the shopper starts every charge, and may repair one that fails.
https://docs.klarna.com/payments/web-payments/integrate-with-klarna-payments/tokenized-payments/recover-charge-failure/
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ..accounts import service as accounts
from ..accounts.models import User
from ..extensions import db
from ..markets import Market
from ..markets import get as get_market
from ..orders.states import PAYMENT_WORDS
from ..payment_tokens import charging, endings, reconcile
from ..payment_tokens import service as tokens
from ..payment_tokens.charging import NotChargeable, Purchase
from ..payment_tokens.models import PaymentToken, TokenSignup
from ..payment_tokens.signups import StepUp, Wish
from ..payment_tokens.states import TokenState, Use
from . import tariffs, tickets
from .models import ParkingTicket
from .rules import Standing
from .tariffs import Tariff


class NotPossible(Exception):
    """It was not bought, and nothing was charged. The text says why, and what to do."""


@dataclass(frozen=True)
class Wallet:
    """What a shopper has in a market: ``token`` is None before it is set up, ``elsewhere`` names other markets."""

    token: PaymentToken | None
    elsewhere: list[Market]

    @property
    def suspended(self) -> bool:
        return self.token is not None and self.token.state == TokenState.SUSPENDED

    @property
    def payment_words(self) -> str:
        return PAYMENT_WORDS.get(self.token.payment_method, "") if self.token else ""


def wallet(user_id: int, market: Market) -> Wallet:
    """A user's permission to charge in a market, and where there are others."""
    mine = tokens.of_user(user_id, Use.ON_DEMAND)
    here = next((token for token in mine if token.market == market.code), None)
    return Wallet(here, [get_market(token.market) for token in mine if token.market != market.code])


def wish(user_id: int, market: Market, return_to: str) -> Wish:
    """A token for parking, and nothing bought with it now."""
    return Wish(user_id, Use.ON_DEMAND, tariffs.from_price(market), False, tariffs.DESCRIPTION, return_to)


def repair(user_id: int, ticket_id: int, return_to: str) -> Wish | None:
    """The same ticket, confirmed in Klarna's window; None when there is nothing to repair."""
    ticket = tickets.find(user_id, ticket_id)
    charge = ticket.parking.charge if ticket else None
    if ticket is None or charge is None or charge.payment_token_id is None or not ticket.repairable:
        return None
    basket = ticket.tariff.basket(get_market(ticket.parking.market))
    step_up = StepUp(charge.step_up_id, charge.payment_token_id)
    terms = {"ticket": ticket_id}
    return Wish(user_id, Use.ON_DEMAND, basket, True, tariffs.DESCRIPTION, return_to, terms=terms, step_up=step_up)


def park(user: User, market: Market, tariff: Tariff, nonce: str) -> int:
    """Pay with one click: the ticket's id, whatever Klarna says. The same click again is the same ticket. Commits.

    Raises NotPossible.
    """
    user_id, before = user.id, tickets.by_nonce(user.id, nonce)
    if before is not None:
        return before
    if tickets.unanswered(user_id):
        same = tickets.by_nonce(user_id, nonce)  # it may be this very click, in a request that was faster
        if same is not None:
            return same
        raise NotPossible("Klarna has not answered for your last ticket yet. Please look there first: it may be paid.")
    token = wallet(user_id, market).token
    if token is None:
        raise NotPossible("Pay with one click is not set up for this market. Nothing was charged: set it up first.")
    known = accounts.prefill(user, market.code)
    if not known.complete:
        raise NotPossible("We have no address of yours in this market any more. Nothing was charged: please add one.")
    bought = Purchase(
        user_id=user_id,
        use=Use.ON_DEMAND,
        basket=tariff.basket(market),
        email=known.email,
        address=known.address,
        said="You paid with one click.",
        step_up=True,
    )
    ticket = _written(bought, token, tariff, nonce)
    if ticket is None:
        return tickets.by_nonce(user_id, nonce) or 0
    ticket_id, charge_id = ticket
    charging.ask(charge_id)
    return ticket_id


def look_again(user_id: int, ticket_id: int) -> None:
    """Ask Klarna again about a ticket without an answer. Commits."""
    ticket = tickets.find(user_id, ticket_id)
    if ticket is None or ticket.standing is not Standing.UNANSWERED:
        return
    order_id, charge_id = ticket.order.id, ticket.parking.charge_id
    signup_id = db.session.scalar(select(TokenSignup.id).where(TokenSignup.order_id == order_id))
    db.session.commit()
    if signup_id:
        reconcile.settle(signup_id)
    elif charge_id:
        charging.ask_again(charge_id)


def remove(user_id: int, market: Market) -> bool:
    """Forget the permission of a market, and have it cancelled at Klarna. Commits. False when there was none."""
    token = wallet(user_id, market).token
    ended = token is not None and tokens.end(token)
    db.session.commit()
    endings.cancel_soon()
    return ended


def _written(bought: Purchase, token: PaymentToken, tariff: Tariff, nonce: str) -> tuple[int, int] | None:
    """Ticket, order and charge in one transaction: their ids; None for the second of two clicks. Raises NotPossible."""
    ticket = ParkingTicket(
        user_id=bought.user_id,
        nonce=nonce,
        market=bought.basket.market.code,
        zone=tariff.zone.code,
        minutes=tariff.minutes,
        total=bought.basket.total,
    )
    db.session.add(ticket)
    try:
        db.session.flush()
        charge = charging.open_charge(token, bought)
        ticket.order_id, ticket.charge_id = charge.order_id, charge.id
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        return None
    except NotChargeable as no:
        db.session.rollback()
        raise NotPossible(f"{no} Nothing was charged. Set up pay with one click anew, please.") from no
    return ticket.id, charge.id
