"""Whatever a merchant does with an order, and in whatever order: its money adds up, in the ledger as in the books."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.sandbox import callbacks, create_app
from app.sandbox.config import RateLimits, Settings

from ..conftest import EUROPE, Answer, Api
from .conftest import DAY, HOUR, Desk

AMOUNT = 25900
# How much of what is possible is asked for.
PARTS = st.sampled_from([0, 2, 3, 5, 6])  # sixths
SMALL = Settings(
    url="http://localhost:8001",
    merchants=(EUROPE,),
    database=Path(),
    secret_key="a key for tests only, of sufficient length",
    rate_limits=RateLimits.OFF,
)


def share(whole: int, sixths: int) -> int:
    """So many sixths of an amount, in whole minor units; at least one."""
    return max(1, whole * sixths // 6)


class LifeOfAnOrder(RuleBasedStateMachine):
    """The model keeps what a careful merchant would: what is authorized, captured, released and refunded."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        app = create_app(replace(SMALL, database=Path(self.folder.name) / "klarna.sqlite3"))
        self.desk = Desk(Api(app))
        self.authorized, self.captured, self.released, self.refunded = AMOUNT, 0, 0, 0
        self.over = False

    @property
    def rest(self) -> int:
        return self.authorized - self.captured - self.released

    @initialize(pends=st.booleans())
    def buy(self, pends: bool) -> None:
        self.order_id = self.desk.pending() if pends else self.desk.bought()
        self.pending, self.rejected, self.hours = pends, False, 0

    @rule(part=PARTS)
    def capture_some(self, part: int) -> None:
        self._capture(share(self.rest, part))

    @rule()
    def capture_one_too_many(self) -> None:
        self._capture(self.rest + 1)

    def _capture(self, amount: int) -> None:
        done = self._succeeds(self.desk.capture(self.order_id, amount), 201)
        assert done == (not self.over and not self.pending and amount <= self.rest)
        self.captured += amount if done else 0
        self.over = self.over or (done and self.rest == 0)

    @rule(part=PARTS)
    def refund_some(self, part: int) -> None:
        self._refund(share(self.captured - self.refunded, part))

    @rule()
    def refund_one_too_many(self) -> None:
        self._refund(self.captured - self.refunded + 1)

    def _refund(self, amount: int) -> None:
        done = self._succeeds(self.desk.refund(self.order_id, amount), 201)
        assert done == (amount <= self.captured - self.refunded)
        self.refunded += amount if done else 0

    @rule(how=st.sampled_from(["cancel", "release", "month"]))
    def end(self, how: str) -> None:
        """One rule for all ends, so that lives are long enough to see something."""
        {"cancel": self._cancel, "release": self._release_rest, "month": self._let_a_month_pass}[how]()

    def _cancel(self) -> None:
        done = self._succeeds(self.desk.call("POST", self.order_id, "/cancel"), 204)
        assert done == (not self.over and not self.captured)
        self._release(done)

    def _release_rest(self) -> None:
        done = self._succeeds(self.desk.call("POST", self.order_id, "/release-remaining-authorization"), 204)
        assert done == (not self.over and self.captured > 0)
        self._release(done)

    @rule(amount=st.sampled_from([1, AMOUNT // 2, AMOUNT, 2 * AMOUNT]))
    def authorize(self, amount: int) -> None:
        answer = self.desk.call("PATCH", self.order_id, "/authorization", {"order_amount": amount})
        undecided = self.pending or self.rejected
        # Whoever decides about orders first also decides about more money; here it is never refused.
        assert self._succeeds(answer, 204) == (not self.over and not undecided and amount >= self.captured)
        if answer.status_code == 204:
            self.authorized = amount
            self.over = self.captured > 0 and self.rest == 0

    @precondition(lambda self: self.pending and not self.over)
    @rule(accepted=st.booleans())
    def decide(self, accepted: bool) -> None:
        assert self.desk.decide(self.order_id, "accept" if accepted else "reject").status_code == 200
        self.pending, self.rejected = False, not accepted

    @rule()
    def four_hours_pass(self) -> None:
        """A review takes 24 hours at most, and ends well by itself."""
        self.desk.advance(4 * HOUR)
        self.hours += 4
        self._release(self.rejected and not self.over)
        self.pending = self.pending and self.hours < 24

    def _let_a_month_pass(self) -> None:
        self.desk.advance(29 * DAY)
        self.pending = False
        self._release(not self.over)

    @invariant()
    def the_money_adds_up(self) -> None:
        order = self.desk.read(self.order_id)
        assert order["order_amount"] == self.authorized
        assert order["remaining_authorized_amount"] == self.rest
        assert (order["captured_amount"], order["refunded_amount"]) == (self.captured, self.refunded)
        assert self.refunded <= self.captured <= self.authorized
        captures = order["captures"]
        assert sum(capture["captured_amount"] for capture in captures) == self.captured
        assert sum(capture["refunded_amount"] for capture in captures) == self.refunded
        assert all(0 <= capture["refunded_amount"] <= capture["captured_amount"] for capture in captures)
        assert sum(refund["refunded_amount"] for refund in order["refunds"]) == self.refunded

    @invariant()
    def the_state_says_what_is_left(self) -> None:
        order = self.desk.read(self.order_id)
        open_state = "PART_CAPTURED" if self.captured else "AUTHORIZED"
        closed = ("CAPTURED",) if self.captured else ("CANCELLED", "EXPIRED")
        assert order["status"] in closed if self.over else order["status"] == open_state

    def teardown(self) -> None:
        with self.desk.api.app.app_context():
            callbacks.wait()
        self.folder.cleanup()

    def _release(self, done: bool) -> None:
        if done:
            self.released, self.over = self.released + self.rest, True

    @staticmethod
    def _succeeds(answer: Answer, status: int) -> bool:
        body: Any = answer.json if answer.is_json else {}
        assert answer.status_code == status or (answer.status_code, bool(body["error_code"])) == (403, True)
        return answer.status_code == status


TestLifeOfAnOrder = LifeOfAnOrder.TestCase
TestLifeOfAnOrder.settings = settings(
    max_examples=30,
    stateful_step_count=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
