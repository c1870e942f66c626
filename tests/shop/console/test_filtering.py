"""Some lanes, some words: which steps of the timeline fit."""

import pytest

from app.shop.console.entries import Entry, Fact, Kind
from app.shop.console.filtering import LONGEST, Filter, asked_for

FACTS = {
    "page": Fact(Kind.PAGE, "GET /cart", path="/cart", status=200),
    "sdk": Fact(Kind.SDK, "Klarna.Payments.load"),
    "api": Fact(Kind.API, "place order", path="/payments/v1/orders", status=503, correlation_id="9f-C0"),
    "callback": Fact(Kind.CALLBACK, "push callback", status=0),
    "note": Fact(Kind.NOTE, "account link: linked"),
}


def fitting(wanted: Filter) -> str:
    return " ".join(name for name, fact in FACTS.items() if wanted.fits(Entry(1, 1, 0.0, "v", "", fact, "returning")))


@pytest.mark.parametrize(
    ("lanes", "text", "fit"),
    [
        ([], "", "page sdk api callback note"),
        (["browser"], "", "page sdk"),
        (["shop"], "", "page api callback note"),
        (["klarna"], "", "sdk api callback"),
        (["browser", "klarna"], "", "page sdk api callback"),
        (["klarna", "shop", "browser"], "", "page sdk api callback note"),
        (["moon"], "", "page sdk api callback note"),
        ([], "  ORDER  place ", "api"),
        ([], "503", "api"),
        ([], "/payments/v1", "api"),
        ([], "9F-c0", "api"),
        ([], "no answer", "callback"),
        ([], "returning", "page sdk api callback note"),
        (["klarna"], "l", "sdk api callback"),
        (["shop"], "load", ""),
    ],
)
def test_a_step_fits_if_it_touches_a_lane_and_says_every_word(lanes: list[str], text: str, fit: str) -> None:
    assert fitting(asked_for(lanes, text)) == fit


def test_it_is_said_in_words() -> None:
    assert [
        str(asked_for(*asked)) for asked in ((["klarna", "shop"], " Place  order"), (["shop"], ""), ((), "x"), ((), ""))
    ] == [
        "Shop or Klarna, “place order”",
        "Shop",
        "“x”",
        "",
    ]


def test_nobody_looks_for_a_book() -> None:
    assert len(str(asked_for((), "x" * 9999))) <= LONGEST + 2
