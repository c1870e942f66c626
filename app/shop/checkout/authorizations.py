"""Approvals that will not become an order: the shopper's credit at Klarna is freed.

https://docs.klarna.com/payments/web-payments/integrate-with-klarna-payments/other-actions/cancel-an-authorization/
"""

import logging

from app.klarna import KlarnaError

from ..extensions import db
from ..markets import get as get_market
from ..web import klarna
from .models import CheckoutAttempt, change
from .states import AttemptState

log = logging.getLogger(__name__)


def cancel(attempt: CheckoutAttempt, authorization_token: str) -> None:
    """Cancel an approval at Klarna. Commits first. Klarna's refusal of this changes nothing for us."""
    region = get_market(attempt.market).region
    db.session.commit()
    try:
        klarna(region).payments.cancel_authorization(authorization_token)
    except KlarnaError as no:
        log.info("authorization was not cancelled: %s", no)


def discard(attempt: CheckoutAttempt) -> None:
    """Forget the approval of an open attempt that was changed, and cancel it. Commits."""
    token = attempt.authorization_token
    if token and change(attempt.id, AttemptState.OPEN, authorization_token=None):
        cancel(attempt, token)
    db.session.commit()
