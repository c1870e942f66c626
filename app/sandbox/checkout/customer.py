"""Who is buying and what they typed into the frame: fields, what is filled in by itself, what is missing.

Who the access token of the merchant's create call stands for is recognised, and types nothing. Of anybody else an
e-mail address and its postal code fill in the rest, where Klarna knows the two together; whom it does not know is
asked. https://docs.klarna.com/sign-in-with-klarna/integrate-sign-in-with-klarna/klarna-checkout/
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .. import people, store
from ..api.checkout_fields import ADDRESS, CUSTOMER
from ..people import Person
from . import checkouts, shipping
from .checkouts import Checkout
from .shown import options

_REGION_COUNTRIES = ("US", "CA", "AU")
_BIRTHDAY_COUNTRIES = ("DE", "AT", "CH")  # inferred: where an invoice needs it
_BIRTHDAY = "date_of_birth"
_SAID = ("billing_address", "customer")


@dataclass(frozen=True)
class Field:
    """One field of the form: its name in Klarna's API, its label, what browsers fill it in by."""

    name: str
    label: str
    meaning: str
    kind: str = "text"


EMAIL = Field("email", "Email", "email", "email")
POSTAL_CODE = Field("postal_code", "Postal code", "postal-code")
_NAMED = (
    Field("given_name", "First name", "given-name"),
    Field("family_name", "Last name", "family-name"),
    Field("street_address", "Street address", "street-address"),
    Field("city", "City", "address-level2"),
)
_REGION = Field("region", "State or region", "address-level1")
_PHONE = Field("phone", "Phone", "tel", "tel")
_DATE_OF_BIRTH = Field(_BIRTHDAY, "Date of birth", "bday", "date")


def fields(checkout: Checkout) -> tuple[Field, ...]:
    """All fields of this market, the two everybody begins with first."""
    region = (_REGION,) if checkout.country in _REGION_COUNTRIES else ()
    wanted = checkout.country in _BIRTHDAY_COUNTRIES or options(checkout)["date_of_birth_mandatory"]
    return (EMAIL, POSTAL_CODE, *_NAMED, *region, _PHONE, *((_DATE_OF_BIRTH,) if wanted else ()))


def person_of(checkout: Checkout) -> Person | None:
    """Whom Klarna knows to be buying, by recognition or by e-mail address and postal code together."""
    if checkout.recognised:
        return people.find(checkout.recognised)
    billing = checkout.purchase.get("billing_address", {})
    return _known(checkout.country, billing.get("email", ""), billing.get("postal_code", ""))


def example(checkout: Checkout) -> Person | None:
    """Somebody of this market to try it with: known, and approved."""
    everybody = (person for person in people.everybody() if person.country == checkout.country and not person.is_new)
    return next((person for person in everybody if person.outcome is people.Outcome.APPROVE), None)


def values(checkout: Checkout) -> dict[str, str]:
    """What the form shows: what merchant and customer said goes over what Klarna knows."""
    person = person_of(checkout)
    known = _filled_in(person) if person else {}
    birthday = checkout.purchase.get("customer", {}).get(_BIRTHDAY)
    said = checkout.purchase.get("billing_address", {}) | ({_BIRTHDAY: birthday} if birthday else {})
    names = [field.name for field in fields(checkout)]
    return {name: str(said.get(name) or known.get(name, "")) for name in names}


def type_in(checkout: Checkout, typed: Mapping[str, str], option: str | None = None) -> Checkout:
    """Keep what is typed and right, and the shipping option, as the checkout's own; the rest stays in the form."""
    with store.transaction():
        latest = checkouts.read(checkout.order_id)
        purchase = shipping.choose(_with(latest, typed), option)
        if checkouts.takes_changes(latest) and purchase != latest.purchase:
            said = any(purchase.get(name, {}) != latest.purchase.get(name, {}) for name in _SAID)
            checkouts.keep(latest, purchase, typed=said)
        return checkouts.read(checkout.order_id)


def faults(checkout: Checkout, typed: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with which field, in words."""
    bad = wrong(typed)
    found = {}
    for field in fields(checkout):
        if not typed.get(field.name):
            found[field.name] = f"{field.label} is missing."
        elif field.name in bad:
            found[field.name] = f"{field.label} is not right. Check it and enter it again."
    return found


def wrong(typed: Mapping[str, str]) -> dict[str, str]:
    """What of it is malformed; an empty field is not."""
    paths: list[str] = []
    ADDRESS.read(dict(typed), "", paths)
    CUSTOMER.read({_BIRTHDAY: typed[_BIRTHDAY]} if typed.get(_BIRTHDAY) else {}, "", paths)
    return {name: text for name, text in typed.items() if name in paths}


def _with(checkout: Checkout, typed: Mapping[str, str]) -> dict[str, Any]:
    """The purchase with the good part of what was typed, as billing address and date of birth. Emptied is forgotten.

    Goods go there as well, unless the merchant named another address and allows two.
    """
    purchase, bad, theirs = dict(checkout.purchase), wrong(typed), _somebody_elses(checkout, typed)
    good = {name: text for name, text in typed.items() if name not in bad}
    customer = purchase.get("customer", {}) | {name: good.pop(name) for name in (_BIRTHDAY,) if name in good}
    purchase["customer"] = _left(customer, theirs)
    billing = _left(purchase.get("billing_address", {}) | good, theirs)
    if billing:
        purchase["billing_address"] = {"country": checkout.country} | billing
        if good and not options(checkout)["allow_separate_shipping_address"]:
            purchase.pop("shipping_address", None)
    return purchase


def _left(said: Mapping[str, str], theirs: set[tuple[str, str]]) -> dict[str, str]:
    return {name: text for name, text in said.items() if text and (name, text) not in theirs}


def _somebody_elses(checkout: Checkout, typed: Mapping[str, str]) -> set[tuple[str, str]]:
    """What was filled in for the person of another e-mail address than the one typed now."""
    before = person_of(checkout)
    if before is None or typed.get("email", before.email).lower() == before.email:
        return set()
    kept = ("email", "postal_code", "country")
    return {(name, text) for name, text in _filled_in(before).items() if name not in kept}


def _filled_in(person: Person) -> dict[str, str]:
    return person.address | {_BIRTHDAY: person.date_of_birth or ""}


def _known(country: str, email: str, postal_code: str) -> Person | None:
    wanted = _plain(postal_code)
    for person in people.everybody():
        same = person.country == country and person.email == email.strip().lower()
        if same and wanted and _plain(person.postal_code or "") == wanted:
            return person
    return None


def _plain(postal_code: str) -> str:
    """Written with blanks or without; of a long American code the first five digits are enough."""
    plain = re.sub(r"[\s-]", "", postal_code).upper()
    return plain[:5] if re.fullmatch(r"[0-9]{9}", plain) else plain
