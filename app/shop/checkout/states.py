"""The states of an attempt to buy, as a table: what each means, and where it may go."""

from enum import StrEnum


class AttemptState(StrEnum):
    """Where an attempt to buy stands.

    ``new`` written, no session yet · ``open`` session at Klarna · ``placing`` order written, Klarna asked ·
    ``completed`` Klarna has the order · ``failed`` Klarna will not have it · ``dropped`` given up for a fresh one
    """

    NEW = "new"
    OPEN = "open"
    PLACING = "placing"
    COMPLETED = "completed"
    FAILED = "failed"
    DROPPED = "dropped"


NEXT: dict[AttemptState, frozenset[AttemptState]] = {
    AttemptState.NEW: frozenset({AttemptState.OPEN, AttemptState.DROPPED}),
    AttemptState.OPEN: frozenset({AttemptState.PLACING, AttemptState.DROPPED}),
    AttemptState.PLACING: frozenset({AttemptState.COMPLETED, AttemptState.FAILED}),
    AttemptState.COMPLETED: frozenset(),
    AttemptState.FAILED: frozenset(),
    AttemptState.DROPPED: frozenset(),
}

HAS_ORDER = frozenset({AttemptState.PLACING, AttemptState.COMPLETED})
GIVEN_UP = frozenset({AttemptState.FAILED, AttemptState.DROPPED})


def before(target: AttemptState) -> list[AttemptState]:
    """The states from which an attempt may reach ``target``."""
    return [state for state, reachable in NEXT.items() if target in reachable]
