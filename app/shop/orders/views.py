"""Order history and the page of one order."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from ..cart import store
from ..paging import page_number
from ..web import current_market
from . import service
from .ownership import own_order

blueprint = Blueprint("orders", __name__)


@blueprint.get("/account/orders")
@login_required
def index() -> ResponseReturnValue:
    page = page_number(request.args.get("page", ""))
    return render_template("orders/index.html", page=service.listing(current_user.id, page))


@blueprint.get("/orders/<number>")
def show(number: str) -> ResponseReturnValue:
    return render_template("orders/show.html", order=own_order(number))


@blueprint.post("/orders/<number>/again")
def again(number: str) -> ResponseReturnValue:
    """Put what was ordered into the cart once more; what is in there already stays as it is."""
    order, market = own_order(number), current_market()
    there = {item.slug for item in store.basket(market).items}
    for line in order.lines:
        if line.slug and line.slug not in there:
            try:
                store.add(market, line.slug, line.quantity)
            except store.NotForSale:
                flash(f"“{line.name}” is not available any more.", "warning")
    return redirect(url_for("cart.show"))
