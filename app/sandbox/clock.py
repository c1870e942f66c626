"""The one clock everything expires by: real time plus a stored offset that only moves forward.

It makes sessions (48 h), authorizations (60 min) and idempotency keys (24 h) testable in a moment. Rate
limits and the pauses between callback attempts go by real time.
"""

from datetime import UTC, datetime, timedelta

from . import store, switches

FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
FURTHEST = timedelta(days=365 * 100).total_seconds()


class TooFarAhead(ValueError):
    """The clock can be put forward by a hundred years in all, no further."""


def now() -> datetime:
    """The sandbox's time, UTC."""
    return datetime.now(UTC) + timedelta(seconds=offset())


def offset() -> float:
    """How many seconds the sandbox is ahead of real time."""
    return float(switches.get("clock_offset", 0))


def advance(seconds: float) -> datetime:
    """Put the clock forward for good (until a reset); returns the new time."""
    with store.transaction():
        if not 0 <= seconds <= FURTHEST - offset():
            raise TooFarAhead(f"the clock goes forward only, by {FURTHEST:.0f} seconds in all at most")
        switches.put("clock_offset", offset() + seconds)
    return now()


def stamp(moment: datetime) -> str:
    """A moment as text of fixed width, which sorts as time does."""
    return moment.astimezone(UTC).strftime(FORMAT)


def read(text: str) -> datetime:
    """The moment that `stamp` wrote."""
    return datetime.strptime(text, FORMAT).replace(tzinfo=UTC)
