"""Who may send shoppers to Sign in with Klarna: registered clients, each with its addresses and scopes.

https://docs.klarna.com/conversion-boosters/sign-in-with-klarna/integrate-sign-in-with-klarna/openidconnect/
A client belongs to this sandbox's merchants as a whole; one without a region signs in people of all of them.
"""

import hmac
from dataclasses import dataclass, field
from enum import StrEnum

from .merchants import Region

# What discovery lists. Un-prefixed names are the oldest generation, `profile:` the middle one, `customer:` the newest.
SCOPES = (
    *("openid", "offline_access", "default", "profile", "email", "phone", "billing_address"),
    *("national_identification_number", "create_payment_session", "profile:name", "profile:date_of_birth"),
    *("profile:locale", "profile:email", "profile:phone", "profile:billing_address", "profile:shipping_address"),
    *("profile:national_id", "profile:national_identification", "profile:country", "profile:gender"),
    *("profile:customer_id", "profile:verified:name", "profile:verified:date_of_birth"),
    *("personalization:interests", "payment:request:create", "payment:recurring", "payment:authorization:list"),
    *("customer:purchase_power", "customer:account_management", "customer:purchase_management"),
    *("customer:prequalified_offers", "customer:login", "payment:customer_present", "payment:customer_not_present"),
)


class AuthMethod(StrEnum):
    """How a client proves itself at the token endpoint."""

    NONE = "none"
    BASIC = "client_secret_basic"
    POST = "client_secret_post"


@dataclass(frozen=True)
class Client:
    """A registered client. Addresses match letter by letter; an empty secret makes it a public client."""

    client_id: str
    redirect_uris: tuple[str, ...]
    secret: str = field(default="", repr=False)
    name: str = "Morrow"
    scopes: tuple[str, ...] = SCOPES
    post_logout_redirect_uris: tuple[str, ...] = ()
    region: Region | None = None
    auth_methods: tuple[AuthMethod, ...] = (AuthMethod.BASIC, AuthMethod.POST)
    policy_uri: str = ""
    terms_uri: str = ""

    @property
    def is_public(self) -> bool:
        return not self.secret

    def is_proven_by(self, secret: str) -> bool:
        """Whether this is the secret of a confidential client."""
        return not self.is_public and hmac.compare_digest(secret.encode("utf-8", "replace"), self.secret.encode())

    def check_grant_type(self, _grant_type: str) -> bool:
        """Asked by Authlib's grants: every client may use both grants of the token endpoint."""
        return True
