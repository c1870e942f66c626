"""What a shop learns of a person: the claims of id_token and userinfo, from what Klarna knows now.

https://docs.klarna.com/conversion-boosters/sign-in-with-klarna/additional-resources/scopes-and-claims/
A claim that was declined, that Klarna does not hold, or that is withheld on request is absent.
"""

import hashlib
import string
from collections.abc import Iterable
from typing import Any

from .. import markets
from ..people import Person
from . import scopes

_BASE_62 = string.digits + string.ascii_letters


def subject(person: Person) -> str:
    """The stable name of a person, the same for every client: ``krn:kuid:`` and 22 base-62 characters."""
    number = int.from_bytes(hashlib.sha256(f"kuid {person.id}".encode()).digest())
    letters = []
    for _ in range(22):
        number, digit = divmod(number, 62)
        letters.append(_BASE_62[digit])
    return f"krn:kuid:{''.join(letters)}"


def of(person: Person, granted: Iterable[str]) -> dict[str, Any]:
    """The profile claims that these scopes bring, without `sub`."""
    wanted = scopes.claims(granted)
    known = {name: value for name, value in _known(person).items() if value is not None}
    return {name: value for name, value in known.items() if name in wanted and not _is_withheld(name, person)}


def _known(person: Person) -> dict[str, Any]:
    number = person.national_identification_number
    market = markets.find(person.country)
    return {
        "given_name": person.given_name,
        "family_name": person.family_name,
        "name_verified": not person.signed_up,
        "email": person.email,
        "email_verified": person.email_verified,
        "phone": person.international_phone,
        "phone_verified": True,
        "date_of_birth": person.date_of_birth,
        "date_of_birth_verified": True if person.date_of_birth else None,
        "billing_address": _address(person),
        "shipping_address": _address(person),
        "national_identification_number": number,
        "national_identification_number_country": person.country if number else None,
        "country": person.country,
        "locale": market.locales[0] if market else None,
    }


def _address(person: Person) -> dict[str, Any] | None:
    """Documents spell the second line in two ways, and their sample has both."""
    if not person.street_address:
        return None
    return {
        "street_address": person.street_address,
        "street_address2": person.street_address2,
        "street_address_2": person.street_address2,
        "postal_code": person.postal_code,
        "city": person.city,
        "region": person.region,
        "country": person.country,
    }


def _is_withheld(name: str, person: Person) -> bool:
    """What belongs to a withheld claim goes with it: `email_verified` with `email`."""
    own = name.removesuffix("_verified").removesuffix("_country")
    return name in person.withheld or own in person.withheld
