"""The states of an order, as a table: what each is called, and where it may go. Pure."""

from enum import StrEnum


class Way(StrEnum):
    """Which of Klarna's products an order was paid with."""

    PAYMENTS = "payments"
    CHECKOUT = "checkout"


class OrderState(StrEnum):
    """``opened``: written, Klarna not heard yet. ``pending``: Klarna reviews it, nothing ships.

    ``captured``: all of it was sent, or the rest was released. ``refunded``: all that was captured was given back.
    """

    OPENED = "opened"
    PLACED = "placed"
    PENDING = "pending"
    FAILED = "failed"
    CANCELLED = "cancelled"
    PART_CAPTURED = "part_captured"
    CAPTURED = "captured"
    REFUNDED = "refunded"


class ActionKind(StrEnum):
    """What is done with an order at Klarna after the purchase."""

    CAPTURE = "capture"
    REFUND = "refund"
    CANCEL = "cancel"
    RELEASE = "release"
    EXTEND = "extend"
    ADDRESS = "address"


class ActionState(StrEnum):
    """``asked``: written, and Klarna's answer is not known yet."""

    ASKED = "asked"
    DONE = "done"
    REFUSED = "refused"


NEXT: dict[OrderState, frozenset[OrderState]] = {
    OrderState.OPENED: frozenset({OrderState.PLACED, OrderState.PENDING, OrderState.FAILED}),
    OrderState.PENDING: frozenset({OrderState.PLACED, OrderState.CANCELLED}),
    OrderState.PLACED: frozenset({OrderState.PART_CAPTURED, OrderState.CAPTURED, OrderState.CANCELLED}),
    OrderState.PART_CAPTURED: frozenset({OrderState.CAPTURED, OrderState.REFUNDED}),
    OrderState.CAPTURED: frozenset({OrderState.REFUNDED}),
    OrderState.FAILED: frozenset(),
    OrderState.CANCELLED: frozenset(),
    OrderState.REFUNDED: frozenset(),
}

WORDS = {
    OrderState.OPENED: "Payment is being confirmed",
    OrderState.PLACED: "Paid with Klarna",
    OrderState.PENDING: "In review at Klarna",
    OrderState.FAILED: "Not placed, nothing was charged",
    OrderState.CANCELLED: "Cancelled",
    OrderState.PART_CAPTURED: "Partly sent",
    OrderState.CAPTURED: "Sent",
    OrderState.REFUNDED: "Refunded",
}

# https://docs.klarna.com/api/payments/ : authorized_payment_method.type
PAYMENT_WORDS = {
    "invoice": "pay later",
    "b2b_invoice": "pay later",
    "pay_later_by_card": "pay later",
    "fixed_amount": "in instalments",
    "base_account": "in instalments",
    "fixed_sum_credit": "in instalments",
    "slice_it_by_card": "in instalments",
    "direct_debit": "direct debit",
    "direct_bank_transfer": "bank transfer",
    "card": "card",
    "pay_by_card": "card",
}


def before(target: OrderState) -> list[OrderState]:
    """The states from which an order may reach ``target``."""
    return [state for state, reachable in NEXT.items() if target in reachable]


def by_money(total: int, captured: int, released: int, refunded: int) -> OrderState:
    """The state of an order of which something was captured, by its amounts in minor units."""
    if captured + released < total:
        return OrderState.PART_CAPTURED
    return OrderState.REFUNDED if refunded == captured else OrderState.CAPTURED
