"""Which country goes with which currency and languages: section 3.

https://docs.klarna.com/payments/web-payments/before-you-start/data-requirements/puchase-countries-currencies-locales/
"""

from __future__ import annotations

from typing import Any

import pytest

from .bodies import american_purchase, changed, purchase
from .client import Klarna
from .expectations import assert_bad_value, assert_ok

EUROPE = {
    "AT": ("EUR", "de-AT en-AT"),
    "BE": ("EUR", "nl-BE fr-BE en-BE"),
    "CH": ("CHF", "de-CH fr-CH it-CH en-CH"),
    "CZ": ("CZK", "cs-CZ en-CZ"),
    "DE": ("EUR", "de-DE en-DE"),
    "DK": ("DKK", "da-DK en-DK"),
    "ES": ("EUR", "es-ES en-ES"),
    "FI": ("EUR", "fi-FI sv-FI en-FI"),
    "FR": ("EUR", "fr-FR en-FR"),
    "GB": ("GBP", "en-GB"),
    "GR": ("EUR", "el-GR en-GR"),
    "HU": ("HUF", "hu-HU en-HU"),
    "IE": ("EUR", "en-IE"),
    "IT": ("EUR", "it-IT en-IT"),
    "NL": ("EUR", "nl-NL en-NL"),
    "NO": ("NOK", "nb-NO en-NO"),
    "PL": ("PLN", "pl-PL en-PL"),
    "PT": ("EUR", "pt-PT en-PT"),
    "RO": ("RON", "ro-RO en-RO"),
    "SE": ("SEK", "sv-SE en-SE"),
    "SK": ("EUR", "sk-SK en-SK"),
}
NORTH_AMERICA = {"CA": ("CAD", "en-CA fr-CA"), "MX": ("MXN", "en-MX es-MX"), "US": ("USD", "en-US es-US")}


def rows(markets: dict[str, tuple[str, str]]) -> list[Any]:
    return [
        pytest.param(country, currency, locale, id=f"{country} {currency} {locale}")
        for country, (currency, locales) in markets.items()
        for locale in locales.split()
    ]


def market(country: str, currency: str, locale: str) -> dict[str, Any]:
    return {"purchase_country": country, "purchase_currency": currency, "locale": locale}


@pytest.mark.parametrize(("country", "currency", "locale"), rows(EUROPE))
def test_each_european_market_is_open(klarna: Klarna, country: str, currency: str, locale: str) -> None:
    assert_ok(klarna.create_session(purchase() | market(country, currency, locale)))


@pytest.mark.parametrize(("country", "currency", "locale"), rows(NORTH_AMERICA))
def test_each_north_american_market_is_open(north_america: Klarna, country: str, currency: str, locale: str) -> None:
    assert_ok(north_america.create_session(american_purchase() | market(country, currency, locale)))


@pytest.mark.parametrize(
    ("country", "currency", "locale"),
    [
        pytest.param(country, foreign, locales.split()[0], id=f"{country} {foreign}")
        for country, (currency, locales) in EUROPE.items()
        for foreign in (["USD"] if currency == "EUR" else ["EUR"])
    ],
)
def test_only_the_countrys_own_currency_is_taken(klarna: Klarna, country: str, currency: str, locale: str) -> None:
    answer = klarna.create_session(purchase() | market(country, currency, locale))
    assert_bad_value(answer, "purchase_currency")


@pytest.mark.parametrize(
    ("country", "currency", "locale"),
    [
        pytest.param("DE", "EUR", "sv-SE", id="Germany in Swedish"),
        pytest.param("DE", "EUR", "de-AT", id="Germany in Austrian"),
        pytest.param("DE", "EUR", "en-GB", id="Germany in British English"),
        pytest.param("DE", "EUR", "en-US", id="Germany in American English"),
        pytest.param("DE", "EUR", "de", id="Germany in a language alone"),
        pytest.param("SE", "SEK", "de-DE", id="Sweden in German"),
        pytest.param("SE", "SEK", "nb-NO", id="Sweden in Norwegian"),
        pytest.param("GB", "GBP", "en-US", id="Britain in American English"),
        pytest.param("GB", "GBP", "de-DE", id="Britain in German"),
        pytest.param("AT", "EUR", "de-DE", id="Austria in German"),
        pytest.param("BE", "EUR", "nl-NL", id="Belgium in Dutch"),
        pytest.param("CH", "CHF", "fr-FR", id="Switzerland in French"),
        pytest.param("IE", "EUR", "en-GB", id="Ireland in British English"),
        pytest.param("FI", "EUR", "sv-SE", id="Finland in Swedish"),
        pytest.param("NO", "NOK", "no-NO", id="Norway in the older code"),
    ],
)
def test_a_language_of_another_country_is_refused(klarna: Klarna, country: str, currency: str, locale: str) -> None:
    assert_bad_value(klarna.create_session(purchase() | market(country, currency, locale)), "locale")


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        pytest.param({"purchase_currency": "CAD"}, "purchase_currency", id="currency of Canada"),
        pytest.param({"purchase_currency": "EUR"}, "purchase_currency", id="currency of Europe"),
        pytest.param({"locale": "en-CA"}, "locale", id="English of Canada"),
        pytest.param({"locale": "en-GB"}, "locale", id="English of Britain"),
        pytest.param({"locale": "es-MX"}, "locale", id="Spanish of Mexico"),
    ],
)
def test_an_american_purchase_keeps_to_its_currency_and_languages(
    north_america: Klarna, changes: dict[str, Any], path: str
) -> None:
    assert_bad_value(north_america.create_session(changed(american_purchase(), changes)), path)


def test_codes_may_be_written_in_small_letters(klarna: Klarna) -> None:
    assert_ok(klarna.create_session(purchase() | market("de", "eur", "de-de")))
