"""What Klarna tells about a person, in the shop's words. Pure.

https://docs.klarna.com/conversion-boosters/sign-in-with-klarna/integrate-sign-in-with-klarna/scopes-and-claims/ :
a claim the customer declined, or Klarna does not have, is absent or null.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from email_validator import EmailNotValidError, validate_email

LONGEST = 99


@dataclass(frozen=True)
class Profile:
    """Claims that can be used; empty where Klarna said nothing. Addresses are in :class:`Address`'s parts."""

    email: str = ""
    email_verified: bool = False
    given_name: str = ""
    family_name: str = ""
    phone: str = ""
    date_of_birth: str = ""
    country: str = ""
    billing_address: dict[str, str] = field(default_factory=dict)
    shipping_address: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def delivery_address(self) -> dict[str, str]:
        """Where parcels go: the shipping address, else the billing address; rather a whole one than a part."""
        said = [address for address in (self.shipping_address, self.billing_address) if address]
        return next(filter(is_complete, said), said[0] if said else {})


def read(claims: Mapping[str, Any]) -> Profile:
    """The claims of an id_token or of userinfo. What is no text counts as not said."""
    return Profile(
        email=_email(claims.get("email")),
        email_verified=claims.get("email_verified") is True,
        given_name=_text(claims.get("given_name")),
        family_name=_text(claims.get("family_name")),
        phone=_text(claims.get("phone")),
        date_of_birth=_text(claims.get("date_of_birth")),
        country=_text(claims.get("country")).upper(),
        billing_address=_address(claims.get("billing_address")),
        shipping_address=_address(claims.get("shipping_address")),
    )


def is_complete(address: Mapping[str, str]) -> bool:
    """Whether it could be delivered to."""
    return all(address.get(name) for name in ("street_address", "postal_code", "city", "country"))


def _address(said: Any) -> dict[str, str]:
    """An address, parts that were not said empty; nothing when none was. The second line is spelt in two ways."""
    parts = said if isinstance(said, Mapping) else {}
    address = {name: _text(parts.get(name)) for name in ("street_address", "postal_code", "city", "region", "country")}
    address["country"] = address["country"].upper()
    address["street_address2"] = _text(parts.get("street_address2")) or _text(parts.get("street_address_2"))
    return address if any(address.values()) else {}


def _email(said: Any) -> str:
    """An e-mail the shop's own forms would take, in lower case; nothing for any other, rather than one like it."""
    if not isinstance(said, str) or not said.isascii() or len(said) > LONGEST:
        return ""
    try:
        return validate_email(said, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return ""


def _text(said: Any) -> str:
    if not isinstance(said, str) or len(said) > LONGEST:
        return ""
    return " ".join("".join(c if c.isprintable() else " " for c in said).split())
