"""The session of somebody who signs in, by whichever way."""

import time

from flask import request, session
from flask_login import login_user

from .models import User

REMEMBERED = "shop_remember"
PROOF = "proved_at"
PROOF_LASTS = 600  # seconds
KEPT = ("cart", "market", "orders", "browser", "klarna_checkout", "klarna_checkouts", "demo")


def begin_session(user: User, remember: bool = False) -> None:
    """Sign in with a session made anew: only what says nothing of who somebody is comes along."""
    kept = {key: session[key] for key in KEPT if key in session}
    session.clear()
    session.update(kept)
    if not remember and REMEMBERED in request.cookies:
        session["_remember"] = "clear"  # Flask-Login's: or the long-lived cookie of somebody else would come back
    session.permanent = remember
    login_user(user, remember=remember)


def note_proof() -> None:
    """Whoever holds this session proved a moment ago, elsewhere, that they are its owner."""
    session[PROOF] = int(time.time())


def proved_lately() -> bool:
    """Whether somebody without a password may do what others have to give theirs for."""
    proved_at = session.get(PROOF)
    return isinstance(proved_at, int) and 0 <= time.time() - proved_at < PROOF_LASTS
