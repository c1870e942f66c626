"""Random days of a back office, over the wire; whatever happens to an order, both sides must count the same money.

In the way of ``test_random_lives``: a rule does something whatever went before, so that a sequence can be repeated.
"""

import logging
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import select

from app.shop.extensions import db
from app.shop.mail.models import OutboxMail
from app.shop.orders import service as orders
from app.shop.orders.models import Order
from tests.support.clerk import Clerk
from tests.support.logged import Exceptions
from tests.support.programs import STOCK, Programs
from tests.support.visitor import BERLIN, NEW_YORK, Visitor

COFFEE, MUG = "house-blend", "stoneware-mug"
LOST_ANSWER, LOST_QUESTION = {"drop": "after"}, {"drop": "before"}
DOWN: dict[str, Any] = {"status": 503, "body": {}}
REFUSAL: dict[str, Any] = {"status": 403, "body": {"error_code": "NOT_ALLOWED"}}
# What Klarna does to one action, call by call: nothing is said when the line is dead three times.
TROUBLES: list[list[dict[str, Any]]] = [
    *[[]] * 4,
    *[[LOST_ANSWER] * 3] * 3,
    [LOST_QUESTION] * 3,
    [DOWN] * 3,
    [LOST_ANSWER],
    [LOST_ANSWER, REFUSAL],
    [LOST_QUESTION, REFUSAL],
    [REFUSAL],
]
# What a clerk types, by what is done; numbers are pieces of coffee, mugs and deliveries, None what the page says.
CAPTURES: list[tuple[int | None, ...]] = [(None, None, None), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (2, 0, 1)]
REFUNDS: list[dict[str, Any]] = [
    {"everything": "1"},
    *({"amount": amount} for amount in ("0.01", "5", "12.90", "99")),
    *({"pieces": pieces} for pieces in ((1, 0, 0), (0, 1, 0), (1, 1, 1))),
]
WISHES: list[tuple[str, dict[str, Any]]] = [
    *(("capture", {"pieces": pieces}) for pieces in CAPTURES),
    *(("refund", said) for said in REFUNDS),
    *[("release", {}), ("cancel", {})] * 2,
    ("extend", {}),
    ("address", {"street_address": "Unter den Linden 1"}),
]
PATHS = {"capture": "captures", "refund": "refunds", "release": "release*", "extend": "extend*", "address": "customer*"}
# Past the four hours after a rejection, the life of a key, and an authorization.
JUMPS = [timedelta(hours=5), timedelta(hours=25), timedelta(days=29)]
PAST_PAUSES = timedelta(hours=25)

numbers = st.integers(0, 2)
markets = st.sampled_from(["DE", "US"])
wishes = st.sampled_from(WISHES)
troubles = st.sampled_from(TROUBLES)


@dataclass(frozen=True)
class Account:
    """The money of one order on both sides, in minor units; ``asked``: what an action without an answer is about."""

    number: str
    state: str
    total: int
    ours: dict[str, int]
    theirs: dict[str, int]
    asked: dict[str, int]
    differs: str
    pieces: Counter[str]
    letters: dict[str, int]
    done: Counter[str]
    sales_tax: dict[str, tuple[int, int]]
    """Of what was captured, and given back by lines, at Klarna: the sales tax, and what it should be."""

    @property
    def told(self) -> str:
        return f"{self.number} ({self.state}): {self.ours} here, {self.theirs} at Klarna, asked {self.asked}"


