"""Klarna as a wire that says what a test wants, and the client at its other end."""

from collections.abc import Iterator

import pytest

from app.klarna import KlarnaClient, KlarnaConfig
from app.klarna.transport import Exchange

from .wire import Wire, listening


@pytest.fixture
def wire() -> Iterator[Wire]:
    with listening() as found:
        yield found


@pytest.fixture
def seen() -> list[Exchange]:
    return []


@pytest.fixture
def klarna(wire: Wire, seen: list[Exchange]) -> KlarnaClient:
    return KlarnaClient(KlarnaConfig(wire.url, "user", "secret"), seen.append)
