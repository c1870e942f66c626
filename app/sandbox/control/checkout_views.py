"""The control calls about checkouts: the list, and paying one without a browser."""

from flask import Blueprint, Response, jsonify

from .. import people
from ..checkout import checkouts, completing, customer
from ..checkout.completing import Result, Verdict
from . import guard, listing
from .guard import NotDone
from .reading import BadInput, sent_text

blueprint = Blueprint("control_checkouts", __name__, url_prefix="/_sandbox/checkouts")
guard.protect(blueprint)


@blueprint.get("")
def list_checkouts() -> Response:
    return jsonify([listing.checkout(checkout) for checkout in checkouts.everything()])


@blueprint.post("/complete")
def complete() -> Response:
    """As if this person had paid in the frame and then lost the way back: the merchant hears of it by push only."""
    order_id = sent_text("order_id", "the order_id of a checkout")
    person = people.find(sent_text("person", "de-approved"))
    checkout = checkouts.read(order_id)
    if checkout.country != person.country:
        raise BadInput(f"{person.id} has no account in {checkout.country}")
    customer.type_in(checkout, person.address | {"date_of_birth": person.date_of_birth or ""})
    result = completing.complete(order_id, person)
    if result.verdict is not Verdict.COMPLETE:
        raise NotDone(_why(result))
    return jsonify(listing.checkout(checkouts.read(order_id)))


def _why(result: Result) -> str:
    return ": ".join(part for part in (result.verdict, result.words, result.location) if part)