class Days(RuleBasedStateMachine):
    """Two clerks, a few orders, and everything that may come between them and Klarna."""

    def __init__(self, programs: Programs) -> None:
        super().__init__()
        programs.reset()
        self.programs = programs
        self.failures: list[str] = []
        self.failed = False
        self.numbers: list[str] = []
        self.old_forms: list[tuple[str, str, dict[str, Any]]] = []
        self.shopper = Visitor(programs)
        self.clerks: list[Clerk] = []
        self.logged = Exceptions()
        logging.getLogger("app").addHandler(self.logged)

    # ------------------------------------------------------------------------------------------------ orders

    @initialize(review=st.sampled_from([False, False, True]), market=markets)
    def open_the_shop(self, review: bool, market: str) -> None:
        self.order(review, market)
        self.clerks = [Clerk(self.programs, self.numbers[0]) for _ in range(2)]
        for clerk in self.clerks:
            clerk.visitor.http.hooks["response"].append(self.note_answer)

    @rule(review=st.booleans(), market=markets)
    def somebody_buys(self, review: bool, market: str) -> None:
        with self.step():
            if len(self.numbers) < 3:
                self.order(review, market)

    @rule(which=numbers, decision=st.sampled_from(["accept", "reject", "stop"]), notified=st.booleans())
    def klarna_decides(self, which: int, decision: str, notified: bool) -> None:
        with self.step():
            self.programs.control("PATCH", "switches", {"notification_callback": "on" if notified else "lost"})
            order_id = self.ledgers()[self.number(which)]["order_id"]
            address = f"{self.programs.klarna.url}/_sandbox/orders/{order_id}/decide"
            requests.post(address, json={"decision": decision}, timeout=60)  # there may be nothing to decide
            self.programs.wait_for_callbacks()
            self.programs.wait_for_background()

    # ------------------------------------------------------------------------------------------------ clerks

    @rule(which=numbers, wish=wishes, trouble=troubles, clicks=st.sampled_from([1, 1, 1, 2, -3]))
    def a_clerk_acts(self, which: int, wish: tuple[str, dict[str, Any]], trouble: list[Any], clicks: int) -> None:
        """With one click, two, or three at once."""
        with self.step():
            clerk, kind = self.clerk(0, which), wish[0]
            form = self.form(clerk, wish)
            self.let_fail(kind, trouble)
            if clicks > 0:
                for _ in range(clicks):
                    clerk.post(kind, form)
            else:
                with ThreadPoolExecutor(-clicks) as threads:
                    list(threads.map(lambda _: clerk.post(kind, form), range(-clicks)))
            self.programs.control("DELETE", "faults")
            self.old_forms.append((clerk.number, kind, form))

    @rule(which=numbers, one=wishes, other=wishes, trouble=troubles)
    def two_clerks_act_at_once(
        self, which: int, one: tuple[str, dict[str, Any]], other: tuple[str, dict[str, Any]], trouble: list[Any]
    ) -> None:
        with self.step():
            clerks = [self.clerk(0, which), self.clerk(1, which)]
            forms = [self.form(clerk, wish) for clerk, wish in zip(clerks, (one, other), strict=True)]
            self.let_fail(one[0], trouble)
            calls = zip(clerks, (one[0], other[0]), forms, strict=True)
            with ThreadPoolExecutor(2) as threads:
                list(threads.map(lambda call: call[0].post(call[1], call[2]), calls))
            self.programs.control("DELETE", "faults")

    @rule(index=st.integers(0, 5))
    def an_old_page_is_sent_again(self, index: int) -> None:
        with self.step():
            if self.old_forms:
                number, kind, form = self.old_forms[-1 - index % len(self.old_forms)]
                clerk = self.clerk(1, self.numbers.index(number))
                clerk.look()
                clerk.post(kind, form)

    @rule(which=numbers, verb=st.sampled_from(["compare", "ask again"]), trouble=troubles)
    def a_clerk_wants_to_know(self, which: int, verb: str, trouble: list[Any]) -> None:
        with self.step():
            clerk = self.clerk(0, which)
            page = clerk.look()
            for action in trouble:
                self.programs.fault("*", "*/ordermanagement/*", 1, **action)
            if verb == "compare":
                clerk.visitor.send(f"{clerk.path}/compare", {})
            elif "/actions/" in page.markup:
                clerk.ask_again()
            self.programs.control("DELETE", "faults")

    # ------------------------------------------------------------------------------------------------ time

    @rule(span=st.sampled_from(JUMPS))
    def time_passes(self, span: timedelta) -> None:
        with self.step():
            self.programs.control("POST", "clock", {"advance": int(span.total_seconds())})
            self.programs.let_time_pass(span)
            self.programs.wait_for_callbacks()
            self.programs.wait_for_background()

    @rule(trouble=troubles)
    def reconcile(self, trouble: list[Any]) -> None:
        with self.step():
            for action in trouble:
                self.programs.fault("*", "*/ordermanagement/*", 1, **action)
            self.settle()
            self.programs.control("DELETE", "faults")

    # ------------------------------------------------------------------------------------------------ how it is done

    def order(self, review: bool, market: str) -> None:
        """Two bags of coffee, a mug, and delivery; in the United States sales tax, too."""
        person = f"{market.lower()}-approved"
        self.programs.control("PATCH", f"people/{person}", {"outcome": "pend" if review else "approve"})
        self.shopper.shop_in(market)
        self.shopper.add(COFFEE, 2)
        self.shopper.add(MUG, 1)
        checkout = self.shopper.checkout()
        status, body = checkout.order(checkout.approve(person))
        assert status == 200, body
        self.numbers.append(list(self.ledgers())[-1])

    def number(self, which: int) -> str:
        return self.numbers[which % len(self.numbers)]

    def clerk(self, who: int, which: int) -> Clerk:
        clerk = self.clerks[who]
        clerk.number = self.number(which)
        return clerk

    def form(self, clerk: Clerk, wish: tuple[str, dict[str, Any]]) -> dict[str, Any]:
        """What a clerk sends; where the page offers nothing, what somebody without our page would."""
        kind, said = wish
        marks = {f"{kind}-nonce": str(uuid.uuid4()), f"{kind}-revision": str(clerk.order.revision)}
        known = {"DE": BERLIN, "US": NEW_YORK}[clerk.order.market]
        address = {f"{kind}-{name}": value for name, value in known.items()} if kind == "address" else {}
        fields = {name: value for name, value in said.items() if name != "pieces"}
        for reference, quantity in zip((COFFEE, MUG, "delivery-standard"), said.get("pieces", ()), strict=False):
            if quantity is not None:
                fields[clerk.line(reference)] = quantity
        return marks | address | clerk.form(kind, **fields)

    def let_fail(self, kind: str, trouble: list[dict[str, Any]]) -> None:
        for action in trouble:
            self.programs.fault("*", f"*/ordermanagement/v1/orders/*/{PATHS.get(kind, kind)}", 1, **action)

    def note_answer(self, response: requests.Response, **_: Any) -> None:
        if response.status_code >= 500:
            self.failures.append(f"{response.status_code}: {response.request.method} {urlsplit(response.url).path}")

    def settle(self) -> None:
        done = self.programs.shop.test_cli_runner().invoke(args=["reconcile"])
        if done.exit_code:
            self.failures.append(f"reconcile: {done.exception!r} {done.output}")

    # ------------------------------------------------------------------------------------------------ what must be true

    def ledgers(self) -> dict[str, dict[str, Any]]:
        return {order["merchant_reference1"]: order for order in self.programs.klarna_orders()}

    def accounts(self) -> list[Account]:
        theirs = self.ledgers()
        with self.programs.shop.app_context():
            found = list(db.session.scalars(orders.whole().order_by(Order.id)))
            told = Counter(tuple(row) for row in db.session.execute(select(OutboxMail.kind, OutboxMail.order_number)))
            return [_account(order, theirs[order.number], told) for order in found]

    @contextmanager
    def step(self) -> Iterator[None]:
        """One event, and then the questions."""
        yield
        accounts = self.accounts()
        found = [*self.failures, *self.logged.lines, *_complaints(accounts), *self.misplaced(accounts)]
        self.failed = bool(found)
        assert not found, "\n".join(found)

    def misplaced(self, accounts: list[Account]) -> Iterator[str]:
        for slug in (COFFEE, MUG):
            left, kept = self.programs.stock(slug), sum(account.pieces[slug] for account in accounts)
            if left + kept != STOCK:
                yield f"{slug}: {left} on the shelf and {kept} sold are not {STOCK}; {[a.told for a in accounts]}"

    def teardown(self) -> None:
        logging.getLogger("app").removeHandler(self.logged)
        if self.failed or not self.clerks:
            return
        self.programs.control("DELETE", "faults")
        self.programs.control("POST", "clock", {"advance": int(JUMPS[0].total_seconds())})
        for _ in range(3):
            self.programs.wait_for_callbacks()
            self.programs.wait_for_background()
            self.programs.let_time_pass(PAST_PAUSES)
            self.settle()
        with self.step():
            pass
        found = list(_open(self.accounts()))
        assert not found, "\n".join(found)


