"""What each page of a sign-in shows. Renders; decides nothing. The pages look like those of the purchase window."""

from collections.abc import Callable
from typing import Any

from flask import render_template

from .. import people
from ..hosted import formats, headers
from ..hosted.screens import ADDRESS_FIELDS, REGION_COUNTRIES, REGION_FIELD
from ..merchants import Region
from ..people import Person
from . import accounts, claims, scopes, tickets
from .scopes import Item
from .tickets import SignInTicket

EMAIL_FIELD = ("email", "E-mail", "email")


def phone(ticket: SignInTicket, typed: str = "", error: str = "") -> str:
    """The first step of a login."""
    return _screen("phone", ticket, phone=typed, error=error, example=_example(ticket))


def code(ticket: SignInTicket, person: Person, typed: str = "", error: str = "") -> str:
    """The second step of a login."""
    return _screen("code", ticket, phone_end=person.phone[-4:], code=typed, error=error)


def sign_up(ticket: SignInTicket, person: Person, typed: dict[str, str], missing: list[str], error: str = "") -> str:
    """Somebody Klarna has no account for."""
    return _screen("sign_up", ticket, fields=sign_up_fields(person), typed=typed, missing=missing, error=error)


def consent(ticket: SignInTicket, person: Person) -> str:
    """What the shop asks for; optional items can be switched off."""
    items = scopes.items(ticket.request.scopes)
    client = ticket.request.client
    return _screen(
        "consent",
        ticket,
        person_name=person.name,
        initials=formats.initials(person.name),
        phone_end=person.phone[-4:],
        needed=[(item.label, _shown(item, person)) for item in items if not item.optional],
        optional=[(item.label, _shown(item, person)) for item in items if item.optional],
        policy_uri=client.policy_uri,
        terms_uri=client.terms_uri,
    )


def end(name: str, **content: Any) -> str:
    """A page with nothing after it."""
    return render_template(f"idp/{name}.html", **content)


def sign_up_fields(person: Person) -> tuple[tuple[str, str, str], ...]:
    """Name, label and meaning of each field an account needs in this person's country."""
    fields = (EMAIL_FIELD, *ADDRESS_FIELDS)
    return (*fields, REGION_FIELD) if person.country in REGION_COUNTRIES else fields


def _screen(template: str, ticket: SignInTicket, **content: Any) -> str:
    headers.may_lead_to(ticket.request.redirect_uri)
    return end(template, merchant=ticket.request.client.name, ticket=tickets.write(ticket), **content)


def _example(ticket: SignInTicket) -> str:
    """The number to try: somebody known whose purchases are approved."""
    by_country = accounts.countries(Region(ticket.request.region), ticket.request.ui_locales)
    found = [person for person in people.everybody() if not person.is_new and person.decision == "approve"]
    numbers = (formats.phone(p.phone) for country in by_country for p in found if p.country == country)
    return next(numbers, "")


def _shown(item: Item, person: Person) -> str:
    """The value a shop would get, as people read it; empty where there is none to show."""
    known = claims.of(person, [scope for scope, row in scopes.ITEMS.items() if row == item])
    texts = [_WRITTEN.get(name, str)(known[name]) for name in item.claims if _is_readable(known.get(name))]
    return (" " if "given_name" in item.claims else ", ").join(texts)


def _is_readable(value: Any) -> bool:
    """That something is verified is not worth a line."""
    return value is not None and not isinstance(value, bool)


def _one_line(address: dict[str, Any]) -> str:
    return ", ".join(formats.address_lines(address))


_WRITTEN: dict[str, Callable[[Any], str]] = {
    "phone": formats.phone,
    "country": formats.country,
    "national_identification_number_country": formats.country,
    "billing_address": _one_line,
    "shipping_address": _one_line,
}
