"""Klarna's claims and the shopper's own profile: empty fields are filled, others only when the shopper says so."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from ..accounts import service as accounts
from ..accounts.addresses import PHONE, US_STATES
from ..accounts.models import User
from ..markets import Market, address_lines, find
from ..web import markets
from . import identities
from .claims import Profile, is_complete, read
from .models import KlarnaIdentity

NAMES = {"given_name": "first name", "family_name": "last name", "phone": "phone"}
ADDRESS = "address"
PLACE = ("street_address", "postal_code", "city")


@dataclass(frozen=True)
class Difference:
    """Something Klarna knows otherwise than the account does."""

    field: str
    name: str
    klarna: str
    yours: str


def of(identity: KlarnaIdentity) -> Profile:
    """What Klarna told last about the person."""
    return read(json.loads(identity.claims or "{}"))


def fill(user: User, profile: Profile) -> list[str]:
    """Fill what is empty, in the caller's transaction; the names of what was filled."""
    filled = [name for field, name in NAMES.items() if usable(profile, field) and not getattr(user, field)]
    take_over(user, profile, [field for field, name in NAMES.items() if name in filled])
    address = _deliverable(profile)
    if address and not accounts.has_address(user, address["country"]):
        accounts.add_address(user, address)
        filled.append(ADDRESS)
    return filled


def told(user_id: int, market: Market) -> dict[str, str]:
    """What Klarna told that fits into the market's checkout, part by part: the shopper types what is missing."""
    identity = identities.in_region(user_id, market.region)
    said = of(identity) if identity else Profile()
    address = said.delivery_address
    here = (address.get("country") or said.country or market.code) == market.code
    known = {name: getattr(said, name) for name in NAMES if usable(said, name)} | (address if here else {})
    return {name: value for name, value in known.items() if value}


def take_over(user: User, profile: Profile, fields: list[str]) -> list[str]:
    """Put Klarna's value over the shopper's, in the caller's transaction; the names of what changed."""
    taken = [field for field in fields if field in NAMES and usable(profile, field)]
    for field in taken:
        setattr(user, field, getattr(profile, field))
    address = _unknown_address(user, profile) if ADDRESS in fields else {}
    if address:
        accounts.add_address(user, address)
    return [NAMES[field] for field in taken] + ([ADDRESS] if address else [])


def differences(user: User, profile: Profile) -> list[Difference]:
    """Where Klarna and the account disagree; the shopper may have Klarna's value."""
    found = [
        Difference(field, name.capitalize(), getattr(profile, field), getattr(user, field))
        for field, name in NAMES.items()
        if usable(profile, field) and getattr(user, field) and getattr(user, field) != getattr(profile, field)
    ]
    address = _unknown_address(user, profile)
    if address:
        known = accounts.prefill(user, address["country"]).address
        found.append(Difference(ADDRESS, ADDRESS.capitalize(), _in_a_line(address), _in_a_line(known)))
    return found


def _unknown_address(user: User, profile: Profile) -> dict[str, str]:
    """Where Klarna says the person lives, when the account knows addresses in that country, and not that one."""
    address = _deliverable(profile)
    mine = [known for known in accounts.addresses(user) if address and known.country == address["country"]]
    same = any(all(_alike(getattr(known, name), address[name]) for name in PLACE) for known in mine)
    return address if mine and not same else {}


def _alike(ours: str, theirs: str) -> bool:
    return ours.replace(" ", "").casefold() == theirs.replace(" ", "").casefold()


def _in_a_line(address: Mapping[str, str]) -> str:
    return ", ".join(address_lines(address))


def usable(profile: Profile, field: str) -> bool:
    """Whether the account's own form would take this value."""
    value = getattr(profile, field)
    if field == "phone":
        return bool(PHONE.fullmatch(value))
    return len(value) > 1 and not value.isdigit()


def elsewhere(profile: Profile) -> str:
    """The country of somebody whose address is in none of the shop's markets; empty for everybody else."""
    country = profile.delivery_address.get("country") or profile.country
    return country if country and find(country, markets()) is None else ""


def market_of(profile: Profile) -> str:
    """The market somebody lives in, by address or country; empty when Klarna did not say or there is none."""
    country = profile.delivery_address.get("country") or profile.country
    return country if find(country, markets()) else ""


def _deliverable(profile: Profile) -> dict[str, str]:
    """The address as the account keeps it; nothing when the shop could not deliver to it, or the name is missing."""
    address = dict(profile.delivery_address)
    market = find(address.get("country", ""), markets())
    if (
        market is None
        or not is_complete(address)
        or not (usable(profile, "given_name") and usable(profile, "family_name"))
    ):
        return {}
    if market.needs_state and address["region"].upper() not in US_STATES:
        return {}
    if not market.takes_postal_code(address["postal_code"]):
        return {}
    address["region"] = address["region"].upper() if market.needs_state else ""
    phone = profile.phone if usable(profile, "phone") else ""
    return address | {"given_name": profile.given_name, "family_name": profile.family_name, "phone": phone}
