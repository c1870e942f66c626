"""The states of an order, as a table: what each is called, and where it may go."""

from enum import StrEnum


class Way(StrEnum):
    """Which of Klarna's products an order was paid with."""

    PAYMENTS = "payments"
    CHECKOUT = "checkout"


class OrderState(StrEnum):
    """``opened``: written, Klarna not heard yet. ``pending``: Klarna reviews it, nothing ships."""

    OPENED = "opened"
    PLACED = "placed"
    PENDING = "pending"
    FAILED = "failed"
    CANCELLED = "cancelled"


NEXT: dict[OrderState, frozenset[OrderState]] = {
    OrderState.OPENED: frozenset({OrderState.PLACED, OrderState.PENDING, OrderState.FAILED}),
    OrderState.PENDING: frozenset({OrderState.PLACED, OrderState.CANCELLED}),
    OrderState.PLACED: frozenset({OrderState.CANCELLED}),
    OrderState.FAILED: frozenset(),
    OrderState.CANCELLED: frozenset(),
}

WORDS = {
    OrderState.OPENED: "Payment is being confirmed",
    OrderState.PLACED: "Paid with Klarna",
    OrderState.PENDING: "In review at Klarna",
    OrderState.FAILED: "Not placed, nothing was charged",
    OrderState.CANCELLED: "Cancelled",
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
