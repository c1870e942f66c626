"""Klarna Checkout, with a sign-in and without."""

from .situation import MOCK, Actor, Chapter, Scenario

SCENARIOS = (
    Scenario(
        "kco-guest", Chapter.CHECKOUT, "Klarna Checkout for a stranger", Actor.GUEST, "/klarna-checkout",
        ("Fill in e-mail and postal code, then the address.", "Press “Pay order”."), ("The form asks for everything.",),
        "This is what a first visit costs.",
    ),
    Scenario(
        "kco-signed-in", Chapter.CHECKOUT, "Klarna Checkout when signed in", Actor.KLARNA, "/klarna-checkout",
        ("Press “Pay order”.",), ("Everything is filled in and nobody is asked who they are: one click.",),
        "The sign-in carries into Klarna Checkout.", by_hand="Sign in with Klarna first, then open /klarna-checkout.",
        before=({"do": "sign_in", "person": MOCK},),
    ),
)  # fmt: skip
