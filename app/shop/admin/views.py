"""The back office: the list of orders, and the sheet of one with what may be done with it."""

from typing import Any

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from ..accounts.addresses import clean
from ..extensions import login_manager
from ..orders.states import WAY_WORDS, WORDS_OF_ALL, ActionKind, ActionState
from ..paging import page_number
from . import forms, service
from .plans import NotPossible
from .service import Outcome, Query, Sheet

blueprint = Blueprint("admin", __name__, url_prefix="/admin")

DONE = {
    ActionKind.CAPTURE: "Captured. The shopper’s page says that it was sent.",
    ActionKind.REFUND: "Refunded.",
    ActionKind.CANCEL: "Cancelled. Nothing was charged, and the goods are back on the shelf.",
    ActionKind.RELEASE: "The rest is released, and its goods are back on the shelf.",
    ActionKind.EXTEND: "Klarna holds the rest for longer.",
    ActionKind.ADDRESS: "The delivery address is changed, at Klarna too.",
}
CHARGED = "Captured. The shopper’s page says that it was charged."
NO_ANSWER = "Klarna did not answer. Whether it happened is not known yet: ask again below, or wait a minute."


@blueprint.before_request
def staff_only() -> ResponseReturnValue | None:
    """Staff come in; guests are asked to sign in, and for everybody else there is nothing here."""
    if not current_user.is_authenticated:
        unauthorized: ResponseReturnValue = login_manager.unauthorized()
        return unauthorized
    return None if current_user.is_staff else abort(404)


@blueprint.get("")
def index() -> ResponseReturnValue:
    said = {name: clean(request.args.get(name, ""))[:99] for name in ("words", "state", "way")}
    page = service.listing(Query(**said), page_number(request.args.get("page", "")))
    return render_template("admin/index.html", page=page, query=said, states=WORDS_OF_ALL, ways=WAY_WORDS)


@blueprint.get("/orders/<number>")
def show(number: str) -> ResponseReturnValue:
    sheet = _sheet(number)
    return _page(sheet, forms.of_sheet(sheet))


@blueprint.post("/orders/<number>/<any(capture, refund, cancel, release, extend, address):what>")
def act(number: str, what: str) -> ResponseReturnValue:
    kind, sheet, user_id = ActionKind(what), _sheet(number), current_user.id
    filled = forms.of_sheet(sheet, kind)
    form = filled[kind]
    outcome = service.sent(sheet.order, form.nonce.data)
    if outcome is not None:
        _tell(number, outcome)
        return redirect(url_for("admin.show", number=number))
    if not form.validate():
        return _page(sheet, filled, kind) if form.sees(sheet.order) else _refuse(number, kind, service.CHANGED)
    try:
        outcome = service.act(number, form.wish(kind, user_id, sheet.order.currency))
    except NotPossible as no:
        return _refuse(number, kind, str(no))
    _tell(number, outcome)
    return redirect(url_for("admin.show", number=number))


@blueprint.post("/orders/<number>/actions/<int(max=2147483647):action_id>")
def ask_again(number: str, action_id: int) -> ResponseReturnValue:
    _tell(number, service.ask_again(number, action_id) or abort(404))
    return redirect(url_for("admin.show", number=number))


@blueprint.post("/orders/<number>/compare")
def compare(number: str) -> ResponseReturnValue:
    _sheet(number)
    if not service.compare(number):
        flash("Klarna’s ledger could not be read just now.", "warning")
    elif not _sheet(number).order.differs:
        flash("Both ledgers say the same.", "success")
    return redirect(url_for("admin.show", number=number))


def _sheet(number: str) -> Sheet:
    return service.sheet(number) or abort(404)


def _refuse(number: str, kind: ActionKind, words: str) -> ResponseReturnValue:
    """The order as it stands now, with what was typed. The next try is of what is seen now."""
    sheet = _sheet(number)
    filled = forms.of_sheet(sheet, kind)
    filled[kind].validate()
    filled[kind].form_errors.append(words)
    filled[kind].revision.data = str(sheet.order.revision)
    return _page(sheet, filled, kind)


def _page(sheet: Sheet, filled: dict[str, Any], refused: ActionKind | None = None) -> ResponseReturnValue:
    page = render_template("admin/show.html", sheet=sheet, order=sheet.order, forms=filled, refused=refused)
    return make_response(page, 422 if refused else 200)


def _tell(number: str, outcome: Outcome) -> None:
    before = "This was sent before. " if outcome.before else ""
    if outcome.state is ActionState.ASKED:
        flash(before + NO_ANSWER, "warning")
    elif outcome.state is ActionState.REFUSED:
        flash(f"{before}Klarna refused, and nothing was changed. {outcome.refusal}", "error")
    elif outcome.before:
        flash("This was sent before; it was done once.", "info")
    else:
        only_charged = outcome.kind is ActionKind.CAPTURE and not _sheet(number).order.travels
        flash(CHARGED if only_charged else DONE[outcome.kind], "success")
