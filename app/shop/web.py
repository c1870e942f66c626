"""What every page shares: the market, safe addresses, template globals, security headers, health.

Knows no feature of the shop.
"""

import hashlib
import os
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from babel.dates import format_date, format_datetime
from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    flash,
    has_request_context,
    redirect,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from app.klarna import CheckoutClient, KlarnaClient, Region
from app.klarna.identity import Identity

from .config import Settings
from .extensions import db
from .markets import Market, address_lines, find
from .money import show, show_rate

blueprint = Blueprint("web", __name__)

YEAR = 365 * 24 * 3600
OWN_LANGUAGE = "own_language"
# Longer than all tries of one call to Klarna together: until then nobody else asks the same.
CALL_MAY_TAKE = timedelta(seconds=60)


def settings() -> Settings:
    """The settings of the running shop."""
    found: Settings = current_app.config["SHOP"]
    return found


def klarna(region: Region) -> KlarnaClient:
    """Klarna's client for a region that has credentials; fetched right before each call.

    The door is locked while a transaction is open: a slow answer must not hold rows or connections.
    """
    refuse_inside_transaction()
    clients: dict[Region, KlarnaClient] = current_app.extensions["klarna"]
    return clients[region]


def klarna_checkout() -> CheckoutClient:
    """The client of Klarna Checkout and its orders, where the merchant has it; fetched right before each call."""
    refuse_inside_transaction()
    client: CheckoutClient = current_app.extensions["klarna_checkout"]
    return client


def identity() -> Identity | None:
    """The client of Klarna's Identity API, where the merchant has it; fetched right before each call."""
    refuse_inside_transaction()
    client: Identity | None = current_app.extensions["identity"]
    return client


def refuse_inside_transaction() -> None:
    """Raises RuntimeError where somebody is about to call Klarna with a transaction open."""
    if db.session().in_transaction():
        raise RuntimeError("commit before calling Klarna")


def markets() -> tuple[Market, ...]:
    """The markets on offer."""
    offered: tuple[Market, ...] = current_app.extensions["markets"]
    return offered


def current_market() -> Market:
    """The shopper's market: what they chose, else the first on offer; in English, unless the demo says otherwise."""
    market = find(str(session.get("market", "")), markets()) or markets()[0]
    return market.speaking_its_own() if session.get(OWN_LANGUAGE) else market


def public_url(endpoint: str, **values: Any) -> str:
    """The address of a page as Klarna and the world reach it; works in commands too, where nobody asked for a page."""
    return settings().shop_url + current_app.url_map.bind("").build(endpoint, values)


def return_url(endpoint: str, **values: Any) -> str:
    """The address at which Klarna gives this browser back: as `public_url`, in the part of the shop it is in."""
    here = request.script_root if has_request_context() else ""
    return settings().shop_url + here + current_app.url_map.bind("").build(endpoint, values)


def safe_next(address: str | None, otherwise: str) -> str:
    """``address`` when it is a path of this shop, else ``otherwise``: nobody is sent to another site."""
    address = (address or "").strip()
    parts = urlsplit(address.replace("\\", "/"))
    clean = address.isprintable() and "\\" not in address
    if clean and address.startswith("/") and not address.startswith("//") and not parts.netloc and not parts.scheme:
        return address
    return otherwise


@blueprint.post("/market")
def switch_market() -> ResponseReturnValue:
    """Shop in another market; the cart is priced anew by the next page that shows it."""
    market = find(request.form.get("market", ""), markets())
    if market is None:
        flash("We do not deliver there yet.", "error")
    else:
        session["market"] = market.code
    return redirect(safe_next(request.form.get("next"), url_for("catalogue.home")))


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process is up."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """The database answers."""
    db.session.execute(text("SELECT 1"))
    return {"status": "ready"}


def install(app: Flask) -> None:
    """Hang headers, filters and globals on the application."""
    app.before_request(_refuse_nul)
    app.after_request(_harden)
    app.template_filter("money")(lambda amount: show(amount, current_market().currency, current_market().babel_locale))
    app.template_filter("money_in")(lambda amount, currency: show(amount, currency, current_market().babel_locale))
    app.template_filter("rate")(show_rate)
    app.template_filter("address_lines")(address_lines)
    app.template_filter("date")(_date)
    app.template_filter("datetime")(_datetime)
    app.context_processor(_globals)


def _refuse_nul() -> None:
    """No text of ours holds a NUL, and databases differ in what they make of one; and no form of ours takes files."""
    if request.files:
        abort(400)
    form = () if request.blueprint in ("callbacks", "link_callbacks", "checkout_callbacks") else request.form.values()
    if any("\x00" in text for text in (request.path, *request.args.values(), *form)):
        abort(400)


def _globals() -> dict[str, Any]:
    return {
        "shop_name": settings().shop_name,
        "console_url": settings().console_url if settings().console else "",
        "market": current_market(),
        "markets": markets(),
        "asset": _asset,
        "product_image": lambda slug: _asset(f"products/{slug}.svg"),
    }


def _date(moment: datetime) -> str:
    return format_date(moment, "d MMMM y", locale="en_GB")


def _datetime(moment: datetime) -> str:
    return f"{format_datetime(moment, 'd MMMM y, HH:mm', locale='en_GB')} UTC"


def _asset(name: str) -> str:
    """The address of a static file with its content's hash, so that it may be cached for a year."""
    path = f"{current_app.static_folder}/{name}"
    try:
        changed = os.stat(path).st_mtime_ns  # not Path: dozens stand on a page
    except FileNotFoundError:
        return url_for("static", filename=name)
    return _versioned(path, name, changed, request.script_root)


@lru_cache(maxsize=2048)
def _versioned(path: str, name: str, _changed: int, _mounted_at: str) -> str:
    """Made once for each content and each place the shop is mounted at, which its addresses begin with."""
    return url_for("static", filename=name, v=hashlib.sha256(Path(path).read_bytes()).hexdigest()[:10])


def _harden(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", content_security_policy(settings()))
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    # Klarna's window reports back to this page, so "same-origin" would cut the line.
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin-allow-popups"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if settings().secure:
        response.headers["Strict-Transport-Security"] = f"max-age={YEAR}; includeSubDomains"
    if request.endpoint == "static":
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable" if "v" in request.args else "no-cache"
    else:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def content_security_policy(settings: Settings, nonce: str = "", more_hosts: str = "") -> str:
    """The policy of every page, made from the one address of Klarna's library.

    A page with Klarna Checkout's snippet names a ``nonce`` for its inline script, and the hosts it comes from.

    Klarna's own library draws with inline styles and talks to more hosts than the one it comes from:
    https://docs.klarna.com/klarna-network-distribution/payment-presentation/web-sdk-configuration/browser-security-configuration/
    """
    here = "'self'"
    klarna = settings.sdk_origin
    hosts = klarna if settings.offline else f"{klarna} https://*.klarna.com https://*.klarnaevt.com"
    styles = here if settings.offline else f"{here} 'unsafe-inline' {klarna}"
    scripts = klarna if settings.offline else f"{klarna} https://js.klarna.com https://js.playground.klarna.com"
    directives = {
        "default-src": "'none'",
        "script-src": " ".join(filter(None, (here, scripts, f"'nonce-{nonce}'" if nonce else "", more_hosts))),
        "style-src": styles,
        "img-src": f"{here} data: {hosts} {more_hosts}".rstrip(),
        "font-src": f"{here} {klarna}",
        "connect-src": f"{here} {hosts} {more_hosts}".rstrip(),
        "frame-src": f"{hosts} {more_hosts}".rstrip(),
        "form-action": here,
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "object-src": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())
