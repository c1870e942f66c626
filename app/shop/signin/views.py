"""Sign in with Klarna: the way to Klarna and back, and the questions before two accounts become one.

Every failure is a page in words with a way on; nobody is signed in then, and nothing has changed.
"""

import logging
import secrets
from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required, user_logged_in

from ..accounts.models import User
from ..accounts.service import EmailTaken, WrongPassword, leaving
from ..accounts.sessions import begin_session
from ..extensions import limiter
from ..orders.ownership import guest_orders
from ..web import current_market, safe_next, settings
from . import account, identities, service
from .forms import ConnectForm, EmailForm
from .id_token import IdTokenRefused
from .provider import SignInRefused, SignInUnavailable
from .rules import Step
from .service import CustomerSaidNo, Outcome, Returned
from .starts import NoSuchStart

blueprint = Blueprint("signin", __name__, url_prefix="/login/klarna")

log = logging.getLogger(__name__)


@blueprint.app_context_processor
def offer() -> dict[str, Any]:
    """Whether the button is shown, and what the account's page about Klarna says."""
    return {"klarna_sign_in": current_market().region in settings().sign_in, "sign_ins": account.sign_ins}


@leaving.connect
def end_identities(user: User) -> None:
    """Who deletes their account is disconnected, too."""
    identities.end_all(user.id)


@user_logged_in.connect
def tell_if_ended(_app: Flask, user: User, **_: Any) -> None:
    """A sign-in that Klarna ended is told now, once, and not in the middle of paying."""
    if identities.tell_ended_once(user.id):
        flash("Your sign-in with Klarna has run out. Continue with Klarna once, and it is renewed.", "info")


@blueprint.get("")
@limiter.limit("120/minute")
def start() -> ResponseReturnValue:
    """Off to Klarna. ``next`` is where to land afterwards, ``order`` a guest's order that the account is to own."""
    region = current_market().region
    if region not in settings().sign_in:
        abort(404)
    target = safe_next(request.args.get("next"), url_for("accounts.profile"))
    consent = request.args.get("klarna-auth-prompt") == "consent"
    try:
        return redirect(service.begin(region, _browser(), target, request.args.get("order", "")[:40], consent))
    except SignInUnavailable as trouble:
        return _problem("unavailable", 502, target, trouble)


@blueprint.get("/callback")
@limiter.limit("120/minute")
def callback() -> ResponseReturnValue:
    """Back from Klarna."""
    sent = {name: request.args.get(name, "") for name in ("state", "code", "error")}
    repeated = any(len(request.args.getlist(name)) > 1 for name in sent)
    returned = Returned(**(dict.fromkeys(sent, "") if repeated else sent), issuer=request.args.get("iss", ""))
    try:
        return _go_on(service.finish(_browser(), returned, _visitor_id(), guest_orders()))
    except NoSuchStart:
        return _problem("lost", 400)
    except CustomerSaidNo as no:
        return _problem("denied", 200, no.start.target)
    except (SignInRefused, IdTokenRefused) as no:
        return _problem("refused", 400, trouble=no)
    except SignInUnavailable as trouble:
        return _problem("unavailable", 502, trouble=trouble)


@blueprint.get("/connect")
def ask() -> ResponseReturnValue:
    """The question that has to be answered before this sign-in counts."""
    found = service.waiting(_browser(), _visitor_id())
    return _question(found) if found else _problem("lost", 400)


@blueprint.post("/connect")
@limiter.limit("10/minute", deduct_when=lambda answer: answer.status_code == 422)
def connect() -> ResponseReturnValue:
    """The shopper's password, once: from now on both ways of signing in work."""
    found = service.waiting(_browser(), _visitor_id())
    form = ConnectForm()
    if found is None or found.step not in (Step.ASK_PASSWORD, Step.CONFIRM):
        return redirect(url_for("signin.ask"))
    if _asks_no_password(found):
        del form.password
    if form.validate_on_submit():
        typed = form.password.data if "password" in form else ""
        try:
            return _settled(service.connect(_browser(), _visitor_id(), typed, guest_orders()))
        except WrongPassword:
            form.password.errors = ["This is not the password of that account."]
    return _question(found, form)


