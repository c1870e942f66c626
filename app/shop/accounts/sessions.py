"""The session of somebody who signs in, by whichever way."""

from flask import session
from flask_login import login_user

from .models import User

KEPT = ("cart", "market", "orders", "browser", "klarna_checkout")


def begin_session(user: User, remember: bool = False) -> None:
    """Sign in with a session made anew: only what says nothing of who somebody is comes along."""
    kept = {key: session[key] for key in KEPT if key in session}
    session.clear()
    session.update(kept)
    session.permanent = remember
    login_user(user, remember=remember)
