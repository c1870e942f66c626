"""Klarna’s time and Klarna’s failures, one press each. Pure data."""

from .situation import ORDER, SESSIONS, Step, fault

LEVERS: tuple[tuple[str, tuple[Step, ...]], ...] = (
    ("Klarna’s clock: 5 minutes on", ({"do": "advance", "seconds": 5 * 60 + 1},)),
    ("Klarna’s clock: 1 hour on", ({"do": "advance", "seconds": 3600},)),
    ("Klarna’s clock: 2 days on", ({"do": "advance", "seconds": 48 * 3600 + 60},)),
    ("Klarna’s clock: 61 days on", ({"do": "advance", "seconds": 61 * 24 * 3600},)),
    ("The next order: answer lost", (fault(ORDER, drop="after"),)),
    ("The next order: never arrives", (fault(ORDER, drop="before"),)),
    ("The next order: Klarna fails (503)", (fault(ORDER, status=503, body={}),)),
    ("The next session: 3 seconds late", (fault(SESSIONS, delay=3),)),
    ("All of Klarna’s people and calls as usual", ({"do": "calm"},)),
)
