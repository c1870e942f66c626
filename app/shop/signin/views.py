"""Sign in with Klarna: the way to Klarna and back, and the questions before two accounts become one.

Every failure is a page in words with a way on; nobody is signed in then, and nothing has changed.
"""

import logging
import secrets
from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required, user_logged_in

from app.klarna import Region

from ..accounts.models import User
from ..accounts.service import EmailTaken, WrongPassword, gone, leaving
from ..accounts.sessions import begin_session, note_proof, proved_lately
from ..extensions import limiter
from ..orders.ownership import guest_orders
from ..web import current_market, safe_next, settings
from . import account, deciding, endings, identities, service
from .deciding import Outcome
from .forms import ConnectForm, EmailForm
from .id_token import IdTokenRefused
from .provider import SignInRefused, SignInUnavailable
from .rules import OTHER_EMAIL, Step
from .service import CustomerSaidNo, Returned
from .starts import NoSuchStart

blueprint = Blueprint("signin", __name__, url_prefix="/login/klarna")

log = logging.getLogger(__name__)

TICKET = "sign_in_ticket"
LONGEST_TARGET = 500


@blueprint.app_context_processor
def offer() -> dict[str, Any]:
    """Whether the button is shown, and what the account's page about Klarna says."""
    return {"klarna_sign_in": current_market().region in settings().sign_in, "sign_ins": account.sign_ins}


@leaving.connect
def end_identities(user: User) -> None:
    """Who deletes their account is disconnected, too."""
    identities.end_all(user.id)


@gone.connect
def revoke_refresh_tokens(_sender: object) -> None:
    """What was forgotten is revoked at Klarna."""
    endings.revoke_soon()


@user_logged_in.connect
def tell_if_ended(_app: Flask, user: User, **_: Any) -> None:
    """A sign-in that Klarna ended is told now, once, and not in the middle of paying."""
    if identities.tell_ended_once(user.id):
        flash("Your sign-in with Klarna has run out. Continue with Klarna once, and it is renewed.", "info")


@blueprint.get("")
@limiter.limit("120/minute")
def start() -> ResponseReturnValue:
    """Off to Klarna. ``next`` is where to land afterwards, ``order`` a guest's order that the account is to own.

    ``prove`` has Klarna ask the person and not just their browser; ``identity`` is the one that is to be renewed.
    """
    market, region = current_market(), _region()
    if region not in settings().sign_in:
        abort(404)
    target = safe_next(request.args.get("next", "")[:LONGEST_TARGET], url_for("accounts.profile"))
    prompt = "consent" if request.args.get("klarna-auth-prompt") == "consent" else ""
    prompt, order = "login" if request.args.get("prove") else prompt, request.args.get("order", "")[:40]
    try:
        return redirect(service.begin(region, market.locale, _browser(), target, order, prompt))
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
        if current_user.is_authenticated and returned.state:  # loaded again, or the way back
            flash("You are signed in.", "info")
            return redirect(url_for("accounts.profile"))
        return _problem("lost", 400)
    except CustomerSaidNo as no:
        return redirect(url_for("signin.stopped", next=no.start.target))
    except (SignInRefused, IdTokenRefused) as no:
        return _problem("refused", 400, trouble=no)
    except SignInUnavailable as trouble:
        return _problem("unavailable", 502, trouble=trouble)


@blueprint.get("/stopped")
def stopped() -> ResponseReturnValue:
    """The shopper stopped at Klarna. A page of its own, as the callback's address is good once."""
    return _problem("denied", 200, safe_next(request.args.get("next", "")[:LONGEST_TARGET], ""))


@blueprint.get("/email")
@blueprint.get("/switch")
@blueprint.get("/drop")
def ask_again() -> ResponseReturnValue:
    """The address of an answer, loaded anew."""
    return redirect(url_for("signin.ask"))


@blueprint.get("/connect")
def ask() -> ResponseReturnValue:
    """The question that has to be answered before this sign-in counts."""
    found = deciding.waiting(_ticket(), _visitor_id())
    return _question(found) if found else _decided_before()


@blueprint.post("/connect")
@limiter.limit("10/minute", deduct_when=lambda answer: answer.status_code == 422)
def connect() -> ResponseReturnValue:
    """The shopper's password, once: from now on both ways of signing in work."""
    found = deciding.waiting(_ticket(), _visitor_id())
    form = ConnectForm(request.form)
    if found is None or found.step not in (Step.ASK_PASSWORD, Step.CONFIRM):
        return redirect(url_for("signin.ask"))
    if _asks_no_password(found):
        if not proved_lately():
            return render_template("accounts/prove.html", target=url_for("linking.show"))
        del form.password
    if form.validate_on_submit():
        typed = form.password.data if "password" in form else ""
        try:
            return _settled(deciding.connect(_ticket(), _visitor_id(), typed, guest_orders()))
        except WrongPassword:
            form.password.errors = ["This is not the password of that account."]
    return _question(found, form)


@blueprint.post("/email")
@limiter.limit("10/minute")
def email() -> ResponseReturnValue:
    """An account needs an e-mail, and Klarna named none that could be used."""
    found, form = deciding.waiting(_ticket(), _visitor_id()), EmailForm(request.form)
    if found is None or found.step not in OTHER_EMAIL:
        return redirect(url_for("signin.ask"))
    if form.validate_on_submit():
        typed = form.email.data.lower()
        try:
            return _settled(deciding.create_with_email(_ticket(), _visitor_id(), typed, guest_orders()))
        except EmailTaken:
            form.email.errors = ["There is an account with this email. Sign in to it first, then connect Klarna."]
    return _question(found, email_form=form)


