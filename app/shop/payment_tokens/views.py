"""The calls of a page on which the shopper lets us charge Klarna (:mod:`.pages`), and where that page ends."""

import logging

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from app.klarna import KlarnaError

from ..accounts.models import User
from ..accounts.service import gone, leaving
from ..checkout.forms import CheckoutForm
from ..checkout.order_lines import billing_address
from ..checkout.outcomes import CheckoutRefused
from ..extensions import limiter
from ..markets import get as get_market
from . import confirming, details, dropping, endings, outcomes, reconcile, service, signups
from .states import UNDER_WAY, SignupState

blueprint = Blueprint("payment_tokens", __name__, url_prefix="/payment-tokens")

log = logging.getLogger(__name__)


@leaving.connect
def end_tokens(user: User) -> None:
    """Who deletes their account is charged no more."""
    service.end_all(user.id)


@gone.connect
def cancel_tokens(_sender: object) -> None:
    """What was forgotten is cancelled at Klarna."""
    endings.cancel_soon()


@blueprint.post("/details")
def save_details() -> ResponseReturnValue:
    """Contact and address, kept with the sign-up: what follows takes them from there, not from the page."""
    signup_id = request.form.get("attempt", "")
    signup = signups.find(_user_id(), signup_id)
    if signup is None:
        return _refusal(outcomes.not_yours())
    form = CheckoutForm().in_market(get_market(signup.market))
    if not form.validate_on_submit():
        details.forget(_user_id(), signup_id)
        return {"error": "invalid", "fields": {name: errors[0] for name, errors in form.errors.items()}}, 422
    try:
        details.save(_user_id(), signup_id, form.email.data, form.address())
    except CheckoutRefused as no:
        return _refusal(no)
    return {"billing_address": billing_address(form.email.data, form.address())}


@blueprint.post("/refresh")
def refresh() -> ResponseReturnValue:
    """A session for the same wish, for a page that lost its own; ``doubt`` has Klarna asked about it first."""
    try:
        opened = signups.again(_user_id(), request.form.get("attempt", ""), request.form.get("doubt") == "1")
    except KlarnaError as trouble:
        return _refusal(outcomes.unreachable(trouble))
    except CheckoutRefused as no:
        return _refusal(no)
    return {
        "attempt": opened.id,
        "version": opened.version,
        "client_token": opened.client_token,
        "category": opened.category.get("identifier", ""),
        "news": [],
    }


@blueprint.post("/confirm")
@limiter.limit("600/minute")
def confirm() -> ResponseReturnValue:
    """The shopper approved in Klarna's window. The page is believed nothing but the authorization token."""
    sent = (request.form.get(name, "") for name in ("attempt", "version", "authorization_token"))
    try:
        return {"redirect": confirming.confirm(_user_id(), *sent).address}
    except CheckoutRefused as no:
        return _refusal(no)


@blueprint.get("/<signup_id>")
@login_required
def done(signup_id: str) -> ResponseReturnValue:
    """Where the browser comes out, perhaps by way of Klarna: on to the page of the feature.

    What nobody confirmed is given up before it is said that nothing has begun.
    """
    signup = signups.find(current_user.id, signup_id) or abort(404)
    dropping.drop(signup)
    if signup.state in UNDER_WAY:
        reconcile.settle(signup_id)
    state, number, address = SignupState(signup.state), signup.order_number, signup.return_to
    if state in UNDER_WAY:
        flash("Klarna has not answered yet. Nothing is lost: we keep asking, and this page shows the answer.", "info")
    elif state == SignupState.FAILED and number and not signup.step_up_id:
        flash("Klarna gave us no permission to charge for more. Your first order stands as it is told here.", "warning")
        return redirect(url_for("orders.show", number=number))
    elif state != SignupState.COMPLETED:
        flash(f"Klarna did not agree. {outcomes.NOTHING}", "warning")
    return redirect(address)


@blueprint.get("/interrupted/<signup_id>")
def interrupted(signup_id: str) -> ResponseReturnValue:
    """Who was signed in changed while a page was open: say what became of it, and make sure that it stays so."""
    if signups.find(_user_id(), signup_id) is not None:
        return redirect(url_for("payment_tokens.done", signup_id=signup_id))
    late = dropping.interrupt(signup_id)
    if late is not None:
        what = f"Your order {late.order_number} is" if late.order_number else "What you confirmed is"
        flash(f"{what} with Klarna. Sign in as you were to see it.", "success")
        return redirect(url_for("accounts.login", next=late.return_to))
    flash(f"You signed in or out meanwhile, so that page ended. {outcomes.NOTHING}", "warning")
    return redirect(url_for("catalogue.home"))


def _user_id() -> int | None:
    return current_user.id if current_user.is_authenticated else None


def _refusal(no: CheckoutRefused) -> ResponseReturnValue:
    said = {"error": no.code, "message": no.message, "renew": no.renew, "correlation_id": no.correlation_id}
    return said, no.status
