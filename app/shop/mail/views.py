"""The outbox, to be read in a demo: where the console is off there is no such page."""

from typing import Any

from flask import Blueprint, Response, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue

from ..paging import page_number
from ..web import content_security_policy, settings
from . import service
from .models import OutboxMail

blueprint = Blueprint("outbox", __name__, url_prefix="/demo/outbox")

# A letter brings its own styles, and nothing else; it stands in a frame of ours that lets it do nothing.
LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


@blueprint.before_request
def only_in_a_demo() -> None:
    """It shows everybody's letters to anybody."""
    if not settings().console:
        abort(404)


@blueprint.app_context_processor
def offer() -> dict[str, Any]:
    return {"outbox_offered": settings().console}


@blueprint.get("")
def index() -> ResponseReturnValue:
    page = service.newest(page_number(request.args.get("page", "")))
    return render_template("outbox/index.html", page=page, leaves=settings().mail is not None)


@blueprint.get("/<int:mail_id>")
def show(mail_id: int) -> ResponseReturnValue:
    answer = make_response(render_template("outbox/show.html", mail=_found(mail_id)))
    policy = content_security_policy(settings()).replace("frame-src ", "frame-src 'self' ", 1)
    answer.headers["Content-Security-Policy"] = policy
    return answer


@blueprint.get("/<int:mail_id>/letter")
def letter(mail_id: int) -> ResponseReturnValue:
    """The letter as a mailbox would draw it, for the frame."""
    answer = Response(_found(mail_id).html, content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = LETTER_POLICY
    return answer


def _found(mail_id: int) -> OutboxMail:
    return service.find(mail_id) or abort(404)
