"""What may be done with an order, and why not. Pure: amounts in minor units.

https://docs.klarna.com/payments/after-payments/order-management/ . Klarna has the last word; these reasons are told
before it is asked.
"""

from dataclasses import dataclass

from ..orders.states import ActionKind, OrderState


@dataclass(frozen=True)
class Standing:
    """How an order stands. ``waiting``: an action has no answer yet; ``reachable``: we have Klarna's credentials."""

    state: str
    total: int
    captured: int
    released: int
    refunded: int
    waiting: bool
    reachable: bool

    @property
    def remaining(self) -> int:
        return self.total - self.captured - self.released


NOT_AT_KLARNA = {
    OrderState.OPENED: "Klarna has not confirmed this order yet.",
    OrderState.FAILED: "This order was never placed.",
    OrderState.REJECTED: "Klarna did not approve the payment; there is nothing to send or to charge.",
    OrderState.CANCELLED: "The order is cancelled.",
}


def reason_against(kind: ActionKind, standing: Standing) -> str:
    """Why something cannot be done now, for the clerk; empty when it can."""
    if standing.state in NOT_AT_KLARNA:
        return NOT_AT_KLARNA[OrderState(standing.state)]
    if not standing.reachable:
        return "This shop has no credentials for the part of Klarna that has this order."
    if standing.waiting:
        return "An action waits for Klarna’s answer. Ask again first."
    return _OF_KIND[kind](standing)


def _capture(standing: Standing) -> str:
    return _of_review(standing) or _of_rest(standing)


def _refund(standing: Standing) -> str:
    if not standing.captured:
        return "Nothing was captured, so there is nothing to give back."
    return "" if standing.refunded < standing.captured else "All that was captured is given back."


def _cancel(standing: Standing) -> str:
    return "Part of it was captured. Release the rest and refund what was captured." if standing.captured else ""


def _release(standing: Standing) -> str:
    if not standing.captured:
        return "Nothing was captured. Cancel the order instead."
    return _of_rest(standing)


def _extend(standing: Standing) -> str:
    return _of_rest(standing)


def _address(standing: Standing) -> str:
    return _of_review(standing) or _of_rest(standing)


def _of_review(standing: Standing) -> str:
    if standing.state == OrderState.STOPPED:
        way_out = "Release the rest." if standing.captured else "Cancel the order."
        return f"Klarna stopped this payment: do not send it. {way_out}"
    if standing.state == OrderState.PENDING:
        return "Klarna is still reviewing the payment. Nothing may be sent before."
    return ""


def _of_rest(standing: Standing) -> str:
    return "" if standing.remaining > 0 else "Nothing of it is left to capture."


_OF_KIND = {
    ActionKind.CAPTURE: _capture,
    ActionKind.REFUND: _refund,
    ActionKind.CANCEL: _cancel,
    ActionKind.RELEASE: _release,
    ActionKind.EXTEND: _extend,
    ActionKind.ADDRESS: _address,
}
