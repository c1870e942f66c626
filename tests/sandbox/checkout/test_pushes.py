"""The push after a completed checkout: its timetable by the sandbox's clock, and what the switch makes of it."""

from dataclasses import replace

import pytest

from app.sandbox import clock, create_app
from app.sandbox.config import Settings
from tests.sandbox.checkout.conftest import URLS, Checkouts, Listener, Reply, german


def sold(checkouts: Checkouts, listener: Listener) -> str:
    """A completed order; its merchant listens."""
    order_id = checkouts.open(german(merchant_urls=URLS | {"push": f"{listener.url}/push/{{checkout.order.id}}"}))
    assert checkouts.complete(order_id).status_code == 200
    return order_id


def heard_after(checkouts: Checkouts, listener: Listener, minutes: float) -> int:
    """How many pushes there are in all once so many more minutes have passed."""
    checkouts.advance(minutes=minutes)
    checkouts.settle()
    return len(listener.received)


def test_it_comes_two_minutes_after_completion_with_an_empty_body(checkouts: Checkouts, listener: Listener) -> None:
    order_id = sold(checkouts, listener)
    assert heard_after(checkouts, listener, 1.5) == 0
    assert heard_after(checkouts, listener, 0.5) == 1
    assert listener.received == [(f"/push/{order_id}", None)]


def test_it_is_repeated_until_it_is_acknowledged(checkouts: Checkouts, listener: Listener) -> None:
    order_id = sold(checkouts, listener)
    for number, minutes in enumerate((2, 3, 10, 15, 30, 240, 240), start=1):
        assert heard_after(checkouts, listener, minutes) == number
    checkouts.acknowledge(order_id)
    assert heard_after(checkouts, listener, 300) == 7


def test_it_ends_by_itself_after_48_hours(checkouts: Checkouts, listener: Listener) -> None:
    sold(checkouts, listener)
    assert heard_after(checkouts, listener, 47 * 60) == 1
    assert heard_after(checkouts, listener, 60) == 1
    assert heard_after(checkouts, listener, 600) == 1


def test_an_answer_of_200_alone_ends_nothing_and_a_500_is_not_repeated_at_once(
    checkouts: Checkouts, listener: Listener
) -> None:
    order_id = sold(checkouts, listener)
    listener.replies[f"/push/{order_id}"] = Reply(500)
    assert heard_after(checkouts, listener, 2) == 1
    [row] = checkouts.control("GET", "callbacks").json
    assert (row["kind"], row["state"], row["order_id"]) == ("checkout push", "given up", order_id)
    listener.replies.clear()
    assert heard_after(checkouts, listener, 3) == 2
    assert heard_after(checkouts, listener, 10) == 3


@pytest.mark.parametrize(("manner", "times"), [("lost", 0), ("twice", 2), ("burst", 5)])
def test_the_switch_decides_how_often_it_comes(
    checkouts: Checkouts, listener: Listener, manner: str, times: int
) -> None:
    checkouts.control("PATCH", "switches", {"push": manner})
    sold(checkouts, listener)
    assert heard_after(checkouts, listener, 2) == times


def test_one_that_is_lost_comes_next_time(checkouts: Checkouts, listener: Listener) -> None:
    checkouts.control("PATCH", "switches", {"push": "lost"})
    sold(checkouts, listener)
    heard_after(checkouts, listener, 2)
    checkouts.control("PATCH", "switches", {"push": "on"})
    assert heard_after(checkouts, listener, 3) == 1


def test_a_late_one_comes_after_the_delay(settings: Settings, listener: Listener) -> None:
    late = Checkouts(create_app(replace(settings, callback_delay=0.3)))
    late.control("PATCH", "switches", {"push": "delayed"})
    sold(late, listener)
    assert heard_after(late, listener, 2) == 1
    late.control("POST", "reset")  # or the next one came from here in a minute


def test_a_restart_loses_none(checkouts: Checkouts, listener: Listener, settings: Settings) -> None:
    sold(checkouts, listener)
    with checkouts.app.app_context():
        clock.advance(120)
    restarted = Checkouts(create_app(settings))
    restarted.settle()
    assert len(listener.received) == 1


def test_a_reset_forgets_it(checkouts: Checkouts, listener: Listener) -> None:
    sold(checkouts, listener)
    checkouts.control("POST", "reset")
    assert heard_after(checkouts, listener, 5) == 0
