"""Brings messages to merchants in the background: at most three attempts, the pause doubling from one second.

A message is queued in the store together with what it tells of, so that a restart loses none; its own thread
then makes the attempts. Pauses are real time. That pushes and webhooks are retried like the rest is inferred.
Notifications are more patient: every ten minutes for 24 hours by the sandbox's clock (`due`), until exactly 200.
https://docs.klarna.com/payments/after-payments/order-management/more-actions/pending-orders/
A push of Klarna Checkout is attempted once, as it has a timetable of its own (`pushes`).
"""

import json
import threading
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from enum import StrEnum
from typing import Any

from flask import Flask, current_app

from .. import clock, config, store
from . import wire

ATTEMPTS = 3
FIRST_PAUSE = 1.0
PATIENT_PAUSE = timedelta(minutes=10)
PATIENCE = timedelta(hours=24)


class Kind(StrEnum):
    """What a message tells a merchant."""

    AUTHORIZATION = "authorization"
    PUSH = "push"
    CHECKOUT_PUSH = "checkout push"
    WEBHOOK = "webhook"
    NOTIFICATION = "notification"


class State(StrEnum):
    """How far a delivery has come. What is lost was never sent: a switch said so."""

    WAITING = "waiting"
    ARRIVED = "arrived"
    GIVEN_UP = "given up"
    LOST = "lost"


class Courier:
    """The deliveries under way in this process. Who keeps the time is told, by `on_put_off`, when one has to wait."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self.on_put_off: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def start(self, delivery: int, delay: float) -> None:
        thread = threading.Thread(
            target=self._deliver, args=[delivery, delay], name=f"delivery-{delivery}", daemon=True
        )
        with self._lock:
            self._threads = [*filter(threading.Thread.is_alive, self._threads), thread]
            thread.start()

    def resume(self) -> None:
        """Take up what an earlier process left unfinished."""
        query = "SELECT id, delay FROM deliveries WHERE state = ? AND next_at IS NULL ORDER BY id"
        with self._app.app_context():
            rows = store.connection().execute(query, [State.WAITING]).fetchall()
        for row in rows:
            self.start(row["id"], row["delay"])

    def wait(self, timeout: float) -> bool:
        """Whether everything under way was over within so many seconds."""
        until = time.monotonic() + timeout
        with self._lock:
            threads = list(self._threads)
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def _deliver(self, delivery: int, delay: float) -> None:
        for pause in _pauses(delay):
            time.sleep(pause)
            with self._app.app_context():
                if _attempt(delivery):
                    self.on_put_off()
                    return


def install(app: Flask) -> None:
    """Give the application its courier, which begins with what was left over."""
    courier = Courier(app)
    app.extensions["sandbox_courier"] = courier
    courier.resume()


def queue(
    kind: Kind,
    url: str,
    body: dict[str, Any] | None,
    session_id: str | None = None,
    *,
    order_id: str | None = None,
    delay: float = 0.0,
    forged: bool = False,
    lost: bool = False,
) -> int:
    """Write down a message to be sent, inside the transaction it belongs to; `start` sends it afterwards.

    `delay` is in seconds of real time; a lost message is written down only, a forged one tells of nothing real.
    """
    state = State.LOST if lost else State.WAITING
    cursor = store.connection().execute(
        "INSERT INTO deliveries (kind, session_id, order_id, forged, url, body, queued_at, delay, state)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            *(kind, session_id, order_id, forged, url, json.dumps(body) if body else None),
            *(clock.stamp(clock.now()), delay, state),
        ],
    )
    return int(cursor.lastrowid or 0)


def start(deliveries: Iterable[int]) -> None:
    """Send queued messages, once their transaction is through, all at the same time but for their delays."""
    query = "SELECT id, delay FROM deliveries WHERE id = ? AND state = ?"
    found = (store.connection().execute(query, [delivery, State.WAITING]).fetchone() for delivery in deliveries)
    for row in [row for row in found if row]:
        _courier().start(row["id"], row["delay"])


def next_due() -> str | None:
    """The moment by the sandbox's clock at which the next message is tried again, as text."""
    query = "SELECT MIN(next_at) FROM deliveries WHERE state = ?"
    moment: str | None = store.connection().execute(query, [State.WAITING]).fetchone()[0]
    return moment


def due() -> list[int]:
    """The messages whose next attempt is due; whoever takes them has to start them."""
    here = "state = ? AND next_at <= ?"
    place = [State.WAITING, clock.stamp(clock.now())]
    with store.transaction() as db:
        rows = db.execute(f"SELECT id FROM deliveries WHERE {here} ORDER BY id", place).fetchall()  # noqa: S608
        db.execute(f"UPDATE deliveries SET next_at = NULL, delay = 0 WHERE {here}", place)  # noqa: S608
    return [row["id"] for row in rows]


def when_put_off(call: Callable[[], None]) -> None:
    """Have this called, in an application context, when an attempt is over: the next one may be far off."""
    _courier().on_put_off = call


def wait(timeout: float = 10.0) -> bool:
    """Whether all messages were delivered or given up within so many seconds."""
    return _courier().wait(timeout)


def _courier() -> Courier:
    courier: Courier = current_app.extensions["sandbox_courier"]
    return courier


def _pauses(delay: float) -> list[float]:
    return [delay, *(FIRST_PAUSE * 2**number for number in range(ATTEMPTS - 1))]


def _attempt(delivery: int) -> bool:
    """One attempt; whether its thread is done with it (delivered, given up, put off, or forgotten by a reset)."""
    query = "SELECT * FROM deliveries WHERE id = ? AND state = ?"
    row = store.connection().execute(query, [delivery, State.WAITING]).fetchone()
    if row is None:
        return True
    patience = config.current().callback_patience
    answer = wire.post(row["url"], row["body"], (patience, patience))
    status, attempts, kind = answer.status if answer else 0, row["attempts"] + 1, Kind(row["kind"])
    patient = kind is Kind.NOTIFICATION
    again = clock.stamp(clock.now() + PATIENT_PAUSE) if patient else None
    until = clock.stamp(clock.read(row["queued_at"]) + PATIENCE)
    over = again > until if again else attempts >= (1 if kind is Kind.CHECKOUT_PUSH else ATTEMPTS)
    arrived = status == 200 if patient else 200 <= status < 300
    state = State.ARRIVED if arrived else State.GIVEN_UP if over else State.WAITING
    with store.transaction() as db:
        query = "UPDATE deliveries SET attempts = ?, state = ?, next_at = ? WHERE id = ?"
        db.execute(query, [attempts, state, again if state is State.WAITING else None, delivery])
    return patient or state is not State.WAITING
