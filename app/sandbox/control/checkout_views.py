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

_WHY = {
    Verdict.REFUSED: "Klarna refuses what this person buys, as was chosen for them",
    Verdict.BAD_ADDRESS: "Klarna does not take this person’s address, as was chosen for them",
    Verdict.DENIED: "the shop did not let this purchase pass",
    Verdict.SENT_AWAY: "the shop did not let this purchase pass; most likely its cart is another one by now",
    Verdict.CHANGED: "the cart changed meanwhile",
    Verdict.BUSY: "the shop is being asked about this checkout already",
    Verdict.OVER: "this checkout is over: it expired, or the shop ended it",
}


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
    said = f". It says: {result.words}" if result.words else ""
    sent = f". It sends the customer to {result.location}" if result.location else ""
    return _WHY[result.verdict] + said + sent
