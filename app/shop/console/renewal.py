"""Klarna's sample customers begin anew: what an earlier sign-in with Klarna left in the shop is taken away. Commits."""

from sqlalchemy import select

from ..accounts import service as accounts
from ..accounts.service import WrongPassword
from ..extensions import db
from ..signin import profile, service
from ..signin.models import KlarnaIdentity
from ..web import settings
from .personas import PASSWORD


def begin_anew(email: str, phone: str) -> None:
    """Whoever signs in with Klarna under this e-mail or number is new to the shop: it may have kept one to itself.

    Offline alone. An account that a sign-in made is deleted; one with the demo's password is only disconnected, and
    one with a password of its own is left alone.
    """
    if settings().environment != "offline":
        return
    for row in list(db.session.scalars(select(KlarnaIdentity))):
        known = profile.of(row)
        if email == known.email or phone == known.phone:
            _let_go(row)


def _let_go(row: KlarnaIdentity) -> None:
    user = accounts.find_user(row.user_id)
    try:
        if user is not None and user.has_password:
            service.disconnect(user.id, row.id, PASSWORD)
        elif user is not None:
            accounts.delete(user, "")
    except WrongPassword:
        db.session.rollback()
