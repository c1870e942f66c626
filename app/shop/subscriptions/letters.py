"""Letters about subscriptions, in the transaction of what they tell."""

from datetime import datetime

from babel.dates import format_date

from ..mail import service as mail
from ..mail.letters import Kind, SubscriptionLetter
from ..markets import get as get_market
from ..money import show
from ..orders import letters as orders
from ..orders.models import Order
from ..payment_tokens.rules import WORDS, Refusal
from ..web import public_url
from .models import Subscription


def write(
    kind: Kind,
    subscription: Subscription,
    order: Order | None = None,
    next_try: datetime | None = None,
    why: Refusal | None = None,
) -> bool:
    """Write to whoever subscribed; False when there is no letter. About an order: once of each kind."""
    market = get_market(subscription.market)
    letter = SubscriptionLetter(
        what=subscription.words,
        total=show(subscription.basket.total, market.currency, market.babel_locale),
        next_date=_date(subscription.next_at),
        next_try=_date(next_try) if next_try else "",
        why=WORDS[why] if why else "",
        needs_payment=subscription.needs_payment,
        address=public_url("subscriptions.index"),
    )
    return mail.about_subscription(kind, subscription.email, letter, orders.about(kind, order) if order else None)


def _date(moment: datetime) -> str:
    return format_date(moment, "d MMMM y", locale="en_GB")
