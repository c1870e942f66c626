"""What a situation of the demo consists of, and the steps that many of them have in common. Pure data."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Step = dict[str, Any]


class Chapter(StrEnum):
    LINK = "The life of a link"
    SIGN_IN = "Sign in with Klarna"
    CHECKOUT = "Klarna Checkout"
    AFTER = "After the purchase"


class Actor(StrEnum):
    """Whose browser it is afterwards.

    ``guest``: nobody's · ``shopper``: a new account with an address · ``linked``: an account that bought and linked ·
    ``opted_out``: one that bought and did not link · ``klarna``: signed in with Klarna ·
    ``second``: a new account of somebody whose other one is linked · ``mistaken``: a new account, where the Klarna
    customer opens another one · ``holder``: nobody's; the Klarna customer's e-mail has an account with a password ·
    ``subscriber``: a new account whose subscription was renewed once
    """

    GUEST = "guest"
    SHOPPER = "shopper"
    LINKED = "linked"
    OPTED_OUT = "opted_out"
    KLARNA = "klarna"
    SECOND = "second"
    MISTAKEN = "mistaken"
    HOLDER = "holder"
    SUBSCRIBER = "subscriber"


@dataclass(frozen=True)
class Scenario:
    """One situation. ``path`` is where one lands, ``market`` the country there; ``strip`` puts it among the people.

    ``opened``: the checkout has been looked at before · ``anew``: the shop has never seen Klarna's sample customer
    """

    id: str
    chapter: Chapter
    title: str
    actor: Actor
    path: str
    do: tuple[str, ...]
    expect: tuple[str, ...]
    line: str
    by_hand: str = "Nothing to prepare."
    market: str = "DE"
    before: tuple[Step, ...] = ()
    after: tuple[Step, ...] = ()
    opened: bool = False
    anew: bool = False
    strip: str = ""


MOCK, ALICE = "de-approved", "se-approved"
PAY = "Press “Pay with Klarna”."
CONTINUE = "Press “Continue with Klarna”."
ALLOW = "Mobile number, Continue, any six digits, Continue, Allow."
LOG_IN = "In Klarna’s window: mobile number, Continue, any six digits, Continue."
CONFIRM = "Press “Confirm and pay”."
SIGN_IN: Step = {"do": "sign_in", "person": MOCK}
ORDER, SESSIONS = "/payments/v1/authorizations/*/order", "/payments/v1/sessions"


def outcome(word: str, person: str = MOCK) -> Step:
    return {"do": "person", "person": person, "outcome": word}


def stranger(person: str = MOCK) -> tuple[Step, ...]:
    """Nobody is logged in to Klarna in this browser, and the person has agreed to share nothing with the shop."""
    return {"do": "sign_out"}, {"do": "person", "person": person, "consents": []}


def tells(person: str, **account: Any) -> Step:
    """What the person's sign-ins say: ``email_verified``, or ``withheld``, a list of claims."""
    return {"do": "person", "person": person} | account


def links(become: str) -> Step:
    return {"do": "links", "person": MOCK, "become": become}


def fault(path: str, times: int = 1, method: str = "POST", **action: Any) -> Step:
    """The next calls of this kind fail."""
    return {"do": "fault", "method": method, "path": path, "times": times, "action": action}
