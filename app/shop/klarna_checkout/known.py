"""What is known of a shopper before Klarna's form is drawn: Klarna's own claims first, else the account."""

from dataclasses import dataclass, field

from ..accounts import service as accounts
from ..markets import Market
from ..signin import identities, profile
from ..signin.claims import Profile, is_complete
from .bodies import NAMES, prefill

NEEDED = ("email", *NAMES, "street_address", "postal_code", "city")


@dataclass(frozen=True)
class Known:
    """Fields of *create*: ``customer`` without a token, and the addresses there is something to say about."""

    customer: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def has_address(self) -> bool:
        """Whether any of it is filled in: of somebody from another market only name and e-mail are known."""
        return "street_address" in self.addresses.get("billing_address", {})

    @property
    def is_whole(self) -> bool:
        """Whether there is nothing left to type."""
        return set(NEEDED) <= set(self.addresses.get("billing_address", {}))


def of(user_id: int | None, market: Market) -> Known:
    """What to fill in for a user; nothing for a guest."""
    user = accounts.find_user(user_id)
    if user is None:
        return Known()
    identity = identities.in_region(user.id, market.region)
    if identity is not None:
        return _from_claims(profile.of(identity), market)
    said = accounts.prefill(user, market.code)
    return Known(addresses=_addresses(prefill(said.email, said.address, market.code), {}))


def _from_claims(said: Profile, market: Market) -> Known:
    """https://docs.klarna.com/sign-in-with-klarna/integrate-sign-in-with-klarna/klarna-checkout/"""
    names = {"given_name": said.given_name, "family_name": said.family_name, "phone": said.phone}
    billing = prefill(said.email, said.billing_address | names, market.code)
    parcels = said.shipping_address if is_complete(said.shipping_address) else {}
    shipping = prefill(said.email, parcels | names, market.code) if parcels else {}
    customer = {"date_of_birth": said.date_of_birth} if said.date_of_birth else {}
    return Known(customer, _addresses(billing, shipping))


def _addresses(billing: dict[str, str], shipping: dict[str, str]) -> dict[str, dict[str, str]]:
    said = {"billing_address": billing, "shipping_address": shipping if shipping != billing else {}}
    return {name: address for name, address in said.items() if address}
