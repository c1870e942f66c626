"""The countries Klarna Payments serves, with the currency and the locales each one takes.

https://docs.klarna.com/payments/web-payments/before-you-start/data-requirements/puchase-countries-currencies-locales/
The region of a country is inferred from the continent of the host that serves it.
"""

from dataclasses import dataclass

from .merchants import Region


@dataclass(frozen=True)
class Market:
    """One country: only its own currency is taken, and only these locales."""

    country: str
    region: Region
    currency: str
    locales: tuple[str, ...]

    def speaks(self, locale: str) -> bool:
        return locale.casefold() in {known.casefold() for known in self.locales}


_EUROPE = """
AT EUR de-AT en-AT
BE EUR nl-BE fr-BE en-BE
CH CHF de-CH fr-CH it-CH en-CH
CZ CZK cs-CZ en-CZ
DE EUR de-DE en-DE
DK DKK da-DK en-DK
ES EUR es-ES en-ES
FI EUR fi-FI sv-FI en-FI
FR EUR fr-FR en-FR
GB GBP en-GB
GR EUR el-GR en-GR
HU HUF hu-HU en-HU
IE EUR en-IE
IT EUR it-IT en-IT
NL EUR nl-NL en-NL
NO NOK nb-NO en-NO
PL PLN pl-PL en-PL
PT EUR pt-PT en-PT
RO RON ro-RO en-RO
SE SEK sv-SE en-SE
SK EUR sk-SK en-SK
"""
_NORTH_AMERICA = """
CA CAD en-CA fr-CA
MX MXN en-MX es-MX
US USD en-US es-US
"""
_OCEANIA = """
AU AUD en-AU
NZ NZD en-NZ
"""


def _rows(region: Region, table: str) -> list[Market]:
    rows = (line.split() for line in table.strip().splitlines())
    return [Market(country, region, currency, tuple(locales)) for country, currency, *locales in rows]


MARKETS = {
    market.country: market
    for region, table in (
        (Region.EUROPE, _EUROPE),
        (Region.NORTH_AMERICA, _NORTH_AMERICA),
        (Region.OCEANIA, _OCEANIA),
    )
    for market in _rows(region, table)
}


def find(country: str) -> Market | None:
    """The market of a two-letter country code in either case, or None where Klarna Payments is not sold."""
    return MARKETS.get(country.upper())
