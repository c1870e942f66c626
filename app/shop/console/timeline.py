"""The last things that happened in this process, in order. Bounded, in memory, for all threads."""

import secrets
import threading
import time
from dataclasses import replace
from itertools import count

from .entries import Entry, Fact

LIMIT = 10_000


class Timeline:
    """Entries in the order in which they began; the oldest leave when there are more than ``limit``.

    ``name`` tells it from the one of another process, whose numbers say nothing here.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self.name = secrets.token_hex(8)
        self._limit = limit
        self._entries: dict[int, Entry] = {}
        self._forgotten: dict[str, int] = {}  # until which entry a visitor wants to see nothing
        self._numbers = count(1)
        self._lock = threading.Lock()

    def write(self, fact: Fact, visitor: str = "", during: str = "", run: str = "") -> Entry:
        with self._lock:
            number = next(self._numbers)
            entry = self._entries[number] = Entry(number, number, time.time(), visitor, during, fact, run)
            if len(self._entries) > self._limit:
                del self._entries[next(iter(self._entries))]
        return entry

    def finish(self, entry: Entry, fact: Fact) -> None:
        """Say how something ended; it keeps its place."""
        with self._lock:
            if entry.id in self._entries:
                self._entries[entry.id] = replace(entry, revision=next(self._numbers), fact=fact)

    def after(self, revision: int, visitor: str, most: int = LIMIT) -> list[Entry]:
        """What is new or changed since ``revision``, oldest change first: a visitor's own, and the shop's own doing."""
        changed = [entry for entry in self._seen_by(visitor) if entry.revision > revision]
        return sorted(changed, key=lambda entry: entry.revision)[:most]

    def find(self, entry_id: int, visitor: str) -> Entry | None:
        entry = self._entries.get(entry_id)
        return entry if entry and self._sees(visitor, entry) else None

    def under_way(self, visitor: str, correlation_id: str) -> Entry | None:
        """A visitor's entry that was written under this id and has not ended."""
        mine = (e for e in reversed(self._all()) if (e.visitor, e.fact.correlation_id) == (visitor, correlation_id))
        return next((entry for entry in mine if entry.fact.seconds is None), None)

    def previous(self, entry: Entry) -> Entry | None:
        """The last entry of the same kind and title before this one, of the same visitor."""
        like = (entry.visitor, entry.fact.kind, entry.fact.title)
        earlier = (other for other in reversed(self._all()) if other.id < entry.id)
        return next((e for e in earlier if (e.visitor, e.fact.kind, e.fact.title) == like), None)

    def forget(self, visitor: str) -> None:
        """Drop what is one visitor's own and hide the rest from them; for the others nothing changes."""
        with self._lock:
            self._entries = {e.id: e for e in self._entries.values() if e.visitor != visitor}
            oldest = next(iter(self._entries), 0)
            self._forgotten = {who: until for who, until in self._forgotten.items() if until > oldest}
            self._forgotten[visitor] = next(self._numbers)

    def _seen_by(self, visitor: str) -> list[Entry]:
        return [entry for entry in self._all() if self._sees(visitor, entry)]

    def _sees(self, visitor: str, entry: Entry) -> bool:
        return entry.visitor in ("", visitor) and entry.id > self._forgotten.get(visitor, 0)

    def _all(self) -> list[Entry]:
        with self._lock:
            return list(self._entries.values())
