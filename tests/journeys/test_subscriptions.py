"""Subscribing: a token, and charges by it, each once, whatever happens between the two programs."""

from tests.support.programs import Programs
from tests.support.subscriber import (
    charges,
    payment_tokens,
    renew,
    renewals,
    sign_up,
    subscribed,
    subscription,
)
from tests.support.visitor import Visitor


def test_the_first_bag_is_bought_with_the_token(programs: Programs) -> None:
    visitor = Visitor(programs)
    visitor.register()
    page = sign_up(visitor, "month", quantity=2).finish()
    (order,) = programs.klarna_orders()
    assert order["order_amount"] == 2 * 1290
    assert order["merchant_reference1"] in page.text
    assert [token["status"] for token in payment_tokens(programs)] == ["ACTIVE"]
    assert "2 bags every month" in page.text
    assert programs.stock("house-blend") == 48


def test_a_trial_costs_nothing_and_is_charged_when_it_is_over(programs: Programs) -> None:
    subscribed(programs, start="trial")
    assert programs.klarna_orders() == []
    assert renew(programs, "--days", "13") == []
    (line,) = renew(programs, "--days", "15")
    assert line.endswith(": Charged")
    assert [order["order_amount"] for order in programs.klarna_orders()] == [1290]
    assert [renewal.period for renewal in renewals(programs)] == [0]


def test_each_period_is_charged_once_however_often_the_command_runs(programs: Programs) -> None:
    subscribed(programs, rhythm="week")
    for days in ("8", "8", "15", "15"):
        renew(programs, "--days", days)
    assert len(charges(programs)) == 2
    assert [(r.period, r.state) for r in renewals(programs)] == [(0, "charged"), (1, "charged"), (2, "charged")]
    assert subscription(programs).next_period == 3
