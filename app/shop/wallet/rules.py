"""What a parking ticket is worth at a moment, by what became of its order. Pure, but for the clock it is told."""

from datetime import datetime
from enum import StrEnum

from ..orders.states import OrderState


class Standing(StrEnum):
    """``unanswered``: Klarna has not said yes or no. ``ended``: it was paid, and the payment was taken back."""

    VALID = "valid"
    OVER = "over"
    UNANSWERED = "unanswered"
    IN_REVIEW = "in_review"
    REFUSED = "refused"
    ENDED = "ended"


WITHOUT_YES = {
    OrderState.OPENED: Standing.UNANSWERED,
    OrderState.PENDING: Standing.IN_REVIEW,
    OrderState.FAILED: Standing.REFUSED,
    OrderState.REJECTED: Standing.REFUSED,
    OrderState.STOPPED: Standing.ENDED,
    OrderState.CANCELLED: Standing.ENDED,
    OrderState.REFUNDED: Standing.ENDED,
}
WORDS = {
    Standing.VALID: "Valid",
    Standing.OVER: "Over",
    Standing.UNANSWERED: "Not answered yet",
    Standing.IN_REVIEW: "In review at Klarna",
    Standing.REFUSED: "Not paid",
    Standing.ENDED: "Ended",
}


def standing(state: OrderState, valid_until: datetime | None, now: datetime) -> Standing:
    """A ticket counts from Klarna's yes, for as long as was paid for."""
    if state in WITHOUT_YES:
        return WITHOUT_YES[state]
    return Standing.VALID if valid_until is not None and now < valid_until else Standing.OVER
