"""Times out of any database are UTC."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.dialects import sqlite

from app.shop.extensions import UTCDateTime

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("kept", [NOON, NOON.replace(tzinfo=None), NOON.astimezone(ZoneInfo("Europe/Berlin"))])
def test_a_time_is_the_same_moment_in_utc(kept: datetime) -> None:
    read = UTCDateTime().process_result_value(kept, sqlite.dialect())
    assert read == NOON
    assert read is not None
    assert read.tzinfo is UTC


def test_no_time_stays_none() -> None:
    assert UTCDateTime().process_result_value(None, sqlite.dialect()) is None
