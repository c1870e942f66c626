"""How a subscription begins, and goes on with another token: what is wished for, and what follows when it is there."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from ..catalogue import service as catalogue
from ..catalogue.models import Product
from ..extensions import db, rows_changed, utcnow
from ..mail.letters import Kind
from ..markets import Market
from ..payment_tokens import service as tokens
from ..payment_tokens import signals
from ..payment_tokens.models import PaymentToken, TokenSignup
from ..payment_tokens.signups import Wish
from ..payment_tokens.states import Use
from . import letters, rules
from .dates import Rhythm, due_at
from .models import Renewal, Subscription
from .rules import NOT_OVER, Agreed, RenewalState
from .service import SHOWN, Coming


@dataclass(frozen=True)
class Terms:
    """What a shopper chooses on the page of a product."""

    slug: str
    rhythm: Rhythm
    quantity: int
    trial: bool


def agreed_now(market: Market, slug: str) -> Agreed | None:
    """The product at the price it has now; None for what cannot be subscribed to."""
    found = catalogue.detail(market, slug) if slug in rules.SLUGS else None
    row = db.session.scalar(select(Product).where(Product.slug == slug)) if found else None
    if found is None or row is None:
        return None
    return Agreed(row.id, found.slug, found.sku, found.name, row.tax, found.price)


def wish(user_id: int, market: Market, agreed: Agreed, terms: Terms, return_to: str) -> Wish:
    """What a token is wanted for: the first bag now, or nothing for the length of a trial."""
    rhythm = str(terms.rhythm)
    return Wish(
        user_id=user_id,
        use=Use.SUBSCRIPTION,
        basket=rules.basket(market, agreed, terms.quantity),
        buys_now=not terms.trial,
        description=rules.in_words(agreed.name, terms.quantity, rhythm),
        return_to=return_to,
        cadence=rules.cadence(agreed.name, rhythm),
        terms=asdict(agreed) | {"rhythm": rhythm, "quantity": terms.quantity, "trial": terms.trial},
    )


def wish_again(subscription: Subscription, return_to: str) -> Wish:
    """A new token for a subscription whose old one cannot be charged, or is to be replaced."""
    return Wish(
        user_id=subscription.user_id,
        use=Use.SUBSCRIPTION,
        basket=subscription.basket,
        buys_now=False,
        description=subscription.words,
        return_to=return_to,
        cadence=rules.cadence(subscription.name, subscription.rhythm),
        terms={"pays_again": subscription.id},
    )


def coming(terms: Terms, total: int) -> list[Coming]:
    """The next deliveries of a subscription that would begin now; the first is today's, or the trial's end."""
    first = utcnow() + timedelta(days=rules.TRIAL_DAYS if terms.trial else 0)
    return [Coming(due_at(first, terms.rhythm, period), total) for period in range(SHOWN)]


@signals.stored.connect
def on_token(signup: TokenSignup, token: PaymentToken) -> None:
    """A token is there: begin the subscription it is for, or let one go on with it; in the caller's transaction."""
    if token.use != Use.SUBSCRIPTION:
        return
    if "pays_again" in signup.terms:
        _pay_by(int(signup.terms["pays_again"]), token)
    else:
        _begin(signup, token)


def _begin(signup: TokenSignup, token: PaymentToken) -> None:
    """With the first bag bought, period 0 is dealt with; a trial lets it be due when it is over."""
    trial, rhythm = bool(signup.terms["trial"]), Rhythm(signup.terms["rhythm"])
    started = signup.authorized_at or utcnow()
    anchor = started + timedelta(days=rules.TRIAL_DAYS) if trial else started
    dealt_with = 0 if trial else 1
    subscription = Subscription(
        user_id=token.user_id,
        signup_id=signup.id,
        payment_token_id=token.id,
        **asdict(Agreed.read(signup.terms)),
        market=signup.market,
        quantity=signup.terms["quantity"],
        rhythm=str(rhythm),
        email=signup.email,
        address=signup.address,
        anchor_at=anchor,
        anchor_period=0,
        next_period=dealt_with,
        next_at=due_at(anchor, rhythm, dealt_with),
    )
    if not trial:
        total = signup.purchase["order_amount"]
        subscription.renewals = [_first(started, signup.order_number or "", total)]
    db.session.add(subscription)
    db.session.flush()
    letters.write(Kind.SUBSCRIBED, subscription)


def _first(at: datetime, number: str, total: int) -> Renewal:
    return Renewal(period=0, due_at=at, ran_at=at, state=RenewalState.CHARGED, order_number=number, total=total)


def _pay_by(subscription_id: int, token: PaymentToken) -> None:
    """Charge by another token from now on; what is owed may be tried at once, with as much patience as at first."""
    subscription = db.session.get(Subscription, subscription_id)
    old = tokens.find(token.user_id, subscription.payment_token_id) if subscription else None
    here = (Subscription.id == subscription_id, Subscription.user_id == token.user_id, Subscription.state.in_(NOT_OVER))
    by_it = update(Subscription).where(*here).values(payment_token_id=token.id, needs_payment=False)
    if subscription is None or not rows_changed(by_it):
        tokens.end(token)
        return
    waiting = update(Renewal).where(Renewal.subscription_id == subscription.id, Renewal.state == RenewalState.WAITING)
    rows_changed(waiting.values(next_try_at=Renewal.ran_at, refusals=0, refused_at=None))
    if old is not None and old.id != token.id:
        tokens.end(old)
