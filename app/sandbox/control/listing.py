"""Test persons and links as the control calls list them."""

from dataclasses import asdict
from typing import Any

from .. import clock, customer_tokens, sessions
from ..checkout.checkouts import Checkout
from ..customer_tokens import Link
from ..people import Person


def link(row: Link) -> dict[str, Any]:
    return asdict(row) | {"issued_at": clock.stamp(row.issued_at)}


def checkout(row: Checkout) -> dict[str, Any]:
    """A checkout with who paid, or who is recognised."""
    return {
        "order_id": row.order_id,
        "status": row.status,
        "country": row.country,
        "person": row.person or row.recognised,
        "recognised": row.recognised is not None,
        "expires_at": clock.stamp(row.expires_at),
    }


def person(row: Person) -> dict[str, Any]:
    """A person with the consents given (the links) and the sessions used."""
    links = [link(found) for found in customer_tokens.everything() if found.person == row.id]
    found = {"decision": row.decision, "customer_tokens": links, "sessions": sessions.of_person(row.id)}
    return asdict(row) | found
