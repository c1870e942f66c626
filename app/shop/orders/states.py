"""The states of an order, as a table: what each is called, and where it may go. Pure."""

from enum import StrEnum


class Way(StrEnum):
    """Which of Klarna's products an order was paid with; ``subscription`` is Klarna Payments, agreed to beforehand."""

    PAYMENTS = "payments"
    CHECKOUT = "checkout"
    SUBSCRIPTION = "subscription"


class OrderState(StrEnum):
    """``opened``: written, Klarna not heard yet. ``pending``: Klarna reviews it, nothing ships.

    ``rejected``: the review ended with a no. ``stopped``: Klarna took back its yes, nothing ships any more.
    ``captured``: all of it was sent, or the rest was released. ``refunded``: all that was captured was given back.
    """

    OPENED = "opened"
    PLACED = "placed"
    PENDING = "pending"
    REJECTED = "rejected"
    STOPPED = "stopped"
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
    OrderState.OPENED: frozenset({OrderState.PLACED, OrderState.PENDING, OrderState.REJECTED, OrderState.FAILED}),
    OrderState.PENDING: frozenset({OrderState.PLACED, OrderState.REJECTED, OrderState.CANCELLED}),
    OrderState.PLACED: frozenset(
        {OrderState.PART_CAPTURED, OrderState.CAPTURED, OrderState.STOPPED, OrderState.CANCELLED}
    ),
    OrderState.PART_CAPTURED: frozenset({OrderState.CAPTURED, OrderState.REFUNDED, OrderState.STOPPED}),
    OrderState.CAPTURED: frozenset({OrderState.REFUNDED}),
    OrderState.REJECTED: frozenset(),
    OrderState.STOPPED: frozenset({OrderState.CANCELLED}),
    OrderState.FAILED: frozenset(),
    OrderState.CANCELLED: frozenset(),
    OrderState.REFUNDED: frozenset(),
}

WORDS = {
    OrderState.OPENED: "Payment is being confirmed",
    OrderState.PLACED: "Paid with Klarna",
    OrderState.PENDING: "In review at Klarna",
    OrderState.REJECTED: "Payment not approved",
    OrderState.STOPPED: "On hold, payment stopped",
    OrderState.FAILED: "Not placed, nothing was charged",
    OrderState.CANCELLED: "Cancelled",
    OrderState.PART_CAPTURED: "Partly sent",
    OrderState.CAPTURED: "Sent",
    OrderState.REFUNDED: "Refunded",
}

# What no parcel brings, a ticket say, is never on its way.
WORDS_WITHOUT_PARCEL = WORDS | {OrderState.PART_CAPTURED: "Partly charged", OrderState.CAPTURED: "Charged"}

# Where orders of both kinds are meant.
WORDS_OF_ALL = WORDS | {
    OrderState.PART_CAPTURED: "Partly sent or charged",
    OrderState.CAPTURED: "Sent or charged",
}

WAY_WORDS = {
    Way.PAYMENTS: "Klarna Payments",
    Way.CHECKOUT: "Klarna Checkout",
    Way.SUBSCRIPTION: "Subscription",
}

# Whatever is not named here stays in the house.
SHIPPABLE = frozenset({OrderState.PLACED, OrderState.PART_CAPTURED})

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


def may_ship(state: str) -> bool:
    """Whether goods may leave the house: Klarna has said yes, and has not taken it back.

    https://docs.klarna.com/payments/after-payments/order-management/more-actions/pending-orders/
    """
    return state in SHIPPABLE


def by_money(total: int, captured: int, released: int, refunded: int) -> OrderState:
    """The state of an order of which something was captured, by its amounts in minor units."""
    if captured + released < total:
        return OrderState.PART_CAPTURED
    return OrderState.REFUNDED if refunded == captured else OrderState.CAPTURED
