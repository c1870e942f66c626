"""The states of attempts and orders: tables without dead ends or ways around."""

import pytest

from app.klarna.orders import OrderStatus
from app.klarna.payments import FraudStatus
from app.shop.checkout import reviews
from app.shop.checkout import states as attempts
from app.shop.checkout.states import AttemptState
from app.shop.orders import states as orders
from app.shop.orders.states import OrderState


def test_every_state_of_an_attempt_stands_in_the_table() -> None:
    assert set(attempts.NEXT) == set(AttemptState)


def test_an_attempt_is_placed_from_open_only_and_ends_for_good() -> None:
    assert attempts.before(AttemptState.PLACING) == [AttemptState.OPEN]
    assert attempts.before(AttemptState.COMPLETED) == [AttemptState.PLACING]
    assert attempts.before(AttemptState.DROPPED) == [AttemptState.NEW, AttemptState.OPEN]
    ends = {AttemptState.COMPLETED, AttemptState.FAILED, AttemptState.DROPPED}
    assert {state for state, reachable in attempts.NEXT.items() if not reachable} == ends


def test_every_state_of_an_order_has_words_and_stands_in_the_table() -> None:
    assert set(orders.NEXT) == set(orders.WORDS) == set(OrderState)


def test_a_failed_order_never_comes_to_life() -> None:
    assert not orders.NEXT[OrderState.FAILED]
    assert OrderState.FAILED not in orders.before(OrderState.PLACED)


def test_goods_leave_the_house_on_klarnas_yes_alone() -> None:
    assert orders.may_ship(OrderState.PLACED)
    for state in (OrderState.OPENED, OrderState.PENDING, OrderState.REJECTED, OrderState.STOPPED, OrderState.FAILED):
        assert not orders.may_ship(state)
    assert not orders.may_ship("a word nobody knows")


@pytest.mark.parametrize(
    ("state", "verdict", "status", "becomes"),
    [
        (OrderState.PENDING, FraudStatus.PENDING, OrderStatus.AUTHORIZED, None),
        (OrderState.PENDING, FraudStatus.ACCEPTED, OrderStatus.AUTHORIZED, OrderState.PLACED),
        (OrderState.PENDING, FraudStatus.ACCEPTED, OrderStatus.CAPTURED, OrderState.PLACED),
        (OrderState.PENDING, FraudStatus.REJECTED, OrderStatus.AUTHORIZED, OrderState.REJECTED),
        (OrderState.PENDING, FraudStatus.REJECTED, OrderStatus.CANCELLED, OrderState.REJECTED),
        (OrderState.PENDING, FraudStatus.PENDING, OrderStatus.CANCELLED, OrderState.CANCELLED),
        (OrderState.PENDING, FraudStatus.ACCEPTED, OrderStatus.EXPIRED, OrderState.CANCELLED),
        (OrderState.PLACED, FraudStatus.ACCEPTED, OrderStatus.AUTHORIZED, None),
        (OrderState.PLACED, FraudStatus.PENDING, OrderStatus.AUTHORIZED, None),
        (OrderState.PLACED, FraudStatus.REJECTED, OrderStatus.AUTHORIZED, OrderState.STOPPED),
        (OrderState.REJECTED, FraudStatus.ACCEPTED, OrderStatus.AUTHORIZED, None),
        (OrderState.STOPPED, FraudStatus.ACCEPTED, OrderStatus.AUTHORIZED, None),
    ],
)
def test_what_klarna_shows_decides_where_an_order_goes(
    state: OrderState, verdict: FraudStatus, status: OrderStatus, becomes: OrderState | None
) -> None:
    assert reviews.outcome(state, verdict, status) is becomes


def test_whatever_klarna_answers_at_first_has_a_state_and_words() -> None:
    assert set(reviews.AT_FIRST) == set(reviews.BY_VERDICT) == set(FraudStatus)
    assert set(reviews.AT_FIRST.values()) <= set(reviews.WORDS)
