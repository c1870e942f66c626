"""How a sign-up for a token can end, in words for the shopper. Refused as the checkout refuses, in words of its own.

Each says what happened, whether anything was charged, and what to do. ``renew`` asks the page for a fresh session.
"""

from dataclasses import dataclass

from app.klarna import KlarnaError, KlarnaRefused
from app.klarna.errors import BadRequest, NotAuthenticated, NotFound, PurchaseRejected

from ..checkout.outcomes import CheckoutRefused
from .rules import WORDS, Refusal

NOTHING = "Nothing was charged and nothing has begun."


@dataclass(frozen=True)
class SignedUp:
    """It went through, or is on its way; the browser goes to ``address``."""

    address: str


def not_yours() -> CheckoutRefused:
    return CheckoutRefused(
        "not_yours",
        f"This page was opened by somebody else, or before you signed in or out. {NOTHING} Please start again.",
        status=403,
    )


def changed() -> CheckoutRefused:
    return CheckoutRefused(
        "changed", f"This page is out of date. {NOTHING} Please check it and confirm again.", renew=True
    )


def has_ended() -> CheckoutRefused:
    return CheckoutRefused("has_ended", "You confirmed this already, in another window perhaps.")


def details_missing() -> CheckoutRefused:
    return CheckoutRefused(
        "details_missing",
        f"Please complete contact and address first, and confirm again. {NOTHING}",
        status=422,
        renew=True,
    )


def odd_token() -> CheckoutRefused:
    return CheckoutRefused(
        "odd_token",
        f"This approval of Klarna’s does not belong to this page. {NOTHING} Please confirm with Klarna again.",
        400,
        renew=True,
    )


def token_ended() -> CheckoutRefused:
    return CheckoutRefused("token_ended", f"{WORDS[Refusal.GONE]} {NOTHING} Please set it up anew.")


def sold_out(name: str) -> CheckoutRefused:
    return CheckoutRefused(
        "sold_out", f"“{name}” was sold to somebody else just now. {NOTHING} Please try again when it is in stock."
    )


def unreachable(error: KlarnaError) -> CheckoutRefused:
    ours = isinstance(error, KlarnaRefused)
    said = "Klarna does not take this of our shop right now." if ours else "Klarna cannot be reached right now."
    code = "misconfigured" if ours else "klarna_unavailable"
    return CheckoutRefused(code, f"{said} {NOTHING} Please try again later.", 503, correlation_id=error.correlation_id)


def refused(error: KlarnaError) -> CheckoutRefused:
    """Klarna's no, in words that fit its kind."""
    texts: list[tuple[type[KlarnaError], str, str]] = [
        (PurchaseRejected, "rejected", f"Klarna cannot approve this. {NOTHING} You may use another Klarna account."),
        (NotFound, "expired", f"Klarna’s approval has expired or is not valid. {NOTHING} Please confirm again."),
        (NotAuthenticated, "misconfigured", f"The shop cannot reach its Klarna account right now. {NOTHING}"),
        (BadRequest, "misconfigured", f"We asked Klarna in a way it did not understand: our mistake. {NOTHING}"),
    ]
    code, text = next(
        ((code, text) for kind, code, text in texts if isinstance(error, kind)),
        ("refused", f"Klarna did not take this. {NOTHING} Please confirm again."),
    )
    return CheckoutRefused(code, text, renew=True, correlation_id=error.correlation_id)
