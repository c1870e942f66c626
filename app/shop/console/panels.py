"""The console's own pages beside the scenarios: what is stored, the last sign-in, the brand, the palette, the phone."""

from typing import Any
from urllib.parse import urlsplit

from babel import Locale
from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup

from ..cart import store
from ..markets import Market, find
from ..web import OWN_LANGUAGE, current_market, markets, public_url, safe_next, settings
from . import brand, elsewhere, hand_over, recorder, sign_in_story, stored
from .hand_over import NotReadable
from .scenarios import SCENARIOS

blueprint = Blueprint("panels", __name__, url_prefix="/demo")
YEAR = 365 * 24 * 3600


@blueprint.app_context_processor
def rebrand() -> dict[str, Any]:
    """The shop under the name of the merchant one is visiting."""
    chosen = brand.current()
    return {"demo_brand": chosen} | ({"shop_name": chosen.name} if chosen.name else {})


@blueprint.get("/stored")
def stored_tokens() -> ResponseReturnValue:
    """What the shop keeps of Klarna for whoever is signed in here."""
    held = stored.holdings(current_user.id) if current_user.is_authenticated else []
    return render_template("console/stored.html", holdings=held)


@blueprint.get("/sign-in")
def explain_sign_in() -> ResponseReturnValue:
    """The last sign-in with Klarna of this browser, step by step."""
    return render_template("console/sign_in.html", story=sign_in_story.tell(recorder.timeline(), recorder.visitor()))


@blueprint.get("/palette")
def palette() -> ResponseReturnValue:
    """The commands of the palette, as a piece of page."""
    return render_template("console/_palette.html", scenarios=SCENARIOS)


@blueprint.route("/brand", methods=["GET", "POST"])
def rename() -> ResponseReturnValue:
    """Name and accent colour of the merchant one is visiting; empty for the shop's own."""
    if request.method == "GET":
        return render_template("console/brand.html")
    answer = make_response(redirect(safe_next(request.form.get("next"), url_for("panels.rename"))))
    chosen = brand.read(request.form.get("name", ""), "" if request.form.get("own") else request.form.get("accent", ""))
    answer.set_cookie(
        brand.COOKIE, chosen.written(), max_age=YEAR, httponly=True, samesite="Lax", secure=settings().secure
    )
    return answer


@blueprint.get("/brand.css")
def stylesheet() -> ResponseReturnValue:
    """The accent colour as a stylesheet: no style stands in a page."""
    return Response(brand.current().stylesheet, mimetype="text/css")


@blueprint.post("/language")
def switch_language() -> ResponseReturnValue:
    """Klarna speaks English, or the language of most people in the market; the shop's own words stay English."""
    session[OWN_LANGUAGE] = "own" in request.form
    spoken = Locale.parse(current_market().locale, sep="-").get_language_name("en")
    flash(f"Klarna speaks {spoken} here now.", "success")
    return redirect(safe_next(urlsplit(request.referrer or "").path, url_for("catalogue.home")))


@blueprint.get("/phone")
def phone() -> ResponseReturnValue:
    """QR codes that open this cart on another device, and make it the demo account of this browser's scenario."""
    address = public_url("panels.take_cart", sealed=hand_over.sealed(store.basket(current_market())))
    link = elsewhere.sealed()
    shopper = _drawn(public_url("elsewhere.show", link=link)) if link else ""
    return render_template("console/phone.html", address=address, drawing=_drawn(address), shopper=shopper)


@blueprint.route("/cart/<sealed>", methods=["GET", "POST"])
def take_cart(sealed: str) -> ResponseReturnValue:
    """The cart of another browser, in this one: a link alone changes nothing where there is a cart already."""
    try:
        code, items = hand_over.opened(sealed)
    except NotReadable:
        flash("This address is too old or not whole. Ask for a new code.", "error")
        return redirect(url_for("catalogue.home"))
    if request.method == "GET" and store.count():
        return render_template("console/take_cart.html", pieces=sum(quantity for _, quantity in items))
    market = find(code, markets()) or current_market()
    session["market"] = market.code
    for slug, quantity in items:
        try:
            store.update(market, slug, quantity)
        except store.NotForSale:
            _add(market, slug, quantity)
    return redirect(url_for("cart.show"))


def _drawn(address: str) -> Markup:
    return Markup(hand_over.qr_code(address))  # noqa: S704 - drawn here, from an address of ours


def _add(market: Market, slug: str, quantity: int) -> None:
    try:
        store.add(market, slug, quantity)
    except store.NotForSale:
        flash("Something in that cart is not for sale any more.", "warning")
