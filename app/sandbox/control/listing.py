"""Test persons, links, sign-ins and payment tokens as the control calls list them."""

from dataclasses import asdict
from typing import Any

from .. import clock, customer_tokens, sessions
from ..checkout.checkouts import Checkout
from ..customer_tokens import Link
from ..idp import consents, logins, tokens
from ..idp.chains import Chain
from ..idp.consents import Consent
from ..idp.keys import SigningKey
from ..idp.tokens import Kind, Token
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
    """A person with what was agreed to (links, consents of sign-ins), the sessions used, and in how many browsers
    they are logged in at Klarna.
    """
    links = [link(found) for found in customer_tokens.everything() if found.person == row.id]
    found = {"decision": row.decision, "customer_tokens": links, "sessions": sessions.of_person(row.id)}
    signing_in = {"consents": list(map(consent, consents.of(row.id))), "signed_in": logins.count(row.id)}
    return asdict(row) | found | signing_in


def consent(row: Consent) -> dict[str, Any]:
    return asdict(row) | {"given_at": clock.stamp(row.given_at)}


def chain(row: Chain) -> dict[str, Any]:
    """A sign-in with its newest access token and refresh token; `refreshed` counts how often it was."""
    found = tokens.of(row)
    access = [token(each) for each in found if each.kind is Kind.ACCESS]
    refresh = [token(each) for each in found if each.kind is Kind.REFRESH]
    return {
        "person": row.person,
        "client_id": row.client_id,
        "region": row.region,
        "scopes": row.scopes,
        "status": row.status,
        "authenticated_at": clock.stamp(row.authenticated_at),
        "refreshed": len(access) - 1,
        "access_token": access[-1],
        "refresh_token": refresh[-1] if refresh else None,
    }


def token(row: Token) -> dict[str, Any]:
    return {
        "token": row.token,
        "status": row.status,
        "issued_at": clock.stamp(row.issued_at),
        "expires_at": clock.stamp(row.expires_at),
    }


def key(row: SigningKey) -> dict[str, Any]:
    """Nothing private."""
    stamp = clock.stamp(row.created_at)
    return {"kid": row.kid, "region": row.region, "status": row.status, "created_at": stamp}
