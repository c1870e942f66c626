"""The other browser: whoever opens a demo account's link in a private window, or on a phone, goes on there as it.

The link is worth what the card of the scenario says anyway: it signs in with the e-mail and the demo's password, so no
other account can be reached by it. Opening it changes nothing: the page says who one would be, and asks for a click.
"""

from typing import Any

from flask import Blueprint, Flask, abort, current_app, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from ..accounts import service as accounts
from ..accounts.sessions import begin_session
from ..extensions import limiter
from ..web import current_market
from . import staging
from .invitations import LASTS, Invitation, InvitationOver, Invitations
from .personas import PASSWORD

blueprint = Blueprint("elsewhere", __name__, url_prefix="/demo/elsewhere")


def install(app: Flask) -> None:
    """Begin a process's links."""
    app.extensions["invitations"] = Invitations()


def sealed() -> str:
    """The secret part of a fresh link to the account of this browser's scenario; empty where there is none."""
    email = staging.account() if staging.makes_accounts() else ""
    return _invitations().sealed(Invitation(email, current_market().code)) if email else ""


@blueprint.app_context_processor
def offer() -> dict[str, Any]:
    link = sealed()
    return {"demo_elsewhere": url_for("elsewhere.show", link=link) if link else "", "demo_link_minutes": LASTS // 60}


@blueprint.before_request
def only_where_there_are_demo_accounts() -> None:
    if not staging.makes_accounts():
        abort(404)


@blueprint.get("/<link>")
def show(link: str) -> ResponseReturnValue:
    """Who one would be here."""
    try:
        email = _invitations().read(link).email
    except InvitationOver:
        return _over()
    return _page(email, current_user.email if current_user.is_authenticated else "")


@blueprint.post("/<link>")
@limiter.limit("30/minute")
def sign_in(link: str) -> ResponseReturnValue:
    """Be the demo account in this browser, with its cart in front; whoever was here before is signed out."""
    try:
        invitation = _invitations().take(link)
        user = accounts.authenticate(invitation.email, PASSWORD)
    except (InvitationOver, accounts.WrongPassword):
        return _over()
    staging.leave()
    begin_session(user)
    session["market"] = invitation.market
    flash(f"You are {user.email} in this browser now.", "success")
    return redirect(url_for("cart.show"))


def _over() -> ResponseReturnValue:
    return _page(), 410


def _page(email: str = "", signed_in_as: str = "") -> str:
    return render_template("console/elsewhere.html", email=email, signed_in_as=signed_in_as)


def _invitations() -> Invitations:
    found: Invitations = current_app.extensions["invitations"]
    return found
