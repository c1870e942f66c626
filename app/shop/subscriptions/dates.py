"""When a subscription is due. Pure: every moment comes in as an argument, UTC.

Periods are counted from an anchor: period 0 is due there, and each of the others at the same hour a week or a month
later. A month without the anchor's day ends earlier; the next one has that day again.
"""

import calendar
from datetime import datetime, timedelta
from enum import StrEnum


class Rhythm(StrEnum):
    """How often; Klarna's words for an interval, in small letters."""

    WEEK = "week"
    MONTH = "month"


def due_at(anchor: datetime, rhythm: Rhythm, period: int) -> datetime:
    """When a period is due, ``period`` counted from the anchor."""
    if rhythm is Rhythm.WEEK:
        return anchor + timedelta(weeks=period)
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + period, 12)
    last_day = calendar.monthrange(year, month + 1)[1]
    return anchor.replace(year=year, month=month + 1, day=min(anchor.day, last_day))


def first_after(anchor: datetime, rhythm: Rhythm, period: int, now: datetime) -> int:
    """The first period from ``period`` on that is due later than ``now``."""
    if rhythm is Rhythm.WEEK:
        return max(period, (now - anchor) // timedelta(weeks=1) + 1)
    guess = (now.year - anchor.year) * 12 + now.month - anchor.month
    return max(period, guess + (due_at(anchor, rhythm, guess) <= now))
