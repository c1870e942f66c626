"""What Klarna calls. Answered at once and worked on later; a callback is a hint, never a proof.

https://docs.klarna.com/payments/web-payments/integrate-with-klarna-payments/other-actions/authorization-callback/
"""

import hmac

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy import update

from ..extensions import csrf, db, limiter, rows_changed, utcnow
from .models import CheckoutAttempt
from .placing import TOKEN
from .reconcile import settle_soon
from .states import AttemptState

blueprint = Blueprint("callbacks", __name__, url_prefix="/klarna/callbacks")
csrf.exempt(blueprint)
limiter.exempt(blueprint)


@blueprint.post("/authorization/<attempt_id>/<secret>")
def authorization(attempt_id: str, secret: str) -> ResponseReturnValue:
    """Keep the token of an approval: if the browser never brings it, the reconciler places the order."""
    attempt = db.session.get(CheckoutAttempt, attempt_id)
    # Compared also when there is no such attempt, and in constant time.
    right = hmac.compare_digest((attempt.callback_secret if attempt else "-").encode(), secret.encode())
    if attempt is None or not right:
        abort(404)
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
    return "", 204
