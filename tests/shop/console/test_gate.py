"""Calls wait when somebody explains them: as long as wanted, never for ever, and nobody else's."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from app.shop.console.gate import Gate, Pace
from tests.support.patience import until

SHORT, LONG = 0.001, 60.0


@contextmanager
def a_call(gate: Gate, visitor: str = "anna") -> Iterator[threading.Event]:
    """A call that comes to the gate; the event says that it went through."""
    gone = threading.Event()

    def call() -> None:
        gate.wait(visitor, "create session", "POST", "/payments/v1/sessions")
        gone.set()

    thread = threading.Thread(target=call)
    thread.start()
    try:
        yield gone
    finally:
        gate.set_pace(visitor, Pace.FREE)
        thread.join()


def test_a_free_call_does_not_wait() -> None:
    gate = Gate()
    gate.wait("anna", "create session", "POST", "/payments/v1/sessions")
    assert (gate.pace("anna"), gate.held("anna")) == (Pace.FREE, [])


def test_a_paused_call_waits_until_it_is_let_go() -> None:
    gate = Gate(patience=LONG)
    gate.set_pace("anna", Pace.PAUSED)
    with a_call(gate) as gone:
        until(lambda: gate.held("anna"))
        (held,) = gate.held("anna")
        assert (held.operation, held.method, held.path) == ("create session", "POST", "/payments/v1/sessions")
        assert not gone.is_set()
        gate.release("anna")
        assert gone.wait(10)
        assert (gate.held("anna"), gate.pace("anna")) == ([], Pace.PAUSED)


@pytest.mark.parametrize("pace", [Pace.FREE, Pace.SLOW])
def test_a_call_that_waits_goes_when_calls_shall_not_wait_any_more(pace: Pace) -> None:
    gate = Gate(patience=LONG)
    gate.set_pace("anna", Pace.PAUSED)
    with a_call(gate) as gone:
        until(lambda: gate.held("anna"))
        gate.set_pace("anna", pace)
        assert gone.wait(10)


def test_patience_ends() -> None:
    gate = Gate(patience=SHORT)
    gate.set_pace("anna", Pace.PAUSED)
    with a_call(gate) as gone:
        assert gone.wait(10)
        assert gate.held("anna") == []


def test_a_slow_call_goes_by_itself() -> None:
    gate = Gate(patience=LONG, slowly=SHORT)
    gate.set_pace("anna", Pace.SLOW)
    with a_call(gate) as gone:
        assert gone.wait(10)


def test_the_calls_of_others_and_of_nobody_go_at_once() -> None:
    gate = Gate(patience=LONG)
    gate.set_pace("anna", Pace.PAUSED)
    gate.set_pace("", Pace.PAUSED)
    for visitor in ("ben", ""):
        gate.wait(visitor, "create session", "POST", "/payments/v1/sessions")
    with a_call(gate) as gone:
        until(lambda: gate.held("anna"))
        gate.release("ben")
        gate.set_pace("ben", Pace.FREE)
        assert gate.held("anna")
        assert not gone.is_set()


def test_only_so_many_calls_wait_so_that_somebody_can_let_them_go() -> None:
    gate = Gate(patience=LONG)
    for who in ("anna", "ben", "cleo"):
        gate.set_pace(who, Pace.PAUSED)
    with a_call(gate), a_call(gate), a_call(gate, "ben"), a_call(gate, "ben"):
        until(lambda: len(gate.held("anna")) == len(gate.held("ben")) == 2)
        for who in ("anna", "cleo"):
            gate.wait(who, "create session", "POST", "/payments/v1/sessions")  # returns
    assert gate.held("anna") == []
