"""What is due is charged: each period once, however often, late, or in how many places at once this runs.

A period is claimed by a conditional UPDATE and a unique row, written with its charge and its order, and committed; then
Klarna is asked (:mod:`..payment_tokens.charging`). The answer moves the renewal in the transaction of the charge's end.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import select, update

from ..extensions import db, rows_changed, utcnow
from ..mail import sending
from ..mail.letters import Kind
from ..orders import letters as order_letters
from ..orders.models import Order
from ..orders.states import OrderState
from ..payment_tokens import charging, endings, signals
from ..payment_tokens import service as tokens
from ..payment_tokens.charging import NotChargeable, Purchase, SoldOut
from ..payment_tokens.models import TokenCharge, TokenSignup
from ..payment_tokens.rules import Refusal
from ..payment_tokens.states import Use
from ..web import settings
from . import letters, rules, service
from .dates import Rhythm, first_after
from .models import Renewal, Subscription
from .rules import RUNNING, RenewalState, SubscriptionState

log = logging.getLogger(__name__)

SAID = "Your subscription ordered this for you."


def renew_all(now: datetime) -> Iterator[str]:
    """Charge what is due by ``now`` (UTC), and what was refused and is to be tried again; a line of words for each."""
    owing = select(Renewal.subscription_id).where(Renewal.state == RenewalState.WAITING)
    due = select(Subscription.id).where(Subscription.state == SubscriptionState.ACTIVE, Subscription.next_at <= now)
    for subscription_id in list(db.session.scalars(due.where(Subscription.id.not_in(owing)))):
        yield from _told("subscription", renew, subscription_id, now)
    waiting = select(Renewal.id).where(Renewal.state == RenewalState.WAITING, Renewal.next_try_at <= now)
    for renewal_id in list(db.session.scalars(waiting)):
        yield from _told("renewal", try_again, renewal_id, now)
    endings.cancel_all()
    sending.send_all()


def renew(subscription_id: int, now: datetime) -> str:
    """Charge the newest period that is due; empty when somebody else does, or nothing is. Commits.

    Of several that were missed the newest is charged alone: nobody wants five bags because a program was off.
    """
    subscription = db.session.get_one(Subscription, subscription_id)
    anchor, rhythm, seen = subscription.anchor_at, Rhythm(subscription.rhythm), subscription.next_period
    ahead = first_after(anchor, rhythm, seen - subscription.anchor_period, now) + subscription.anchor_period
    if subscription.state != SubscriptionState.ACTIVE or ahead == seen:
        return ""
    here = (Subscription.id == subscription_id, Subscription.next_period == seen)
    running = (Subscription.state == SubscriptionState.ACTIVE, Subscription.rhythm == subscription.rhythm)
    claimed = update(Subscription).where(*here, *running)
    if not rows_changed(claimed.values(next_period=ahead, next_at=subscription.due_at(ahead))):
        db.session.rollback()
        return ""
    due, total = subscription.due_at(ahead - 1), subscription.basket.total
    renewal = Renewal(subscription_id=subscription_id, period=ahead - 1, due_at=due, ran_at=now, total=total)
    db.session.add(renewal)
    db.session.flush()
    return _charge(subscription, renewal)


def try_again(renewal_id: int, now: datetime) -> str:
    """Charge a period anew that was refused, or end what nobody paid for; empty when somebody else does. Commits."""
    renewal = db.session.get_one(Renewal, renewal_id)
    here = (Renewal.id == renewal_id, Renewal.state == RenewalState.WAITING, Renewal.tries == renewal.tries)
    again = {"state": RenewalState.CHARGING, "tries": renewal.tries + 1, "ran_at": now, "next_try_at": None}
    if not rows_changed(update(Renewal).where(*here, Renewal.next_try_at <= now).values(again)):
        db.session.rollback()
        return ""
    subscription = db.session.get_one(Subscription, renewal.subscription_id)
    if subscription.needs_payment or subscription.state not in RUNNING:
        _give_up(subscription, renewal)
        db.session.commit()
        return renewal.state_text
    renewal.total = subscription.basket.total
    return _charge(subscription, renewal)


def _charge(subscription: Subscription, renewal: Renewal) -> str:
    """Write charge and order with the claim, commit, and ask Klarna; what came of it, in words."""
    token = tokens.find(subscription.user_id, subscription.payment_token_id)
    charge = None
    try:
        with db.session.begin_nested():
            charge = charging.open_charge(token, _purchase(subscription))
            renewal.charge_id = charge.id
    except SoldOut:
        renewal.state = RenewalState.SKIPPED
        _go_on(subscription, renewal)
        letters.write(Kind.SKIPPED, subscription)
    except NotChargeable as why:
        log.warning("subscription %d: %s", subscription.id, why)
        _follow(subscription, renewal, Refusal.GONE, None)
    charge_id, renewal_id = renewal.charge_id, renewal.id
    db.session.commit()
    if charge is not None and charge_id is not None:
        charging.ask(charge_id)
    return db.session.get_one(Renewal, renewal_id).state_text


def _purchase(subscription: Subscription) -> Purchase:
    return Purchase(
        user_id=subscription.user_id,
        use=Use.SUBSCRIPTION,
        basket=subscription.basket,
        email=subscription.email,
        address=subscription.address,
        said=SAID,
        cadence=rules.cadence(subscription.name, subscription.rhythm),
    )


@signals.charged.connect
def on_charged(charge: TokenCharge, order: Order) -> None:
    """Klarna has the order of a renewal; in the caller's transaction."""
    renewal = _of(charge)
    if renewal is None:
        return
    subscription = db.session.get_one(Subscription, renewal.subscription_id)
    renewal.state, renewal.order_number, renewal.next_try_at = RenewalState.CHARGED, order.number, None
    _go_on(subscription, renewal)
    if order.state == OrderState.PENDING:
        order_letters.write(Kind.PENDING, order)
    else:
        letters.write(Kind.CHARGED, subscription, order)


