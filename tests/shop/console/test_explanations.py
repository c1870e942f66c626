"""What Klarna Checkout's frame tells: each event that is listened to is explained, and none that wants an answer."""

import re
from pathlib import Path

from app.shop.console.entries import Fact, Kind
from app.shop.console.explanations import FRAME, TOLD, explanation_of

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = (ROOT / "static" / "shop" / "js" / "console" / "checkout-frame.js").read_text()


def test_every_event_that_is_listened_to_is_explained_and_none_waits_for_an_answer() -> None:
    (listed,) = re.findall(r"const EVENTS = \[(.*?)\]", SCRIPT, re.DOTALL)
    heard = re.findall(r'"(\w+)"', listed)
    assert set(heard) == set(TOLD)
    assert "validation_callback" not in heard
    for event in heard:
        explained = explanation_of(Fact(Kind.EVENT, FRAME + event))
        assert explained is not None
        assert explained.page.startswith("https://docs.klarna.com/")


def test_of_an_event_nobody_knows_nothing_is_said() -> None:
    assert explanation_of(Fact(Kind.EVENT, FRAME + "something_new")) is None
