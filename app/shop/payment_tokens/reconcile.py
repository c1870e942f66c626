"""What was interrupted between us and Klarna around tokens is finished here, from Klarna's answer."""

import logging
from collections.abc import Iterator

from sqlalchemy import or_, select

from app.klarna import KlarnaError

from .. import background
from ..checkout.outcomes import CheckoutRefused
from ..checkout.reconcile import APPROVAL_LIVES, BROWSER_HAS, GRACE
from ..extensions import db, utcnow
from ..markets import get as get_market
from ..web import klarna
from . import charging, confirming, endings, service
from .models import TokenSignup, change
from .states import UNDER_WAY, SignupState

log = logging.getLogger(__name__)


def settle_all() -> Iterator[str]:
    """Finish everything that was left half done; one line of words for each."""
    for signup_id in unsettled():
        yield f"sign-up {signup_id}: {settle(signup_id)}"
    for signup_id in unheard():
        _look(signup_id)
    for charge_id in charging.unanswered():
        yield f"charge {charge_id}: {_settle_charge(charge_id)}"
    read = service.look_at_new()
    if read:
        yield f"{read} payment tokens read"
    cancelled = endings.cancel_all()
    if cancelled:
        yield f"{cancelled} payment tokens cancelled"


def unsettled() -> list[str]:
    """Sign-ups that Klarna did not answer, and approvals that no browser brought back."""
    quiet = TokenSignup.changed_at < utcnow() - GRACE
    approved = (TokenSignup.state == SignupState.OPEN) & TokenSignup.authorization_token.is_not(None)
    waiting = select(TokenSignup.id).where(quiet, TokenSignup.state.in_(UNDER_WAY) | approved)
    return list(db.session.scalars(waiting.order_by(TokenSignup.opened_at)))


def unheard() -> list[str]:
    """Sign-ups for which Klarna's window was opened, and neither page nor callback said what became of it."""
    now = utcnow()
    silent = (
        TokenSignup.state == SignupState.OPEN,
        TokenSignup.authorization_token.is_(None),
        TokenSignup.email != "",
        TokenSignup.changed_at.between(now - APPROVAL_LIVES, now - GRACE),
        or_(TokenSignup.looked_at.is_(None), TokenSignup.looked_at < now - 10 * GRACE),
    )
    return list(db.session.scalars(select(TokenSignup.id).where(*silent)))


def look(signup_id: str) -> None:
    """Read a session: when page and callback were both lost, it still holds the approval."""
    signup = db.session.get_one(TokenSignup, signup_id)
    region, session_id, quiet_since = get_market(signup.market).region, signup.klarna_session_id, signup.changed_at
    db.session.commit()
    try:
        token = klarna(region).payments.read_session(session_id or "").authorization_token
    except KlarnaError as trouble:
        log.info("session of sign-up %s: %s", signup_id, trouble)
        token = ""
    found = {"authorization_token": token, "authorized_at": utcnow()} if token else {}
    change(signup_id, SignupState.OPEN, looked_at=utcnow(), changed_at=quiet_since, **found)
    db.session.commit()
    if token:
        settle(signup_id)


def _look(signup_id: str) -> None:
    """The same. Raises nothing: the next one has its turn whatever happens."""
    try:
        look(signup_id)
    except Exception:
        db.session.rollback()
        log.exception("sign-up %s could not be looked at", signup_id)


def settle(signup_id: str) -> str:
    """Finish one sign-up; what came of it, in words. Raises nothing: the next one has its turn whatever happens."""
    try:
        if db.session.get_one(TokenSignup, signup_id).state == SignupState.OPEN:
            confirming.confirm_reported(signup_id)
        else:
            confirming.ask_again(signup_id)
        return str(db.session.get_one(TokenSignup, signup_id).state)
    except CheckoutRefused as no:
        return no.code
    except Exception:
        db.session.rollback()
        log.exception("sign-up %s could not be settled", signup_id)
        return "not settled"


def settle_soon(signup_id: str) -> None:
    """Give the browser a moment to finish by itself, then finish in the background. Call it after the commit."""
    background.soon(lambda: _settle_if_left(signup_id), delay=BROWSER_HAS)


def _settle_if_left(signup_id: str) -> None:
    signup = db.session.get(TokenSignup, signup_id)
    if signup is not None and signup.authorization_token and signup.state == SignupState.OPEN:
        settle(signup_id)


def _settle_charge(charge_id: int) -> str:
    try:
        return str(charging.ask_again(charge_id))
    except Exception:
        db.session.rollback()
        log.exception("charge %s could not be settled", charge_id)
        return "not settled"
