"""Contact and address of a sign-up for a token."""

from ..extensions import db
from . import finishing, outcomes
from .models import change
from .signups import find
from .states import SignupState


def save(user_id: int | None, signup_id: str, email: str, address: dict[str, str]) -> None:
    """Keep who it is and where parcels go. Commits. Raises CheckoutRefused."""
    signup = find(user_id, signup_id)
    if signup is None:
        raise outcomes.not_yours()
    kept = signup.market == address["country"] and change(
        signup_id, SignupState.OPEN, email=email, address=address, looked_at=None
    )
    db.session.commit()
    if not kept:
        raise outcomes.has_ended() if finishing.confirmed(signup) else outcomes.changed()


def forget(user_id: int | None, signup_id: str) -> None:
    """What was typed last cannot be delivered to: nothing may follow with what was typed before. Commits."""
    if find(user_id, signup_id) is not None:
        change(signup_id, SignupState.OPEN, address={})
        db.session.commit()
