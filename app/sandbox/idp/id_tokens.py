"""The id_token: who signed in, when, for whom. RS256, by the region's signing key, good for an hour (inferred).

Its times are real ones, whatever the sandbox's clock was put forward by: a shop holds them against a clock of its own.
https://docs.klarna.com/conversion-boosters/sign-in-with-klarna/ , "Decoding
id token"; what it holds beside the documented members is inferred from Hydra.
"""

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from authlib.oidc.core.util import create_half_hash
from joserfc import jwt
from joserfc.errors import JoseError

from .. import clock, people
from ..merchants import Region
from . import claims, keys
from .chains import Chain
from .issuers import issuer

ALGORITHM = "RS256"
LIFETIME = timedelta(hours=1)


class BadIdToken(ValueError):
    """Not an id_token that this provider signed with a key it still publishes."""


def sign(chain: Chain, access_token: str, scopes: Iterable[str], nonce: str | None) -> str:
    """The id_token that comes with an access token."""
    ahead = timedelta(seconds=clock.offset())
    now, person, key = clock.now() - ahead, people.find(chain.person), keys.signing(chain.region)
    content: dict[str, Any] = {
        "iss": issuer(chain.region),
        "sub": claims.subject(person),
        "aud": [chain.client_id],
        "iat": int(now.timestamp()),
        "exp": int((now + LIFETIME).timestamp()),
        "auth_time": int((chain.authenticated_at - ahead).timestamp()),
        "at_hash": create_half_hash(access_token, ALGORITHM).decode(),
        "jti": str(uuid.uuid4()),
        "sid": chain.sid,
        **({"nonce": nonce} if nonce else {}),
        **claims.of(person, scopes),
    }
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, content, key.private)


def read(id_token: str, region: Region) -> dict[str, Any]:
    """The content of an id_token of this region, expired or not; raises BadIdToken."""
    try:
        return dict(jwt.decode(id_token, keys.verifying(region), algorithms=[ALGORITHM]).claims)
    except (JoseError, ValueError, TypeError) as error:
        raise BadIdToken("this is no id_token of this provider") from error
