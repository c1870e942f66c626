"""The checkout page, the calls of its script, and the confirmation."""

import logging
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from app.klarna import KlarnaError

from ..accounts import service as accounts
from ..accounts.addresses import FIELDS
from ..accounts.models import Address
from ..cart import store
from ..cart.basket import Basket
from ..extensions import limiter
from ..linking import service as linking
from ..linking.rules import LINKED_AFTER
from ..orders import service as orders
from ..orders.ownership import own_order, remember_guest_order
from ..orders.states import OrderState
from ..signin import profile
from ..web import current_market, settings
from . import attempts, details, outcomes, placing, reconcile
from .attempts import OpenAttempt, Shopper
from .credentials import Carrier
from .forms import CheckoutForm
from .order_lines import billing_address
from .outcomes import CheckoutRefused, OrderFound
from .states import HAS_ORDER, AttemptState

blueprint = Blueprint("checkout", __name__, url_prefix="/checkout")

log = logging.getLogger(__name__)

SESSION_KEY = "attempt"


def shopper() -> Shopper:
    """Who is at the checkout."""
    attempt_id = session.get(SESSION_KEY)
    user_id = current_user.id if current_user.is_authenticated else None
    return Shopper(user_id, attempt_id if isinstance(attempt_id, str) else None)


@blueprint.get("")
def show() -> ResponseReturnValue:
    for news in store.review(current_market()):
        flash(news, "warning")
    basket = store.basket(current_market())
    if not basket.items:
        return _nothing_to_pay()
    prefetched = "prefetch" in request.headers.get("Sec-Purpose", "")  # looked at by the browser, not by the shopper
    bought = "" if prefetched else _paid_elsewhere()
    if bought:
        return redirect(url_for("klarna_checkout.confirmation", number=bought))
    approved = attempts.find(shopper().attempt_id, shopper())
    if approved is not None and approved.state == AttemptState.OPEN and approved.authorization_token and not prefetched:
        try:
            return _to_order(placing.place_approved(approved.id))
        except CheckoutRefused as no:
            flash(no.message, "warning")
    klarna, attempt = _klarna_state(basket)
    addresses = _addresses()
    return render_template(
        "checkout/show.html",
        form=_prefilled_form(next((a for a in addresses if str(a.id) == request.args.get("address")), None)),
        known_address=_known_address(),
        addresses=addresses,
        basket=basket,
        klarna=klarna,
        attempt_id=attempt.id if attempt else "",
        version=attempt.version if attempt else "",
        urls=_script_urls(),
    )


@blueprint.post("/refresh")
def refresh() -> ResponseReturnValue:
    """A session for the cart as it is now, for a page that lost its own; ``doubt`` has Klarna asked about it first."""
    if request.form.get("doubt") == "1":
        try:
            attempts.drop_if_gone(shopper())
        except KlarnaError as trouble:
            return _refusal(outcomes.unreachable(trouble))
    return _page_state()


@blueprint.post("/delivery")
def delivery() -> ResponseReturnValue:
    """Another delivery was chosen: the total changes, and Klarna's session with it."""
    cart, code = store.current_cart(), request.form.get("delivery", "")
    if cart is not None and code in {d.code for d in current_market().deliveries}:
        store.choose_delivery(cart, code)
    return _page_state()


@blueprint.post("/details")
def save_details() -> ResponseReturnValue:
    """Contact and address, kept with the attempt: the order takes them from there, not from the page."""
    form = CheckoutForm().in_market(current_market())
    if not form.validate_on_submit():
        details.forget(shopper(), request.form.get("attempt", ""))
        return {"error": "invalid", "fields": {name: errors[0] for name, errors in form.errors.items()}}, 422
    try:
        details.save(shopper(), request.form.get("attempt", ""), form.email.data, form.address())
    except CheckoutRefused as no:
        return _refusal(no)
    return {"billing_address": billing_address(form.email.data, form.address())}


@blueprint.post("/orders")
@limiter.limit("600/minute")
def place_order() -> ResponseReturnValue:
    """The shopper approved in Klarna's window: place the order. The page is believed nothing but the token."""
    attempt_id, version = request.form.get("attempt", ""), request.form.get("version", "")
    try:
        found = placing.place(shopper(), attempt_id, version, request.form.get("authorization_token", ""))
    except CheckoutRefused as no:
        return _refusal(no)
    return {"redirect": _order_address(found)}


@blueprint.get("/confirmation/<number>")
def confirmation(number: str) -> ResponseReturnValue:
    order = own_order(number)
    change = linking.change_by(number)
    status = 200 if order.state != OrderState.FAILED else 409
    return render_template(
        "checkout/confirmation.html", order=order, link_change=change, linked_now=change in LINKED_AFTER
    ), status


@blueprint.post("/confirmation/<number>/check")
@limiter.limit("20/minute")
def check(number: str) -> ResponseReturnValue:
    """Ask Klarna again about an order whose answer was lost."""
    order = own_order(number)
    if order.state == OrderState.OPENED:
        reconcile.settle_order(order.id)
    return redirect(url_for("checkout.confirmation", number=number))


def _order_address(found: OrderFound) -> str:
    """Where the browser goes now: by way of Klarna, which sets its cookie and sends it on to the confirmation."""
    if not current_user.is_authenticated:
        remember_guest_order(found.number)
    return found.redirect_url or url_for("checkout.confirmation", number=found.number)


