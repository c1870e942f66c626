"""Whose number it is that somebody types, and the account somebody new opens. Accounts belong to a region."""

from .. import markets, people
from ..api import fields
from ..merchants import Region
from ..people import Person


def countries(region: Region, ui_locales: str = "") -> list[str]:
    """The countries of a region that people are known in; those of the wished languages first."""
    known = sorted({person.country for person in people.everybody() if region_of(person.country) is region})
    wished = [locale.partition("-")[2].upper() for locale in ui_locales.split()]
    return sorted(known, key=lambda country: (country not in wished, known.index(country)))


def by_phone(phone: str, region: Region, ui_locales: str = "") -> Person | None:
    """Who has this number in a region. Written without its country code, the wished languages decide first."""
    found = (people.by_phone(phone, country) for country in countries(region, ui_locales))
    return next((person for person in found if person), None)


def elsewhere(phone: str, region: Region) -> Person | None:
    """Who has this number in another region."""
    others = (other for other in Region if other is not region)
    return next((person for other in others if (person := by_phone(phone, other))), None)


def region_of(country: str) -> Region | None:
    """Where the accounts of a country live (inferred from the host that serves it)."""
    market = markets.find(country)
    return market.region if market else None


def faults(person: Person, typed: dict[str, str]) -> list[str]:
    """The fields of a sign-up that are missing or not accepted."""
    missing = [name for name, value in typed.items() if not value]
    if missing:
        return missing
    found: list[str] = []
    fields.ADDRESS.read(typed, "", found)
    owner = people.by_email(typed["email"])
    return found + (["email"] if owner and owner.id != person.id else [])


def open_account(person: Person, typed: dict[str, str]) -> Person:
    """Klarna knows this person from now on. An address that nobody confirmed is not verified (inferred)."""
    verified = typed["email"].lower() == person.email.lower()
    return people.change(person.id, **typed, email_verified=verified, signed_up=True)
