"""Where one may park, for how long, and what it costs. Pure: amounts in minor units of the market.

Whoever asks for a zone and a duration is told the price; nobody tells it to us.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..cart.basket import Basket, digital
from ..markets import Market

MINUTES = (30, 60, 120, 240)
DESCRIPTION = "Parking with one click"


@dataclass(frozen=True)
class Zone:
    """A zone; ``hourly`` by market, with tax as in that market's prices."""

    code: str
    name: str
    hourly: Mapping[str, int]


ZONES = (
    Zone("A", "Market square", {"DE": 320, "SE": 3200, "GB": 300, "US": 340}),
    Zone("B", "Harbour", {"DE": 240, "SE": 2400, "GB": 220, "US": 260}),
    Zone("C", "Station", {"DE": 160, "SE": 1600, "GB": 140, "US": 180}),
)


@dataclass(frozen=True)
class Tariff:
    """A zone for a while."""

    zone: Zone
    minutes: int

    @property
    def duration(self) -> str:
        """``30 minutes``, ``1 hour``, ``2 hours``."""
        if self.minutes < 60:
            return f"{self.minutes} minutes"
        return "1 hour" if self.minutes == 60 else f"{self.minutes // 60} hours"

    @property
    def name(self) -> str:
        return f"Parking, {self.zone.name}, {self.duration}"

    def basket(self, market: Market) -> Basket:
        """The price in a market, with its tax."""
        reference = f"parking-{self.zone.code.lower()}-{self.minutes}"
        return digital(market, reference, self.name, self.fee(market))

    def fee(self, market: Market) -> int:
        return self.zone.hourly[market.code] * self.minutes // 60


def find(zone: str, minutes: str) -> Tariff | None:
    """What somebody chose; None for what is not offered."""
    found = next((each for each in ZONES if each.code == zone), None)
    chosen = next((each for each in MINUTES if str(each) == minutes), None)
    return Tariff(found, chosen) if found and chosen else None


def from_price(market: Market) -> Basket:
    """Parking as such, at the lowest of its prices: what a permission to charge is asked for."""
    lowest = min(tariff.fee(market) for zone in ZONES for tariff in of_zone(zone))
    return digital(market, "parking", DESCRIPTION, lowest)


def of_zone(zone: Zone) -> list[Tariff]:
    """Everything that may be had in a zone, the shortest first."""
    return [Tariff(zone, minutes) for minutes in MINUTES]
