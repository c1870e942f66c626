"""By what Klarna is to recognise a shopper: the one place where link and sign-in meet.

A customer token goes first: it lasts, and it is what the order renews. Without one, a live access token of Sign in with
Klarna does the same for this one session. Guests, and those with neither, sign in in Klarna's window.
https://docs.klarna.com/sign-in-with-klarna/integrate-sign-in-with-klarna/integrate-with-klarna-payments/
"""

from dataclasses import dataclass, field
from enum import StrEnum

from app.klarna import Region

from ..encryption import fingerprint
from ..linking import service as linking
from ..signin import vault


class Carrier(StrEnum):
    """What said who the shopper is; kept on the attempt."""

    NOTHING = "nothing"
    CUSTOMER_TOKEN = "customer_token"  # noqa: S105
    ACCESS_TOKEN = "access_token"  # noqa: S105
    PAYMENT_TOKEN = "payment_token"  # noqa: S105
    """Only where a charge by that token is repaired; Klarna's field for it has the same name as the linking token's."""


@dataclass(frozen=True)
class Credential:
    """What goes into ``customer`` of a session. ``mark`` tells two credentials apart and gives neither away."""

    carrier: Carrier
    mark: str = ""
    value: str = field(default="", repr=False)

    @property
    def customer(self) -> dict[str, str]:
        """The fields of ``customer``; none for somebody Klarna is to ask itself."""
        name = "klarna_access_token" if self.carrier is Carrier.ACCESS_TOKEN else "customer_token"
        return {name: self.value} if self.value else {}


NOTHING = Credential(Carrier.NOTHING)


def at_hand(user_id: int | None, region: Region) -> Credential:
    """The credential without its value where that would have to be fetched: Klarna is not asked."""
    token = linking.customer_token_for(user_id, region)
    return Credential(Carrier.CUSTOMER_TOKEN, fingerprint(token), token) if token else sign_in_at_hand(user_id, region)


def sign_in_at_hand(user_id: int | None, region: Region) -> Credential:
    """As :func:`at_hand`, for Klarna Checkout, which knows no customer tokens."""
    mark = vault.mark(user_id, region)
    return Credential(Carrier.ACCESS_TOKEN, f"sign-in {mark}") if mark else NOTHING


def credential_for(user_id: int | None, region: Region) -> Credential:
    """What to send now. May refresh an access token, so it commits; a failure of that is no credential, no error."""
    return with_value(at_hand(user_id, region), user_id, region)


def with_value(known: Credential, user_id: int | None, region: Region) -> Credential:
    """The credential as it can be sent. May refresh an access token, so it commits."""
    if known.carrier is not Carrier.ACCESS_TOKEN:
        return known
    token = vault.access_token_for(user_id, region)
    return Credential(Carrier.ACCESS_TOKEN, known.mark, token) if token else NOTHING
