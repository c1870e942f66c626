"""What happens by the sandbox's clock without anybody asking: reviews end, pushes and notifications come again.

Everything else that expires is looked at when it is read. A timer waits for the next moment; putting the clock
forward, or asking Order Management, catches up at once.
"""

import threading

from flask import Flask, current_app

from . import callbacks, clock, fraud
from .callbacks import courier, pushes

_NAME = "sandbox_timetable"


class Timetable:
    """One timer, for the next thing that is due in this process."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._set_for: tuple[str | None, float] | None = None

    def catch_up(self) -> None:
        """Do what is due, and set the timer for the next moment. Needs an application context."""
        callbacks.start([*fraud.decide_due(), *courier.due(), *pushes.due()])
        self.set()

    def set(self) -> None:
        """Set the timer, unless it is set for the same moment already. Needs an application context.

        The moment is read under the lock: of two who set the timer, the later one knows what both did.
        """
        with self._lock:
            moments = [moment for moment in (fraud.next_due(), courier.next_due(), pushes.next_due()) if moment]
            wanted = (min(moments, default=None), clock.offset())
            if wanted == self._set_for:
                return
            self._set_for = wanted
            if self._timer:
                self._timer.cancel()
            self._timer = self._started(wanted[0])

    def _started(self, moment: str | None) -> threading.Timer | None:
        if moment is None:
            return None
        seconds = (clock.read(moment) - clock.now()).total_seconds()
        timer = threading.Timer(max(0.0, seconds), self._wake)
        timer.daemon = True
        timer.start()
        return timer

    def _wake(self) -> None:
        """A timer that went off is set anew, even for the same moment: it may have been early by a hair."""
        with self._lock:
            self._set_for = None
        with self._app.app_context():
            self.catch_up()


def install(app: Flask) -> None:
    """Give the application its timetable, which begins with what became due while it was down."""
    timetable = Timetable(app)
    app.extensions[_NAME] = timetable
    with app.app_context():
        callbacks.when_put_off(timetable.set)
        timetable.catch_up()


def catch_up() -> None:
    """Do what is due by now; called outside transactions."""
    timetable: Timetable = current_app.extensions[_NAME]
    timetable.catch_up()