def _paid_elsewhere() -> str:
    """As :func:`.attempts.paid_elsewhere`; while Klarna is silent the page is shown, and placing asks once more."""
    try:
        return attempts.paid_elsewhere(store.cart_id())
    except KlarnaError as trouble:
        log.warning("paid elsewhere? %s", trouble)
        return ""


def _to_order(found: OrderFound) -> ResponseReturnValue:
    return redirect(_order_address(found))


@blueprint.get("/interrupted/<attempt_id>")
def interrupted(attempt_id: str) -> ResponseReturnValue:
    """Who was signed in changed while a page was paying: say what became of it, and make sure that it stays so."""
    owner, number = attempts.interrupt(attempt_id, shopper())
    if owner:
        return redirect(url_for("checkout.show"))
    if number:
        flash(f"Your order {number} is with Klarna. Sign in as you were to see it.", "success")
        return redirect(url_for("accounts.login", next=url_for("orders.show", number=number)))
    ended = "You signed in or out while paying, so that checkout ended. Nothing was charged."
    if store.count():
        flash(f"{ended} Please pay again.", "warning")
        return redirect(url_for("checkout.show"))
    if current_user.is_authenticated:
        flash(ended, "warning")
        return redirect(url_for("cart.show"))
    flash(f"{ended} Your cart is kept in your account: sign in to go on.", "warning")
    return redirect(url_for("accounts.login", next=url_for("checkout.show")))


def _nothing_to_pay() -> ResponseReturnValue:
    """An empty cart, or one that was just ordered: here while the way back was lost, or in another browser."""
    attempt = attempts.find(shopper().attempt_id, shopper())
    if attempt is not None and attempt.state in HAS_ORDER:
        return _to_order(OrderFound(attempt.order_number))
    number = orders.just_ordered(current_user.id) if current_user.is_authenticated else None
    if number:
        flash("Your cart was ordered already, in another window.", "info")
        return redirect(url_for("orders.show", number=number))
    flash("Your cart is empty. Put something in it first.", "info")
    return redirect(url_for("cart.show"))


def _open_attempt(basket: Basket) -> OpenAttempt:
    """An attempt with a session at Klarna. Raises KlarnaError."""
    try:
        return attempts.ready(shopper(), store.cart_id(), basket, lambda key: session.update({SESSION_KEY: key}))
    except KlarnaError as trouble:
        log.warning("no session: %s", trouble)
        raise


def _klarna_state(basket: Basket) -> tuple[dict[str, Any], OpenAttempt | None]:
    """What the payment section shows: Klarna ready, or an honest word that it is not."""
    common = {"sdk_url": settings().sdk_url, "client_token": "", "category": {}, "linked": False, "signed_in": False}
    try:
        attempt = _open_attempt(basket)
    except KlarnaError as trouble:
        return common | {"state": "unavailable", "correlation_id": trouble.correlation_id}, None
    offered = {"client_token": attempt.client_token, "category": attempt.category}
    known_by = {
        "linked": attempt.carrier is Carrier.CUSTOMER_TOKEN,
        "signed_in": attempt.carrier is Carrier.ACCESS_TOKEN,
    }
    return common | {"state": "ready"} | offered | known_by, attempt


def _page_state() -> ResponseReturnValue:
    """Everything the script needs to carry on without loading the page again."""
    news = store.review(current_market())
    basket = store.basket(current_market())
    if not basket.items:
        return {"redirect": url_for("checkout.show")}
    try:
        attempt = _open_attempt(basket)
    except KlarnaError as trouble:
        return _refusal(outcomes.unreachable(trouble))
    return {
        "attempt": attempt.id,
        "version": attempt.version,
        "client_token": attempt.client_token,
        "category": attempt.category.get("identifier", ""),
        "summary": render_template("checkout/_summary.html", basket=basket),
        "news": news,
    }


def _refusal(no: CheckoutRefused) -> ResponseReturnValue:
    said = {"error": no.code, "message": no.message, "renew": no.renew, "correlation_id": no.correlation_id}
    return said, no.status


def _known_address() -> bool:
    return current_user.is_authenticated and accounts.prefill(current_user, current_market().code).complete


def _addresses() -> list[Address]:
    """Where in this market the account can have it sent."""
    mine = accounts.addresses(current_user) if current_user.is_authenticated else []
    return [address for address in mine if address.country == current_market().code]


def _prefilled_form(chosen: Address | None) -> CheckoutForm:
    """The address chosen just now, else what was typed at this checkout before, else what the account knows."""
    attempt = attempts.find(shopper().attempt_id, shopper())
    values: dict[str, str] = {}
    if current_user.is_authenticated:
        known = accounts.prefill(current_user, current_market().code)
        told = {} if known.complete else profile.told(current_user.id, current_market())
        values = told | {name: value for name, value in known.address.items() if value} | {"email": known.email}
    if attempt is not None and attempt.address and attempt.market == current_market().code:
        values = {"email": attempt.email} | attempt.address
    if chosen is not None:
        values |= {name: getattr(chosen, name) for name in FIELDS}
    return CheckoutForm(MultiDict(), data=values).in_market(current_market())


def _script_urls() -> dict[str, str]:
    return {
        "details": url_for("checkout.save_details"),
        "delivery": url_for("checkout.delivery"),
        "orders": url_for("checkout.place_order"),
        "refresh": url_for("checkout.refresh"),
        "interrupted": url_for("checkout.interrupted", attempt_id="-"),
    }
