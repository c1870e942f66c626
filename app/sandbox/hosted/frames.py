"""The widget's frame in the merchant's page. What it may show stands in a ticket that can do nothing else."""

from flask import Blueprint, render_template

from .. import clock, people
from ..client_tokens import UnknownClientToken
from ..sessions import Session
from . import formats, headers, purchases, tickets
from .tickets import InvalidTicket

blueprint = Blueprint("frames", __name__, url_prefix="/kp/widget")
blueprint.after_request(headers.protect)


@blueprint.get("/<ticket>")
def widget(ticket: str) -> str:
    """The panel for one session, drawn in its merchant's page only."""
    shown = tickets.read_frame(ticket)
    headers.may_be_framed_by(shown.origin)
    if shown.view == "unavailable":
        return render_template("widget/unavailable.html", origin=shown.origin)
    session = purchases.open_session(shown.session_id)
    return render_template(
        f"widget/{shown.view}.html",
        origin=shown.origin,
        pays=session.intent != "tokenize",
        total=formats.total(session.request),
        due_date=formats.due_date(clock.now().date(), session.request.get("locale", "en-GB")),
        person_name=_recognised_name(session),
    )


@blueprint.errorhandler(InvalidTicket)
@blueprint.errorhandler(UnknownClientToken)
def over(_error: Exception) -> tuple[str, int]:
    """A frame that outlived its session."""
    return render_template("widget/unavailable.html", origin=""), 410


def _recognised_name(session: Session) -> str:
    if not session.recognised:
        return ""
    person = people.find(session.recognised)
    return formats.short_name(person.given_name or "", person.family_name or "") if person.given_name else person.email
