"""Order history and the page of one order."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from ..paging import page_number
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
