"""A subscription for a scenario: begun as any other is, and its first renewal come early. Commits."""

from datetime import timedelta

from flask import url_for
from sqlalchemy import select

from ..accounts.models import User
from ..extensions import db
from ..markets import Market
from ..payment_tokens import confirming, details, signups
from ..payment_tokens.models import TokenSignup
from ..payment_tokens.signups import OpenSignup
from ..subscriptions import renewing, signing_up
from ..subscriptions.dates import Rhythm
from ..subscriptions.models import Subscription
from ..subscriptions.signing_up import Terms
from .personas import HOMES


def begin(user: User, market: Market, slug: str) -> OpenSignup | None:
    """One bag a month, the first now, as on the page that leads to Klarna; None for what cannot be subscribed to.

    Raises KlarnaError, CheckoutRefused.
    """
    agreed = signing_up.agreed_now(market, slug)
    if agreed is None:
        return None
    terms = Terms(slug, Rhythm.MONTH, 1, trial=False)
    opened = signups.ready(signing_up.wish(user.id, market, agreed, terms, url_for("subscriptions.index")))
    details.save(user.id, opened.id, user.email, HOMES[market.code])
    return opened


def is_approved(signup_id: str) -> bool:
    """Whether Klarna's callback has come."""
    signup = db.session.get(TokenSignup, signup_id)
    return signup is None or signup.authorization_token is not None


def renew(signup_id: str) -> None:
    """Make a subscription of the approval, and charge the second bag, as a month later. Raises CheckoutRefused."""
    confirming.confirm_reported(signup_id)
    subscription = db.session.scalars(select(Subscription).filter_by(signup_id=signup_id)).one()
    renewing.renew(subscription.id, subscription.next_at + timedelta(minutes=1))
