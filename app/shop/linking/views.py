"""The shopper's own page about their Klarna link."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from app.klarna import Region

from ..accounts.models import User
from ..accounts.service import gone, leaving
from . import questions, service

blueprint = Blueprint("linking", __name__, url_prefix="/account/klarna")


@leaving.connect
def end_links(user: User) -> None:
    """Who deletes their account is unlinked everywhere."""
    service.unlink_everywhere(user.id)


@gone.connect
def revoke_links(_sender: object) -> None:
    """What was forgotten is revoked at Klarna."""
    questions.answer_soon()


@blueprint.get("")
@login_required
def show() -> ResponseReturnValue:
    return render_template(
        "linking/show.html", links=service.links(current_user.id), events=service.events(current_user.id)
    )


@blueprint.post("/unlink")
@login_required
def unlink() -> ResponseReturnValue:
    named = request.form.get("region", "")
    if named not in list(Region):
        abort(400)
    if service.unlink(current_user.id, Region(named)):
        flash("Your Klarna account is unlinked. Your next purchase starts with Klarna’s login again.", "success")
    else:
        flash("There was no link to end.", "info")
    return redirect(url_for("linking.show"))
