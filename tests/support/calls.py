"""The calls a server is answering: one goes on there also when its caller no longer waits."""

import threading
from collections.abc import Iterable
from typing import Any

from flask import Flask


class Calls:
    """Counts what an application is doing, so that a test can begin when nothing of the one before goes on."""

    def __init__(self) -> None:
        self._under_way = 0
        self._changed = threading.Condition()

    def of(self, app: Flask) -> Any:
        """The application, counted."""

        def answer(environ: Any, start_response: Any) -> Iterable[bytes]:
            self._count(1)
            try:
                return app(environ, start_response)
            finally:
                self._count(-1)

        return answer

    def wait(self) -> None:
        """Until none is under way; fails after a minute."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._under_way == 0, 60), "a call does not end"

    def _count(self, more: int) -> None:
        with self._changed:
            self._under_way += more
            self._changed.notify_all()
