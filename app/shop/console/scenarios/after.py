"""What comes after the purchase."""

from .situation import CONFIRM, LOG_IN, PAY, Actor, Chapter, Scenario, fault, links, outcome

CHARGE = "/customer-token/v1/tokens/*/order"
# What is said beside the documented code is inferred.
DECLINED = {
    "error_code": "PAYMENT_METHOD_FAILED", "error_messages": ["The payment method could not be charged"],
    "correlation_id": "", "fraud_status": "REJECTED", "reason": "DECLINED",
}  # fmt: skip

SCENARIOS = (
    Scenario(
        "pending", Chapter.AFTER, "Klarna looks at the order first", Actor.LINKED, "/checkout",
        (PAY, CONFIRM, "On Klarna’s side: accept or reject the order."),
        ("The order is in review, and says so.", "Nothing ships.", "Klarna’s decision reaches order page and e-mail."),
        "A review is a state, not an error.", by_hand="Use customer+pend-accept-05@email.us in the United States.",
        after=(outcome("pend"),), strip="Pending",
    ),
    Scenario(
        "rejected", Chapter.AFTER, "Klarna looks at the order, and rejects it", Actor.LINKED, "/checkout",
        (PAY, CONFIRM, "Open “Klarna’s side” in the bar, and press “Reject” at the newest order.",
         "Open the order in the account."),
        ("Not approved: nothing was charged, nothing will be sent.", "A letter says so, too, in the outbox.",
         "“Order again” puts everything back into the cart."),
        "A late no is told at once, and leads back to the shelf.",
        by_hand="Use customer+pend-reject-05@email.us in the United States.", after=(outcome("pend"),),
    ),
    Scenario(
        "stopped", Chapter.AFTER, "Klarna takes back its yes", Actor.LINKED, "/checkout",
        (PAY, CONFIRM, "Open “Klarna’s side” in the bar, and press “Stop” at the newest order.",
         "Open the order in the account."),
        ("On hold: nothing of it is sent or charged.", "A letter says so, too, in the outbox."),
        "What was approved can still be stopped, and the parcel stays here.",
        by_hand="On the playground nobody but Klarna can stop an order.",
    ),
    Scenario(
        "ship-and-refund", Chapter.AFTER, "Ship, and take something back", Actor.LINKED, "/account/orders",
        ("In a private window open the back office (/admin) as staff@example.com; the start of the demo printed the "
         "password.",
         "Capture the newest order, then refund a line of it."),
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
        "renewal-refused", Chapter.AFTER, "A subscription’s charge is refused", Actor.SUBSCRIBER,
        "/account/subscriptions",
        ("Read what is owed.", "Press “Pay again with Klarna”, and once more on the next page.", LOG_IN, CONFIRM),
        ("The second bag was not charged, and why; nothing was sent.", "With the new permission it is paid at once."),
        "A refused charge is a question to the shopper, not a lost one.",
        by_hand="Subscribe; let Klarna refuse the charge that “flask renew-subscriptions --days 35” makes.",
        before=(fault(CHARGE, status=403, body=DECLINED),),
    ),
    Scenario(
        "one-click-parking", Chapter.AFTER, "Park with one click", Actor.LINKED, "/account/wallet",
        ("Set up paying with one click.", "Choose a zone and a time: paid."),
        ("One click a session; a ticket with its end.",),
        "On-demand charges: the shopper is there, Klarna’s window is not.",
        by_hand="Needs a Klarna account with on-demand payments.",
    ),
    Scenario(
        "parking-step-up", Chapter.AFTER, "Klarna wants to see the parker again", Actor.LINKED, "/account/wallet",
        ("Set up paying with one click.",
         "In “Klarna’s side” in the bar, press “Step up next charge” at the newest payment token.",
         "Back here, choose a zone and a time.", "Press “Choose how to pay”, then “Pay with Klarna”, and confirm."),
        ("The charge is refused, and goes on in Klarna’s window, with no login.", "The next click pays again."),
        "When Klarna has a question, it is one click away as well.",
        by_hand="Needs a Klarna account with on-demand payments.",
    ),
    Scenario(
        "parking-refused", Chapter.AFTER, "A parking charge is refused", Actor.LINKED, "/account/wallet",
        ("Set up paying with one click.", "Choose a zone and a time: refused.", "Choose once more: paid."),
        ("No ticket, nothing charged, and why.", "Another try may go through, and does."),
        "No ticket without money, no money without a ticket.",
        by_hand="Needs a Klarna account with on-demand payments.",
        after=(fault(CHARGE, status=403, body=DECLINED),),
    ),
    Scenario(
        "unlink", Chapter.AFTER, "The shopper unlinks", Actor.LINKED, "/account/klarna",
        ("Press “Unlink Klarna”.",), ("Forgotten here at once; ended at Klarna a moment later.",),
        "Leaving is as easy as joining.", by_hand="As the second purchase.", before=(links("expired"),),
    ),
)  # fmt: skip
