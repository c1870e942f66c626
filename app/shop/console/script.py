"""The five-minute demo as a script: what to click, and what to say meanwhile. Pure data.

Nothing is typed: who has never seen the shop gives the demo by clicks alone.
"""

from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from .scenarios import BY_ID


class Where(StrEnum):
    SHOP = "In the shop"
    CARD = "On the card in the corner (with the timeline closed)"
    KLARNA = "In Klarna’s window"
    PRIVATE = "In the private window"
    FIRST = "In the frame “First purchase”"
    LINKED = "In the frame “Linked”"
    SIGNED_IN = "In the frame “Signed in with Klarna”"


class Gesture(StrEnum):
    """``click`` · ``private``: the context menu of every browser opens a link in a window without cookies."""

    CLICK = ""
    PRIVATE = "right-click, then choose the private (or incognito) window; no other may be open"


@dataclass(frozen=True)
class Click:
    """One click on what is called so."""

    label: str
    where: Where = Where.SHOP
    role: str = "button"
    gesture: Gesture = Gesture.CLICK


@dataclass(frozen=True)
class Step:
    """A part of the demo; ``ends`` is the heading one sees when it is over."""

    title: str
    clicks: tuple[Click, ...]
    ends: str
    say: str

    @property
    def passages(self) -> list[tuple[Where, list[Click]]]:
        """The clicks in their order, those that follow each other in one place together."""
        return [(where, list(clicks)) for where, clicks in groupby(self.clicks, lambda click: click.where)]


LIST = Click("Scenarios", role="link")
PAY = Click("Pay with Klarna")
CONFIRM = Click("Confirm and pay", Where.KLARNA)
LOG_IN = tuple(Click(label, Where.KLARNA) for label in ("Use +49 1761 4284340", "Continue", "Use 123456", "Continue"))
ELSEWHERE = (
    Click("Open as this shopper", Where.CARD, "link", Gesture.PRIVATE),
    Click("Sign in here", Where.PRIVATE),
    Click("Go to checkout", Where.PRIVATE),
    Click("Pay with Klarna", Where.PRIVATE),
)


def _of(scenario_id: str, *clicks: Click, ends: str = "Thank you") -> Step:
    scenario = BY_ID[scenario_id]
    return Step(scenario.title, (LIST, Click(f"Start {scenario.title}"), *clicks), ends, scenario.line)


def _beside() -> tuple[Click, ...]:
    """The same purchase in each frame."""
    first, linked, signed_in = (
        Click("Pay with Klarna", where) for where in (Where.FIRST, Where.LINKED, Where.SIGNED_IN)
    )
    return first, *LOG_IN, CONFIRM, linked, CONFIRM, signed_in, CONFIRM


STEPS = (
    _of("first-purchase", PAY, *LOG_IN, CONFIRM),
    _of("other-browser", *ELSEWHERE, CONFIRM),
    _of("returning", PAY, CONFIRM),
    _of("rotated", PAY, *LOG_IN, CONFIRM),
    Step(
        "Side by side",
        (Click("Side by side", role="link"), Click("Start"), *_beside()),
        "What it took",
        "Three shoppers, one purchase. Count the clicks: that is the difference a link makes.",
    ),
)
