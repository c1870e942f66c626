"""What becomes of payment tokens, of sign-ups for them and of charges by them, as tables. Pure."""

from enum import StrEnum

from ..orders.states import Way


class Use(StrEnum):
    """What a shopper let us keep their way of paying for. No token serves two uses."""

    SUBSCRIPTION = "subscription"
    ON_DEMAND = "on_demand"


# What its orders are called.
WAYS = {Use.SUBSCRIPTION: Way.SUBSCRIPTION, Use.ON_DEMAND: Way.PAYMENTS}

# What is charged with Klarna's yes, as nothing of it is sent.
AT_ONCE = frozenset({Use.ON_DEMAND})


class TokenState(StrEnum):
    """``suspended`` is Klarna's doing and may end; ``cancelled`` is for good, and then the secret is forgotten."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"


class TokenChange(StrEnum):
    """What happened to a token."""

    KEPT = "kept"
    CHARGED = "charged"
    REFUSED = "refused"
    SUSPENDED = "suspended"
    RESTORED = "restored"
    CANCELLED = "cancelled"
    GONE = "gone"


WORDS = {
    TokenChange.KEPT: "You let us charge Klarna for this.",
    TokenChange.CHARGED: "An order was placed with it.",
    TokenChange.REFUSED: "Klarna did not let us charge it. Nothing was charged.",
    TokenChange.SUSPENDED: "Klarna suspended it.",
    TokenChange.RESTORED: "Klarna lets us charge it again.",
    TokenChange.CANCELLED: "You ended it; we forgot it, and told Klarna.",
    TokenChange.GONE: "It was ended at Klarna; we forgot it here, too.",
}


class SignupState(StrEnum):
    """Where a sign-up for a token stands.

    ``new`` written, no session yet · ``open`` session at Klarna · ``ordering`` first order written, Klarna asked ·
    ``tokenizing`` Klarna asked for the token · ``completed`` we have it · ``failed`` Klarna will not give it ·
    ``dropped`` given up for a fresh one
    """

    NEW = "new"
    OPEN = "open"
    ORDERING = "ordering"
    TOKENIZING = "tokenizing"
    COMPLETED = "completed"
    FAILED = "failed"
    DROPPED = "dropped"


NEXT: dict[SignupState, frozenset[SignupState]] = {
    SignupState.NEW: frozenset({SignupState.OPEN, SignupState.DROPPED}),
    SignupState.OPEN: frozenset({SignupState.ORDERING, SignupState.TOKENIZING, SignupState.DROPPED}),
    SignupState.ORDERING: frozenset({SignupState.TOKENIZING, SignupState.COMPLETED, SignupState.FAILED}),
    SignupState.TOKENIZING: frozenset({SignupState.COMPLETED, SignupState.FAILED}),
    SignupState.COMPLETED: frozenset(),
    SignupState.FAILED: frozenset(),
    SignupState.DROPPED: frozenset(),
}
UNDER_WAY = frozenset({SignupState.ORDERING, SignupState.TOKENIZING})
CONFIRMED = UNDER_WAY | {SignupState.COMPLETED}


def before(target: SignupState) -> list[SignupState]:
    """The states from which a sign-up may reach ``target``."""
    return [state for state, reachable in NEXT.items() if target in reachable]


class ChargeState(StrEnum):
    """``asked``: written, and Klarna's answer is not known yet."""

    ASKED = "asked"
    DONE = "done"
    REFUSED = "refused"
