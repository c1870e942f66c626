"""Step-ups: a charge that failed is repaired by the shopper, in a payment session that names the `step_up_id`.

https://docs.klarna.com/acquirer/klarna/web-payments/integrate-with-klarna-payments/tokenized-payments/step-up/
That one is good for 48 hours, as a session is, and for one order, is inferred.
"""

import uuid
from datetime import timedelta

from . import clock, payment_tokens, store
from .api.errors import bad_value
from .merchants import Merchant
from .payment_tokens import PaymentToken, Status

LIFETIME = timedelta(hours=48)


def open_for(token: PaymentToken) -> str:
    """The id for a session in which the shopper repairs this token."""
    step_up_id = str(uuid.uuid4())
    query = "INSERT INTO step_ups (step_up_id, token_id, created_at) VALUES (?, ?, ?)"
    store.connection().execute(query, [step_up_id, token.token_id, clock.stamp(clock.now())])
    return step_up_id


def check(merchant: Merchant, step_up_id: str | None, sent_token: str | None) -> None:
    """Raises ApiError 400 for a step-up that leads nowhere, and for another payment token than the one it repairs."""
    if step_up_id is None:
        return
    token = _repaired(step_up_id)
    if token is None or (token.merchant, token.region) != (merchant.username, merchant.region):
        raise bad_value("step_up_id")
    if sent_token and payment_tokens.find(sent_token) and sent_token != token.token_id:
        raise bad_value("customer.customer_token")


def recognise(merchant: Merchant, sent_token: str) -> str | None:
    """The id of the person whose payment token was sent: Klarna knows whom it would charge (inferred)."""
    token = payment_tokens.of_merchant(merchant, sent_token)
    return token.person if token and token.status is not Status.CANCELLED else None


def fulfil(step_up_id: str | None, person_id: str) -> None:
    """The order was placed: its owner's token goes on with the way of paying that was chosen.

    Where somebody else paid, nothing is repaired (inferred).
    """
    token = _repaired(step_up_id) if step_up_id else None
    if token and token.person == person_id:
        query = "UPDATE step_ups SET fulfilled_at = ? WHERE step_up_id = ?"
        store.connection().execute(query, [clock.stamp(clock.now()), step_up_id])
        payment_tokens.renew(token.token_id)


def _repaired(step_up_id: str) -> PaymentToken | None:
    """The token a step-up is about, as long as there is something to repair."""
    query = "SELECT token_id FROM step_ups WHERE step_up_id = ? AND fulfilled_at IS NULL AND created_at > ?"
    earliest = clock.stamp(clock.now() - LIFETIME)
    row = store.connection().execute(query, [step_up_id, earliest]).fetchone()
    token = payment_tokens.find(row["token_id"]) if row else None
    return token if token and token.status is not Status.CANCELLED else None
