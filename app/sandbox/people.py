"""The test persons Klarna publishes for its playground, and what the sandbox decides about their purchases.

https://docs.klarna.com/resources/developer-tools/sample-data/sample-customer-data/
An account belongs to one market: a person is found in the own country only. Somebody who is a new user has
an e-mail address and a phone number, and nothing else yet. What a person signs up with, and what is changed about an
account by hand, is kept beside the published data until a reset.
"""

import json
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from . import store

_ADDRESS = (
    *("given_name", "family_name", "email", "phone"),
    *("street_address", "street_address2", "postal_code", "city", "region"),
)
CALLING_CODES = {"DE": "49", "SE": "46", "GB": "44", "US": "1", "NL": "31"}


class Decision(StrEnum):
    """Whether a purchase would be approved: the short form of an outcome."""

    APPROVE = "approve"
    REFUSE = "refuse"


class Outcome(StrEnum):
    """What becomes of a person's purchases; where each one shows is told in `outcomes`."""

    APPROVE = "approve"
    REFUSE = "refuse"
    NO_FORM = "no_form"
    INVALID_FIELDS = "invalid_fields"
    REJECT_ORDER = "reject_order"
    PEND = "pend"


class UnknownPerson(LookupError):
    """No test person has this id."""


@dataclass(frozen=True)
class Person:
    """A test person. Name and address are None for somebody who has no account yet."""

    id: str
    country: str
    email: str
    phone: str
    outcome: Outcome
    given_name: str | None = None
    family_name: str | None = None
    street_address: str | None = None
    postal_code: str | None = None
    city: str | None = None
    region: str | None = None
    date_of_birth: str | None = None
    street_address2: str | None = None
    national_identification_number: str | None = None
    email_verified: bool = True
    withheld: tuple[str, ...] = ()  # claims Klarna does not give to shops, as if it had none
    signed_up: bool = False  # not published: typed at a sign-up

    @property
    def name(self) -> str:
        """How somebody is addressed; who has no account yet, by their e-mail address."""
        return f"{self.given_name} {self.family_name}" if self.given_name else self.email

    @property
    def international_phone(self) -> str:
        """The number as E.164 has it."""
        (digits,) = _numbers(self.phone, self.country)
        return f"+{digits}"

    @property
    def decision(self) -> Decision:
        """Refused or not; whatever else may happen to a purchase, the person counts as approved."""
        return Decision.REFUSE if self.outcome is Outcome.REFUSE else Decision.APPROVE

    @property
    def is_new(self) -> bool:
        """Klarna does not know this person yet and would ask for name and address."""
        return self.given_name is None

    @property
    def address(self) -> dict[str, str]:
        """What Klarna knows, in the form of an address of its API."""
        known = {name: getattr(self, name) for name in _ADDRESS}
        return {name: value for name, value in known.items() if value} | {"country": self.country}


def everybody() -> list[Person]:
    """All test persons, each with the outcome and the account that hold now."""
    rows = store.connection().execute("SELECT person, outcome FROM outcomes")
    changed = {row["person"]: Outcome(row["outcome"]) for row in rows}
    accounts = _changed_accounts()
    return [
        replace(person, outcome=changed.get(person.id, person.outcome), **accounts.get(person.id, {}))
        for person in _published()
    ]


def find(person_id: str) -> Person:
    """One person by id, such as ``de-approved``; raises UnknownPerson."""
    for person in everybody():
        if person.id == person_id:
            return person
    raise UnknownPerson(f"there is no test person {person_id!r}")


def by_phone(phone: str, country: str) -> Person | None:
    """Who has this number in this market, however it is written; None when nobody has."""
    country = country.upper()
    wanted = _numbers(phone, country)
    for person in everybody():
        if person.country == country and wanted & _numbers(person.phone, country):
            return person
    return None


def decide(person_id: str, decision: Decision) -> Person:
    """Approve or refuse what this person buys from now on; raises UnknownPerson."""
    return expect(person_id, Outcome(decision))


def expect(person_id: str, outcome: Outcome) -> Person:
    """What becomes of this person's purchases from now on; raises UnknownPerson."""
    with store.transaction() as db:
        person = find(person_id)
        db.execute("INSERT OR REPLACE INTO outcomes (person, outcome) VALUES (?, ?)", [person_id, outcome])
    return replace(person, outcome=outcome)


def calm() -> None:
    """From now on everybody's purchases end as it is published of them, and at a sign-in everybody tells all they may.

    Who typed an unconfirmed address at a sign-up keeps it.
    """
    with store.transaction() as db:
        db.execute("DELETE FROM outcomes")
        for person_id, account in _changed_accounts().items():
            told = {"withheld": []} if account.get("signed_up") else {"withheld": [], "email_verified": True}
            change(person_id, **told)


def change(person_id: str, **changes: Any) -> Person:
    """Change what Klarna knows of this person, such as `email`; raises UnknownPerson."""
    with store.transaction() as db:
        find(person_id)
        kept = _changed_accounts().get(person_id, {}) | changes
        db.execute("INSERT OR REPLACE INTO accounts (person, changes) VALUES (?, ?)", [person_id, store.dump(kept)])
        return find(person_id)


def by_email(email: str) -> Person | None:
    """Whose address this is."""
    return next((person for person in everybody() if person.email.lower() == email.lower()), None)


def _changed_accounts() -> dict[str, dict[str, Any]]:
    rows = store.connection().execute("SELECT person, changes FROM accounts")
    changed: dict[str, dict[str, Any]] = {row["person"]: json.loads(row["changes"]) for row in rows}
    for account in changed.values():
        if "withheld" in account:
            account["withheld"] = tuple(account["withheld"])
    return changed


def _numbers(phone: str, country: str) -> set[str]:
    """What a number can mean in a country: international with + or 00, or national with or without the 0.

    Klarna prints some numbers with a zero after the country code; they count as the same without (inferred).
    """
    code = CALLING_CODES.get(country, "")
    digits = re.sub(r"\D", "", phone)
    if phone.strip().startswith("+"):
        return {_without_zero(digits, code)}
    if digits.startswith("00"):
        return {_without_zero(digits[2:], code)}
    if digits.startswith("0"):
        return {code + digits.lstrip("0")}
    return {_without_zero(digits, code), code + digits} if digits else set()


def _without_zero(digits: str, code: str) -> str:
    return code + digits.removeprefix(code).lstrip("0") if digits.startswith(code) else digits


@cache
def _published() -> tuple[Person, ...]:
    file = Path(__file__).with_name("people.json")
    rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return tuple(Person(outcome=Outcome(row.pop("decision")), **row) for row in rows)