@blueprint.post("/switch")
def switch() -> ResponseReturnValue:
    """Signed in as one, and Klarna says another: the shopper chose the other."""
    return _settled(deciding.switch(_ticket(), _visitor_id(), guest_orders()))


@blueprint.post("/drop")
def drop() -> ResponseReturnValue:
    """The shopper chose to leave things as they are."""
    found = deciding.waiting(_ticket(), _visitor_id())
    deciding.drop(_ticket(), _visitor_id())
    session.pop(TICKET, None)
    flash("Nothing was connected; everything is as it was.", "info")
    return redirect(found.start.target if found else url_for("catalogue.home"))


@blueprint.get("/disconnect")
@blueprint.get("/take-over")
def look() -> ResponseReturnValue:
    """A page that was loaded again after its form was sent."""
    return redirect(url_for("linking.show"))


@blueprint.post("/disconnect")
@login_required
@limiter.limit("10/minute")
def disconnect() -> ResponseReturnValue:
    """End the sign-in with Klarna, by the password; whoever has none sets one first."""
    if not current_user.has_password:
        flash("Set a password first, so that you can still sign in. Then disconnect Klarna.", "warning")
        return redirect(url_for("accounts.password", next=url_for("linking.show")))
    try:
        ended = service.disconnect(current_user.id, _identity_id(), request.form.get("password", ""))
    except WrongPassword:
        flash("That is not your password, so nothing was disconnected.", "error")
        return redirect(url_for("linking.show"))
    said = ("Sign in with Klarna is disconnected. Your password still works.", "success")
    flash(*(said if ended else ("There was nothing to disconnect.", "info")))
    return redirect(url_for("linking.show"))


@blueprint.post("/take-over")
@login_required
def take_over() -> ResponseReturnValue:
    """Put what Klarna says over what the account says, where the shopper ticked it."""
    taken = account.take_over(current_user.id, _identity_id(), request.form.getlist("field")[:10])
    flash(f"Taken over from Klarna: {', '.join(taken)}." if taken else "Nothing was chosen, nothing changed.", "info")
    return redirect(url_for("linking.show"))


def _region() -> Region:
    """The market's region; that of their own identity for somebody who proves or renews it, wherever they shop."""
    here = current_market().region
    theirs = ("prove" in request.args or "identity" in request.args) and current_user.is_authenticated
    return identities.home(current_user.id, _identity_id(), here) if theirs else here


def _identity_id() -> int:
    named = request.values.get("identity", "")
    return int(named) if named.isascii() and named.isdigit() and len(named) < 10 else 0


def _browser() -> str:
    """A name for this browser that only its signed cookie knows; the same for all its tabs, before and after."""
    return str(session.setdefault("browser", secrets.token_urlsafe(16)))


def _ticket() -> str:
    """What this session's open question is known by."""
    return str(session.get(TICKET, ""))


def _visitor_id() -> int | None:
    return current_user.id if current_user.is_authenticated else None


def _go_on(outcome: Outcome) -> ResponseReturnValue:
    """Signed in and back where they came from, or to the question."""
    if outcome.user is None:
        session[TICKET] = outcome.ticket
        return redirect(url_for("signin.ask"))
    session.pop(TICKET, None)
    if _visitor_id() != outcome.user.id:
        begin_session(outcome.user)
    if outcome.proved:
        note_proof()
    for words, kind in account.news(outcome, current_market().code):
        flash(words, kind)
    return redirect(outcome.start.target)


def _settled(outcome: Outcome | None) -> ResponseReturnValue:
    """The answer was taken, or the question is another one by now."""
    return _go_on(outcome) if outcome else redirect(url_for("signin.ask"))


def _asks_no_password(found: Outcome) -> bool:
    return found.step is Step.CONFIRM and not current_user.has_password


def _decided_before() -> ResponseReturnValue:
    """Nothing is waiting: mostly a second click, after the first one settled it, or the way back."""
    if current_user.is_authenticated:
        return redirect(url_for("linking.show"))
    flash("That question is answered already, or too old. Nothing was changed; sign in to go on.", "info")
    return redirect(url_for("accounts.login"))


def _question(found: Outcome, form: Any = None, email_form: Any = None) -> ResponseReturnValue:
    if found.step in (Step.SIGN_IN, Step.REFRESH, Step.CREATE):  # settled meanwhile, in another browser
        return _problem("again", 200, found.start.target)
    if found.step in (Step.ASK_PASSWORD, Step.CONFIRM):
        form = form or ConnectForm(formdata=None)
        if "password" in form and _asks_no_password(found):
            del form.password
    if found.step in OTHER_EMAIL:
        email_form = email_form or EmailForm(formdata=None)
    wrong = any(one is not None and one.errors for one in (form, email_form))
    page = render_template("signin/ask.html", found=found, step=str(found.step), form=form, email_form=email_form)
    return page, 422 if wrong else 200


def _problem(kind: str, status: int, target: str = "", trouble: Exception | None = None) -> ResponseReturnValue:
    """What went wrong, in words; the details go to the log, under a number the page shows."""
    reference = ""
    if trouble is not None:
        reference = secrets.token_hex(6)
        log.warning("sign-in with Klarna: %s %r [%s]", type(trouble).__name__, str(trouble), reference)
    return render_template("signin/problem.html", kind=kind, target=target, reference=reference), status
