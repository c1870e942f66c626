"""Test persons, links and payment tokens as the control calls list them."""

from dataclasses import asdict
from typing import Any

from .. import clock, customer_tokens, sessions
from ..customer_tokens import Link
from ..payment_tokens import PaymentToken
from ..people import Person


def link(row: Link) -> dict[str, Any]:
    return asdict(row) | {"issued_at": clock.stamp(row.issued_at)}


def payment_token(row: PaymentToken) -> dict[str, Any]:
    """A token with what it was made for, without the request it came by."""
    described = {name: row.request[name] for name in ("description", "purchase_country", "purchase_currency")}
    shown = {name: value for name, value in asdict(row).items() if name != "request"}
    updated_at = clock.stamp(row.updated_at) if row.updated_at else None
    return shown | described | {"created_at": clock.stamp(row.created_at), "updated_at": updated_at}


def person(row: Person) -> dict[str, Any]:
    """A person with the consents given (the links) and the sessions used."""
    links = [link(found) for found in customer_tokens.everything() if found.person == row.id]
    found = {"decision": row.decision, "customer_tokens": links, "sessions": sessions.of_person(row.id)}
    return asdict(row) | found
