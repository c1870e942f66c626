"""What parking costs: whatever is chosen, in every market, lines and totals agree, and nobody names a price."""

import pytest

from app.shop.cart.basket import Kind
from app.shop.markets import MARKETS, Market
from app.shop.money import tax_on_top, tax_within
from app.shop.wallet import tariffs

ALL = [tariff for zone in tariffs.ZONES for tariff in tariffs.of_zone(zone)]


@pytest.mark.parametrize("market", MARKETS, ids=lambda market: market.code)
def test_lines_make_the_total_and_its_tax(market: Market) -> None:
    for tariff in ALL:
        basket = tariff.basket(market)
        ticket, *taxes = basket.lines
        assert ticket.kind is Kind.DIGITAL
        assert basket.total == sum(line.total for line in basket.lines)
        assert basket.total > 0
        if market.prices_include_tax:
            assert (basket.tax, taxes) == (tax_within(ticket.total, market.standard_rate), [])
        else:
            assert [line.total for line in taxes] == [basket.tax] == [tax_on_top(ticket.total, market.sales_tax)]


@pytest.mark.parametrize("market", MARKETS, ids=lambda market: market.code)
def test_longer_costs_more_and_no_time_is_given_away(market: Market) -> None:
    for zone in tariffs.ZONES:
        assert [zone.hourly[market.code] * t.minutes % 60 for t in tariffs.of_zone(zone)] == [0] * len(tariffs.MINUTES)
        totals = [tariff.basket(market).total for tariff in tariffs.of_zone(zone)]
        assert totals == sorted(set(totals))
    assert tariffs.from_price(market).total == min(tariff.basket(market).total for tariff in ALL)


@pytest.mark.parametrize(("zone", "minutes"), [("A", "60"), ("C", "240")])
def test_what_is_offered_is_found(zone: str, minutes: str) -> None:
    found = tariffs.find(zone, minutes)
    assert found is not None
    assert (found.zone.code, str(found.minutes)) == (zone, minutes)


@pytest.mark.parametrize(("zone", "minutes"), [("", ""), ("a", "60"), ("A", "060"), ("A", "61"), ("A", "6e1")])
def test_nothing_else_is(zone: str, minutes: str) -> None:
    assert tariffs.find(zone, minutes) is None
