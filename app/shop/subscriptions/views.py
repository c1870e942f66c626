"""Subscribing to coffee, and the page where a shopper looks after it."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from werkzeug.datastructures import MultiDict

from ..markets import get as get_market
from ..payment_tokens import service as tokens
from ..payment_tokens.pages import page
from ..payment_tokens.rules import WORDS
from ..payment_tokens.states import Use
from ..web import current_market
from . import rules, service, signing_up
from .dates import Rhythm
from .forms import DestinationForm, RhythmForm
from .models import Subscription
from .service import NotPossible
from .signing_up import Terms

blueprint = Blueprint("subscriptions", __name__)


@blueprint.app_context_processor
def offer() -> dict[str, Any]:
    """What the page of a product has to know of subscriptions."""
    return {"subscribable": rules.SLUGS, "trial_days": rules.TRIAL_DAYS, "most_bags": rules.MOST}


@blueprint.get("/subscribe/<slug>")
@login_required
def sign_up(slug: str) -> ResponseReturnValue:
    """Look at what was chosen, and let us charge Klarna for it."""
    market = current_market()
    agreed = signing_up.agreed_now(market, slug) or abort(404)
    terms = _chosen(slug)
    if terms is None:
        flash("Please choose how often and how many bags, 1 to 10.", "warning")
        return redirect(url_for("catalogue.product", slug=slug))
    wish = signing_up.wish(current_user.id, market, agreed, terms, url_for("subscriptions.index"))
    return render_template(
        "subscriptions/sign_up.html",
        terms=terms,
        agreed=agreed,
        coming=signing_up.coming(terms, wish.basket.total),
        **page(wish),
    )


@blueprint.get("/account/subscriptions")
@login_required
def index() -> ResponseReturnValue:
    return _index({})


@blueprint.get("/account/subscriptions/<int(max=2147483647):subscription_id>/payment")
@login_required
def pay_again(subscription_id: int) -> ResponseReturnValue:
    """Let us charge Klarna anew: the old permission ended, or the shopper wants to pay another way."""
    subscription = _own(subscription_id)
    if subscription.state not in rules.NOT_OVER:
        flash("This subscription has ended. You are welcome to begin another.", "info")
        return redirect(url_for("subscriptions.index"))
    wish = signing_up.wish_again(subscription, url_for("subscriptions.index"))
    sheet = service.sheet(current_user.id, subscription_id)
    return render_template("subscriptions/pay_again.html", sheet=sheet, **page(wish))


@blueprint.post("/account/subscriptions/<int(max=2147483647):subscription_id>/pause")
@login_required
def pause(subscription_id: int) -> ResponseReturnValue:
    return _done(lambda: service.pause(_own(subscription_id)), "Paused. Nothing is charged or sent until you resume.")


@blueprint.post("/account/subscriptions/<int(max=2147483647):subscription_id>/resume")
@login_required
def resume(subscription_id: int) -> ResponseReturnValue:
    return _done(lambda: service.resume(_own(subscription_id)), "It goes on with the next date below.")


@blueprint.post("/account/subscriptions/<int(max=2147483647):subscription_id>/cancel")
@login_required
def cancel(subscription_id: int) -> ResponseReturnValue:
    said = "Your subscription has ended. We forgot the permission to charge Klarna, and tell Klarna so."
    return _done(lambda: service.cancel(_own(subscription_id)), said)


@blueprint.post("/account/subscriptions/<int(max=2147483647):subscription_id>/rhythm")
@login_required
def change(subscription_id: int) -> ResponseReturnValue:
    subscription, form = _own(subscription_id), RhythmForm()
    if not form.validate_on_submit():
        return _not_changed(subscription, {"rhythm": form})
    chosen, quantity = Rhythm(form.rhythm.data), int(form.quantity.data)
    return _done(lambda: service.change(subscription, chosen, quantity), "Changed, from the next delivery on.")


@blueprint.post("/account/subscriptions/<int(max=2147483647):subscription_id>/address")
@login_required
def send_to(subscription_id: int) -> ResponseReturnValue:
    subscription = _own(subscription_id)
    form = DestinationForm().in_market(get_market(subscription.market))
    if not form.validate_on_submit():
        return _not_changed(subscription, {"destination": form})
    email, address = form.email.data, form.address()
    return _done(lambda: service.send_to(subscription, email, address), "The next delivery goes to the new address.")


def _chosen(slug: str) -> Terms | None:
    """What the form on the product's page says; None for what cannot be meant."""
    form = RhythmForm(request.args, meta={"csrf": False})
    if not form.validate():
        return None
    return Terms(slug, Rhythm(form.rhythm.data), int(form.quantity.data), request.args.get("start") == "trial")


def _own(subscription_id: int) -> Subscription:
    return service.find(current_user.id, subscription_id) or abort(404)


def _forms(subscription: Subscription) -> dict[str, Any]:
    """The forms of one subscription, filled with what it is now."""
    chosen = {"rhythm": subscription.rhythm, "quantity": subscription.quantity}
    destination = {"email": subscription.email} | subscription.address
    market = get_market(subscription.market)
    return {
        "rhythm": RhythmForm(MultiDict(), data=chosen),
        "destination": DestinationForm(MultiDict(), data=destination).in_market(market),
    }


def _not_changed(subscription: Subscription, wrong: dict[str, Any]) -> ResponseReturnValue:
    """The page once more, with what was typed and what is wrong with it."""
    return _index({subscription.id: wrong}), 422


def _index(typed: dict[int, dict[str, Any]]) -> str:
    sheets = service.sheets(current_user.id)
    events = tokens.events(current_user.id, Use.SUBSCRIPTION)
    forms = {s.subscription.id: _forms(s.subscription) | typed.get(s.subscription.id, {}) for s in sheets}
    return render_template(
        "subscriptions/index.html", sheets=sheets, forms=forms, events=events, why=WORDS, wrong=bool(typed)
    )


def _done(action: Any, said: str) -> ResponseReturnValue:
    try:
        action()
    except NotPossible as why:
        flash(str(why), "warning")
    else:
        flash(said, "success")
    return redirect(url_for("subscriptions.index"))
