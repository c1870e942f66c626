"""What the timeline is made of. Knows no Flask and no database."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Lane(StrEnum):
    BROWSER = "browser"
    SHOP = "shop"
    KLARNA = "klarna"


class Kind(StrEnum):
    """``page``: the browser asks the shop · ``sdk``: the page talks with Klarna's script · ``event``: Klarna's frame
    tells the page · ``api``: the shop calls Klarna · ``callback``: Klarna calls the shop · ``note``: something changed
    in the shop.
    """

    PAGE = "page"
    SDK = "sdk"
    EVENT = "event"
    API = "api"
    CALLBACK = "callback"
    NOTE = "note"


LANES = {
    Kind.PAGE: (Lane.BROWSER, Lane.SHOP),
    Kind.SDK: (Lane.BROWSER, Lane.KLARNA),
    Kind.EVENT: (Lane.KLARNA, Lane.BROWSER),
    Kind.API: (Lane.SHOP, Lane.KLARNA),
    Kind.CALLBACK: (Lane.KLARNA, Lane.SHOP),
    Kind.NOTE: (Lane.SHOP, Lane.SHOP),
}


@dataclass(frozen=True)
class Fact:
    """Something that happened, masked. ``status`` 0 = no answer; ``seconds`` is how long it took.

    ``place`` is where in our source it was done, as ``path:line function``.
    ``account`` says which settings hold the address and credentials of a call, such as ``KLARNA_NA``; never these.
    """

    kind: Kind
    title: str
    method: str = ""
    path: str = ""
    request: Any = None
    status: int | None = None
    response: Any = None
    seconds: float | None = None
    correlation_id: str = ""
    idempotency_key: str = ""
    attempts: int = 1
    account: str = ""
    place: str = ""


@dataclass(frozen=True)
class Entry:
    """A fact with its place in the timeline. ``revision`` rises with every change of any entry; ``at`` in seconds since
    1970; ``visitor`` is empty for the shop's own doing (callbacks, background work), ``during`` is the page request
    it happened in. ``run`` names the purchase it belongs to where several go on side by side.
    """

    id: int
    revision: int
    at: float
    visitor: str
    during: str
    fact: Fact = field(repr=False)
    run: str = ""
