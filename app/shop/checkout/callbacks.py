"""What Klarna calls. Answered at once and worked on later; a callback is a hint, never a proof.

https://docs.klarna.com/payments/web-payments/integrate-with-klarna-payments/other-actions/authorization-callback/
https://docs.klarna.com/payments/after-payments/order-management/more-actions/pending-orders/
"""

import hmac

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy import update

from ..extensions import csrf, db, limiter, rows_changed, utcnow
from . import reviewing
from .authorizations import free_soon
from .models import CheckoutAttempt
from .placing import TOKEN
from .reconcile import settle_soon
from .states import GIVEN_UP, AttemptState

blueprint = Blueprint("callbacks", __name__, url_prefix="/klarna/callbacks")
csrf.exempt(blueprint)
limiter.exempt(blueprint)


@blueprint.post("/authorization/<attempt_id>/<secret>")
def authorization(attempt_id: str, secret: str) -> ResponseReturnValue:
    """Keep the token of an approval: if the browser never brings it, the session is read, and the order placed."""
    attempt = _attempt(attempt_id, secret)
    sent = request.get_json(silent=True)
    token = sent.get("authorization_token") if isinstance(sent, dict) else None
    if not isinstance(sent, dict) or not isinstance(token, str) or not TOKEN.fullmatch(token):
        abort(400)
    if sent.get("session_id") != attempt.klarna_session_id:
        abort(400)
    waiting = (CheckoutAttempt.id == attempt_id, CheckoutAttempt.state == AttemptState.OPEN)
    approved = {"authorization_token": token, "authorized_at": utcnow(), "changed_at": utcnow()}
    kept = rows_changed(update(CheckoutAttempt).where(*waiting).values(**approved))
    db.session.commit()
    if kept:
        settle_soon(attempt_id)
    elif attempt.state in GIVEN_UP:
        free_soon(attempt_id)
    return "", 204


@blueprint.post("/notification/<attempt_id>/<secret>")
def notification(attempt_id: str, secret: str) -> ResponseReturnValue:
    """A review ended, of an order by either way to pay. What it says is not read: the order itself will be.

    Klarna names 200, and repeats every ten minutes for a day until it gets just that.
    """
    reviewing.note(_attempt(attempt_id, secret).id)
    return "", 200


def _attempt(attempt_id: str, secret: str) -> CheckoutAttempt:
    """The attempt whose secret this is. Compared also when there is none, and in constant time."""
    attempt = db.session.get(CheckoutAttempt, attempt_id)
    right = hmac.compare_digest((attempt.callback_secret if attempt else "-").encode(), secret.encode())
    return attempt if attempt is not None and right else abort(404)
