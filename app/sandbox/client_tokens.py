"""The `client_token` a session's browser gets: a signed JWT that names the session and the sandbox, no more.

Klarna's library refuses a client token that is no JWT; nothing in it says who the shopper is.
https://docs.klarna.com/payments/web-payments/additional-resources/klarna-payments-sdk-reference/
"""

import hashlib

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from .config import current


class UnknownClientToken(LookupError):
    """Not a client token of a session that is open."""


def sign(session_id: str) -> str:
    """The client token of a session."""
    claims = {"session_id": session_id, "base_url": current().url}
    return jwt.encode({"alg": "HS256", "typ": "JWT"}, claims, _key())


def session_id(client_token: str) -> str:
    """The session a client token was signed for; raises UnknownClientToken."""
    try:
        claims = jwt.decode(client_token, _key(), algorithms=["HS256"]).claims
    except (JoseError, ValueError) as error:
        raise UnknownClientToken("this is no client token of this Klarna") from error
    return str(claims.get("session_id", ""))


def _key() -> OctKey:
    """A key of its own, drawn from the secret: no other signed value can pass for a client token."""
    return OctKey.import_key(hashlib.sha256(b"client_token:" + current().secret_key.encode()).digest())
