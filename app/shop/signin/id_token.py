"""Is this id_token Klarna's, for us, now, and about this sign-in? Every check by name.

https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation and
https://docs.klarna.com/conversion-boosters/sign-in-with-klarna/integrate-sign-in-with-klarna/other-operations/
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet, RSAKey

ALGORITHM = "RS256"
LEEWAY = 60  # seconds by which two clocks may differ
LONGEST_TOKEN = 16_000
LONGEST_SUBJECT = 255


class IdTokenRefused(Exception):
    """The token fails a check; the text names the check and never holds the token."""


class UnknownKey(IdTokenRefused):
    """It is signed by a key that is not in the set: Klarna may have rotated its keys since the set was read."""


@dataclass(frozen=True)
class Expected:
    """What the token has to say. ``nonce`` is None where none was sent; ``now`` in seconds since 1970."""

    issuer: str
    client_id: str
    now: int
    nonce: str | None = field(default=None, repr=False)
    access_token: str = field(default="", repr=False)


Claims = dict[str, Any]
Check = Callable[[Claims, Expected], bool]


def verify(id_token: str, keys: KeySet, expected: Expected) -> Claims:
    """The claims of a token that passes every check. Raises :class:`IdTokenRefused` or :class:`UnknownKey`."""
    if not isinstance(id_token, str) or len(id_token) > LONGEST_TOKEN:
        raise IdTokenRefused("form: no compact JWT")
    key = _key(id_token, keys)
    try:
        claims: Claims = jwt.decode(id_token, key, algorithms=[ALGORITHM]).claims
    except (JoseError, ValueError) as odd:
        raise IdTokenRefused(f"signature: {type(odd).__name__}") from None
    for name, holds in CHECKS.items():
        if not holds(claims, expected):
            raise IdTokenRefused(f"{name} is not as expected")
    return claims


def _key(id_token: str, keys: KeySet) -> RSAKey:
    """The key its header names, and only for the one algorithm: neither "none" nor a shared secret gets here."""
    try:
        header = jws.extract_compact(id_token.encode()).protected
    except (JoseError, ValueError):
        raise IdTokenRefused("form: no compact JWT") from None
    if header.get("alg") != ALGORITHM:
        raise IdTokenRefused("alg is not RS256")
    if header.get("crit"):
        raise IdTokenRefused("header: something critical we do not know")
    usable = [key for key in keys.keys if _signs(key)]
    if "kid" not in header and len(usable) == 1:  # only a set of one may leave it out
        return usable[0]
    named = [key for key in usable if key.kid == header.get("kid")]
    if not named:
        raise UnknownKey("kid: no such key for RS256 signatures")
    return named[0]


def _signs(key: Key) -> TypeGuard[RSAKey]:
    return isinstance(key, RSAKey) and key.get("use", "sig") == "sig" and key.get("alg", ALGORITHM) == ALGORITHM


def _number(claims: Claims, name: str) -> float | None:
    value = claims.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _audience(claims: Claims, expected: Expected) -> bool:
    """Ours alone: a token that others accept as well could come from them."""
    said = claims.get("aud")
    return (said if isinstance(said, list) else [said]) == [expected.client_id]


def _not_over(claims: Claims, expected: Expected) -> bool:
    ends = _number(claims, "exp")
    return ends is not None and expected.now < ends + LEEWAY


def _not_from_the_future(claims: Claims, expected: Expected) -> bool:
    made = _number(claims, "iat")
    return made is not None and made <= expected.now + LEEWAY


def _begun(claims: Claims, expected: Expected) -> bool:
    begins = _number(claims, "nbf")
    return ("nbf" not in claims) or (begins is not None and begins <= expected.now + LEEWAY)


def _nonce(claims: Claims, expected: Expected) -> bool:
    said = claims.get("nonce")
    if expected.nonce is None:
        return True
    return isinstance(said, str) and hmac.compare_digest(said.encode(), expected.nonce.encode())


def _subject(claims: Claims, _expected: Expected) -> bool:
    said = claims.get("sub")
    return isinstance(said, str) and 0 < len(said) <= LONGEST_SUBJECT and said.isprintable()


def _at_hash(claims: Claims, expected: Expected) -> bool:
    """The access token that came along is the one this token was made with; optional in the code flow."""
    if "at_hash" not in claims:
        return True
    half = hashlib.sha256(expected.access_token.encode()).digest()[:16]
    wanted = base64.urlsafe_b64encode(half).rstrip(b"=")
    return isinstance(claims["at_hash"], str) and hmac.compare_digest(claims["at_hash"].encode(), wanted)


CHECKS: dict[str, Check] = {
    "iss": lambda claims, expected: claims.get("iss") == expected.issuer,
    "aud": _audience,
    "azp": lambda claims, expected: claims.get("azp", expected.client_id) == expected.client_id,
    "exp": _not_over,
    "iat": _not_from_the_future,
    "nbf": _begun,
    "nonce": _nonce,
    "sub": _subject,
    "at_hash": _at_hash,
}
