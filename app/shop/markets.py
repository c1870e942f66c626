"""The markets the shop sells to: one row each. Cart, tax, widget and session all read this table.

Countries, currencies and locales that belong together:
https://docs.klarna.com/payments/web-payments/before-you-start/data-requirements/puchase-countries-currencies-locales/
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from app.klarna.config import Region


@dataclass(frozen=True)
class Delivery:
    """One way to get the parcel; ``fee`` and ``free_from`` in minor units of the market, tax as in its prices."""

    code: str
    name: str
    promise: str
    fee: int
    free_from: int | None = None

    def fee_for(self, goods: int) -> int:
        """The fee for a cart whose goods are worth this much."""
        return 0 if self.free_from is not None and goods >= self.free_from else self.fee


@dataclass(frozen=True)
class Market:
    """A country the shop delivers to. Rates are hundredths of a percent.

    ``locale`` is the language Klarna speaks there and how amounts are written; ``own_locale`` of most people there.
    Where ``prices_include_tax`` is false, lines carry no tax and ``sales_tax`` is added as a line of its own.
    """

    code: str
    country: str
    region: Region
    currency: str
    locale: str
    deliveries: tuple[Delivery, ...]
    prices_include_tax: bool = True
    standard_rate: int = 0
    reduced_rate: int = 0
    sales_tax: int = 0
    needs_state: bool = False
    postal_code: str = r"[0-9]{5}"
    postal_code_example: str = ""
    phone_prefix: str = ""
    town_lines: tuple[str, ...] = ("{postal_code} {city}",)
    own_locale: str = ""

    @property
    def babel_locale(self) -> str:
        return self.locale.replace("-", "_")

    def speaking_its_own(self) -> "Market":
        """The same market in the language of most people there."""
        return replace(self, locale=self.own_locale or self.locale)

    def takes_postal_code(self, typed: str) -> bool:
        return re.fullmatch(self.postal_code, typed) is not None

    def rate(self, tax: str) -> int:
        """The rate of a product's tax class, ``standard`` or ``reduced``."""
        return self.reduced_rate if tax == "reduced" else self.standard_rate

    def delivery(self, code: str) -> Delivery:
        """The delivery of this code, or the market's first when there is none."""
        return next((d for d in self.deliveries if d.code == code), self.deliveries[0])


def _deliveries(standard: int, free_from: int, express: int, days: str) -> tuple[Delivery, ...]:
    return (
        Delivery("standard", "Standard delivery", days, standard, free_from),
        Delivery("express", "Express delivery", "Next working day", express),
    )


MARKETS = (
    Market(
        code="DE",
        country="Germany",
        region=Region.EU,
        currency="EUR",
        locale="en-DE",
        own_locale="de-DE",
        standard_rate=1900,
        reduced_rate=700,
        deliveries=_deliveries(490, 7500, 1290, "2 to 3 working days"),
        postal_code_example="10178",
        phone_prefix="+49",
    ),
    Market(
        code="SE",
        country="Sweden",
        region=Region.EU,
        currency="SEK",
        locale="en-SE",
        own_locale="sv-SE",
        standard_rate=2500,
        reduced_rate=600,
        deliveries=_deliveries(4900, 79900, 12900, "2 to 4 working days"),
        postal_code=r"[0-9]{2,3} ?[0-9]{2,3}",
        postal_code_example="114 60",
        phone_prefix="+46",
    ),
    Market(
        code="GB",
        country="United Kingdom",
        region=Region.EU,
        currency="GBP",
        locale="en-GB",
        standard_rate=2000,
        reduced_rate=0,
        deliveries=_deliveries(390, 6000, 990, "2 to 3 working days"),
        postal_code=r"[A-Za-z]{1,2}[0-9][A-Za-z0-9]? ?[0-9][A-Za-z]{2}",
        postal_code_example="W1S 3BE",
        town_lines=("{city}", "{postal_code}"),
        phone_prefix="+44",
    ),
    Market(
        code="US",
        country="United States",
        region=Region.NA,
        currency="USD",
        locale="en-US",
        prices_include_tax=False,
        sales_tax=825,
        deliveries=_deliveries(590, 9000, 1790, "3 to 5 working days"),
        needs_state=True,
        postal_code=r"[0-9]{5}(-[0-9]{4})?",
        postal_code_example="10024",
        town_lines=("{city}, {region} {postal_code}",),
        phone_prefix="+1",
    ),
)


def address_lines(address: Mapping[str, str]) -> list[str]:
    """An address as people write it in its country, a line each; what is missing leaves no gap."""
    market = find(address.get("country", ""))
    names = ("given_name", "family_name", "street_address", "street_address2", "postal_code", "city", "region")
    parts = {name: address.get(name) or "" for name in names}
    towns = market.town_lines if market else ("{postal_code} {city}, {region}",)
    lines = ["{given_name} {family_name}", "{street_address}", "{street_address2}", *towns]
    written = (" ".join(line.format_map(parts).split()).replace(" ,", ",").strip(", ") for line in lines)
    country = market.country if market else address.get("country", "")
    return [line for line in (*written, country) if line]


def offered(regions: Iterable[Region]) -> tuple[Market, ...]:
    """The markets whose region has credentials, in the table's order."""
    available = frozenset(regions)
    return tuple(market for market in MARKETS if market.region in available)


def find(code: str, among: tuple[Market, ...] = MARKETS) -> Market | None:
    """The market of a country code, or None."""
    return next((market for market in among if market.code == code), None)


def get(code: str) -> Market:
    """The market of a country code that was stored once. Raises LookupError: rows are not taken out of the table."""
    market = find(code)
    if market is None:
        raise LookupError(code)
    return market
