"""Order history and the page of one order."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from . import service
from .ownership import own_order

blueprint = Blueprint("orders", __name__)


@blueprint.get("/account/orders")
@login_required
def index() -> ResponseReturnValue:
    typed = request.args.get("page", "1")
    page = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 1
    return render_template("orders/index.html", page=service.listing(current_user.id, page))


@blueprint.get("/orders/<number>")
def show(number: str) -> ResponseReturnValue:
    return render_template("orders/show.html", order=own_order(number))
