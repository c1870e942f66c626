"""The cart page and the buttons that fill it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import user_logged_in

from ..accounts.models import User
from ..web import current_market, safe_next
from . import store

blueprint = Blueprint("cart", __name__, url_prefix="/cart")


@blueprint.app_context_processor
def cart_count() -> dict[str, Any]:
    """The number on the cart's icon."""
    return {"cart_count": store.count()}


@user_logged_in.connect
def bring_cart_along(_app: Any, user: User, **_: Any) -> None:
    """What a guest put into the cart is still there after sign-in."""
    store.merge_guest_cart(user, session.pop(store.SESSION_KEY, None))


@blueprint.get("")
def show() -> ResponseReturnValue:
    for news in store.review(current_market()):
        flash(news, "warning")
    return render_template("cart/show.html", basket=store.basket(current_market()))


@blueprint.post("/add")
def add() -> ResponseReturnValue:
    slug = request.form.get("product", "")
    back = safe_next(request.form.get("next"), url_for("catalogue.product", slug=slug or "-"))
    try:
        wanted = _quantity()
        added = store.add(current_market(), slug, wanted)
    except store.OddQuantity:
        flash(f"Choose between 1 and {store.MAX_QUANTITY} pieces.", "error")
        return redirect(back)
    except store.NotForSale:
        flash("This product is not available any more.", "error")
        return redirect(url_for("catalogue.all_products"))
    _tell_added(wanted, added)
    return redirect(url_for("cart.show") if added else back)


@blueprint.post("/update")
def update() -> ResponseReturnValue:
    try:
        wanted = _quantity()
        left = store.update(current_market(), request.form.get("product", ""), wanted)
        if wanted == 0:
            flash("Removed from your cart.", "info")
        elif left < wanted:
            flash(f"There are only {left} left; your cart now has {left}.", "warning")
    except store.OddQuantity:
        flash(f"Choose between 1 and {store.MAX_QUANTITY} pieces, or remove the product.", "error")
    except store.NotForSale:
        flash("This product is not available any more.", "error")
    return redirect(url_for("cart.show"))


@blueprint.post("/remove")
def remove() -> ResponseReturnValue:
    store.remove(request.form.get("product", ""))
    flash("Removed from your cart.", "info")
    return redirect(url_for("cart.show"))


def _quantity() -> int:
    """The number typed. Raises OddQuantity for anything that is no short whole number."""
    typed = request.form.get("quantity", "1").strip()
    if not typed.isascii() or not typed.isdigit() or len(typed) > 4:
        raise store.OddQuantity
    return int(typed)


def _tell_added(wanted: int, added: int) -> None:
    if added == wanted:
        flash("Added to your cart.", "success")
    elif added:
        flash(
            f"Only {added} more could be added: there are no more left, or {store.MAX_QUANTITY} is the most.", "warning"
        )
    else:
        flash(f"Your cart already has all we can send of it (at most {store.MAX_QUANTITY}).", "warning")
