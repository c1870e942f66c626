"""Amounts are integers in minor units. Here they get a tax and a face; nowhere else."""

import re
from collections.abc import Callable
from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision

Show = Callable[[int], str]

HUNDRED_PERCENT = 10_000  # rates are hundredths of a percent: 1900 is 19 %


def tax_within(total: int, rate: int) -> int:
    """The tax contained in ``total`` (minor units, tax included) at ``rate``, rounded half away from zero.

    Klarna's formula for ``total_tax_amount``, which allows a difference of one:
    https://docs.klarna.com/payments/web-payments/additional-resources/error-handling-and-validations/tax-handling/
    """
    return _divide(total * rate, HUNDRED_PERCENT + rate)


def tax_on_top(net: int, rate: int) -> int:
    """The tax to add to ``net`` (minor units, without tax) at ``rate``, rounded half away from zero."""
    return _divide(net * rate, HUNDRED_PERCENT)


def _divide(dividend: int, divisor: int) -> int:
    sign = -1 if dividend < 0 else 1
    return sign * ((2 * abs(dividend) + divisor) // (2 * divisor))


def show(amount: int, currency: str, locale: str) -> str:
    """An amount as the market's shoppers write it: ``show(25900, "EUR", "en_DE")`` is ``€259.00``."""
    return format_currency(Decimal(amount).scaleb(-get_currency_precision(currency)), currency, locale=locale)


def typed(text: str, currency: str) -> int:
    """What somebody typed as an amount: ``typed("12,5", "EUR")`` is ``1250``. Raises ValueError for anything odd.

    Thousands are not grouped, so that nobody's ``1,234`` is read as another's.
    """
    digits = get_currency_precision(currency)
    pattern = rf"[0-9]{{1,9}}([.,][0-9]{{1,{digits}}})?" if digits else "[0-9]{1,9}"
    if not re.fullmatch(pattern, text.strip()):
        raise ValueError("no amount")
    return int(Decimal(text.strip().replace(",", ".")).scaleb(digits))


def show_rate(rate: int) -> str:
    """``1900`` as ``19 %``, ``825`` as ``8.25 %``."""
    return f"{rate / 100:g} %"
