"""What an access token is good for: reading a person's data, and being recognised in a purchase.

https://docs.klarna.com/sign-in-with-klarna/integrate-sign-in-with-klarna/integrate-with-klarna-payments/
"""

from dataclasses import dataclass
from typing import Any

from .. import people
from ..config import current
from ..merchants import Merchant, Region
from . import claims, scopes, tokens
from .tokens import Kind, Status, Token


@dataclass(frozen=True)
class Recognition:
    """The person an access token stands for, and what they let this client know."""

    person: str
    client_id: str
    scopes: tuple[str, ...]

    @property
    def claims(self) -> dict[str, Any]:
        """The person's data as it is now, as far as they agreed to: what a checkout may fill in."""
        return claims.of(people.find(self.person), self.scopes)


def recognise(merchant: Merchant, token: str | None) -> Recognition | None:
    """Whom a merchant's access token stands for in a purchase; None where it is no good, which is no error.

    It has to be unexpired, of the merchant's region and of a client that is still registered, and its scopes have
    to hold one that is about purchases. The clients of this sandbox belong to all of its merchants.
    """
    found = good(token or "", merchant.region)
    if found is None or not scopes.good_for_purchases(found.scopes):
        return None
    if found.chain.client_id not in {client.client_id for client in current().clients}:
        return None
    return Recognition(found.chain.person, found.chain.client_id, found.scopes)


def good(token: str, region: Region) -> Token | None:
    """An access token of this region that is neither expired nor revoked."""
    found = tokens.find(token, Kind.ACCESS)
    return found if found and found.status is Status.ACTIVE and found.chain.region is region else None
