"""Sign in with Klarna, and every question on its way."""

from .situation import (
    ALICE,
    ALLOW,
    CONFIRM,
    CONTINUE,
    LOG_IN,
    MOCK,
    PAY,
    SIGN_IN,
    Actor,
    Chapter,
    Scenario,
    fault,
    stranger,
)

SCENARIOS = (
    Scenario(
        "sign-up", Chapter.SIGN_IN, "An account in one step", Actor.GUEST, "/login",
        (CONTINUE, ALLOW),
        ("An account is there, filled in from Klarna.", "No password, no form."),
        "Sign-up without a form.", strip="New guest",
        before=stranger(), anew=True,
    ),
    Scenario(
        "password-once", Chapter.SIGN_IN, "The e-mail has an account here already", Actor.HOLDER, "/login",
        (CONTINUE, "Mobile number +46701740615, Continue, any six digits, Continue, Allow.",
         "Type the password on this card, and press “Connect accounts”."),
        ("The password is asked for once: an e-mail alone opens nobody’s account.", "From now on both ways work."),
        "One person, one account: nothing doubled, nothing taken over.",
        by_hand="Register here with the e-mail of your Klarna account, and sign out.", market="SE",
        before=stranger(ALICE), anew=True,
    ),
    Scenario(
        "another-account", Chapter.SIGN_IN, "Signed in as one, Klarna says another", Actor.MISTAKEN, "/account/klarna",
        (CONTINUE, "Press “Stay signed in as …”."),
        ("“Which account is yours?”: the shop stops and asks.", "Nothing was connected, nobody was switched."),
        "On a shared computer no account slides into another.",
        by_hand="Sign in with Klarna and out again; register with another e-mail, and open the account’s Klarna page.",
        before=(SIGN_IN,),
    ),
    Scenario(
        "denied", Chapter.SIGN_IN, "The shopper says no at Klarna", Actor.GUEST, "/login",
        (CONTINUE, "Mobile number, Continue, any six digits, Continue, Deny."),
        ("“You stopped at Klarna”: nobody signed in, nothing changed.", "Three ways on, the password among them."),
        "A no at Klarna is an answer, not an error.", before=stranger(),
    ),
    Scenario(
        "guest-to-account", Chapter.SIGN_IN, "A guest’s order becomes an account", Actor.GUEST, "/checkout",
        ("Fill in e-mail and address.", PAY, LOG_IN, CONFIRM,
         "On the confirmation page: “Continue with Klarna”.", ALLOW),
        ("An account is there, and the order is in it.", "No password, no form."),
        "The best moment to ask is right after the purchase.",
        by_hand="Use a Klarna account that the shop does not know.", before=stranger(), anew=True,
    ),
    Scenario(
        "issuer-down", Chapter.SIGN_IN, "Klarna’s sign-in fails on the way back", Actor.GUEST, "/login",
        (CONTINUE, ALLOW, "Press “Continue with Klarna” once more."),
        ("A plain page: nothing changed, a number to name, ways on.", "The second try signs in."),
        "Whatever breaks between shop and Klarna, the shopper reads a sentence.",
        by_hand="Cut the network between shop and Klarna while you are at Klarna.",
        before=(*stranger(), fault("/oauth2/token", status=503, body={})),
    ),
    Scenario(
        "signed-in", Chapter.SIGN_IN, "Signed in with Klarna, recognised when paying", Actor.KLARNA, "/checkout",
        (PAY, CONFIRM), ("No login in Klarna’s window, before any purchase has linked.",),
        "One sign-in for shop and checkout.", by_hand="Sign in with Klarna first, then go to the checkout.",
        before=(SIGN_IN,), strip="Signed in with Klarna",
    ),
    Scenario(
        "sign-in-over", Chapter.SIGN_IN, "The sign-in ran out", Actor.KLARNA, "/checkout",
        (PAY, LOG_IN, CONFIRM), ("Klarna’s normal login; checkout is not held up.", "The next sign-in tells of it."),
        "Sixty days later nothing breaks.", by_hand="Sign in with Klarna and wait sixty days.",
        before=(SIGN_IN,),
        after=({"do": "end_sign_ins", "person": MOCK},), strip="Sign-in ran out",
    ),
)  # fmt: skip
