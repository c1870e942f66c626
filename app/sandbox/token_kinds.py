"""What kind of identifier a text is: several look alike, and one sent in place of another is refused in words.

The three token shapes in circulation: https://docs.klarna.com/api/customertoken/ (a UUID that may be charged),
the account-linking page (who somebody is) and the Klarna Network's own `krn:customer-token:`.
"""

import re
from typing import NamedTuple

from . import store

LINKING = "a customer_token of account linking (krn:partner:…:identity:customer-token:…)"
AUTHORIZATION = "an authorization_token"
SESSION = "a session_id"
ORDER = "an order_id"
PAYMENT = "a payment token (token_id)"


class _Shape(NamedTuple):
    pattern: re.Pattern[str]
    kind: str


class _Known(NamedTuple):
    query: str
    kind: str


_SHAPES = (
    _Shape(re.compile(r"krn:partner:[^:]+:[^:]+:identity:customer-token:.+"), LINKING),
    _Shape(re.compile(r"krn:customer-token:.+"), "a customer token of the Klarna Network (krn:customer-token:…)"),
    _Shape(re.compile(r"krn:partner:[^:]+:account:.+"), "a partner account id"),
    _Shape(re.compile(r"krn:.+"), "another Klarna resource name (krn:…)"),
    _Shape(re.compile(r"ory_rt_.+"), "a refresh_token of Sign in with Klarna"),
    _Shape(re.compile(r"ory_at_.+"), "an access_token of Sign in with Klarna"),
    _Shape(re.compile(r"klarna_(test|live)_api_.+"), "an API key"),
    _Shape(
        re.compile(r"eyJ[\w-]*\.[\w-]+\.[\w-]*"),
        "a JWT, such as an access_token or id_token of Sign in with Klarna, or a session's client_token",
    ),
)
# What the sandbox gave out itself, it knows for certain.
_KNOWN = (
    _Known("SELECT 1 FROM payment_tokens WHERE token_id = ?", PAYMENT),
    _Known("SELECT 1 FROM authorizations WHERE token = ?", AUTHORIZATION),
    _Known("SELECT 1 FROM sessions WHERE session_id = ?", SESSION),
    _Known("SELECT 1 FROM orders WHERE order_id = ?", ORDER),
    _Known("SELECT 1 FROM checkouts WHERE order_id = ?", "the order_id of a checkout"),
)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


def kind_of(text: str) -> str | None:
    """The kind in words, with its article; None for a text that looks like nothing Klarna gives out."""
    for shape in _SHAPES:
        if shape.pattern.fullmatch(text):
            return shape.kind
    if not is_uuid(text):
        return None
    known = (row.kind for row in _KNOWN if store.connection().execute(row.query, [text]).fetchone())
    return next(known, "a UUID, such as a payment token (token_id) or an authorization_token")


def mistaken(text: str, wanted: str) -> list[str]:
    """A sentence about what was sent where something else is wanted; none when the kind may be right or is unknown."""
    kind = kind_of(text)
    if kind is None or kind == wanted or (kind.startswith("a UUID") and wanted != LINKING):
        return []
    return [f"{kind[0].upper()}{kind[1:]} was sent, {wanted} is wanted"]
