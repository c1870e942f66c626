"""What Klarna calls about sign-ups for tokens. Answered at once and worked on later; a hint, never a proof.

https://docs.klarna.com/payments/web-payments/integrate-with-klarna-payments/other-actions/authorization-callback/
"""

import hmac

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy import update

from ..checkout.placing import TOKEN
from ..extensions import csrf, db, limiter, rows_changed, utcnow
from ..orders.models import Order
from .models import TokenSignup, change
from .reconcile import settle_soon
from .states import SignupState

blueprint = Blueprint("token_callbacks", __name__, url_prefix="/klarna/callbacks/tokens")
csrf.exempt(blueprint)
limiter.exempt(blueprint)


@blueprint.post("/authorization/<signup_id>/<secret>")
def authorization(signup_id: str, secret: str) -> ResponseReturnValue:
    """Keep the token of an approval: if the browser never brings it, the reconciler goes on with it."""
    signup = _signup(signup_id, secret)
    sent = request.get_json(silent=True)
    token = sent.get("authorization_token") if isinstance(sent, dict) else None
    if not isinstance(sent, dict) or not isinstance(token, str) or not TOKEN.fullmatch(token):
        abort(400)
    if sent.get("session_id") != signup.klarna_session_id:
        abort(400)
    approved = {"authorization_token": token, "authorized_at": utcnow(), "changed_at": utcnow()}
    kept = change(signup_id, SignupState.OPEN, **approved)
    db.session.commit()
    if kept:
        settle_soon(signup_id)
    return "", 204


@blueprint.post("/notification/<signup_id>/<secret>")
def notification(signup_id: str, secret: str) -> ResponseReturnValue:
    """A review of the first order ended: noted, and read at Klarna by the reconciler."""
    signup = _signup(signup_id, secret)
    rows_changed(update(Order).where(Order.id == signup.order_id).values(hinted_at=utcnow(), looked_at=None))
    db.session.commit()
    return "", 200


def _signup(signup_id: str, secret: str) -> TokenSignup:
    """The sign-up whose secret this is. Compared also when there is none, and in constant time."""
    signup = db.session.get(TokenSignup, signup_id)
    right = hmac.compare_digest((signup.callback_secret if signup else "-").encode(), secret.encode())
    return signup if signup is not None and right else abort(404)
