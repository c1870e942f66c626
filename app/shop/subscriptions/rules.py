"""What a subscription is, and what becomes of it. Pure: no database, no clock, no network. Amounts in minor units."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from ..cart.basket import Basket, Item, price
from ..markets import Delivery, Market
from ..payment_tokens.bodies import Cadence
from ..payment_tokens.rules import Refusal

# What comes again and again.
SLUGS = frozenset({"house-blend"})
TRIAL_DAYS = 14
MOST = 10
DELIVERY = Delivery("subscription", "Delivery, free with your subscription", "", 0)


class SubscriptionState(StrEnum):
    """``past_due``: a charge was refused, and is tried again or waits for the shopper. ``paused``: by the shopper."""

    ACTIVE = "active"
    PAST_DUE = "past_due"
    PAUSED = "paused"
    ENDED = "ended"


class RenewalState(StrEnum):
    """What became of one period.

    ``charging`` Klarna is asked · ``charged`` there is an order · ``waiting`` refused, to be tried again or paid anew ·
    ``skipped`` sold out, nothing charged · ``given_up`` the subscription ended over it
    """

    CHARGING = "charging"
    CHARGED = "charged"
    WAITING = "waiting"
    SKIPPED = "skipped"
    GIVEN_UP = "given_up"


WORDS = {
    SubscriptionState.ACTIVE: "Active",
    SubscriptionState.PAST_DUE: "Payment failed",
    SubscriptionState.PAUSED: "Paused",
    SubscriptionState.ENDED: "Ended",
}
RENEWAL_WORDS = {
    RenewalState.CHARGING: "Klarna is being asked",
    RenewalState.CHARGED: "Charged",
    RenewalState.WAITING: "Not charged yet",
    RenewalState.SKIPPED: "Skipped, sold out; nothing charged",
    RenewalState.GIVEN_UP: "Not charged",
}
NOT_OVER = frozenset(SubscriptionState) - {SubscriptionState.ENDED}
RUNNING = frozenset({SubscriptionState.ACTIVE, SubscriptionState.PAST_DUE})
# After these no charge helps: the shopper has to let us charge Klarna anew.
WANT_THE_SHOPPER = frozenset({Refusal.SHOPPER, Refusal.GONE})


@dataclass(frozen=True)
class Agreed:
    """What was agreed at sign-up, and holds whatever the catalogue says later; ``unit_price`` in minor units."""

    product_id: int
    slug: str
    sku: str
    name: str
    tax: str
    unit_price: int

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Agreed":
        return cls(**{name: stored[name] for name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class Consequence:
    """What a refused charge leads to. ``days`` is how long after the first refusal something is done again.

    ``counts`` is False for a mistake of ours: the shopper hears nothing of it.
    """

    counts: bool
    gives_up: bool = False
    wants_shopper: bool = False
    days: int = 1


def after_refusal(why: Refusal, refusals: int, retry_days: tuple[int, ...]) -> Consequence:
    """What follows from the ``refusals``-th no in a row for one period.

    ==========================  =====================================================================
    why                         then
    ==========================  =====================================================================
    declined, suspended         tried again after so many days, given up when there are no more
    the shopper is wanted       asked to pay anew, given up when the last of those days has passed
    our mistake                 tried again a day later; it costs no try
    ==========================  =====================================================================
    """
    if why is Refusal.OURS:
        return Consequence(counts=False)
    if why in WANT_THE_SHOPPER:
        return Consequence(counts=True, wants_shopper=True, days=retry_days[-1])
    if refusals > len(retry_days):
        return Consequence(counts=True, gives_up=True)
    return Consequence(counts=True, days=retry_days[refusals - 1])


def basket(market: Market, agreed: Agreed, quantity: int) -> Basket:
    """One delivery, priced as agreed; bringing it costs nothing. The tax is the law's of the day."""
    bags = Item(
        product_id=agreed.product_id,
        slug=agreed.slug,
        sku=agreed.sku,
        name=agreed.name,
        tax=agreed.tax,
        unit_price=agreed.unit_price,
        stock=quantity,
        quantity=quantity,
    )
    return price(replace(market, deliveries=(DELIVERY,)), (bags,), DELIVERY.code)


def cadence(name: str, rhythm: str) -> Cadence:
    """A subscription in Klarna's words."""
    return Cadence(name, rhythm.upper())


def in_words(name: str, quantity: int, rhythm: str) -> str:
    """``House blend, 2 bags every month``."""
    return f"{name}, {quantity} {'bag' if quantity == 1 else 'bags'} every {rhythm}"
