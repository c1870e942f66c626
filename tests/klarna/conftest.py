"""Klarna as a wire that says what a test wants, and the client at its other end."""

from collections.abc import Iterator

import pytest

from app.klarna import KlarnaClient, KlarnaConfig

from .wire import Seen, Wire, listening


@pytest.fixture
def wire() -> Iterator[Wire]:
    with listening() as found:
        yield found


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def klarna(wire: Wire, seen: Seen) -> KlarnaClient:
    return KlarnaClient(KlarnaConfig(wire.url, "user", "secret"), seen)