def _account(order: Order, theirs: dict[str, Any], told: Counter[tuple[Any, ...]]) -> Account:
    asked = [action for action in order.actions if action.state == "asked"]
    done = [action for action in order.actions if action.state == "done"]
    if order.state in ("cancelled", "rejected"):
        kept: Counter[str] = Counter()
    elif order.released:
        sent = [a.pieces for a in done if a.kind == "capture"]
        kept = Counter({line.slug: sum(pieces.get(line.id, 0) for pieces in sent) for line in order.lines})
    else:
        kept = Counter({line.slug: line.quantity for line in order.lines})
    names = {"captured": "captured_amount", "refunded": "refunded_amount", "remaining": "remaining_authorized_amount"}
    return Account(
        number=order.number,
        state=order.state,
        total=order.total,
        ours={name: getattr(order, name) for name in names},
        theirs={name: theirs[column] for name, column in names.items()} | {"authorized": theirs["order_amount"]},
        asked={action.kind: action.amount for action in asked},
        differs=order.differs,
        pieces=kept,
        letters={kind: told[kind, order.number] for kind in ("shipped", "refunded")},
        done=Counter(action.kind for action in done),
        sales_tax={name: _sales_tax(theirs, name) for name in ("captures", "refunds")},
    )


def _sales_tax(theirs: dict[str, Any], name: str) -> tuple[int, int]:
    """What went of the sales tax, and its share of what went of everything else, rounded down."""
    whole, part = _by_type([theirs]), _by_type(theirs[name])
    tax, rest = whole.pop("sales_tax", 0), whole.total()
    gone = part.pop("sales_tax", 0)
    return gone, tax * part.total() // rest


