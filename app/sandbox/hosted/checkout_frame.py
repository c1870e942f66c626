"""The frame of a checkout in the merchant's page: one form, posted again and again until it is paid.

Each post answers with the whole page; the frame's script puts its middle in place of the one that was there. What the
frame knows is a signed ticket and the checkout itself; there is no cookie.
"""

from collections.abc import Callable
from functools import wraps

from flask import Blueprint, request

from ..callbacks.questions import Ruling
from ..checkout import asking, checkouts, completing, customer
from ..checkout.checkouts import Checkout, UnknownCheckout
from ..checkout.completing import Result, Verdict
from . import checkout_screens, headers, tickets
from .checkout_screens import Notice
from .tickets import CheckoutTicket, InvalidTicket

blueprint = Blueprint("checkout_frame", __name__, url_prefix="/kco/frame")
blueprint.after_request(headers.protect)
_NOTICES = {
    Verdict.REFUSED: Notice(
        "This purchase can’t be paid with Klarna. Nothing was charged. Please choose another way to pay in the shop.",
        "can_not_complete_order",
    ),
    Verdict.CHANGED: Notice("The order has changed. Please look at it again; nothing was charged."),
    Verdict.BUSY: Notice("The shop is still being asked about this order. Wait a moment, then press the button again."),
}
_BAD_ADDRESS = {"street_address": "Klarna can’t use this street address. Nothing was charged; please correct it."}


def step(view: Callable[[CheckoutTicket, Checkout], str]) -> Callable[[], str]:
    """Hands the posted ticket and its checkout to a view, as long as nobody paid it elsewhere and it is not over."""

    @wraps(view)
    def checked() -> str:
        ticket, checkout = _opened(request.form.get("ticket", ""))
        if checkout.completed_at:
            return checkout_screens.leaving(ticket, checkout.page("confirmation") or "")
        return view(ticket, checkout) if checkouts.is_payable(checkout) else checkout_screens.last(ticket, checkout)

    return checked


@blueprint.get("/<ticket>")
def show(ticket: str) -> str:
    """The form, the confirmation of what was bought, or why there is neither."""
    opened, checkout = _opened(ticket)
    screen = checkout_screens.form if checkouts.is_payable(checkout) else checkout_screens.last
    return screen(opened, checkout)


@blueprint.post("/look")
@step
def look(ticket: CheckoutTicket, checkout: Checkout) -> str:
    """Something was typed or chosen, or the shop is done with a change of its own: the form as it is now."""
    typed = _typed(checkout)
    checkout, ruling = _taken(checkout, typed)
    wrong = customer.wrong(typed)
    return _after_question(ticket, checkout, wrong, ruling) or checkout_screens.form(ticket, checkout, wrong)


@blueprint.post("/pay")
@step
def pay(ticket: CheckoutTicket, checkout: Checkout) -> str:
    """An e-mail address and a postal code that Klarna knows together are enough; otherwise it asks for the rest."""
    typed = _typed(checkout)
    checkout, ruling = _taken(checkout, typed)
    wrong = customer.wrong(typed)
    answer = _after_question(ticket, checkout, wrong, ruling)
    if answer:
        return answer
    errors = customer.faults(checkout, customer.values(checkout) | wrong)
    if errors:
        return checkout_screens.form(ticket, checkout, wrong, errors)
    result = completing.complete(checkout.order_id, customer.person_of(checkout), ticket.reviewed)
    return _after_payment(ticket, checkout, result)


@blueprint.errorhandler(InvalidTicket)
@blueprint.errorhandler(UnknownCheckout)
def stale(_error: Exception) -> tuple[str, int]:
    """A frame that outlived its checkout."""
    return checkout_screens.ended("", "It was open for too long, or was not opened by a shop."), 410


def _opened(text: str) -> tuple[CheckoutTicket, Checkout]:
    """Raises InvalidTicket or UnknownCheckout."""
    ticket = tickets.read_checkout(text)
    headers.may_be_framed_by(ticket.origin)
    return ticket, checkouts.read(ticket.order_id)


def _typed(checkout: Checkout) -> dict[str, str]:
    names = [field.name for field in customer.fields(checkout)]
    return {name: request.form[name].strip() for name in names if name in request.form}


def _taken(checkout: Checkout, typed: dict[str, str]) -> tuple[Checkout, Ruling]:
    """The checkout with what was typed and chosen and what follows from it, and what the merchant says to that."""
    changed = customer.type_in(checkout, typed, request.form.get("shipping_option"))
    changed = customer.type_in(changed, customer.values(changed))
    ruling = asking.about_changes(checkout, changed)
    return checkouts.read(checkout.order_id), ruling


def _after_question(ticket: CheckoutTicket, checkout: Checkout, wrong: dict[str, str], ruling: Ruling) -> str | None:
    if ruling.location:
        return checkout_screens.leaving(ticket, ruling.location)
    if ruling.fine:
        return None
    notice = Notice(ruling.words, "shipping_address_update_error")
    return checkout_screens.form(ticket, checkout, wrong, notice=notice)


def _after_payment(ticket: CheckoutTicket, checkout: Checkout, result: Result) -> str:
    match result.verdict:
        case Verdict.COMPLETE | Verdict.SENT_AWAY:
            return checkout_screens.leaving(ticket, result.location)
        case Verdict.OVER:
            return checkout_screens.last(ticket, checkouts.read(checkout.order_id))
        case Verdict.BAD_ADDRESS:
            return checkout_screens.form(ticket, checkout, errors=_BAD_ADDRESS)
        case Verdict.DENIED:
            return checkout_screens.form(ticket, checkout, notice=Notice(result.words))
        case _:
            return checkout_screens.form(ticket, checkout, notice=_NOTICES[result.verdict])
