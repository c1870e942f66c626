"""Sign in with Klarna, and every question on its way."""

from .situation import CONFIRM, LOG_IN, MOCK, PAY, Actor, Chapter, Scenario

SCENARIOS = (
    Scenario(
        "sign-up", Chapter.SIGN_IN, "An account in one step", Actor.GUEST, "/login",
        ("Press “Continue with Klarna”.", "Mobile number, Continue, any six digits, Continue, Allow."),
        ("An account is there, filled in from Klarna.", "No password, no form."),
        "Sign-up without a form.", strip="New guest",
        before=({"do": "person", "person": MOCK, "consents": [], "signed_in": False},), anew=True,
    ),
    Scenario(
        "signed-in", Chapter.SIGN_IN, "Signed in with Klarna, recognised when paying", Actor.KLARNA, "/checkout",
        (PAY, CONFIRM), ("No login in Klarna’s window, before any purchase has linked.",),
        "One sign-in for shop and checkout.", by_hand="Sign in with Klarna first, then go to the checkout.",
        before=({"do": "sign_in", "person": MOCK},), strip="Signed in with Klarna",
    ),
    Scenario(
        "sign-in-over", Chapter.SIGN_IN, "The sign-in ran out", Actor.KLARNA, "/checkout",
        (PAY, LOG_IN, CONFIRM), ("Klarna’s normal login; checkout is not held up.", "The next sign-in tells of it."),
        "Sixty days later nothing breaks.", by_hand="Sign in with Klarna and wait sixty days.",
        before=({"do": "sign_in", "person": MOCK},),
        after=({"do": "end_sign_ins", "person": MOCK},), strip="Sign-in ran out",
    ),
)  # fmt: skip
