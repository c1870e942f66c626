"""The start page: what this stand-in is, does and does not do; people, cases, links, orders, callbacks, journal.

The page is empty at first; its script reads and changes everything through the control API.
"""

from flask import Blueprint, render_template

from ..config import current
from ..people import Outcome
from . import headers

blueprint = Blueprint("start", __name__)
blueprint.after_request(headers.protect)

# How far the clock is put forward, and that in seconds: past a callback's patience, an authorization, a day, a session,
# and the life of a refresh token.
STEPS = (
    ("5 minutes", 300),
    ("1 hour", 3600),
    ("1 day", 24 * 3600),
    ("48 hours", 48 * 3600),
    ("61 days", 61 * 24 * 3600),
)
# Value, words, and what it shows. Where each outcome takes effect is told in the sandbox's `outcomes`.
OUTCOMES = (
    (Outcome.APPROVE, "Approved", "Nothing stands in the way."),
    (Outcome.REFUSE, "Refused", "Klarna says no for good; the shop offers other ways to pay."),
    (Outcome.NO_FORM, "Not offered", "Recognised: the shop hides Klarna. Otherwise refused after the login."),
    (Outcome.INVALID_FIELDS, "Address not accepted", "Klarna sends the shopper back to correct the street address."),
    (Outcome.REJECT_ORDER, "Order rejected", "Klarna approves, then refuses the order: nothing is charged."),
    (Outcome.PEND, "Order pending", "The order is placed and still being checked: nothing may be shipped yet."),
)
# What a person tells at a sign-in: value, words, whether the e-mail is verified, and the claims that stay away.
TOLD = (
    ("everything", "Tells all at a sign-in", True, ()),
    ("unverified", "E-mail not verified", False, ()),
    ("no-email", "Tells no e-mail", True, ("email",)),
    ("no-phone", "Tells no number", True, ("phone",)),
    ("no-name", "Tells no family name", True, ("family_name",)),
    ("no-address", "Tells no address", True, ("billing_address", "shipping_address")),
)
# Name of the switch, label, choices (the first is the normal one), and what it shows.
SWITCHES = (
    (
        "authorization_callback",
        "Authorization callback",
        (
            ("on", "Sent once"),
            ("lost", "Lost"),
            ("twice", "Sent twice"),
            ("delayed", "Late"),
            ("burst", "Five at once"),
        ),
        "Klarna tells the shop’s server of each approval. Whatever comes of it, there is to be one order.",
    ),
    (
        "push",
        "Push after the order",
        (
            ("on", "Sent once"),
            ("lost", "Lost"),
            ("twice", "Sent twice"),
            ("delayed", "Late"),
            ("burst", "Five at once"),
        ),
        "Klarna tells the shop’s server that there is an order; of a checkout again and again, until the shop "
        "acknowledges it.",
    ),
    (
        "notification_callback",
        "Order notification",
        (
            ("on", "Sent once"),
            ("lost", "Lost"),
            ("twice", "Sent twice"),
            ("delayed", "Late"),
            ("burst", "Five at once"),
        ),
        "Klarna tells how the review of a pending order ended. Anybody could: the shop has to read the order.",
    ),
    (
        "webhooks",
        "Webhooks",
        (("on", "Sent once"), ("lost", "Lost"), ("twice", "Sent twice")),
        "They report a revoked link. When one is lost, the shop learns it from the next purchase.",
    ),
    (
        "rotate_on_every_order",
        "Customer tokens",
        (("off", "Stay the same"), ("on", "Change with every order")),
        "The newest token is the true one: a shop that keeps the old one loses its shopper’s link.",
    ),
    (
        "refresh_reuse_revokes",
        "A refresh token that comes twice",
        (("on", "Ends the sign-in"), ("off", "Is only refused")),
        "Two tabs refresh at once: the newest token dies with the old one, as if it were stolen. Only one may refresh.",
    ),
)
# The script's name for the fault, label, and what it shows.
FAULTS = (
    (
        "order-503",
        "Next create order answers 503",
        "Klarna is down for a moment, nothing was placed: asking again is safe.",
    ),
    (
        "order-lost",
        "Answer of create order is lost",
        "The order exists and the shop does not know: it must not place another.",
    ),
    (
        "capture-lost",
        "Answer of a capture is lost",
        "The money was taken and the shop does not know: with the same key the same capture is answered.",
    ),
    (
        "slow-sessions",
        "Sessions are slow (8 s)",
        "The checkout has to wait with good grace, or say what is the matter.",
    ),
    (
        "sessions-down",
        "Sessions answer 503",
        "Klarna is down as the checkout opens: the page says so, keeps the cart, and comes back without a reload.",
    ),
    (
        "sessions-cut",
        "Sessions are cut off",
        "The line breaks before Klarna answers: told as such, with a reference.",
    ),
    (
        "token-lost",
        "Answer of the token endpoint is lost",
        "The refresh token is spent and its successor unknown to the shop: the shopper has to sign in again.",
    ),
    (
        "token-down",
        "Next token call answers 503",
        "A failed refresh changes nothing, and never stands in the way of a purchase.",
    ),
    (
        "checkout-504",
        "Next checkout call answers 504",
        "Klarna Checkout did not make it in 30 seconds: the shop opens another checkout, and keeps the cart.",
    ),
    (
        "library-down",
        "Browser library is missing",
        "As with a content blocker: the page says what did not load, and offers to try again.",
    ),
)


@blueprint.get("/")
def index() -> str:
    return render_template(
        "start/index.html",
        merchant=current().merchant_name,
        outcomes=OUTCOMES,
        told=TOLD,
        switches=SWITCHES,
        faults=FAULTS,
        steps=STEPS,
        takes_webhooks=bool(current().webhook_url),
    )
