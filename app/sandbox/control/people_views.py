"""The control calls about people: what becomes of their purchases, what Klarna knows of them, what they agreed to."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify

from .. import people, store
from ..api import fields
from ..idp import consents, logins, scopes
from ..people import Decision, Outcome
from . import guard, listing
from .reading import BadInput, one_of, sent_object

blueprint = Blueprint("control_people", __name__, url_prefix="/_sandbox/people")
guard.protect(blueprint)


@blueprint.get("")
def list_people() -> Response:
    return jsonify([listing.person(person) for person in people.everybody()])


@blueprint.patch("/<person_id>")
def change(person_id: str) -> Response:
    """Any of the fields below, all of them or none."""
    sent = sent_object()
    known = [name for name in CHANGES if name in sent]
    if not known or len(known) < len(sent):
        raise BadInput(f"send some of {', '.join(CHANGES)}")
    with store.transaction():
        people.find(person_id)
        for name in known:
            CHANGES[name](person_id, sent[name])
        return jsonify(listing.person(people.find(person_id)))


def _decide(person_id: str, value: Any) -> None:
    """The shorter word for the two outcomes that are its namesakes."""
    people.expect(person_id, Outcome(one_of(value, Decision, "decision")))


def _expect(person_id: str, value: Any) -> None:
    people.expect(person_id, Outcome(one_of(value, Outcome, "outcome")))


def _change_email(person_id: str, value: Any) -> None:
    """The address at Klarna changes; who the person is does not."""
    found: list[str] = []
    fields.ADDRESS.read({"email": value}, "", found)
    if found or not value:
        raise BadInput("email has to be an e-mail address")
    owner = people.by_email(value)
    if owner and owner.id != person_id:
        raise BadInput(f"{owner.id} has this e-mail address")
    people.change(person_id, email=value)


def _verify_email(person_id: str, value: Any) -> None:
    if not isinstance(value, bool):
        raise BadInput("email_verified has to be true or false")
    people.change(person_id, email_verified=value)


def _withhold(person_id: str, value: Any) -> None:
    """Claims that Klarna gives to nobody, as if it had none."""
    if not isinstance(value, list):
        raise BadInput("withheld has to be a list of claims")
    people.change(person_id, withheld=[one_of(name, sorted(scopes.CLAIMS), "withheld") for name in value])


def _withdraw(person_id: str, value: Any) -> None:
    if value != []:
        raise BadInput("consents can be withdrawn only: send []")
    consents.withdraw(person_id)


def _sign_out(person_id: str, value: Any) -> None:
    if value is not False:
        raise BadInput("signed_in can be ended only: send false")
    logins.end_all(person_id)


CHANGES: dict[str, Callable[[str, Any], None]] = {
    "decision": _decide,
    "outcome": _expect,
    "email": _change_email,
    "email_verified": _verify_email,
    "withheld": _withhold,
    "consents": _withdraw,
    "signed_in": _sign_out,
}
