"""The two issuers, their addresses, and what each says about itself in discovery.

Europe is at home at the root and answers under its older regional paths as well; North America has the regional
paths only. Both families of Europe share everything.
https://docs.klarna.com/conversion-boosters/sign-in-with-klarna/integrate-sign-in-with-klarna/openidconnect/
"""

from collections.abc import Iterator
from typing import Any

from ..clients import SCOPES
from ..config import current
from ..merchants import Region

_HOMES = {Region.EUROPE: "", Region.NORTH_AMERICA: "/na/lp/idp"}
_CLAIMS = (
    *("sub", "email", "email_verified", "phone", "phone_verified", "given_name", "family_name", "date_of_birth"),
    *("country", "billing_address", "shipping_address", "locale", "national_identification_number"),
    *("national_identification_number_country", "date_of_birth_verified", "name_verified"),
)


def families() -> Iterator[tuple[Region, str, str]]:
    """Each region with a prefix its paths stand under, and a name for the pair."""
    yield Region.EUROPE, "", "root"
    for region in _HOMES:
        yield region, f"/{region}/lp/idp", str(region)


def issuer(region: Region) -> str:
    """The value of `iss`, and what discovery is found below."""
    return current().url + _HOMES[region]


def discovery(region: Region) -> dict[str, Any]:
    """The provider's metadata, with the content Klarna's has.

    It says more than is done here, as Klarna's does: other response types than `code` and request objects are
    refused with OAuth's errors for it.
    """
    home = issuer(region)
    return {
        "issuer": home,
        "authorization_endpoint": f"{home}/oauth2/auth",
        "token_endpoint": f"{home}/oauth2/token",
        "userinfo_endpoint": f"{home}/userinfo",
        "jwks_uri": f"{home}/.well-known/jwks.json",
        "revocation_endpoint": f"{home}/oauth2/revoke",
        "end_session_endpoint": f"{home}/oauth2/sessions/logout",
        "scopes_supported": list(SCOPES),
        "claims_supported": list(_CLAIMS),
        "response_types_supported": [
            *("code", "code id_token", "id_token", "token id_token", "token", "token id_token code"),
        ],
        "response_modes_supported": ["query", "fragment"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": [
            *("client_secret_post", "client_secret_basic", "private_key_jwt", "none"),
        ],
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "id_token_signed_response_alg": ["RS256"],
        "userinfo_signing_alg_values_supported": ["none", "RS256"],
        "request_object_signing_alg_values_supported": ["none", "RS256", "ES256"],
        "claims_parameter_supported": False,
        "request_parameter_supported": True,
        "request_uri_parameter_supported": True,
        "require_request_uri_registration": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "frontchannel_logout_supported": True,
        "frontchannel_logout_session_supported": True,
    }
