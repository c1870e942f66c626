"""Holds calls to Klarna back for whoever explains them: a pause before each, or a moment of slow motion.

Nothing about a call changes. Only calls made while a page of the presenter's own browser is answered are held, and
none for longer than the gate's patience.
"""

import threading
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count

# Seconds a call waits to be let go: less than the shop takes a call for lost after, or somebody else would make it.
PATIENCE = 40.0
MOST_HELD, MOST_HELD_OF_ONE = 4, 2  # each holds a thread of the server; what lets them go needs one, too
SLOWLY = 2.0  # seconds before each call in slow motion


class Pace(StrEnum):
    """``free``: no call waits · ``slow``: each waits a moment · ``paused``: each waits until it is let go."""

    FREE = "free"
    SLOW = "slow"
    PAUSED = "paused"


@dataclass(frozen=True)
class Held:
    """A call that waits at the gate."""

    id: int
    operation: str
    method: str
    path: str
    released: threading.Event = field(default_factory=threading.Event, repr=False)


class Gate:
    """The pace of each visitor, and what waits. For all threads."""

    def __init__(self, patience: float = PATIENCE, slowly: float = SLOWLY) -> None:
        self._patience = {Pace.SLOW: slowly, Pace.PAUSED: patience}
        self._paces: dict[str, Pace] = {}
        self._held: dict[str, list[Held]] = {}
        self._ids = count(1)
        self._lock = threading.Lock()

    def pace(self, visitor: str) -> Pace:
        return self._paces.get(visitor, Pace.FREE)

    def set_pace(self, visitor: str, pace: Pace) -> None:
        """What waits is let go when nothing shall wait any more."""
        with self._lock:
            if pace is Pace.FREE:
                self._paces.pop(visitor, None)
            else:
                self._paces[visitor] = pace
        if pace is not Pace.PAUSED:
            self.release(visitor)

    def held(self, visitor: str) -> list[Held]:
        with self._lock:
            return list(self._held.get(visitor, ()))

    def release(self, visitor: str) -> None:
        """Let everything go that waits now."""
        for call in self.held(visitor):
            call.released.set()

    def wait(self, visitor: str, operation: str, method: str, path: str) -> None:
        """Return when the call may be sent."""
        call = Held(next(self._ids), operation, method, path)
        with self._lock:
            pace, mine = self.pace(visitor), self._held.get(visitor, [])
            if not visitor or pace is Pace.FREE:
                return
            if len(mine) >= MOST_HELD_OF_ONE or sum(map(len, self._held.values())) >= MOST_HELD:
                return
            self._held.setdefault(visitor, []).append(call)
        try:
            call.released.wait(self._patience[pace])
        finally:
            with self._lock:
                self._held[visitor].remove(call)
                if not self._held[visitor]:
                    del self._held[visitor]
