"""The diagram is an XML document whatever happened, and what happened stays text."""

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from app.shop.console.diagram import sequence_diagram
from app.shop.console.entries import Entry, Fact, Kind

SVG = "{http://www.w3.org/2000/svg}"
LANES = ["Browser", "Browser", "Shop", "Shop", "Klarna", "Klarna"]


def entry(title: str, kind: Kind = Kind.API, **more: object) -> Entry:
    return Entry(1, 1, 1763800000.25, "v", "", Fact(kind, title, **more))  # type: ignore[arg-type]


def parsed(drawn: str) -> ET.Element:
    return ET.fromstring(drawn)  # noqa: S314 - our own drawing


def texts(drawn: str) -> list[str]:
    return [node.text or "" for node in parsed(drawn).iter(f"{SVG}text")]


def test_lanes_times_and_labels_are_drawn() -> None:
    drawn = sequence_diagram([entry("create session", status=200, seconds=0.0414)], "Morrow and Klarna")
    assert texts(drawn) == ["Morrow and Klarna", *LANES, "08:26:40.250", "create session · 200 · 41 ms"]


def test_the_lanes_are_named_above_the_first_step_and_below_the_last_one() -> None:
    drawn = parsed(sequence_diagram([entry("place order")] * 40, "Morrow"))
    placed = [(node.text, float(node.get("y") or 0)) for node in drawn.iter(f"{SVG}text")]
    steps = [y for text, y in placed if text == "place order"]
    for lane in ("Browser", "Shop", "Klarna"):
        above, below = (y for text, y in placed if text == lane)
        assert above < min(steps) < max(steps) < below < float(drawn.get("height") or 0)


def test_a_drawing_of_some_steps_says_which() -> None:
    assert texts(sequence_diagram([], "Morrow", "Shop or Klarna, “order”"))[0] == "Morrow, only Shop or Klarna, “order”"


def test_no_answer_is_said_and_coloured_as_a_failure() -> None:
    drawn = sequence_diagram([entry("place order", status=0), entry("place order", status=200)], "")
    first, second = [n.get("stroke") for n in parsed(drawn).iter(f"{SVG}line")][3:]
    assert first != second
    assert any("no answer" in text for text in texts(drawn))


def test_markup_stays_text() -> None:
    nasty = '<script>alert("1")</script>&amp;'
    drawn = sequence_diagram([entry(nasty), entry(nasty, Kind.NOTE)], nasty)
    assert list(parsed(drawn).iter(f"{SVG}script")) == []
    assert any(text.startswith("<script>alert") for text in texts(drawn))


@given(st.text(), st.sampled_from(list(Kind)))
def test_any_text_makes_a_valid_document(title: str, kind: Kind) -> None:
    assert parsed(sequence_diagram([entry(title, kind)], title)).tag == f"{SVG}svg"


def test_nothing_happened_is_a_drawing_too() -> None:
    assert texts(sequence_diagram([], "Morrow")) == ["Morrow", *LANES]
