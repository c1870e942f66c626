"""The checklist's report: every scenario, its last run, and nothing a spreadsheet would calculate."""

import csv
import io
from datetime import UTC, datetime

import pytest

from app.shop.console.checklist import BEGINNING, LONGEST, Report, Result, as_csv, ranges, rows, runs
from app.shop.console.entries import Entry, Fact, Kind
from app.shop.console.scenarios import SCENARIOS

PAGE = Fact(Kind.PAGE, "GET /checkout")


def journal(*facts: Fact | str) -> list[Entry]:
    """Entries in a row; a word is the beginning of that scenario."""
    told = [fact if isinstance(fact, Fact) else Fact(Kind.NOTE, BEGINNING + fact) for fact in facts]
    return [Entry(number, number, 0.0, "v", "", fact) for number, fact in enumerate(told, 1)]


def test_a_run_goes_from_its_beginning_to_the_next_ones() -> None:
    entries = journal(PAGE, "returning", PAGE, PAGE, "rotated", PAGE, "returning", PAGE)
    assert runs(reversed(entries)) == {"returning": [7, 8], "rotated": [5, 6]}


@pytest.mark.parametrize(("ids", "said"), [([], ""), ([4], "4"), ([4, 5, 6, 9, 11, 12], "4–6, 9, 11–12")])
def test_ids_are_said_in_short(ids: list[int], said: str) -> None:
    assert ranges(ids) == said


def test_every_scenario_is_a_row_and_what_says_nothing_is_untested() -> None:
    form = {
        "returning.result": "pass",
        "rotated.result": "explode",
        "rotated.note": "x" * 9999,
        "nothing.result": "fail",
    }
    found = {row.scenario.id: row for row in rows(form, journal("returning", PAGE))}
    assert list(found) == [scenario.id for scenario in SCENARIOS]
    assert (found["returning"].result, found["returning"].ids) == (Result.PASS, "1–2")
    assert (found["rotated"].result, len(found["rotated"].note)) == (Result.UNTESTED, LONGEST)


@pytest.mark.parametrize("note", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\n=1", '=HYPERLINK("x")', '"; =1'])
def test_no_note_is_a_formula(note: str) -> None:
    report = Report(datetime(2026, 11, 22, 6, tzinfo=UTC), (("Shop", "=1"),), rows({"returning.note": note}, []))
    table = list(csv.reader(io.StringIO(as_csv(report))))
    cells = [cell for line in table for cell in line]
    assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@"))]
    assert table[0] == ["Time (UTC)", "2026-11-22 06:00:00"]
    assert len(table) == len(SCENARIOS) + 4
