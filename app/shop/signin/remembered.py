"""A document that is read over the network once for all threads, and read again when it grows old."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
REST = 5.0  # seconds without another try after one that failed: a queue of waiting shoppers must not form


class Remembered(Generic[T]):
    """``load`` reads the document; whatever of ``trouble`` it raises is raised here, unless an older one is known."""

    def __init__(self, load: Callable[[], T], trouble: type[Exception]) -> None:
        self._load = load
        self._trouble = trouble
        self._lock = threading.Lock()
        self._known: tuple[float, T] | None = None
        self._failed: tuple[float, Exception] | None = None

    def get(self, max_age: float) -> T:
        """The document, read anew when it is older than ``max_age`` seconds."""
        known = self._known
        if known is not None and time.monotonic() - known[0] < max_age:
            return known[1]
        with self._lock:
            if self._known is not None and self._known is not known:
                return self._known[1]
            return self._read(known)

    def _read(self, known: tuple[float, T] | None) -> T:
        resting = self._failed is not None and time.monotonic() - self._failed[0] < REST
        try:
            if resting and self._failed:
                raise self._failed[1]
            self._known = (time.monotonic(), self._load())
        except self._trouble as failure:
            if not resting:
                self._failed = (time.monotonic(), failure)
            if known is None:
                raise
            return known[1]
        return self._known[1]
