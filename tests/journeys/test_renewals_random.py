"""Random weeks of a subscription: whatever Klarna, the command and the shopper do, a period is charged at most once.

Both programs on real ports. Klarna's ledger is the witness: an order there beyond the first is a charge.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from app.shop.extensions import db, utcnow
from app.shop.subscriptions import renewing
from tests.support.programs import Programs
from tests.support.subscriber import INDEX, decide, pay_again, reconcile, renew, renewals, subscribed, subscription

CHARGE_CALL = "*/customer-token/v1/tokens/*/order"
TROUBLES: list[dict[str, Any]] = [{"drop": "before"}, {"drop": "after"}, {"status": 503, "body": {}}]
KLARNAS_MINDS = [{"next_charge": "decline"}, {"next_charge": "approve"}, {"status": "SUSPENDED"}, {"status": "ACTIVE"}]


class Weeks(RuleBasedStateMachine):
    """One shopper with a bag every week, and a command that runs whenever it likes."""

    def __init__(self, programs: Programs) -> None:
        super().__init__()
        programs.reset()
        self.programs, self.days = programs, 0
        self.shopper = subscribed(programs, rhythm="week")

    @rule(days=st.sampled_from([0, 1, 3, 7, 8, 30, 365]))
    def the_command_runs(self, days: int) -> None:
        self.days += days
        renew(self.programs, "--days", str(self.days))

    @rule(days=st.sampled_from([1, 7]))
    def the_command_runs_in_three_places_at_once(self, days: int) -> None:
        self.days += days
        now = utcnow() + timedelta(days=self.days)

        def run(_: int) -> None:
            with self.programs.shop.app_context():
                list(renewing.renew_all(now))
                db.session.remove()

        with ThreadPoolExecutor(3) as places:
            list(places.map(run, range(3)))

    @rule(trouble=st.sampled_from(TROUBLES), times=st.integers(1, 4))
    def klarnas_next_answers_are_lost(self, trouble: dict[str, Any], times: int) -> None:
        self.programs.fault("POST", CHARGE_CALL, times, **trouble)

    @rule(mind=st.sampled_from(KLARNAS_MINDS))
    def klarna_changes_its_mind(self, mind: dict[str, str]) -> None:
        if subscription(self.programs).state != "ended":
            decide(self.programs, **mind)

    @rule(verb=st.sampled_from(["pause", "resume"]))
    def the_shopper_pauses_or_resumes(self, verb: str) -> None:
        self.shopper.post(f"{INDEX}/{subscription(self.programs).id}/{verb}", {})

    @rule()
    def the_shopper_pays_anew(self) -> None:
        if subscription(self.programs).needs_payment:
            pay_again(self.shopper).finish()

    @rule()
    def everything_is_settled(self) -> None:
        self.programs.control("DELETE", "faults")
        reconcile(self.programs)
        assert self.charged_at_klarna() == len(self.periods("charged"))

    @invariant()
    def no_period_is_charged_twice(self) -> None:
        """A period whose answer is outstanding may be charged already; one that waits may not, or it were twice."""
        assert self.charged_at_klarna() <= len(self.periods("charged", "charging"))

    def charged_at_klarna(self) -> int:
        return len(self.programs.klarna_orders()) - 1

    def periods(self, *states: str) -> list[int]:
        return [renewal.period for renewal in renewals(self.programs) if renewal.period and renewal.state in states]

    def teardown(self) -> None:
        self.everything_is_settled()


def test_in_random_weeks_no_period_is_charged_twice(running_programs: Programs, request: pytest.FixtureRequest) -> None:
    """A few weeks, always the same; many new ones where ``--long`` asks for them."""
    long = bool(request.config.getoption("--long"))
    profile = settings(
        max_examples=100 if long else 4,
        stateful_step_count=20 if long else 8,
        derandomize=not long,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(lambda: Weeks(running_programs), settings=profile)  # type: ignore[arg-type]
