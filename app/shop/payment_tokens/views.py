"""The calls of a page on which the shopper lets us charge Klarna, and where that page ends.

The page itself is the feature's: it renders ``payment_tokens/_payment.html`` with what :func:`page` gives, and loads
``checkout.js``, which speaks to the addresses here as it does to the checkout's.
"""

import logging
from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from werkzeug.datastructures import MultiDict

from app.klarna import KlarnaError

from ..accounts import service as accounts
from ..accounts.models import User
from ..accounts.service import leaving
from ..checkout.credentials import Carrier
from ..checkout.forms import CheckoutForm
from ..checkout.order_lines import billing_address
from ..checkout.outcomes import CheckoutRefused
from ..extensions import limiter
from ..markets import get as get_market
from ..web import settings
from . import confirming, details, outcomes, reconcile, service, signups
from .signups import OpenSignup, Wish
from .states import UNDER_WAY, SignupState

blueprint = Blueprint("payment_tokens", __name__, url_prefix="/payment-tokens")

log = logging.getLogger(__name__)


@leaving.connect
def end_tokens(user: User) -> None:
    """Who deletes their account is charged no more."""
    service.end_all(user.id)


def page(wish: Wish) -> dict[str, Any]:
    """All that ``payment_tokens/_payment.html`` and the address form need; Klarna ready, or an honest word."""
    market = wish.basket.market
    known = accounts.prefill(current_user, market.code)
    values = {"email": known.email} | known.address
    form = CheckoutForm(MultiDict(), data=values).in_market(market)
    common = {"form": form, "known_address": known.complete, "basket": wish.basket, "urls": script_urls()}
    return common | _klarna_state(wish)


def script_urls() -> dict[str, str]:
    return {
        "details": url_for("payment_tokens.save_details"),
        "orders": url_for("payment_tokens.confirm"),
        "refresh": url_for("payment_tokens.refresh"),
        "interrupted": url_for("payment_tokens.interrupted", signup_id="-"),
    }


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
    """Where the browser comes out, perhaps by way of Klarna: on to the page of the feature."""
    signup = signups.find(current_user.id, signup_id) or abort(404)
    if signup.state in UNDER_WAY:
        reconcile.settle(signup_id)
    state, number, address = SignupState(signup.state), signup.order_number, signup.return_to
    if state in UNDER_WAY:
        flash("Klarna has not answered yet. Nothing is lost: we keep asking, and this page shows the answer.", "info")
    elif state == SignupState.FAILED and number:
        flash("Klarna gave us no permission to charge for more. Your first order stands as it is told here.", "warning")
        return redirect(url_for("orders.show", number=number))
    elif state != SignupState.COMPLETED:
        flash(f"Klarna did not agree. {outcomes.NOTHING}", "warning")
    return redirect(address)


@blueprint.get("/interrupted/<signup_id>")
def interrupted(signup_id: str) -> ResponseReturnValue:
    """Who was signed in changed while a page was open. It ends with the session it was opened in."""
    signup = signups.find(_user_id(), signup_id)
    if signup is not None:
        return redirect(url_for("payment_tokens.done", signup_id=signup_id))
    flash(f"You signed in or out meanwhile, so that page ended. {outcomes.NOTHING}", "warning")
    return redirect(url_for("catalogue.home"))


def _user_id() -> int | None:
    return current_user.id if current_user.is_authenticated else None


def _klarna_state(wish: Wish) -> dict[str, Any]:
    """What the payment section shows: Klarna ready, or an honest word that it is not."""
    common: dict[str, Any] = {"sdk_url": settings().sdk_url, "client_token": "", "category": {}}
    try:
        opened = signups.ready(wish)
    except KlarnaError as trouble:
        log.warning("no session: %s", trouble)
        unavailable = common | {"state": "unavailable", "correlation_id": trouble.correlation_id}
        return {"klarna": unavailable, "attempt_id": "", "version": ""}
    shown = common | {"state": "ready"} | _offered(opened)
    return {"klarna": shown, "attempt_id": opened.id, "version": opened.version}


def _offered(opened: OpenSignup) -> dict[str, Any]:
    return {
        "client_token": opened.client_token,
        "category": opened.category,
        "linked": opened.carrier is Carrier.CUSTOMER_TOKEN,
        "signed_in": opened.carrier is Carrier.ACCESS_TOKEN,
    }


def _refusal(no: CheckoutRefused) -> ResponseReturnValue:
    said = {"error": no.code, "message": no.message, "renew": no.renew, "correlation_id": no.correlation_id}
    return said, no.status
