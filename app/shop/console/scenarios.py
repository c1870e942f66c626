"""Every situation the demo can show: who, where, what Klarna's side is like, what to do and to expect. Pure data.

``before`` is prepared at Klarna's console before the shopper arrives, ``after`` once the shop's side stands; both are
steps for the console, which reads them. With real Klarna somebody brings the situation about as ``by_hand`` says.
"""

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
    ``opted_out``: one that bought and did not link · ``klarna``: signed in with Klarna
    """

    GUEST = "guest"
    SHOPPER = "shopper"
    LINKED = "linked"
    OPTED_OUT = "opted_out"
    KLARNA = "klarna"


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


MOCK = "de-approved"
PAY = "Press “Pay with Klarna”."
LOG_IN = "In Klarna’s window: mobile number, Continue, any six digits, Continue."
CONFIRM = "Press “Confirm and pay”."


def outcome(word: str, person: str = MOCK) -> Step:
    return {"do": "person", "person": person, "outcome": word}


def links(become: str) -> Step:
    return {"do": "links", "person": MOCK, "become": become}


SCENARIOS = (
    Scenario(
        "first-purchase", Chapter.LINK, "The first purchase links", Actor.SHOPPER, "/checkout",
        (PAY, LOG_IN, "Leave “Link my Klarna account” ticked.", CONFIRM),
        ("The order is placed.", "The account says that Klarna is linked.", "The timeline shows the token stored."),
        "One login, the last one: the shop now knows this Klarna customer.",
        strip="Known, not linked",
    ),
    Scenario(
        "returning", Chapter.LINK, "The second purchase needs no login", Actor.LINKED, "/checkout",
        (PAY, CONFIRM), ("No number and no code is asked for.", "Two clicks, nothing typed."),
        "Two clicks from cart to thank-you, with nothing typed: that is what linking is worth.",
        by_hand="Buy once with this account and leave the box ticked; then put something in the cart.",
        strip="Linked",
    ),
    Scenario(
        "other-browser", Chapter.LINK, "Any browser, any device", Actor.LINKED, "/account",
        ("Right-click “Open as this shopper” below, and choose the private window.",
         "Press “Sign in here”, then “Go to checkout”.", PAY, CONFIRM),
        ("No login at Klarna in a browser that has never been there.",
         "It has no cookie of the shop’s and none of Klarna’s: the account’s customer token alone says who this is."),
        "No cookie does this. The link belongs to the shop account, so it travels with it.",
        by_hand="As the second purchase, in a browser without cookies.",
    ),
    Scenario(
        "rotated", Chapter.LINK, "The token was rotated", Actor.LINKED, "/checkout",
        (PAY, LOG_IN, CONFIRM), ("Klarna’s normal login, no error.", "The new token replaces the old one: “rotated”."),
        "Tokens change. The shop follows, and the shopper never notices.",
        by_hand="Wait for Klarna to rotate, or restore an older backup of the shop’s database.",
        after=(links("rotated"),), strip="Linked, token rotated",
    ),
    Scenario(
        "expired", Chapter.LINK, "The token ran out", Actor.LINKED, "/checkout",
        (PAY, LOG_IN, CONFIRM), ("Klarna’s normal login, no error.", "A new token is stored."),
        "An old link costs a login, never an order.",
        by_hand="Use an account whose link is older than Klarna keeps it.", after=(links("expired"),),
    ),
    Scenario(
        "revoked", Chapter.LINK, "Revoked in Klarna’s app", Actor.LINKED, "/account/klarna",
        ("Look at the account’s Klarna page.", "Go to the cart and pay."),
        ("The link is gone as soon as Klarna tells the shop.", "The next purchase asks for the login, and offers it."),
        "The customer is in charge, and both sides know it at once.",
        by_hand="In Klarna’s app: Settings, Connected stores, disconnect the shop.",
        after=(links("revoked"),), strip="Link revoked",
    ),
    Scenario(
        "opted-out", Chapter.LINK, "Opted out last time", Actor.OPTED_OUT, "/checkout",
        (PAY, LOG_IN, "See that the box is offered again, once."), ("The order is not affected either way.",),
        "We ask again next time, and never twice in one checkout.",
        by_hand="Buy once and untick “Link my Klarna account”.", strip="Opted out",
    ),
    Scenario(
        "not-you", Chapter.LINK, "“Not you?”", Actor.LINKED, "/checkout",
        (PAY, "Press “Not you?” and log in as somebody else (+491713920066).", CONFIRM),
        ("The order goes through.", "The link now belongs to who paid, and the account says so."),
        "Shared tablets and borrowed laptops sort themselves out.",
        by_hand="As the second purchase; choose “Not you?” in Klarna’s window.",
    ),
    Scenario(
        "other-region", Chapter.LINK, "In another of Klarna’s regions", Actor.LINKED, "/checkout",
        ("See the shop in dollars.", PAY), ("The European token is not sent.", "Klarna asks for its login."),
        "One link a region: no token ever travels where it means nothing.",
        by_hand="Buy and link in Germany, then switch the market to the United States.", market="US",
    ),
    Scenario(
        "session-over", Chapter.LINK, "The checkout was open for two days", Actor.SHOPPER, "/checkout",
        ("Look at the checkout.", PAY), ("A fresh session is made on the way; the widget is simply there.",),
        "No “received empty body”, no reload for ever.",
        by_hand="Leave a checkout open for 48 hours.", opened=True,
        after=({"do": "advance", "seconds": 48 * 3600 + 60},),
    ),
    Scenario(
        "declined", Chapter.LINK, "Klarna says no", Actor.SHOPPER, "/checkout",
        (PAY, LOG_IN, CONFIRM), ("A clear no, in Klarna’s window and here.", "Nothing charged, the cart is kept."),
        "A no is not a dead end.", by_hand="Use a declining sample customer of Klarna’s test data.",
        before=(outcome("refuse"),), strip="Declined",
    ),
    Scenario(
        "bad-address", Chapter.LINK, "Klarna cannot use the address", Actor.LINKED, "/checkout",
        (PAY,), ("The field in question is marked, and in words.",), "The shopper mends one field, not the order.",
        by_hand="Type an address that does not exist.", before=(), after=(outcome("invalid_fields"),),
    ),
    Scenario(
        "answer-lost", Chapter.LINK, "Klarna’s answer is lost", Actor.LINKED, "/checkout",
        (PAY, CONFIRM), ("One order.", "In the timeline: the same call again, with the same key."),
        "Order before call, one key: nothing lost, nothing twice.",
        by_hand="Cut the network between shop and Klarna during create order.",
        after=({"do": "fault", "method": "POST", "path": "/payments/v1/authorizations/*/order", "times": 1,
                "action": {"drop": "after"}},),
    ),
    Scenario(
        "klarna-down", Chapter.LINK, "Klarna does not answer", Actor.SHOPPER, "/checkout",
        ("Look at the checkout.",), ("An honest word, a button to try again, a number to name.", "The cart is kept."),
        "No blank box where Klarna should be.", by_hand="Point KLARNA_API_URL at a closed port.",
        after=({"do": "fault", "method": "POST", "path": "/payments/v1/sessions", "times": 40,
                "action": {"status": 503, "body": {}}},),
    ),
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
    Scenario(
        "pending", Chapter.AFTER, "Klarna looks at the order first", Actor.LINKED, "/checkout",
        (PAY, CONFIRM, "On Klarna’s side: accept or reject the order."),
        ("The order is in review, and says so.", "Nothing ships.", "Klarna’s decision reaches order page and e-mail."),
        "A review is a state, not an error.", by_hand="Use customer+pend-accept-05@email.us in the United States.",
        after=(outcome("pend"),), strip="Pending",
    ),
    Scenario(
        "ship-and-refund", Chapter.AFTER, "Ship, and take something back", Actor.LINKED, "/account/orders",
        ("Open the back office (/admin) in another window.", "Ship the newest order, then refund a line."),
        ("The shopper’s page tells the same story.", "The money bar adds up."),
        "The other half of the shop works, too.",
        by_hand="Buy something first.",
    ),
    Scenario(
        "subscribe", Chapter.AFTER, "Coffee that comes by itself", Actor.LINKED, "/products/house-blend",
        ("Press “Subscribe”, then “Subscribe with Klarna”, and confirm.", "Look at Subscriptions in the account."),
        ("The next charges are listed.", "A payment token is stored: another kind than the account link."),
        "Linking says who it is; this token may be charged. The two never mix.",
        by_hand="Needs a Klarna account with recurring payments.",
    ),
    Scenario(
        "one-click-parking", Chapter.AFTER, "Park with one click", Actor.LINKED, "/account/wallet",
        ("Set up paying with one click.", "Choose a zone and a time: paid."),
        ("One click a session; a ticket with its end.",),
        "On-demand charges: the shopper is there, Klarna’s window is not.",
        by_hand="Needs a Klarna account with on-demand payments.",
    ),
    Scenario(
        "unlink", Chapter.AFTER, "The shopper unlinks", Actor.LINKED, "/account/klarna",
        ("Press “Unlink Klarna”.",), ("Forgotten here at once; ended at Klarna a moment later.",),
        "Leaving is as easy as joining.", by_hand="As the second purchase.",
    ),
)  # fmt: skip
BY_ID = {scenario.id: scenario for scenario in SCENARIOS}
PEOPLE = tuple(scenario for scenario in SCENARIOS if scenario.strip)

ORDER, SESSIONS = "/payments/v1/authorizations/*/order", "/payments/v1/sessions"


def fault(path: str, **action: Any) -> Step:
    """The next call of this kind fails."""
    return {"do": "fault", "method": "POST", "path": path, "times": 1, "action": action}


# Klarna's time and Klarna's failures, one press each.
LEVERS: tuple[tuple[str, tuple[Step, ...]], ...] = (
    ("Klarna’s clock: 5 minutes on", ({"do": "advance", "seconds": 5 * 60 + 1},)),
    ("Klarna’s clock: 1 hour on", ({"do": "advance", "seconds": 3600},)),
    ("Klarna’s clock: 2 days on", ({"do": "advance", "seconds": 48 * 3600 + 60},)),
    ("Klarna’s clock: 61 days on", ({"do": "advance", "seconds": 61 * 24 * 3600},)),
    ("The next order: answer lost", (fault(ORDER, drop="after"),)),
    ("The next order: never arrives", (fault(ORDER, drop="before"),)),
    ("The next order: Klarna fails (503)", (fault(ORDER, status=503, body={}),)),
    ("The next session: 3 seconds late", (fault(SESSIONS, delay=3),)),
    ("All of Klarna’s people and calls as usual", ({"do": "calm"},)),
)
