"""Long lists, a page at a time."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """A stretch of a list of ``total`` things; ``number`` counts from one."""

    items: list[T]
    number: int
    pages: int
    total: int

    @property
    def has_prev(self) -> bool:
        return self.number > 1

    @property
    def has_next(self) -> bool:
        return self.number < self.pages


@dataclass(frozen=True)
class Stretch:
    """Which part of a list a page shows; a number that is out of range becomes the nearest that is not."""

    number: int
    pages: int
    offset: int


def stretch(total: int, number: int, per_page: int) -> Stretch:
    pages = max(1, -(-total // per_page))
    number = min(max(1, number), pages)
    return Stretch(number, pages, (number - 1) * per_page)


def page_number(typed: str) -> int:
    """The number in an address; 1 for anything that is none."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 1