@blueprint.post("/email")
@limiter.limit("10/minute")
def email() -> ResponseReturnValue:
    """An account needs an e-mail, and Klarna named none that could be used."""
    found, form = service.waiting(_browser(), _visitor_id()), EmailForm()
    if found is None or found.step is not Step.ASK_EMAIL:
        return redirect(url_for("signin.ask"))
    if form.validate_on_submit():
        try:
            return _settled(
                service.create_with_email(_browser(), _visitor_id(), form.email.data.lower(), guest_orders())
            )
        except EmailTaken:
            form.email.errors = ["There is an account with this email. Sign in to it first, then connect Klarna."]
    return _question(found, form)


@blueprint.post("/switch")
def switch() -> ResponseReturnValue:
    """Signed in as one, and Klarna says another: the shopper chose the other."""
    return _settled(service.switch(_browser(), _visitor_id(), guest_orders()))


@blueprint.post("/drop")
def drop() -> ResponseReturnValue:
    """The shopper chose to leave things as they are."""
    found = service.waiting(_browser(), _visitor_id())
    service.drop(_browser())
    flash("Nothing was connected; everything is as it was.", "info")
    return redirect(found.start.target if found else url_for("catalogue.home"))


@blueprint.post("/disconnect")
@login_required
def disconnect() -> ResponseReturnValue:
    """End the sign-in with Klarna; whoever has no password sets one first."""
    named = request.form.get("identity", "")
    if not current_user.has_password:
        flash("Set a password first, so that you can still sign in. Then disconnect Klarna.", "warning")
        return redirect(url_for("accounts.password", next=url_for("linking.show")))
    if named.isascii() and named.isdigit() and len(named) < 10 and service.disconnect(current_user.id, int(named)):
        flash("Sign in with Klarna is disconnected. Your password still works.", "success")
    else:
        flash("There was nothing to disconnect.", "info")
    return redirect(url_for("linking.show"))


@blueprint.post("/take-over")
@login_required
def take_over() -> ResponseReturnValue:
    """Put what Klarna says over what the account says, where the shopper ticked it."""
    taken = account.take_over(current_user.id, request.form.getlist("field")[:10])
    flash(f"Taken over from Klarna: {', '.join(taken)}." if taken else "Nothing was chosen, nothing changed.", "info")
    return redirect(url_for("linking.show"))


def _browser() -> str:
    """A name for this browser that only its signed cookie knows; the same for all its tabs, before and after."""
    return str(session.setdefault("browser", secrets.token_urlsafe(16)))


def _visitor_id() -> int | None:
    return current_user.id if current_user.is_authenticated else None


def _go_on(outcome: Outcome) -> ResponseReturnValue:
    """Signed in and back where they came from, or to the question."""
    if outcome.user is None:
        return redirect(url_for("signin.ask"))
    if _visitor_id() != outcome.user.id:
        begin_session(outcome.user)
    for words, kind in account.news(outcome, current_market().code):
        flash(words, kind)
    return redirect(outcome.start.target)


def _settled(outcome: Outcome | None) -> ResponseReturnValue:
    """The answer was taken, or the question is another one by now."""
    return _go_on(outcome) if outcome else redirect(url_for("signin.ask"))


def _asks_no_password(found: Outcome) -> bool:
    return found.step is Step.CONFIRM and not current_user.has_password


def _question(found: Outcome, form: Any = None) -> ResponseReturnValue:
    if found.step in (Step.SIGN_IN, Step.REFRESH, Step.CREATE):  # settled meanwhile, in another tab
        return redirect(url_for("signin.start", next=found.start.target))
    forms = {Step.ASK_EMAIL: EmailForm, Step.ASK_PASSWORD: ConnectForm, Step.CONFIRM: ConnectForm}
    form = form or (forms[found.step](formdata=None) if found.step in forms else None)
    if form is not None and "password" in form and _asks_no_password(found):
        del form.password
    wrong = bool(form is not None and form.errors)
    page = render_template("signin/ask.html", found=found, step=str(found.step), form=form)
    return page, 422 if wrong else 200


def _problem(kind: str, status: int, target: str = "", trouble: Exception | None = None) -> ResponseReturnValue:
    """What went wrong, in words; the details go to the log, under a number the page shows."""
    reference = ""
    if trouble is not None:
        reference = secrets.token_hex(6)
        log.warning("sign-in with Klarna: %s %s [%s]", type(trouble).__name__, trouble, reference)
    return render_template("signin/problem.html", kind=kind, target=target, reference=reference), status
