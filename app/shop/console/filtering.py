"""Which steps of the timeline somebody wants to see: those of some lanes, and those that say some words. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from .diagram import NAMES
from .entries import LANES, Entry, Lane

LONGEST = 100  # characters of what is looked for


@dataclass(frozen=True)
class Filter:
    """Lanes of which a step has to touch one, and words it has to say all of; nothing asked for is everything."""

    lanes: tuple[Lane, ...] = ()
    words: tuple[str, ...] = ()

    def fits(self, entry: Entry) -> bool:
        said = words_of(entry)
        touched = not self.lanes or any(lane in LANES[entry.fact.kind] for lane in self.lanes)
        return touched and all(word in said for word in self.words)

    def __str__(self) -> str:
        """In words, empty for everything."""
        lanes, words = " or ".join(NAMES[lane] for lane in self.lanes), " ".join(self.words)
        return ", ".join(part for part in (lanes, f"“{words}”" if words else "") if part)


def asked_for(lanes: Iterable[str], text: str) -> Filter:
    """A filter as an address carries it; what is no lane is left out."""
    wanted = set(lanes)
    return Filter(tuple(lane for lane in Lane if lane in wanted), tuple(text[:LONGEST].lower().split()))


def words_of(entry: Entry) -> str:
    """What words are looked for in, in small letters."""
    fact = entry.fact
    status = "" if fact.status is None else str(fact.status or "no answer")
    return " ".join((fact.title, fact.path, status, fact.correlation_id, entry.run)).lower()
