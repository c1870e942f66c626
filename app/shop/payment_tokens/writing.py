"""A confirmed sign-up is written, its first order with it, before Klarna is asked for anything."""

import json
import uuid
from typing import Any

from ..catalogue import service as catalogue
from ..checkout.order_lines import billing_address, order_body
from ..checkout.outcomes import CheckoutRefused
from ..extensions import db, utcnow
from ..orders import service as orders
from ..orders.sold import Sold, SoldLine
from . import bodies, outcomes, signals
from .models import TokenSignup, move
from .signups import merchant_urls
from .states import CONFIRMED, WAYS, SignupState, Use


def write(signup: TokenSignup, authorization_token: str) -> bool:
    """Write all that Klarna will be asked, the first order included. Commits or changes nothing.

    False when somebody else is at it already. Raises CheckoutRefused.
    """
    if signup.state in CONFIRMED:
        return False
    if signup.user_id is None:
        raise outcomes.not_yours()
    if signup.state != SignupState.OPEN:
        raise outcomes.changed()
    if not signup.address:
        raise outcomes.details_missing()
    target = SignupState.ORDERING if signup.order_number else SignupState.TOKENIZING
    if not move(signup.id, target, asked_at=utcnow()):
        db.session.rollback()
        return False
    try:
        _keep(signup, authorization_token)
    except CheckoutRefused:
        db.session.rollback()
        raise
    db.session.commit()
    return True


def _keep(signup: TokenSignup, authorization_token: str) -> None:
    """What Klarna will be called with; the goods leave the shelf. Raises CheckoutRefused."""
    billing = billing_address(signup.email, signup.address)
    if signup.order_number:
        sold, use = _sold(signup.sold), Use(signup.use)
        for line in sorted((line for line in sold.lines if line.product_id), key=lambda line: line.product_id or 0):
            if not catalogue.take_stock(line.product_id or 0, line.quantity):
                raise outcomes.sold_out(line.name)
        order = orders.open_order(signup.order_number, signup.user_id, sold, signup.email, signup.address, WAYS[use])
        signup.order_id, signup.order_key = order.id, str(uuid.uuid4())
        body = order_body(signup.purchase, merchant_urls(signup), billing) | bodies.capturing(use)
        signup.order_body = json.dumps(body)
        signals.ordering.send(signup, order=order)
    signup.token_body = json.dumps(bodies.token_body(signup.purchase, signup.description, billing))
    signup.token_key = str(uuid.uuid4())
    signup.authorization_token, signup.authorized_at = authorization_token, utcnow()


def _sold(stored: dict[str, Any]) -> Sold:
    return Sold(**stored | {"lines": tuple(SoldLine(**line) for line in stored["lines"])})
