"""Approvals that will not become an order: the shopper's credit at Klarna is freed.

https://docs.klarna.com/payments/web-payments/integrate-with-klarna-payments/other-actions/cancel-an-authorization/
"""

import logging

from app.klarna import KlarnaError

from .. import background
from ..extensions import db
from ..markets import get as get_market
from ..web import klarna
from .models import CheckoutAttempt, change
from .states import AttemptState

log = logging.getLogger(__name__)


def held(attempt: CheckoutAttempt) -> str:
    """The approval that counts: the one Klarna's session of an attempt holds, empty where it holds none. Commits first.

    Raises KlarnaError; NotFound when the session is over.
    """
    region, session_id = get_market(attempt.market).region, attempt.klarna_session_id or ""
    db.session.commit()
    return klarna(region).payments.read_session(session_id).authorization_token


def forget(attempt: CheckoutAttempt) -> None:
    """Klarna reported an approval of an open attempt, and the session holds none. Commits."""
    if attempt.authorization_token:
        change(attempt.id, AttemptState.OPEN, authorization_token=None)
    db.session.commit()


def free(attempt: CheckoutAttempt) -> None:
    """Cancel the approval of an attempt at Klarna. Commits first. Klarna's refusal of this changes nothing for us.

    It is the one its session holds: what a page or a callback brought may be the approval of somebody else's purchase,
    which our credentials would cancel as well.
    """
    region = get_market(attempt.market).region
    try:
        token = held(attempt)
        if token:
            klarna(region).payments.cancel_authorization(token)
    except KlarnaError as no:
        log.info("authorization was not cancelled: %s", no)


def free_soon(attempt_id: str) -> None:
    """Cancel in the background what was approved after the attempt was given up; a crash leaves it to lapse."""
    background.soon(lambda: free(db.session.get_one(CheckoutAttempt, attempt_id)))


def discard(attempt: CheckoutAttempt) -> None:
    """Forget the approval of an open attempt that was changed, and cancel it. Commits."""
    reported = attempt.authorization_token
    if reported and change(attempt.id, AttemptState.OPEN, authorization_token=None):
        free(attempt)
    db.session.commit()
