"""A shopper who parks with one click, as far as HTTP goes."""

from typing import Any

from sqlalchemy import select

from app.shop.extensions import db
from app.shop.wallet.models import ParkingTicket

from .programs import Programs
from .subscriber import SignUp, opened, payment_tokens
from .visitor import Page, Visitor

WALLET = "/account/wallet"


def set_up(visitor: Visitor) -> SignUp:
    """The page on which Klarna asks once."""
    return opened(visitor, f"{WALLET}/set-up")


def parker(programs: Programs, person: str = "de-approved") -> Visitor:
    """Somebody with an account who pays with one click."""
    visitor = Visitor(programs)
    visitor.email = visitor.register()
    if person.startswith("us"):
        visitor.shop_in("US")
    set_up(visitor).finish(person)
    return visitor


def click(visitor: Visitor, choice: str = "A:60") -> dict[str, str]:
    """What the button sends."""
    values = visitor.get(WALLET).values
    return {"choice": choice, "nonce": values["nonce"], "market": values["market"]}


def park(visitor: Visitor, choice: str = "A:60") -> Page:
    """One click; the page it leads to."""
    return visitor.post(f"{WALLET}/park", click(visitor, choice))


def repair(visitor: Visitor) -> SignUp:
    """The page on which the newest ticket is paid in Klarna's window."""
    return opened(visitor, f"{WALLET}/tickets/{tickets(visitor.programs)[-1].id}/pay")


def tickets(programs: Programs) -> list[ParkingTicket]:
    with programs.shop.app_context():
        return list(db.session.scalars(select(ParkingTicket).order_by(ParkingTicket.id)))


def next_charge(programs: Programs, **what: str) -> None:
    """What Klarna will do about the newest token: ``status`` or ``next_charge``."""
    newest: dict[str, Any] = payment_tokens(programs)[-1]
    programs.control("POST", f"payment-tokens/{newest['token_id']}", what)
