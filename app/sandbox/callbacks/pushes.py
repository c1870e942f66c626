"""The timetable of a completed checkout's push: repeated by the sandbox's clock until the merchant acknowledges.

https://docs.klarna.com/order-management/manage-orders-with-the-api/view-and-change-orders/acknowledge-your-kco-orders/
First after two minutes, then 5, 15, 30 and 60 minutes and every four hours, 48 hours in all; that these count from the
completion is inferred. Where the clock was put forward past several of them, one push is sent.
"""

import threading
from datetime import datetime, timedelta

from flask import Flask, current_app

from .. import clock, store
from . import courier, messages

_FIRST = tuple(timedelta(minutes=minutes) for minutes in (2, 5, 15, 30, 60))
_EVERY = timedelta(hours=4)
FOR = timedelta(hours=48)
_LONGEST_NAP = 3600.0  # seconds; whoever put the clock forward wakes it sooner
TIMES = (*_FIRST, *(_FIRST[-1] + _EVERY * number for number in range(1, (FOR - _FIRST[-1]) // _EVERY + 1)))


class Alarm:
    """Wakes this process when the next push is due. There is no thread while none is.

    When that is gets read under the alarm's own lock: of two who set it, the later one knows what both did.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def set(self) -> None:
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            seconds = _seconds_left()
            self._timer = None if seconds is None else threading.Timer(min(seconds, _LONGEST_NAP), self._ring)
            if self._timer is not None:
                self._timer.daemon = True
                self._timer.start()

    def _ring(self) -> None:
        with self._app.app_context():
            catch_up()


def install(app: Flask) -> None:
    """Give the application its alarm, set for what an earlier process left open."""
    app.extensions["sandbox_pushes"] = Alarm(app)
    with app.app_context():
        catch_up()


def begin(order_id: str, url: str) -> None:
    """From now on the merchant is told of this order, inside the transaction that completes it; `catch_up` follows."""
    now = clock.now()
    store.connection().execute(
        "INSERT INTO pushes (order_id, url, completed_at, due_at) VALUES (?, ?, ?, ?)",
        [order_id, url, clock.stamp(now), clock.stamp(now + TIMES[0])],
    )


def end(order_id: str) -> None:
    """The merchant knows."""
    store.connection().execute("UPDATE pushes SET due_at = NULL WHERE order_id = ?", [order_id])


def catch_up() -> None:
    """Send what is due by now, and set the alarm for what comes next."""
    deliveries: list[int] = []
    with store.transaction() as db:
        now = clock.now()
        due = db.execute("SELECT * FROM pushes WHERE due_at <= ?", [clock.stamp(now)]).fetchall()
        for row in due:
            following = _after(clock.read(row["completed_at"]), now)
            query = "UPDATE pushes SET due_at = ? WHERE order_id = ?"
            db.execute(query, [clock.stamp(following) if following else None, row["order_id"]])
            deliveries += messages.checkout_push(row["url"], row["order_id"])
    courier.start(deliveries)
    alarm: Alarm = current_app.extensions["sandbox_pushes"]
    alarm.set()


def _seconds_left() -> float | None:
    """Until the next push of any order; None when there is none."""
    due_at = store.connection().execute("SELECT MIN(due_at) AS due_at FROM pushes").fetchone()["due_at"]
    return max(0.0, (clock.read(due_at) - clock.now()).total_seconds()) if due_at else None


def _after(completed_at: datetime, now: datetime) -> datetime | None:
    return next((completed_at + time for time in TIMES if completed_at + time > now), None)
