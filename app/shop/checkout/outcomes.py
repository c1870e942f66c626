"""How an attempt to buy can end, in words for the shopper.

Each says what happened, whether anything was charged, and what to do. ``renew`` asks the page for a fresh session.
"""

from dataclasses import dataclass

from app.klarna import KlarnaError, KlarnaRefused
from app.klarna.errors import BadRequest, Conflict, NotAuthenticated, NotFound, PurchaseRejected

KEPT = "Your cart is kept and nothing was charged."
EXPIRED = f"Klarna’s approval has expired or is not valid. {KEPT} Please confirm again."


@dataclass(eq=False)
class CheckoutRefused(Exception):
    """The purchase did not go through. ``code`` is for programs, ``message`` for people."""

    code: str
    message: str
    status: int = 409
    renew: bool = False
    correlation_id: str = ""


@dataclass(frozen=True)
class OrderFound:
    """There is an order, finished or on its way; the browser goes to ``redirect_url``."""

    number: str
    redirect_url: str = ""


def cart_changed() -> CheckoutRefused:
    return CheckoutRefused(
        "cart_changed",
        "Your cart changed while you were paying, in another tab perhaps. Nothing was charged. "
        "Please check the new total and pay again.",
        renew=True,
    )


def already_ordered() -> CheckoutRefused:
    return CheckoutRefused(
        "cart_changed",
        "Your cart is empty by now: it was ordered or emptied in another window. Nothing was charged here.",
        renew=True,
    )


def sold_out(name: str) -> CheckoutRefused:
    return CheckoutRefused(
        "sold_out",
        f"“{name}” was sold to somebody else just now. Nothing was charged. Please look at your cart again.",
        renew=True,
    )


def not_yours() -> CheckoutRefused:
    return CheckoutRefused(
        "not_yours",
        "This checkout was opened by somebody else, or before you signed in or out. Nothing was charged. "
        "Please start the checkout again.",
        status=403,
        renew=True,
    )


def has_order() -> CheckoutRefused:
    """Too late to change or to end it; nothing is said about charging."""
    return CheckoutRefused(
        "has_order",
        "This order is with Klarna already. You find it in the account that placed it; sign in as you were then.",
        renew=True,
    )


def details_missing() -> CheckoutRefused:
    return CheckoutRefused(
        "details_missing",
        "Please complete contact and address first, and pay again. Nothing was charged.",
        status=422,
        renew=True,
    )


def odd_token() -> CheckoutRefused:
    return CheckoutRefused(
        "odd_token",
        f"This approval of Klarna’s does not belong to this checkout. {KEPT} Please confirm with Klarna again.",
        400,
        renew=True,
    )


def not_approved() -> CheckoutRefused:
    """Klarna's session holds no approval that an order could follow from."""
    return CheckoutRefused("expired", EXPIRED, renew=True)


def not_placed_yet(error: KlarnaError) -> CheckoutRefused:
    """The approval stands, and the order may follow: nothing is said about charging."""
    return CheckoutRefused(
        "klarna_unavailable",
        "Klarna cannot be reached right now, so the order you confirmed is not placed yet. "
        "We try again by ourselves, and write to you as soon as it is.",
        status=503,
        correlation_id=error.correlation_id,
    )


def perhaps_paid(error: KlarnaError) -> CheckoutRefused:
    """The cart may be paid by another way this very moment, and to pay twice would be worse than to wait."""
    return CheckoutRefused(
        "perhaps_paid",
        "Klarna does not say yet whether this cart was paid in Klarna Checkout, in another window perhaps. Nothing was "
        "charged here. Please look there, or try again in a minute.",
        status=503,
        correlation_id=error.correlation_id,
    )


def unreachable(error: KlarnaError) -> CheckoutRefused:
    if isinstance(error, KlarnaRefused):
        return CheckoutRefused(
            "misconfigured",
            f"Klarna does not take payments of this shop right now. {KEPT} Please try again later.",
            status=503,
            correlation_id=error.correlation_id,
        )
    return CheckoutRefused(
        "klarna_unavailable",
        f"Klarna cannot be reached right now. {KEPT} Please try again in a moment.",
        status=503,
        correlation_id=error.correlation_id,
    )


def refused(error: KlarnaError) -> CheckoutRefused:
    """Klarna's no, in words that fit its kind."""
    texts: list[tuple[type[KlarnaError], str, str]] = [
        (
            PurchaseRejected,
            "rejected",
            f"Klarna cannot approve this purchase. {KEPT} You may pay with another Klarna account, or try again later.",
        ),
        (Conflict, "mismatch", f"What Klarna approved differs from your order. {KEPT} Please confirm again."),
        (NotFound, "expired", EXPIRED),
        (NotAuthenticated, "misconfigured", f"The shop cannot reach its Klarna account right now. {KEPT}"),
        (BadRequest, "misconfigured", f"We asked Klarna in a way it did not understand: our mistake. {KEPT}"),
    ]
    code, text = next(
        ((code, text) for kind, code, text in texts if isinstance(error, kind)),
        ("refused", f"Klarna did not take this order. {KEPT} Please confirm again."),
    )
    return CheckoutRefused(code, text, renew=True, correlation_id=error.correlation_id)
