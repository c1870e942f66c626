"""What a hosted page carries from one step to the next: signed, short-lived, bound to one session.

A purchase window keeps its state here and nowhere else: no cookie, so that nothing of one purchase is known in
the next. The library's client token never reaches a window; a ticket is good for one window of one session, and
only the merchant's origin it was written for hears the result.
"""

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from .. import clock

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

LIFETIME_SECONDS = 30 * 60
CHECKOUT_LIFETIME_SECONDS = 48 * 3600  # a checkout stands open in its page for as long as the order is good


class InvalidTicket(Exception):
    """Not signed here, signed for something else, or too old."""


@dataclass(frozen=True)
class WindowTicket:
    """The state of one purchase window.

    ``earlier`` and ``reviewed`` are fingerprints: of the authorization that existed when the window opened (an
    authorization that differs from it was given in this window), and of the purchase the shopper was shown.
    """

    session_id: str
    origin: str
    auto_finalize: bool
    earlier: str
    person_id: str | None = None
    logged_in: bool = False
    recognised: bool = False
    reviewed: str = ""

    def recognise(self, person_id: str) -> "WindowTicket":
        """The session says who the shopper is: no login."""
        return replace(self, person_id=person_id, logged_in=True, recognised=True)

    def claim(self, person_id: str) -> "WindowTicket":
        """Somebody gave a number; the code will show whether it is theirs."""
        return replace(self, person_id=person_id, logged_in=False, recognised=False)

    def log_in(self) -> "WindowTicket":
        """The code was right."""
        return replace(self, logged_in=True)

    def show(self, reviewed: str) -> "WindowTicket":
        """The shopper now sees this purchase."""
        return replace(self, reviewed=reviewed)

    def somebody_else(self) -> "WindowTicket":
        """Back to the first step; the recognition of the session no longer counts in this window."""
        return replace(self, person_id=None, logged_in=False, recognised=False, reviewed="")


@dataclass(frozen=True)
class FrameTicket:
    """What a widget frame may show: one session, inside one merchant's page."""

    session_id: str
    origin: str
    view: str


@dataclass(frozen=True)
class Agreement:
    """What a shopper confirmed in a purchase that the merchant finalizes later."""

    session_id: str
    person_id: str
    link: bool
    reviewed: str


@dataclass(frozen=True)
class CheckoutTicket:
    """A checkout's frame inside one merchant's page; ``reviewed`` is the fingerprint of the cart it shows."""

    order_id: str
    origin: str
    reviewed: str = ""

    def show(self, reviewed: str) -> "CheckoutTicket":
        """The customer now sees this cart."""
        return replace(self, reviewed=reviewed)


def write(ticket: "DataclassInstance") -> str:
    """The ticket as text for a form or a message."""
    lifetime = CHECKOUT_LIFETIME_SECONDS if isinstance(ticket, CheckoutTicket) else LIFETIME_SECONDS
    fields = {"until": int(clock.now().timestamp()) + lifetime, **asdict(ticket)}
    return _serializer(type(ticket)).dumps(fields)


def read_window(text: str) -> WindowTicket:
    """Raises InvalidTicket."""
    return WindowTicket(**content(text, WindowTicket))


def read_frame(text: str) -> FrameTicket:
    """Raises InvalidTicket."""
    return FrameTicket(**content(text, FrameTicket))


def read_agreement(text: str) -> Agreement:
    """Raises InvalidTicket."""
    return Agreement(**content(text, Agreement))


def read_checkout(text: str) -> CheckoutTicket:
    """Raises InvalidTicket."""
    return CheckoutTicket(**content(text, CheckoutTicket))


def content(text: str, kind: type) -> dict[str, Any]:
    """The fields of a ticket of this kind; raises InvalidTicket."""
    try:
        fields: dict[str, Any] = _serializer(kind).loads(text)
    except BadSignature as error:
        raise InvalidTicket(kind.__name__) from error
    if fields.pop("until") < clock.now().timestamp():
        raise InvalidTicket(f"{kind.__name__} expired")
    return fields


def _serializer(kind: type) -> URLSafeSerializer:
    """One salt per kind: a ticket that may show a frame can never act in a window."""
    return URLSafeSerializer(str(current_app.secret_key), salt=f"hosted {kind.__name__}")
