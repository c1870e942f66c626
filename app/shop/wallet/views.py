"""Pay with one click: the page it is set up on, the parking zones, and the ticket."""

import re
import uuid

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from ..extensions import limiter
from ..payment_tokens import service as tokens
from ..payment_tokens.pages import page
from ..payment_tokens.states import Use
from ..web import current_market
from . import following, rules, service, tariffs, tickets
from .service import NotPossible
from .tickets import Ticket

__all__ = ["blueprint", "following"]

blueprint = Blueprint("wallet", __name__, url_prefix="/account/wallet")

NONCE = re.compile(r"[0-9a-f-]{36}")


@blueprint.get("")
@login_required
def show() -> ResponseReturnValue:
    market = current_market()
    offers = [
        (zone, [(tariff, tariff.basket(market).total) for tariff in tariffs.of_zone(zone)]) for zone in tariffs.ZONES
    ]
    return render_template(
        "wallet/show.html",
        wallet=service.wallet(current_user.id, market),
        offers=offers,
        nonce=str(uuid.uuid4()),
        tickets=tickets.latest(current_user.id),
        words=rules.WORDS,
        events=tokens.events(current_user.id, Use.ON_DEMAND, 10),
    )


@blueprint.get("/set-up")
@login_required
def set_up() -> ResponseReturnValue:
    """Let us charge Klarna for parking, whenever the button is pressed."""
    wish = service.wish(current_user.id, current_market(), url_for("wallet.show"))
    return render_template("wallet/set_up.html", **page(wish))


@blueprint.post("/park")
@login_required
@limiter.limit("60/minute")
def park() -> ResponseReturnValue:
    """One click pays. Which zone and how long is all the page says."""
    zone, _, minutes = request.form.get("choice", "").partition(":")
    tariff, nonce = tariffs.find(zone, minutes), request.form.get("nonce", "")
    if tariff is None or not NONCE.fullmatch(nonce):
        flash("Please choose a zone and how long. Nothing was charged.", "warning")
        return redirect(url_for("wallet.show"))
    if request.form.get("market") != current_market().code:
        flash(
            "You changed the market meanwhile, and prices with it. Nothing was charged: please choose again.", "warning"
        )
        return redirect(url_for("wallet.show"))
    try:
        ticket_id = service.park(current_user, current_market(), tariff, nonce)
    except NotPossible as why:
        flash(str(why), "warning")
        return redirect(url_for("wallet.show"))
    return redirect(url_for("wallet.ticket", ticket_id=ticket_id))


@blueprint.get("/tickets/<int(max=2147483647):ticket_id>")
@login_required
def ticket(ticket_id: int) -> ResponseReturnValue:
    return render_template("wallet/ticket.html", ticket=_own(ticket_id), words=rules.WORDS)


@blueprint.post("/tickets/<int(max=2147483647):ticket_id>/check")
@login_required
@limiter.limit("20/minute")
def check(ticket_id: int) -> ResponseReturnValue:
    """Ask Klarna again about a ticket whose answer was lost."""
    _own(ticket_id)
    service.look_again(current_user.id, ticket_id)
    return redirect(url_for("wallet.ticket", ticket_id=ticket_id))


@blueprint.get("/tickets/<int(max=2147483647):ticket_id>/pay")
@login_required
def pay(ticket_id: int) -> ResponseReturnValue:
    """Choose at Klarna how a refused ticket is paid; one click pays again afterwards."""
    own = _own(ticket_id)
    wish = service.repair(current_user.id, ticket_id, url_for("wallet.ticket", ticket_id=ticket_id))
    if wish is None:
        flash("There is nothing to pay anew for this ticket.", "info")
        return redirect(url_for("wallet.ticket", ticket_id=ticket_id))
    return render_template("wallet/pay.html", ticket=own, **page(wish))


@blueprint.post("/remove")
@login_required
def remove() -> ResponseReturnValue:
    if service.remove(current_user.id, current_market()):
        flash("Removed. We forgot the permission to charge Klarna, and tell Klarna so.", "success")
    return redirect(url_for("wallet.show"))


def _own(ticket_id: int) -> Ticket:
    return tickets.find(current_user.id, ticket_id) or abort(404)
