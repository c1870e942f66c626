"""Waiting for what another thread or program does: as long as a loaded machine may take, and no longer than needed."""

import time
from collections.abc import Callable


def until(happened: Callable[[], object]) -> None:
    """Return as soon as it is true; fail after a minute."""
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
