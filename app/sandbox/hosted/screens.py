"""What each screen of the purchase window shows. Renders; decides nothing."""

from typing import Any

from flask import render_template

from .. import clock, people
from ..config import current
from ..people import Person
from ..sessions import Session
from . import formats, purchases, tickets
from .tickets import WindowTicket

ADDRESS_FIELDS = (
    ("given_name", "First name", "given-name"),
    ("family_name", "Last name", "family-name"),
    ("street_address", "Street address", "street-address"),
    ("postal_code", "Postal code", "postal-code"),
    ("city", "City", "address-level2"),
)
REGION_FIELD = ("region", "State or region", "address-level1")
REGION_COUNTRIES = ("US", "AU")


def phone(ticket: WindowTicket, session: Session, typed: str = "", error: str = "") -> str:
    """The first step of a login."""
    return _screen("phone", ticket, phone=typed, error=error, example=_example(session.country))


def code(ticket: WindowTicket, person: Person, typed: str = "", error: str = "") -> str:
    """The second step of a login."""
    return _screen("code", ticket, phone_end=person.phone[-4:], code=typed, error=error)


def signup(ticket: WindowTicket, session: Session, typed: dict[str, str], missing: list[str], error: str = "") -> str:
    """The address of somebody new whom the merchant said nothing about."""
    fields = address_fields(session)
    return _screen("signup", ticket, fields=fields, typed=typed, missing=missing, error=error)


def review(ticket: WindowTicket, session: Session, person: Person, link: bool = True, changed: bool = False) -> str:
    """The purchase as it is now. The ticket remembers what was shown, so that nothing else gets confirmed."""
    sent = session.request
    billing = formats.address_lines(sent.get("billing_address") or person.address)
    shipping = formats.address_lines(sent.get("shipping_address"))
    name = _name(person, sent.get("billing_address") or {})
    return _screen(
        "review",
        ticket.show(purchases.purchase_shown(session)),
        person_name=name,
        initials=formats.initials(name),
        phone_end=person.phone[-4:],
        recognised=ticket.recognised,
        new_user=person.is_new and not ticket.recognised,
        changed=changed,
        lines=formats.order_lines(sent),
        total=formats.total(sent),
        due_date=formats.due_date(clock.now().date(), sent.get("locale", "en-GB")),
        billing=billing,
        shipping=shipping if shipping != billing else [],
        links=session.intent == "buy_and_link",
        link=link,
        saves="tokenize" in session.intent,
        pays=session.intent != "tokenize",
    )


def end(name: str, origin: str, **content: Any) -> str:
    """A screen with nothing after it: approved, refused, ended, waiting."""
    return render_template(f"window/{name}.html", merchant=current().merchant_name, origin=origin, **content)


def address_fields(session: Session) -> tuple[tuple[str, str, str], ...]:
    """Name, label and meaning of each field an address needs in this market."""
    return (*ADDRESS_FIELDS, REGION_FIELD) if session.country in REGION_COUNTRIES else ADDRESS_FIELDS


def _screen(template: str, ticket: WindowTicket, **content: Any) -> str:
    return end(template, ticket.origin, ticket=tickets.write(ticket), **content)


def _example(country: str) -> str:
    """The number to try in this market: somebody known, whose purchases are approved."""
    found = (person for person in people.everybody() if person.country == country and not person.is_new)
    return next((formats.phone(person.phone) for person in found if person.decision == "approve"), "")


def _name(person: Person, billing: dict[str, Any]) -> str:
    """Klarna knows a person's name; somebody new goes by the name the merchant sent."""
    known = person.address if person.given_name else billing
    name = " ".join(str(known[part]) for part in ("given_name", "family_name") if known.get(part))
    return name or person.email
