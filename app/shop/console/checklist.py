"""The QA checklist: each scenario with what somebody found, and the report of it. Pure.

What is ticked stays in the browser; it comes here only to be exported.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .entries import Entry, Kind
from .scenarios import SCENARIOS, Scenario

BEGINNING = "scenario: "  # of the note that is written where a scenario starts
LONGEST = 2000  # characters of a note
# What a spreadsheet takes for a formula, https://owasp.org/www-community/attacks/CSV_Injection
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Result(StrEnum):
    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    UNTESTED = "untested"


@dataclass(frozen=True)
class Row:
    """What somebody found about a scenario; ``ids`` are the timeline's entries of its last run."""

    scenario: Scenario
    result: Result
    note: str
    ids: str


@dataclass(frozen=True)
class Report:
    """A checklist as it is exported. ``at`` is UTC; ``about`` are versions and settings, none of them secret."""

    at: datetime
    about: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]

    def count(self, result: Result) -> int:
        return sum(row.result is result for row in self.rows)


def rows(form: Mapping[str, str], entries: Iterable[Entry]) -> tuple[Row, ...]:
    """Every scenario with its ``<id>.result`` and ``<id>.note`` of a form; what says nothing is untested."""
    ran = runs(entries)
    return tuple(
        Row(
            scenario,
            _result(form.get(f"{scenario.id}.result", "")),
            form.get(f"{scenario.id}.note", "").strip()[:LONGEST],
            ranges(ran.get(scenario.id, [])),
        )
        for scenario in SCENARIOS
    )


def _result(word: str) -> Result:
    return Result(word) if word in list(Result) else Result.UNTESTED


def runs(entries: Iterable[Entry]) -> dict[str, list[int]]:
    """The ids of each scenario's last run: from its beginning to the next one's."""
    found: dict[str, list[int]] = {}
    current: list[int] = []
    for entry in sorted(entries, key=lambda entry: entry.id):
        if entry.fact.kind is Kind.NOTE and entry.fact.title.startswith(BEGINNING):
            current = found[entry.fact.title.removeprefix(BEGINNING)] = []
        current.append(entry.id)
    return found


def ranges(ids: Iterable[int]) -> str:
    """Rising numbers in short: ``3–5, 9``."""
    parts: list[list[int]] = []
    for number in ids:
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(f"{part[0]}–{part[-1]}" if len(part) > 1 else str(part[0]) for part in parts)


def as_csv(report: Report) -> str:
    """The report for a spreadsheet: what it is about, an empty line, the table."""
    written = io.StringIO()
    lines = csv.writer(written)
    lines.writerow(["Time (UTC)", f"{report.at:%Y-%m-%d %H:%M:%S}"])
    lines.writerows([name, _as_text(value)] for name, value in report.about)
    lines.writerow([])
    lines.writerow(["Scenario", "Title", "Result", "Note", "Journal ids"])
    lines.writerows(
        [row.scenario.id, _as_text(row.scenario.title), row.result, _as_text(row.note), row.ids] for row in report.rows
    )
    return written.getvalue()


def _as_text(value: str) -> str:
    """A cell that no spreadsheet calculates."""
    return f"'{value}" if value.lstrip(" \n").startswith(FORMULA) else value
