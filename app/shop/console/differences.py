"""What changed between two calls of one kind, path by path. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Difference:
    """One path such as ``order_lines[0].quantity``; None where the value was not there."""

    path: str
    before: Any
    after: Any


def differences(before: Any, after: Any) -> list[Difference]:
    """Where two JSON values differ, in the order of the later one."""
    was, now = dict(_leaves(before)), dict(_leaves(after))
    paths = [*now, *(path for path in was if path not in now)]
    found = (Difference(path, was.get(path), now.get(path)) for path in paths)
    return [one for one in found if not _alike(one.before, one.after)]


def _alike(one: Any, other: Any) -> bool:
    """As JSON has it, where ``true`` is not ``1``."""
    return type(one) is type(other) and bool(one == other)


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for name, part in value.items():
            yield from _leaves(part, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value:
        for index, part in enumerate(value):
            yield from _leaves(part, f"{path}[{index}]")
    else:
        yield path, value
