"""What Klarna's no to a charge means. Pure: no database, no clock, no network.

https://docs.klarna.com/acquirer/klarna/web-payments/integrate-with-klarna-payments/tokenized-payments/recover-charge-failure/
"""

from enum import StrEnum

from app.klarna.errors import (
    ChargeFailed,
    InvalidOperation,
    KlarnaError,
    NotFound,
    PurchaseRejected,
    TokenCancelled,
    TokenSuspended,
    TokenUnusable,
)

from .states import TokenState


class Refusal(StrEnum):
    """Why a charge was refused, by what can be done about it.

    ``declined`` another try may go through · ``suspended`` so it may, when Klarna lets the token go on ·
    ``shopper`` the shopper has to choose a way of paying anew · ``gone`` the token will never be charged again ·
    ``ours`` we asked wrongly, or may not ask: nothing the shopper can do
    """

    DECLINED = "declined"
    SUSPENDED = "suspended"
    SHOPPER = "shopper"
    GONE = "gone"
    OURS = "ours"


WORDS = {
    Refusal.DECLINED: "Klarna did not approve this payment.",
    Refusal.SUSPENDED: "Klarna has suspended this way of paying for now.",
    Refusal.SHOPPER: "Klarna wants you to choose a way of paying anew.",
    Refusal.GONE: "The permission to charge Klarna has ended.",
    Refusal.OURS: "We could not ask Klarna for this payment: our mistake.",
}


def refusal(no: KlarnaError) -> Refusal:
    """What kind of no this is.

    A token Klarna does not know is another merchant's, or our credentials are others today: it is not forgotten.
    """
    match no:
        case ChargeFailed():
            return Refusal.DECLINED if no.may_be_tried_again else Refusal.SHOPPER
        case PurchaseRejected():
            return Refusal.DECLINED
        case TokenSuspended():
            return Refusal.SUSPENDED
        case TokenCancelled():
            return Refusal.GONE
        case TokenUnusable() | NotFound() | InvalidOperation():
            return Refusal.SHOPPER
    return Refusal.OURS


def state_after(why: Refusal) -> TokenState:
    """What a refusal says of the token itself."""
    return {Refusal.SUSPENDED: TokenState.SUSPENDED, Refusal.GONE: TokenState.CANCELLED}.get(why, TokenState.ACTIVE)