def _by_type(parts: list[dict[str, Any]]) -> Counter[str]:
    amounts: Counter[str] = Counter()
    for line in (line for part in parts for line in part.get("order_lines", [])):
        amounts[line["type"]] += line["total_amount"]
    return amounts


def _complaints(accounts: list[Account]) -> Iterator[str]:
    """What must be true at any moment: of what Klarna did, we know all but the one action without an answer."""
    for account in accounts:
        ours, theirs = account.ours, account.theirs
        if ours["refunded"] > ours["captured"] or theirs["refunded"] > theirs["captured"]:
            yield f"more was given back than taken: {account.told}"
        if theirs["authorized"] != account.total or theirs["captured"] + theirs["remaining"] > account.total:
            yield f"more than was authorized: {account.told}"
        if any(gone != share for gone, share in account.sales_tax.values()):
            yield f"sales tax {account.sales_tax}: {account.told}"
        if len(account.asked) > 1:
            yield f"two actions without an answer: {account.told}"
        for name, kind in (("captured", "capture"), ("refunded", "refund")):
            if theirs[name] - ours[name] not in (0, account.asked.get(kind, 0)):
                yield f"{name} differs: {account.told}"
        if (account.letters["shipped"], account.letters["refunded"]) != (
            account.done["capture"],
            account.done["refund"],
        ):
            yield f"letters {account.letters}, and done {dict(account.done)}: {account.told}"


def _open(accounts: list[Account]) -> Iterator[str]:
    """What must be true when everything was reconciled."""
    for account in accounts:
        same = all(account.ours[name] == account.theirs[name] for name in account.ours)
        if account.asked or not same or account.differs:
            yield f"not settled: {account.told} {account.differs}"


def test_random_days_leave_the_same_money_on_both_sides(
    running_programs: Programs, request: pytest.FixtureRequest
) -> None:
    """A few days, always the same; many new ones where ``--long`` asks for them."""
    long = bool(request.config.getoption("--long"))
    profile = settings(
        max_examples=200 if long else 5,
        stateful_step_count=15 if long else 8,
        derandomize=not long,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(lambda: Days(running_programs), settings=profile)  # type: ignore[arg-type]
