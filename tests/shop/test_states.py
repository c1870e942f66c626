"""The states of attempts and orders: tables without dead ends or ways around."""

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
