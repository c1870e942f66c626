"""Tax and the face of amounts."""

import pytest

from app.shop.money import show, show_rate, tax_on_top, tax_within


@pytest.mark.parametrize(
    ("total", "rate", "tax"),
    [
        (25900, 1900, 4135),
        (2900, 2000, 483),
        (100, 0, 0),
        (0, 1900, 0),
        (-25900, 1900, -4135),
        (1, 1900, 0),
        (3, 2500, 1),
    ],
)
def test_tax_contained_in_a_total(total: int, rate: int, tax: int) -> None:
    assert tax_within(total, rate) == tax


@pytest.mark.parametrize(("net", "rate", "tax"), [(1590, 825, 131), (1000, 825, 83), (0, 825, 0), (-1000, 825, -83)])
def test_tax_on_top(net: int, rate: int, tax: int) -> None:
    assert tax_on_top(net, rate) == tax


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "shown"),
    [
        (123450, "EUR", "en_DE", "1.234,50 €"),
        (123450, "SEK", "en_SE", "1 234,50 kr"),
        (123450, "GBP", "en_GB", "£1,234.50"),
        (5, "USD", "en_US", "$0.05"),
    ],
)
def test_amounts_look_as_the_market_writes_them(amount: int, currency: str, locale: str, shown: str) -> None:
    assert show(amount, currency, locale).replace("\u00a0", " ") == shown


def test_rates() -> None:
    assert [show_rate(1900), show_rate(825), show_rate(0)] == ["19 %", "8.25 %", "0 %"]
