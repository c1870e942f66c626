"""Work after the answer: a thread in this process does it right away, the reconciler does what a crash left.

Nothing here is a promise: whatever is handed over must be written down first, so that it is found again.
"""

import logging
import threading
from collections.abc import Callable

from flask import Flask, current_app

log = logging.getLogger(__name__)

Job = Callable[[], object]


class Background:
    """Runs jobs in the application's context on threads of their own; what they raise is logged."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._idle = threading.Condition()
        self._running = 0

    def soon(self, job: Job, delay: float = 0.0) -> None:
        """Run ``job`` after ``delay`` seconds."""
        if not delay:
            self._count(1)
        timer = threading.Timer(delay, self._run, [job, bool(delay)])
        timer.daemon = True
        timer.start()

    def wait(self, timeout: float) -> bool:
        """Until nothing that is due is running; False when that takes longer than ``timeout`` seconds."""
        with self._idle:
            return self._idle.wait_for(lambda: self._running == 0, timeout)

    def _count(self, change: int) -> None:
        with self._idle:
            self._running += change
            self._idle.notify_all()

    def _run(self, job: Job, late: bool) -> None:
        if late:
            self._count(1)
        try:
            with self._app.app_context():
                job()
        except Exception:
            log.exception("background work failed; the reconciler takes it up again")
        finally:
            self._count(-1)


def install(app: Flask) -> None:
    app.extensions["background"] = Background(app)


def wait(timeout: float) -> bool:
    """Until what was begun is done, for a program that ends; False when that takes longer than ``timeout`` seconds."""
    background: Background = current_app.extensions["background"]
    return background.wait(timeout)


def soon(job: Job, delay: float = 0.0) -> None:
    """Run ``job`` after the current answer, ``delay`` seconds from now. Call it after the commit."""
    background: Background = current_app.extensions["background"]
    background.soon(job, delay)
