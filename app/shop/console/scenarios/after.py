"""What comes after the purchase."""

from .situation import CONFIRM, PAY, Actor, Chapter, Scenario, links, outcome

SCENARIOS = (
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
        "Leaving is as easy as joining.", by_hand="As the second purchase.", before=(links("expired"),),
    ),
)  # fmt: skip
