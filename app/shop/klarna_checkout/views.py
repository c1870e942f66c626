"""The page with Klarna Checkout's frame, the calls of its script, and the confirmation."""

import logging
import re
import secrets
from typing import Any

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.klarna import KlarnaError

from ..cart import store
from ..checkout.attempts import Shopper, paying
from ..checkout.credentials import Carrier
from ..extensions import limiter
from ..orders import service as orders
from ..orders.ownership import own_order, remember_guest_order
from ..web import content_security_policy, current_market, settings
from . import confirming, ending, known, service
from .answering import Objection
from .ending import BeingPaid
from .service import Bought, Shown

blueprint = Blueprint("klarna_checkout", __name__, url_prefix="/klarna-checkout")

log = logging.getLogger(__name__)

SESSION_KEY = "klarna_checkout"
OPENED_KEY = "klarna_checkouts"
OPENED = 8
BUSY = "You are paying this very moment, so nothing can be changed. Finish that first, or load the page again."
SCRIPT = re.compile(r"(<script)([\s>].*?</script>)", re.IGNORECASE | re.DOTALL)


@blueprint.before_request
def only_where_it_is() -> None:
    """A merchant without Klarna Checkout has no such pages."""
    if settings().checkout is None:
        abort(404)


@blueprint.app_context_processor
def offer() -> dict[str, Any]:
    return {"klarna_checkout_offered": settings().checkout is not None}


@paying.connect
def end_what_is_paid_here(cart_id: int | None) -> str:
    """The cart is about to be paid in another way."""
    return ending.free(cart_id)


@blueprint.get("")
@limiter.limit("120/minute")
def show() -> ResponseReturnValue:
    for news in store.review(current_market()):
        flash(news, "warning")
    basket = store.basket(current_market())
    if not basket.items:
        return _nothing_to_pay()
    try:
        found = _ready()
    except KlarnaError as trouble:
        log.warning("no checkout: %s", trouble)
        said = {"correlation_id": trouble.correlation_id, "busy": isinstance(trouble, BeingPaid)}
        return render_template("klarna_checkout/unavailable.html", **said), 503
    if isinstance(found, Bought):
        return redirect(url_for("klarna_checkout.confirmation", number=found.number))
    recognised = found.carrier is Carrier.ACCESS_TOKEN
    filled = known.of(current_user.id if recognised else None, current_market())
    return _page("klarna_checkout/show.html", found.snippet, basket=basket, recognised=recognised, filled=filled)


@blueprint.post("/delivery")
@limiter.limit("60/minute")
def delivery() -> ResponseReturnValue:
    """Another delivery was chosen: the order at Klarna follows, while its frame is suspended."""
    cart, code = store.current_cart(), request.form.get("delivery", "")
    if cart is not None and code in {d.code for d in current_market().deliveries}:
        store.choose_delivery(cart, code)
    basket = store.basket(current_market())
    if not basket.items:
        return {"redirect": url_for("klarna_checkout.show")}
    before = session.get(SESSION_KEY)
    try:
        found = _ready()
    except BeingPaid:
        return {"error": "busy", "message": BUSY}, 409
    except KlarnaError as trouble:
        said = "Klarna cannot be reached right now. Nothing was charged; please load the page again."
        return {"error": "klarna_unavailable", "message": said, "correlation_id": trouble.correlation_id}, 503
    if isinstance(found, Bought) or found.attempt_id != before:
        return {"redirect": url_for("klarna_checkout.show")}
    return {"summary": render_template("checkout/_summary.html", basket=basket)}


@blueprint.get("/confirmation/<number>")
@limiter.limit("60/minute")
def confirmation(number: str) -> ResponseReturnValue:
    """Back from Klarna's frame, or from anywhere: Klarna is asked what became of it, and shows its own word."""
    shopper = _shopper()
    try:
        found = confirming.confirm(number, shopper, number in _opened_here(), store.cart_id())
    except confirming.SomebodyElses:
        flash(f"Your order {number} is with Klarna. Sign in as you were to see it.", "success")
        return redirect(url_for("accounts.login", next=url_for("orders.show", number=number)))
    except confirming.NotYours:
        own_order(number)  # the owner's, in another browser; anybody else's is a 404
        return redirect(url_for("orders.show", number=number))
    except KlarnaError as trouble:
        log.warning("confirmation of %s: %s", number, trouble)
        page = render_template("klarna_checkout/asking.html", number=number, correlation_id=trouble.correlation_id)
        return page, 503
    if found is None:
        flash("This purchase is not finished yet, and nothing was charged.", "info")
        return redirect(url_for("klarna_checkout.show"))
    if not current_user.is_authenticated:
        remember_guest_order(number)
    order = own_order(number)
    return _page("checkout/confirmation.html", found.snippet, order=order, link_change=None, linked_now=False)


@blueprint.get("/not-sold")
def not_sold() -> ResponseReturnValue:
    """Where Klarna sends a shopper whose purchase we did not let pass."""
    why = request.args.get("why", "")
    return render_template("klarna_checkout/not_sold.html", why=why if why in list(Objection) else "changed")


def _shopper() -> Shopper:
    attempt_id = session.get(SESSION_KEY)
    user_id = current_user.id if current_user.is_authenticated else None
    return Shopper(user_id, attempt_id if isinstance(attempt_id, str) else None)


def _ready() -> Shown | Bought:
    basket = store.basket(current_market())
    return service.ready(_shopper(), store.cart_id(), basket, _remember)


def _remember(attempt_id: str, number: str) -> None:
    """What this browser opens, so that it may see what becomes of it whoever is signed in then."""
    session[SESSION_KEY] = attempt_id
    session[OPENED_KEY] = [*(n for n in _opened_here() if n != number), number][-OPENED:]


def _opened_here() -> list[str]:
    known = session.get(OPENED_KEY, [])
    return known if isinstance(known, list) else []


def _page(template: str, snippet: str, **context: Any) -> ResponseReturnValue:
    """A page with Klarna's snippet: its inline script runs by a nonce, and nobody else's does."""
    nonce = secrets.token_urlsafe(16)
    marked = SCRIPT.sub(rf'\1 nonce="{nonce}"\2', snippet)
    answer = make_response(render_template(template, snippet=marked, **context))
    policy = content_security_policy(settings(), nonce, settings().checkout_hosts)
    answer.headers["Content-Security-Policy"] = policy
    return answer


def _nothing_to_pay() -> ResponseReturnValue:
    """An empty cart, or one that was just bought: here while the way back was lost, or in another browser."""
    number = confirming.bought(_shopper())
    if number:
        return redirect(url_for("klarna_checkout.confirmation", number=number))
    lately = orders.just_ordered(current_user.id) if current_user.is_authenticated else None
    if lately:
        flash("Your cart was ordered already, in another window.", "info")
        return redirect(url_for("orders.show", number=lately))
    flash("Your cart is empty. Put something in it first.", "info")
    return redirect(url_for("cart.show"))
