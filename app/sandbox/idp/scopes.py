"""What each scope asks for: the claims it brings, how the consent page names it, whether it may be refused there.

Pure. https://docs.klarna.com/conversion-boosters/sign-in-with-klarna/additional-resources/scopes-and-claims/
"""

from collections.abc import Iterable
from dataclasses import dataclass

OPENID = "openid"
OFFLINE = "offline_access"
# Either of them makes an access token good for a purchase without login: documents name one, plugins the other.
FOR_PURCHASES = ("customer:login", "payment:request:create")


@dataclass(frozen=True)
class Item:
    """One row of the consent page: what a shopper agrees to, or may switch off."""

    label: str
    claims: tuple[str, ...] = ()
    optional: bool = False


_NAME = Item("Name", ("given_name", "family_name"))
_EMAIL = Item("E-mail", ("email", "email_verified"))
_PHONE = Item("Mobile number", ("phone", "phone_verified"))
_BIRTH = Item("Date of birth", ("date_of_birth",), optional=True)
_BILLING = Item("Billing address", ("billing_address",), optional=True)
_SHIPPING = Item("Delivery address", ("shipping_address",), optional=True)
_COUNTRY = Item("Country", ("country",), optional=True)
_LOCALE = Item("Language", ("locale",), optional=True)
_NATIONAL = Item(
    "National identification number",
    ("national_identification_number", "national_identification_number_country"),
    optional=True,
)
_PROFILE = Item("Name, date of birth and language", ("given_name", "family_name", "date_of_birth", "locale"))
_PURCHASE = Item("Pay with Klarna without logging in again")

ITEMS: dict[str, Item] = {
    "profile:name": _NAME,
    "profile:email": _EMAIL,
    "profile:phone": _PHONE,
    "profile:date_of_birth": _BIRTH,
    "profile:billing_address": _BILLING,
    "profile:shipping_address": _SHIPPING,
    "profile:national_id": _NATIONAL,
    "profile:national_identification": _NATIONAL,
    "profile:country": _COUNTRY,
    "profile:locale": _LOCALE,
    "profile:verified:name": Item("That your name is verified", ("name_verified",)),
    "profile:verified:date_of_birth": Item("That your date of birth is verified", ("date_of_birth_verified",)),
    "profile": _PROFILE,
    "email": _EMAIL,
    "phone": _PHONE,
    "billing_address": _BILLING,
    "national_identification_number": _NATIONAL,
    "profile:gender": Item("Gender", optional=True),
    "profile:customer_id": Item("Your customer number at Klarna"),
    "personalization:interests": Item("Interests", optional=True),
    OFFLINE: Item("Stay connected, so that you need not sign in each time"),
    "customer:login": _PURCHASE,
    "payment:request:create": _PURCHASE,
    "create_payment_session": _PURCHASE,
    "payment:recurring": Item("Ask for payments again"),
    "payment:authorization:list": Item("See payments you approved"),
    "payment:customer_present": Item("Ask for payments while you are there"),
    "payment:customer_not_present": Item("Ask for payments later, such as for a subscription"),
    "customer:purchase_power": Item("How much you can buy for"),
    "customer:account_management": Item("Manage your account"),
    "customer:purchase_management": Item("Manage your purchases"),
    "customer:prequalified_offers": Item("Offers you qualify for"),
}
"""In the order the consent page lists them. Scopes without a row (`openid`, `default`) ask for nothing visible."""

CLAIMS = frozenset(claim for item in ITEMS.values() for claim in item.claims)


def parse(text: str | None) -> tuple[str, ...]:
    """The scopes of a parameter, each once, in its order."""
    return tuple(dict.fromkeys((text or "").split()))


def claims(granted: Iterable[str]) -> frozenset[str]:
    """The names of the claims that granted scopes bring."""
    return frozenset(name for scope in granted if scope in ITEMS for name in ITEMS[scope].claims)


def items(asked: Iterable[str]) -> list[Item]:
    """The rows of a consent page, each once."""
    wanted = set(asked)
    return list(dict.fromkeys(item for scope, item in ITEMS.items() if scope in wanted))


def declined(asked: Iterable[str], kept: Iterable[str]) -> tuple[str, ...]:
    """The optional scopes among those asked for whose row was switched off; `kept` are the labels left on."""
    left = set(kept)
    return tuple(
        scope for scope in asked if scope in ITEMS and ITEMS[scope].optional and ITEMS[scope].label not in left
    )


def good_for_purchases(granted: Iterable[str]) -> bool:
    """Whether an access token with these scopes skips the login of a purchase."""
    return bool(set(granted) & set(FOR_PURCHASES))
