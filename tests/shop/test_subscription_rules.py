"""When a subscription is due, and what a refused charge leads to."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.klarna.errors import (
    BadRequest,
    ChargeFailed,
    Forbidden,
    InvalidOperation,
    KlarnaError,
    NotFound,
    PurchaseRejected,
    TokenCancelled,
    TokenSuspended,
    TokenUnusable,
)
from app.shop import markets
from app.shop.payment_tokens import rules as token_rules
from app.shop.payment_tokens.rules import Refusal
from app.shop.subscriptions import rules
from app.shop.subscriptions.dates import Rhythm, due_at, first_after
from app.shop.subscriptions.rules import Agreed, after_refusal

ANCHOR = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))
rhythms = st.sampled_from(list(Rhythm))
DAYS = (1, 3, 5)
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_a_month_without_the_day_ends_earlier_and_the_next_has_it_again() -> None:
    due = [due_at(ANCHOR, Rhythm.MONTH, period).date().isoformat() for period in range(5)]
    assert due == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]
    assert due_at(ANCHOR, Rhythm.MONTH, 25).date().isoformat() == "2028-02-29"


def test_a_week_is_seven_days() -> None:
    assert due_at(ANCHOR, Rhythm.WEEK, 3) == ANCHOR + timedelta(days=21)


@unhurried
@given(moments, rhythms, st.integers(0, 600))
def test_dates_only_grow(anchor: datetime, rhythm: Rhythm, period: int) -> None:
    assert due_at(anchor, rhythm, period) < due_at(anchor, rhythm, period + 1)


@unhurried
@given(moments, rhythms, st.integers(0, 50), moments)
def test_the_first_after_is_the_first_after(anchor: datetime, rhythm: Rhythm, dealt_with: int, now: datetime) -> None:
    found = first_after(anchor, rhythm, dealt_with, now)
    assert found >= dealt_with
    assert found == dealt_with or due_at(anchor, rhythm, found - 1) <= now
    assert due_at(anchor, rhythm, found) > now or found == dealt_with
    if found == dealt_with:
        assert due_at(anchor, rhythm, found) > now


@unhurried
@given(moments, rhythms, st.lists(moments, max_size=30))
def test_whenever_it_runs_no_period_is_charged_twice(anchor: datetime, rhythm: Rhythm, runs: list[datetime]) -> None:
    """Clocks that jump a year, go back, or stand still."""
    charged, following = [], 0
    for now in runs:
        ahead = first_after(anchor, rhythm, following, now)
        if ahead > following:
            charged.append(ahead - 1)
            following = ahead
    assert charged == sorted(set(charged))
    assert all(any(due_at(anchor, rhythm, period) <= now for now in runs) for period in charged)


def error(kind: type[KlarnaError], code: str = "") -> KlarnaError:
    return kind("charge payment token", 403, code)


@pytest.mark.parametrize(
    ("no", "why"),
    [
        (error(ChargeFailed, "PAYMENT_METHOD_FAILED"), Refusal.DECLINED),
        (error(ChargeFailed, "UNAVAILABLE_PAYMENT_METHOD"), Refusal.SHOPPER),
        (error(PurchaseRejected), Refusal.DECLINED),
        (error(TokenSuspended), Refusal.SUSPENDED),
        (error(TokenCancelled), Refusal.GONE),
        (error(NotFound, "TOKEN_NOT_FOUND"), Refusal.SHOPPER),
        (error(InvalidOperation), Refusal.SHOPPER),
        (error(TokenUnusable, "PAYMENT_METHOD_CURRENCY_MISMATCH"), Refusal.SHOPPER),
        (error(BadRequest), Refusal.OURS),
        (error(Forbidden, "MERCHANT_INACTIVE"), Refusal.OURS),
    ],
)
def test_what_a_no_means(no: KlarnaError, why: Refusal) -> None:
    assert token_rules.refusal(no) is why


@pytest.mark.parametrize("why", [Refusal.DECLINED, Refusal.SUSPENDED])
def test_a_declined_charge_is_tried_again_on_the_days_that_are_set_and_then_given_up(why: Refusal) -> None:
    follow = [after_refusal(why, refusals, DAYS) for refusals in (1, 2, 3, 4)]
    assert [then.days for then in follow[:3]] == [1, 3, 5]
    assert [then.gives_up for then in follow] == [False, False, False, True]
    assert not any(then.wants_shopper for then in follow)


@pytest.mark.parametrize("why", [Refusal.SHOPPER, Refusal.GONE])
def test_where_no_try_helps_the_shopper_has_until_the_last_day(why: Refusal) -> None:
    then = after_refusal(why, 1, DAYS)
    assert (then.wants_shopper, then.gives_up, then.days) == (True, False, 5)


@unhurried
@given(st.integers(1, 100))
def test_a_mistake_of_ours_costs_no_try(refusals: int) -> None:
    then = after_refusal(Refusal.OURS, refusals, DAYS)
    assert (then.counts, then.gives_up, then.wants_shopper) == (False, False, False)


@unhurried
@given(st.sampled_from(markets.MARKETS), st.integers(1, rules.MOST), st.integers(1, 100_000))
def test_a_delivery_costs_the_agreed_price_and_no_more(market: markets.Market, quantity: int, price: int) -> None:
    basket = rules.basket(market, Agreed(1, "house-blend", "MRW-COF-101", "House blend", "reduced", price), quantity)
    assert basket.goods == quantity * price
    assert basket.delivery_fee == 0
    assert basket.total == basket.goods + (0 if market.prices_include_tax else basket.tax)
