"""Sign-ups that are given up: nothing comes of them any more, and what the shopper approved is cancelled at Klarna."""

import logging

from app.klarna import KlarnaError
from app.klarna.errors import NotFound

from ..extensions import db
from ..markets import get as get_market
from ..web import klarna
from . import finishing
from .models import TokenSignup, move
from .states import SignupState

log = logging.getLogger(__name__)


def drop_if_gone(signup: TokenSignup) -> None:
    """Give up a sign-up whose session Klarna does not know any more. Raises KlarnaError."""
    region, session_id = get_market(signup.market).region, signup.klarna_session_id
    db.session.commit()
    if session_id:
        try:
            klarna(region).payments.read_session(session_id)
        except NotFound:
            drop(signup)


def held(signup: TokenSignup) -> str:
    """The approval that counts: the one Klarna's session holds, empty where it holds none. Commits first.

    Raises KlarnaError; NotFound when the session is over.
    """
    region, session_id = get_market(signup.market).region, signup.klarna_session_id or ""
    db.session.commit()
    return klarna(region).payments.read_session(session_id).authorization_token


def interrupt(signup_id: str) -> TokenSignup | None:
    """End the sign-up of a page whose shopper signed in or out meanwhile; it is returned when it is too late. Commits.

    Only the page that opened a sign-up knows its id.
    """
    signup = db.session.get(TokenSignup, signup_id)
    if signup is None or drop(signup):
        return None
    return signup if finishing.confirmed(signup) else None


def drop(signup: TokenSignup, approved: bool = False) -> bool:
    """Give a sign-up up: from now on no callback can make anything of it. Commits. False when it is past that.

    ``approved``: a page brought an approval. That one, or one that Klarna reported, is cancelled.
    """
    approved = approved or bool(signup.authorization_token)
    dropped = move(signup.id, SignupState.DROPPED, authorization_token=None)
    db.session.commit()
    if dropped and approved:
        _free(signup)
    return dropped


def _free(signup: TokenSignup) -> None:
    """Cancel the approval at Klarna that the sign-up's session holds: what a page or a callback brought may be
    somebody else's.
    """
    region = get_market(signup.market).region
    try:
        token = held(signup)
        if token:
            klarna(region).payments.cancel_authorization(token)
    except KlarnaError as no:
        log.info("authorization was not cancelled: %s", no)
