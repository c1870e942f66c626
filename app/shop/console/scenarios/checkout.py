"""Klarna Checkout, with a sign-in and without."""

from .situation import MOCK, SIGN_IN, Actor, Chapter, Scenario, fault

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
        before=(SIGN_IN,), anew=True,
    ),
    Scenario(
        "kco-sign-in-over", Chapter.CHECKOUT, "Klarna Checkout when the sign-in ran out", Actor.KLARNA,
        "/klarna-checkout", ("Fill in e-mail and postal code.", "Press “Pay order”."),
        ("The normal form, and no error: somebody signed in, whom Klarna no longer vouches for.",),
        "An old sign-in costs a few fields, never a sale.", by_hand="Sign in with Klarna and wait sixty days.",
        before=(SIGN_IN,), anew=True, after=({"do": "end_sign_ins", "person": MOCK},),
    ),
    Scenario(
        "kco-tab-closed", Chapter.CHECKOUT, "The tab is closed after paying", Actor.KLARNA, "/klarna-checkout",
        ("Press “Pay order”, and close the tab: Klarna takes five seconds this time.",
         "Open /demo in a new tab, and press “Klarna’s clock: 5 minutes on”.", "Look at Orders in the account."),
        ("One order, and no confirmation page was ever seen: Klarna’s push, two minutes later, made it.",),
        "Paid is ordered here, too.",
        by_hand="Sign in with Klarna first; close the tab right after “Pay order”. Klarna has to reach SHOP_URL.",
        before=(SIGN_IN,), anew=True, after=(fault("/kco/frame/pay", delay=5),),
    ),
    Scenario(
        "kco-cart-changed", Chapter.CHECKOUT, "The cart changes under Klarna’s form", Actor.KLARNA, "/klarna-checkout",
        ("In another tab of the shop, put paper filters into the cart.", "Back in this one, press “Pay order”."),
        ("Klarna asks the shop before it sells, and the shop says no, in words. Nothing is charged.",),
        "The shop has the last word, and the shopper can read it.",
        by_hand="Sign in with Klarna first. Klarna has to reach SHOP_URL.", before=(SIGN_IN,), anew=True,
    ),
)  # fmt: skip