@signals.refused.connect
def on_refused(charge: TokenCharge, order: Order) -> None:
    """Klarna refused the charge of a renewal; in the caller's transaction."""
    renewal = _of(charge)
    if renewal is None:
        return
    subscription = db.session.get_one(Subscription, renewal.subscription_id)
    if charge.payment_token_id == subscription.payment_token_id:
        _follow(subscription, renewal, Refusal(charge.refusal), order)
    else:  # the shopper pays by another token by now
        renewal.state, renewal.next_try_at = RenewalState.WAITING, renewal.ran_at


@signals.done.connect
def on_paid_anew(signup_id: str) -> None:
    """A new token is committed: what is owed is tried with it at once."""
    owed = select(Renewal).join(Subscription).where(Renewal.state == RenewalState.WAITING)
    by_it = TokenSignup.payment_token_id == Subscription.payment_token_id
    renewal = db.session.scalar(owed.join(TokenSignup, by_it).where(TokenSignup.id == signup_id))
    if renewal is not None:
        try_again(renewal.id, max(utcnow(), renewal.ran_at))
    endings.cancel_soon()


def _follow(subscription: Subscription, renewal: Renewal, why: Refusal, order: Order | None) -> None:
    """What a no leads to: another try, a question to the shopper, or the end; in the caller's transaction."""
    then = rules.after_refusal(why, renewal.refusals + 1, settings().retry_days)
    renewal.refusal = str(why)
    if then.gives_up or subscription.state not in RUNNING:
        _give_up(subscription, renewal)
        return
    began = renewal.ran_at
    if then.counts:
        renewal.refusals += 1
        began = renewal.refused_at = renewal.refused_at or renewal.ran_at
    if then.wants_shopper:
        began = renewal.ran_at
    earliest = renewal.ran_at + timedelta(days=1)  # also when the command was off while the days went by
    renewal.state, renewal.next_try_at = RenewalState.WAITING, max(earliest, began + timedelta(days=then.days))
    if then.counts and service.move(
        subscription, RUNNING, SubscriptionState.PAST_DUE, needs_payment=then.wants_shopper
    ):
        letters.write(Kind.CHARGE_FAILED, subscription, order, next_try=renewal.next_try_at, why=why)


def _give_up(subscription: Subscription, renewal: Renewal) -> None:
    """This period will not be charged; what still ran ends over it."""
    renewal.state, renewal.next_try_at = RenewalState.GIVEN_UP, None
    if subscription.state in RUNNING:
        service.end(subscription, renewal.ran_at)


def _go_on(subscription: Subscription, renewal: Renewal) -> None:
    """What was owed is dealt with: the rhythm goes on, with the first date that is still to come."""
    service.move(subscription, {SubscriptionState.PAST_DUE}, SubscriptionState.ACTIVE, needs_payment=False)
    service.skip_missed(subscription, renewal.ran_at)


def _told(what: str, job: Callable[[int, datetime], str], one: int, now: datetime) -> Iterator[str]:
    """One line of words. Raises nothing: the next one has its turn whatever happens."""
    try:
        said = job(one, now)
    except Exception:
        db.session.rollback()
        log.exception("%s %d could not be renewed", what, one)
        said = "not renewed"
    if said:
        yield f"{what} {one}: {said}"


def _of(charge: TokenCharge) -> Renewal | None:
    return db.session.scalar(select(Renewal).where(Renewal.charge_id == charge.id))
