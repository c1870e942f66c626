"""What a field may hold: small rules that read a JSON value and note the paths of what is wrong.

Each rule's `read` returns the cleaned value (unknown fields and nulls dropped) and appends the path of every
fault it meets. Lengths count characters, as the descriptions of the API do.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

INT64 = 2**63 - 1


class Rule(Protocol):
    """Anything that can read a value of one kind."""

    def read(self, value: Any, path: str, faults: list[str]) -> Any: ...


@dataclass(frozen=True)
class Text:
    """A string. `accepts` sees it when its length is right."""

    longest: int | None = None
    shortest: int = 0
    accepts: Callable[[str], object] = field(default=lambda _text: True)

    def read(self, value: Any, path: str, faults: list[str]) -> Any:
        right = isinstance(value, str) and self.shortest <= len(value) <= (self.longest or len(value))
        if not right or not self.accepts(value):
            faults.append(path)
        return value


@dataclass(frozen=True)
class Whole:
    """A whole number of 64 bits; true and false are none, nor is 1.0."""

    least: int = -INT64 - 1
    most: int = INT64

    def read(self, value: Any, path: str, faults: list[str]) -> Any:
        if type(value) is not int or not self.least <= value <= self.most:
            faults.append(path)
        return value


@dataclass(frozen=True)
class Flag:
    """True or false."""

    def read(self, value: Any, path: str, faults: list[str]) -> Any:
        if type(value) is not bool:
            faults.append(path)
        return value


@dataclass(frozen=True)
class Many:
    """A list of things of one kind."""

    of: Rule
    fewest: int = 0
    most: int = 1000

    def read(self, value: Any, path: str, faults: list[str]) -> Any:
        if not isinstance(value, list) or not self.fewest <= len(value) <= self.most:
            faults.append(path)
            return value
        return [self.of.read(item, f"{path}[{index}]", faults) for index, item in enumerate(value)]


@dataclass(frozen=True)
class Fields:
    """An object. Unknown fields are dropped; a field that is null counts as not sent (inferred)."""

    rules: Mapping[str, Rule]
    required: frozenset[str] = frozenset()

    def read(self, value: Any, path: str, faults: list[str]) -> Any:
        if not isinstance(value, dict):
            faults.append(path)
            return value
        sent = {name: part for name, part in value.items() if part is not None}
        faults.extend(_join(path, name) for name in self.rules if name in self.required and name not in sent)
        return {
            name: rule.read(sent[name], _join(path, name), faults) for name, rule in self.rules.items() if name in sent
        }

    def requiring(self, *names: str) -> "Fields":
        """The same object with these fields required."""
        return Fields(self.rules, frozenset(names))

    def replacing(self, rules: "Mapping[str, Rule]") -> "Fields":
        """The same object with these rules in place of, or beside, its own."""
        return Fields({**self.rules, **rules}, self.required)


def one_of(*choices: str) -> Text:
    return Text(accepts=frozenset(choices).__contains__)


def pattern(expression: str, longest: int | None = None) -> Text:
    return Text(longest, accepts=re.compile(expression).fullmatch)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
