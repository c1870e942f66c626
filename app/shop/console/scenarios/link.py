"""The life of a link: made, used, changed, lost."""

from .situation import CONFIRM, LOG_IN, ORDER, PAY, SESSIONS, Actor, Chapter, Scenario, fault, links, outcome

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
        after=(fault(ORDER, drop="after"),),
    ),
    Scenario(
        "klarna-down", Chapter.LINK, "Klarna does not answer", Actor.SHOPPER, "/checkout",
        ("Look at the checkout.",), ("An honest word, a button to try again, a number to name.", "The cart is kept."),
        "No blank box where Klarna should be.", by_hand="Point KLARNA_API_URL at a closed port.",
        after=(fault(SESSIONS, times=40, status=503, body={}),),
    ),
)  # fmt: skip
