"""What merchants are told, and what the switches make of it: lost, late, repeated, many at once.

Authorization: https://docs.klarna.com/payments/web-payments/integrate-with-klarna-payments/other-actions/authorization-callback/
Delivered at least once and still not for certain: the switches show each of these cases.
Each function queues inside the caller's transaction and returns what `courier.start` takes.
"""

import uuid
from enum import StrEnum

from .. import clock, switches
from ..config import current
from .courier import Kind, queue

AUTHORIZATION = "authorization_callback"
PUSH = "push"
WEBHOOKS = "webhooks"
NOTIFICATION = "notification_callback"
REVOKED = "identity.customer-token.state-change.revoked"
BURST = 5
REPEATED_AFTER = 0.5  # seconds


class Manner(StrEnum):
    """How messages of a kind are delivered."""

    ON = "on"
    LOST = "lost"
    TWICE = "twice"
    DELAYED = "delayed"
    BURST = "burst"


FOR_WEBHOOKS = (Manner.ON, Manner.LOST, Manner.TWICE)
Message = dict[str, object]


def authorization(url: str | None, session_id: str, token: str) -> list[int]:
    """A session was authorized; without an address nobody is told."""
    news: Message = {"authorization_token": token, "session_id": session_id}
    return _queue(Kind.AUTHORIZATION, AUTHORIZATION, url, news, session_id) if url else []


def push(url: str | None, session_id: str | None) -> list[int]:
    """An order was placed. The body is not documented; there is none."""
    return _queue(Kind.PUSH, PUSH, url, None, session_id) if url else []


def checkout_push(url: str, order_id: str) -> list[int]:
    """A checkout was completed, and the merchant did not acknowledge it yet. There is no body.

    https://docs.klarna.com/klarna-checkout/in-depth-knowledge/confirm-purchase/
    """
    return _queue(Kind.CHECKOUT_PUSH, PUSH, url, None, order_id=order_id)


def notification(url: str | None, order_id: str, event_type: str) -> list[int]:
    """A pending order was decided, or another one stopped.

    https://docs.klarna.com/payments/after-payments/order-management/more-actions/pending-orders/ promises a time
    stamp as well, which its sample does not have; it is left out.
    """
    news: Message = {"order_id": order_id, "event_type": event_type}
    return _queue(Kind.NOTIFICATION, NOTIFICATION, url, news, order_id=order_id) if url else []


def revoked(reference: str, correlation_id: str) -> list[int]:
    """A shopper ended a link. What `payload` holds is inferred."""
    url = current().webhook_url
    metadata = {
        "event_type": REVOKED,
        "event_id": str(uuid.uuid4()),
        "event_version": "v2",
        "occurred_at": clock.stamp(clock.now()),
        "correlation_id": correlation_id,
    }
    news: Message = {"metadata": metadata, "payload": {"customer_token_reference": reference}}
    return _queue(Kind.WEBHOOK, WEBHOOKS, url, news) if url else []


def _queue(
    kind: Kind,
    switch: str,
    url: str,
    news: Message | None,
    session_id: str | None = None,
    *,
    order_id: str | None = None,
) -> list[int]:
    manner = Manner(switches.get(switch, Manner.ON))
    lost = manner is Manner.LOST
    return [queue(kind, url, news, session_id, order_id=order_id, delay=delay, lost=lost) for delay in _delays(manner)]


def _delays(manner: Manner) -> list[float]:
    """One delay, in seconds of real time, for each time a message is sent."""
    match manner:
        case Manner.TWICE:
            return [0.0, REPEATED_AFTER]
        case Manner.DELAYED:
            return [current().callback_delay]
        case Manner.BURST:
            return [0.0] * BURST
        case _:
            return [0.0]
