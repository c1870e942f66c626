"""How a session's amounts, dates, people and addresses read on the screen. Pure: text in, text out."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from babel import Locale, UnknownLocaleError, dates, numbers

DAYS_TO_PAY = 30
_TOWNS = {"GB": ("{city}", "{postal_code}"), "US": ("{city}, {region} {postal_code}",)}


def money(minor_units: int, currency: str, locale: str) -> str:
    """An amount in minor units as the session's locale writes it: 25900, EUR, de-DE is ``259,00 €``."""
    return numbers.format_currency(Decimal(minor_units) / 100, currency, locale=_known(locale))


def due_date(today: date, locale: str) -> str:
    """The last day to pay. The page is in English; the region decides the order of day and month."""
    territory = _known(locale).territory or "GB"
    return dates.format_date(today + timedelta(days=DAYS_TO_PAY), "long", _known(f"en-{territory}"))


def order_lines(request: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Name, quantity and amount of each line; the names are the merchant's and may hold anything."""
    currency, locale = request["purchase_currency"], request.get("locale", "en-GB")
    return [
        {
            "name": line["name"],
            "quantity": line["quantity"],
            "amount": money(line["total_amount"], currency, locale),
        }
        for line in request["order_lines"]
    ]


def total(request: Mapping[str, Any]) -> str:
    """The amount to pay."""
    return money(request["order_amount"], request["purchase_currency"], request.get("locale", "en-GB"))


def address_lines(address: Mapping[str, Any] | None) -> list[str]:
    """An address as it stands on a parcel; empty when there is none worth showing."""
    if not address or not address.get("street_address"):
        return []
    name = " ".join(_texts(address, "given_name", "family_name"))
    where = "".join(_texts(address, "country")).upper()
    rows = [name, *_texts(address, "organization_name", "street_address", "street_address2"), *_town(address, where)]
    return [row for row in (*rows, country(where)) if row]


def _town(address: Mapping[str, Any], where: str) -> list[str]:
    """Town and postal code in the order of their country."""
    parts = {name: "".join(_texts(address, name)) for name in ("postal_code", "city", "region")}
    lines = _TOWNS.get(where, ("{postal_code} {city}, {region}",))
    return [" ".join(line.format_map(parts).split()).replace(" ,", ",").strip(", ") for line in lines]


def country(code: str) -> str:
    """A country's English name."""
    name = Locale("en").territories.get(code.upper())
    return str(name or code)


def phone(number: str) -> str:
    """An international number in groups, as people write it: ``+49 1761 4284340``."""
    parts = re.fullmatch(r"\+(1|31|44|46|49)0?(\d{3,4}?)(\d{6,7})", number)
    return f"+{parts[1]} {parts[2]} {parts[3]}" if parts else number


def initials(name: str) -> str:
    """Two letters for the picture of somebody who has none."""
    return "".join(word[0] for word in name.split()[:2]).upper()


def short_name(given_name: str, family_name: str) -> str:
    """``T. Person-us``: enough to know oneself by, little for who looks over the shoulder."""
    return f"{given_name[:1]}. {family_name}"


def _texts(address: Mapping[str, Any], *names: str) -> list[str]:
    return [str(address[name]) for name in names if address.get(name)]


def _known(locale: str) -> Locale:
    """Babel's locale for Klarna's; the language alone where the pair is not listed, English at last."""
    language = locale.partition("-")[0]
    for candidate in (locale, language):
        try:
            return Locale.parse(candidate, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en", "GB")
