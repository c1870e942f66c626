"""The five-minute demo as a script: what to click, and what to say meanwhile. Pure data."""

from dataclasses import dataclass
from enum import StrEnum

from .scenarios import BY_ID


class Where(StrEnum):
    SHOP = "In the shop"
    KLARNA = "In Klarna’s window"
    PRIVATE = "In a private window at the shop’s address"


@dataclass(frozen=True)
class Click:
    """One click on what is called so. ``types`` is what is typed there instead, in the one place where clicks end."""

    label: str
    where: Where = Where.SHOP
    role: str = "button"
    types: str = ""


@dataclass(frozen=True)
class Step:
    """A part of the demo; ``ends`` is the heading one sees when it is over."""

    title: str
    clicks: tuple[Click, ...]
    ends: str
    say: str


LIST = Click("Scenarios", role="link")
PAY = Click("Pay with Klarna")
CONFIRM = Click("Confirm and pay", Where.KLARNA)
LOG_IN = tuple(Click(label, Where.KLARNA) for label in ("Use +49", "Continue", "Use 123456", "Continue"))
ELSEWHERE = (
    Click("Sign in", Where.PRIVATE, "link"),
    Click("Email", Where.PRIVATE, "textbox", "the account on the card"),
    Click("Password", Where.PRIVATE, "textbox", "the password on the card"),
    Click("Sign in", Where.PRIVATE),
    Click("Cart", Where.PRIVATE, "link"),
    Click("Go to checkout", Where.PRIVATE),
    Click("Pay with Klarna", Where.PRIVATE),
)


def _of(scenario_id: str, *clicks: Click, ends: str = "Thank you") -> Step:
    scenario = BY_ID[scenario_id]
    return Step(scenario.title, (LIST, Click(f"Start {scenario.title}"), *clicks), ends, scenario.line)


STEPS = (
    _of("first-purchase", PAY, *LOG_IN, CONFIRM),
    _of("other-browser", *ELSEWHERE, CONFIRM),
    _of("returning", PAY, CONFIRM),
    _of("rotated", PAY, *LOG_IN, CONFIRM),
    Step(
        "Side by side",
        (Click("Side by side", role="link"), Click("Start")),
        "Side by side",
        "Three shoppers, one purchase. Count the clicks: that is the difference a link makes.",
    ),
)
