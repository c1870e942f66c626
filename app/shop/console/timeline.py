"""The last things that happened in this process, in order. Bounded, in memory, for all threads."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from itertools import count

from .entries import Entry, Fact

LIMIT = 10_000


class Timeline:
    """Entries by rising id; the oldest leave when there are more than ``limit``."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._entries: deque[Entry] = deque(maxlen=limit)
        self._ids = count(1)
        self._lock = threading.Lock()

    def write(self, fact: Fact, visitor: str = "", during: str = "") -> Entry:
        with self._lock:
            entry = Entry(next(self._ids), time.time(), visitor, during, fact)
            self._entries.append(entry)
        return entry

    def after(self, known: int, visitor: str, most: int = LIMIT) -> list[Entry]:
        """What a visitor has not seen yet, oldest first: their own entries and the shop's own doing."""
        found: list[Entry] = []
        for entry in self._backwards():
            if entry.id <= known or len(found) == most:
                break
            if entry.visitor in ("", visitor):
                found.append(entry)
        return found[::-1]

    def find(self, entry_id: int, visitor: str) -> Entry | None:
        entry = next((entry for entry in self._backwards() if entry.id <= entry_id), None)
        return entry if entry and entry.id == entry_id and entry.visitor in ("", visitor) else None

    def previous(self, entry: Entry) -> Entry | None:
        """The last entry of the same kind and title before this one, of the same visitor."""
        return next(
            (
                other
                for other in self._backwards()
                if other.id < entry.id
                and other.visitor == entry.visitor
                and (other.fact.kind, other.fact.title) == (entry.fact.kind, entry.fact.title)
            ),
            None,
        )

    def forget(self, visitor: str) -> None:
        """Drop what one visitor did; the others' timelines stay."""
        with self._lock:
            kept = [entry for entry in self._entries if entry.visitor != visitor]
            self._entries.clear()
            self._entries.extend(kept)

    def _backwards(self) -> Iterator[Entry]:
        with self._lock:
            entries = list(self._entries)
        return reversed(entries)
