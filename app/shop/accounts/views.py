"""Register, sign in, sign out, profile and addresses."""

import hmac
from typing import Any

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address
from flask_login import current_user, login_required, logout_user

from ..extensions import db, limiter, login_manager
from ..web import current_market, markets, safe_next
from . import service
from .addresses import AddressForm
from .forms import DeleteForm, LoginForm, PasswordForm, ProfileForm, RegisterForm
from .models import Address, User
from .sessions import begin_session, proved_lately

blueprint = Blueprint("accounts", __name__)

login_manager.login_view = "accounts.login"
login_manager.login_message = "Please sign in to go on."
login_manager.login_message_category = "info"


@login_manager.user_loader
def load_user(session_id: str) -> User | None:
    """Who a session belongs to; None when that user ended their sessions."""
    user_id, _, key = session_id.partition(".")
    user = db.session.get(User, int(user_id)) if user_id.isdecimal() and user_id.isascii() else None
    return user if user and hmac.compare_digest(user.session_key.encode(), key.encode()) else None


def _who_tries() -> str:
    return f"{get_remote_address()} {request.form.get('email', '').strip().lower()[:99]}"


@blueprint.route("/register", methods=["GET", "POST"])
@limiter.limit("30/minute", methods=["POST"])
def register() -> ResponseReturnValue:
    form, target = RegisterForm(), _target()
    if current_user.is_authenticated:
        return redirect(target)
    if form.validate_on_submit():
        try:
            begin_session(service.register(form.email.data, form.password.data))
        except service.EmailTaken:
            form.email.errors = ["There is an account with this email already. Sign in instead."]
        else:
            flash("Welcome! Your account is ready.", "success")
            return redirect(target)
    return _form_page("accounts/register.html", form, next=request.values.get("next", ""))


@blueprint.route("/login", methods=["GET", "POST"])
@limiter.limit("60/minute", methods=["POST"])
@limiter.limit("8/minute", key_func=_who_tries, methods=["POST"], deduct_when=lambda answer: answer.status_code == 422)
def login() -> ResponseReturnValue:
    form, target = LoginForm(), _target()
    if current_user.is_authenticated:
        return redirect(target)
    if form.validate_on_submit():
        try:
            begin_session(service.authenticate(form.email.data, form.password.data), form.remember.data)
        except service.WrongPassword:
            form.password.errors = ["Email and password do not fit together."]
        else:
            return redirect(target)
    return _form_page("accounts/login.html", form, next=request.values.get("next", ""))


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    return _leave("You are signed out.")


def _leave(words: str) -> ResponseReturnValue:
    market = session.get("market")
    logout_user()
    # What logout_user noted about the long-lived cookie has to survive, or that cookie would stay.
    kept = {"_remember": session["_remember"]} if "_remember" in session else {}
    session.clear()
    session.update(kept | ({"market": market} if market else {}))
    flash(words, "info")
    return redirect(url_for("catalogue.home"))


@blueprint.route("/account", methods=["GET", "POST"])
@login_required
def profile() -> ResponseReturnValue:
    form = ProfileForm(obj=current_user)
    if form.validate_on_submit():
        service.save_profile(current_user, form.given_name.data, form.family_name.data, form.phone.data)
        flash("Saved.", "success")
        return redirect(url_for("accounts.profile"))
    return _form_page("accounts/profile.html", form, addresses=service.addresses(current_user))


@blueprint.route("/account/password", methods=["GET", "POST"])
@login_required
@limiter.limit("10/minute", methods=["POST"])
def password() -> ResponseReturnValue:
    form, had_one = PasswordForm(), current_user.has_password
    if not had_one and not proved_lately():
        return _prove_first("accounts.password")
    if not had_one:
        del form.current
    if form.validate_on_submit():
        try:
            service.change_password(current_user, form.current.data if had_one else "", form.password.data)
        except service.WrongPassword:
            form.current.errors = ["This is not your current password."]
        else:
            begin_session(db.session.get_one(User, current_user.id))
            flash(
                f"Your password is {'changed' if had_one else 'set'}; other browsers have to sign in again.", "success"
            )
            return redirect(_target())
    return _form_page("accounts/password.html", form, next=request.values.get("next", ""))


@blueprint.route("/account/delete", methods=["GET", "POST"])
@login_required
@limiter.limit("10/minute", methods=["POST"])
def delete() -> ResponseReturnValue:
    if not current_user.has_password and not proved_lately():
        return _prove_first("accounts.delete")
    form = DeleteForm().for_user(current_user)
    if form.validate_on_submit():
        try:
            proof = form.password.data if "password" in form else ""
            service.delete(db.session.get_one(User, current_user.id), proof)
        except service.WrongPassword:
            form.password.errors = ["This is not your password."]
        else:
            return _leave("Your account is deleted. Links to Klarna are ended.")
    return _form_page("accounts/delete.html", form)


@blueprint.route("/account/addresses/new", methods=["GET", "POST"])
@login_required
def address_new() -> ResponseReturnValue:
    names = {"given_name": current_user.given_name, "family_name": current_user.family_name}
    return _edit_address(None, AddressForm(data=None if request.form else names))


@blueprint.route("/account/addresses/<int(max=2147483647):address_id>", methods=["GET", "POST"])
@login_required
def address_edit(address_id: int) -> ResponseReturnValue:
    address = _own_address(address_id)
    return _edit_address(address, AddressForm(obj=address))


@blueprint.post("/account/addresses/<int(max=2147483647):address_id>/delete")
@login_required
def address_delete(address_id: int) -> ResponseReturnValue:
    service.delete_address(_own_address(address_id))
    flash("The address is deleted.", "info")
    return redirect(url_for("accounts.profile"))


@blueprint.post("/account/addresses/<int(max=2147483647):address_id>/default")
@login_required
def address_default(address_id: int) -> ResponseReturnValue:
    service.make_default(current_user, _own_address(address_id))
    flash("This address fills your next checkout.", "success")
    return redirect(url_for("accounts.profile"))


def _edit_address(address: Address | None, form: AddressForm) -> ResponseReturnValue:
    form.for_market(current_market(), markets())
    if form.validate_on_submit():
        service.save_address(current_user, form.address(), address)
        flash("The address is saved.", "success")
        return redirect(url_for("accounts.profile"))
    return _form_page("accounts/address.html", form, address=address)


def _own_address(address_id: int) -> Address:
    return service.find_address(current_user, address_id) or abort(404)


def _prove_first(endpoint: str) -> ResponseReturnValue:
    """Who has no password shows who they are by signing in with Klarna once more: a session alone can be borrowed."""
    target = url_for(endpoint, next=request.values.get("next") or None)
    return render_template("accounts/prove.html", target=target)


def _target() -> str:
    return safe_next(request.values.get("next"), url_for("accounts.profile"))


def _form_page(template: str, form: Any, **context: Any) -> ResponseReturnValue:
    """A form to fill in, or with what is wrong about it (422) and what was typed."""
    return make_response(render_template(template, form=form, **context), 422 if form.errors else 200)
