"""Contact and address of an attempt."""

from ..extensions import db
from . import outcomes
from .attempts import Shopper, find
from .models import AttemptState


def save(shopper: Shopper, attempt_id: str, email: str, address: dict[str, str]) -> None:
    """Keep who gets the order and where it goes. Commits. Raises CheckoutRefused."""
    attempt = find(attempt_id, shopper)
    if attempt is None:
        raise outcomes.not_yours()
    if attempt.state != AttemptState.OPEN or attempt.market != address["country"]:
        raise outcomes.cart_changed()
    attempt.email, attempt.address = email, address
    db.session.commit()


def forget(shopper: Shopper, attempt_id: str) -> None:
    """What was typed last cannot be delivered to: no order may follow with what was typed before. Commits."""
    attempt = find(attempt_id, shopper)
    if attempt is not None and attempt.state == AttemptState.OPEN:
        attempt.address = {}
        db.session.commit()
