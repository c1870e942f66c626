"""Subscriptions of shoppers: begun when there is a token, shown, paused, changed, ended. Commits.

When they are charged, and what becomes of that, is :mod:`.renewing`'s.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import selectinload

from ..extensions import db, rows_changed, utcnow
from ..mail import sending
from ..mail.letters import Kind
from ..markets import get as get_market
from ..orders.states import PAYMENT_WORDS
from ..payment_tokens import endings
from ..payment_tokens import service as tokens
from ..payment_tokens.models import PaymentToken
from . import letters
from .dates import Rhythm, first_after
from .models import Renewal, Subscription
from .rules import NOT_OVER, RenewalState, SubscriptionState

SHOWN = 3


class NotPossible(Exception):
    """This cannot be done with the subscription as it stands. The text says why."""


@dataclass(frozen=True)
class Coming:
    """A delivery to come; ``total`` in minor units of the market."""

    at: datetime
    total: int


@dataclass(frozen=True)
class Sheet:
    """A subscription with all its owner is shown. ``owed`` is the renewal that was refused and is not settled."""

    subscription: Subscription
    currency: str
    coming: list[Coming]
    owed: Renewal | None
    payment_words: str


def find(user_id: int, subscription_id: int) -> Subscription | None:
    """The user's subscription of this id; None for everybody else's."""
    subscription = db.session.get(Subscription, subscription_id)
    return subscription if subscription is not None and subscription.user_id == user_id else None


def sheets(user_id: int) -> list[Sheet]:
    """A user's subscriptions with all that is shown of them, the living first."""
    mine = select(Subscription).where(Subscription.user_id == user_id).options(selectinload(Subscription.renewals))
    over = Subscription.state == SubscriptionState.ENDED
    found = list(db.session.scalars(mine.order_by(over, Subscription.id.desc())))
    ids = [subscription.payment_token_id for subscription in found]
    payments = {t.id: t for t in db.session.scalars(select(PaymentToken).where(PaymentToken.id.in_(ids)))}
    return [_sheet(subscription, payments.get(subscription.payment_token_id or 0)) for subscription in found]


def sheet(user_id: int, subscription_id: int) -> Sheet:
    """One of a user's subscriptions, which has to be there."""
    return next(sheet for sheet in sheets(user_id) if sheet.subscription.id == subscription_id)


def _sheet(subscription: Subscription, payment: PaymentToken | None) -> Sheet:
    goes_on = subscription.state in (SubscriptionState.ACTIVE, SubscriptionState.PAST_DUE)
    total = subscription.basket.total
    periods = range(subscription.next_period, subscription.next_period + SHOWN) if goes_on else ()
    return Sheet(
        subscription=subscription,
        currency=get_market(subscription.market).currency,
        coming=[Coming(subscription.due_at(period), total) for period in periods],
        owed=next((r for r in subscription.renewals if r.state == RenewalState.WAITING), None),
        payment_words=PAYMENT_WORDS.get(payment.payment_method, "") if payment else "",
    )


def pause(subscription: Subscription) -> None:
    """Nothing is charged or sent until it is resumed. Commits. Raises NotPossible."""
    if not move(subscription, {SubscriptionState.ACTIVE}, SubscriptionState.PAUSED):
        raise NotPossible("Only a subscription that runs can be paused.")
    _leave_out(subscription)
    db.session.commit()


def resume(subscription: Subscription) -> None:
    """It goes on with the next date of its rhythm; what was missed is not made up for. Commits. Raises NotPossible."""
    if not move(subscription, {SubscriptionState.PAUSED}, SubscriptionState.ACTIVE):
        raise NotPossible("This subscription is not paused.")
    skip_missed(subscription, utcnow())
    db.session.commit()


def change(subscription: Subscription, rhythm: Rhythm, quantity: int) -> None:
    """Another rhythm or number of bags, from the next delivery on, whose date stays. Commits. Raises NotPossible."""
    values: dict[str, object] = {"quantity": quantity}
    if rhythm != subscription.rhythm:
        values |= {"rhythm": str(rhythm)}
        values |= {"anchor_at": Subscription.next_at, "anchor_period": Subscription.next_period}
    _write(subscription, **values)


def send_to(subscription: Subscription, email: str, address: dict[str, str]) -> None:
    """Another address in the same market, from the next delivery on. Commits. Raises NotPossible."""
    if address["country"] != subscription.market:
        raise NotPossible("The subscription cannot move to another country. End it, and begin one there.")
    _write(subscription, email=email, address=address)


def cancel(subscription: Subscription) -> None:
    """End it, and the permission to charge with it. Commits. Raises NotPossible."""
    if not end(subscription, utcnow()):
        raise NotPossible("This subscription has ended already.")
    db.session.commit()
    endings.cancel_soon()
    sending.send_soon()


def end(subscription: Subscription, now: datetime) -> bool:
    """End a subscription, in the caller's transaction; False when it was before. Its token is cancelled afterwards."""
    if not move(subscription, NOT_OVER, SubscriptionState.ENDED, ended_at=now, needs_payment=False):
        return False
    db.session.refresh(subscription, ["payment_token_id"])  # somebody may have paid anew meanwhile
    _leave_out(subscription)
    token = tokens.find(subscription.user_id, subscription.payment_token_id)
    if token is not None:
        tokens.end(token)
    letters.write(Kind.SUBSCRIPTION_ENDED, subscription)
    return True


def skip_missed(subscription: Subscription, now: datetime) -> None:
    """The next delivery is the first of the rhythm that is still to come, in the caller's transaction."""
    rhythm, seen = Rhythm(subscription.rhythm), subscription.next_period
    ahead = first_after(subscription.anchor_at, rhythm, seen - subscription.anchor_period, now)
    period = ahead + subscription.anchor_period
    here = (Subscription.id == subscription.id, Subscription.next_period == seen)
    rows_changed(update(Subscription).where(*here).values(next_period=period, next_at=subscription.due_at(period)))


def _write(subscription: Subscription, **values: object) -> None:
    """Change what is not over. Commits. Raises NotPossible."""
    here = (Subscription.id == subscription.id, Subscription.state.in_(NOT_OVER))
    if not rows_changed(update(Subscription).where(*here).values(values)):
        db.session.rollback()
        raise NotPossible("This subscription has ended.")
    db.session.commit()


def move(
    subscription: Subscription, sources: Collection[SubscriptionState], target: SubscriptionState, **values: object
) -> bool:
    """Move a subscription on, in the caller's transaction; False when it is in none of ``sources`` any more."""
    here = (Subscription.id == subscription.id, Subscription.state.in_(sources))
    return bool(rows_changed(update(Subscription).where(*here).values(state=target, **values)))


def _leave_out(subscription: Subscription) -> None:
    """What was refused is not tried again."""
    waiting = update(Renewal).where(Renewal.subscription_id == subscription.id, Renewal.state == RenewalState.WAITING)
    rows_changed(waiting.values(state=RenewalState.GIVEN_UP, next_try_at=None))
