"""What the shop writes to shoppers about, and what each letter says. Pure: amounts come in words already."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a letter tells. Of each kind an order gets one; of shipped and refunded one each time it happens."""

    CONFIRMED = "confirmed"
    PENDING = "pending"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    STOPPED = "stopped"
    SHIPPED = "shipped"
    REFUNDED = "refunded"
    UNLINKED = "unlinked"
    WALLET = "wallet"
    SUBSCRIBED = "subscribed"
    CHARGED = "charged"
    CHARGE_FAILED = "charge_failed"
    SKIPPED = "skipped"
    SUBSCRIPTION_ENDED = "subscription_ended"


@dataclass(frozen=True)
class Line:
    """A line of an order as it is read: amounts with their currency."""

    name: str
    quantity: int
    total: str


@dataclass(frozen=True)
class Parcel:
    """How something travels; what is not known of it is empty. ``link`` is a web address."""

    company: str
    number: str
    link: str


@dataclass(frozen=True)
class OrderLetter:
    """What a letter about an order, or a part of one, knows. ``address`` is where the page of the order is, empty for
    a guest's; ``klarna_number`` is Klarna's order id, which Klarna asks merchants to write:
    https://docs.klarna.com/payments/get-started/integration-checklist/ .
    """

    number: str
    goods: tuple[Line, ...]
    extras: tuple[Line, ...]
    total: str
    tax: str
    paid_by: str
    klarna_number: str
    goes_to: tuple[str, ...]
    address: str
    parcel: Parcel | None = None
    more_follows: bool = False


@dataclass(frozen=True)
class LinkLetter:
    """What a letter about the end of a link knows. ``by_shopper`` is False when it was ended at Klarna."""

    region_name: str
    by_shopper: bool
    address: str


@dataclass(frozen=True)
class WalletLetter:
    """What a letter about paying with one click knows: the country of the market, and where it is kept."""

    country: str
    address: str


@dataclass(frozen=True)
class SubscriptionLetter:
    """What a letter about a subscription knows. ``next_try`` and ``why`` are empty unless a charge failed;
    ``needs_payment`` when only the shopper can help. ``address`` is where subscriptions are kept.
    """

    what: str
    total: str
    next_date: str
    next_try: str
    why: str
    needs_payment: bool
    address: str


def subject(kind: Kind, shop_name: str, number: str = "") -> str:
    """One line, whatever the shop is called."""
    said = {
        Kind.CONFIRMED: f"Your order {number} is confirmed",
        Kind.PENDING: f"Your order {number} is waiting for Klarna",
        Kind.REJECTED: f"Your order {number} was not approved",
        Kind.CANCELLED: f"Your order {number} is cancelled",
        Kind.STOPPED: f"Your order {number} is on hold",
        Kind.SHIPPED: f"Your order {number} is on its way",
        Kind.REFUNDED: f"Money back for your order {number}",
        Kind.WALLET: "You pay with one click",
        Kind.UNLINKED: "Your Klarna account is unlinked",
        Kind.SUBSCRIBED: "Your subscription has begun",
        Kind.CHARGED: f"Your coffee is ordered: {number}",
        Kind.CHARGE_FAILED: "We could not charge Klarna for your subscription",
        Kind.SKIPPED: "Your coffee is sold out this time",
        Kind.SUBSCRIPTION_ENDED: "Your subscription has ended",
    }[kind]
    return " ".join(f"{said} · {shop_name}".split())
