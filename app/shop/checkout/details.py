"""Contact and address of an attempt."""

from ..extensions import db
from . import outcomes
from .attempts import Shopper, find
from .models import CheckoutAttempt, change
from .states import HAS_ORDER, AttemptState


def save(shopper: Shopper, attempt_id: str, email: str, address: dict[str, str]) -> None:
    """Keep who gets the order and where it goes. Commits. Raises CheckoutRefused."""
    attempt = db.session.get(CheckoutAttempt, attempt_id)
    if attempt is not None and attempt.state in HAS_ORDER:
        raise outcomes.has_order()
    if attempt is None or not shopper.owns(attempt):
        raise outcomes.not_yours()
    kept = attempt.market == address["country"] and change(
        attempt_id, AttemptState.OPEN, email=email, address=address, looked_at=None
    )
    db.session.commit()
    if not kept:
        raise outcomes.has_order() if attempt.state in HAS_ORDER else outcomes.cart_changed()


def forget(shopper: Shopper, attempt_id: str) -> None:
    """What was typed last cannot be delivered to: no order may follow with what was typed before. Commits."""
    if find(attempt_id, shopper) is not None:
        change(attempt_id, AttemptState.OPEN, address={})
        db.session.commit()
