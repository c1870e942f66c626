"""Random lives of shoppers, links and orders, over the wire; whatever happens, the books of both sides must agree.

Every rule does something whatever went before: where its turn needs a page or an approval, it gets one first. So which
choices come next never hangs on who was quicker, and a sequence can be repeated.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from app.sandbox.api.errors import ApiError
from app.shop.cart.basket import MAX_QUANTITY
from app.shop.checkout import reconcile
from tests.support import books
from tests.support.books import Books
from tests.support.logged import Exceptions
from tests.support.programs import STOCK, Programs
from tests.support.visitor import BERLIN, NEW_YORK, PASSWORD, Page, Visitor, new_email

PRODUCTS = ("house-blend", "paper-filters", "stoneware-mug")
PEOPLE = {"DE": ("de-approved", "de-new-user"), "US": ("us-approved", "us-new-user")}
ADDRESSES = {"DE": BERLIN, "US": NEW_YORK}
CREATE_ORDER, SESSIONS = "*/authorizations/*/order", "*/payments/v1/sessions*"
LOST_ANSWER, LOST_QUESTION = {"drop": "after"}, {"drop": "before"}
ORDER_FAULTS: list[dict[str, Any]] = [
    LOST_ANSWER,
    LOST_QUESTION,
    {"status": 503, "body": {}},
    {"status": 403, "body": {"error_code": "REJECTED"}},
    {"status": 403, "body": {"error_code": "INVALID_OPERATION"}},
    {"status": 404, "body": {"error_code": "NOT_FOUND"}},
    {"status": 409, "body": {"error_code": "BAD_VALUE"}},
]
OTHER_FAULTS: list[dict[str, Any]] = [
    LOST_ANSWER,
    LOST_QUESTION,
    {"status": 503, "body": {}},
    {"status": 403, "body": {}},
]
PAST_GRACE = timedelta(minutes=2)

SWITCHES = [
    *({"authorization_callback": mode} for mode in ("on", "lost", "twice", "delayed", "burst")),
    *({"webhooks": mode} for mode in ("on", "lost", "twice")),
    *({"rotate_on_every_order": mode} for mode in ("on", "off")),
]
AT_CHECKOUT = ["come back", "come back", "save details", "check again", "standard", "express", "", "1"]
FAULTS = [
    *(("POST", CREATE_ORDER, action) for action in ORDER_FAULTS),
    *((method, SESSIONS, action) for method in ("POST", "GET") for action in OTHER_FAULTS),
    *(("POST", path, action) for path in ("*/introspect", "*/revoke") for action in OTHER_FAULTS[:3]),
]
# What Klarna does to one purchase, call by call: nothing is said when the line is dead three times.
TROUBLES: list[list[dict[str, Any]]] = [
    *[[LOST_ANSWER] * 3] * 4,
    [LOST_QUESTION] * 3,
    *([LOST_ANSWER, refusal] for refusal in ORDER_FAULTS[3:]),
    *([refusal] for refusal in ORDER_FAULTS[3:]),
]

faults = st.sampled_from(FAULTS)
links = st.sampled_from([True, True, False])
browsers = st.sampled_from([0, 0, 0, 1, 1, 2])
products = st.sampled_from(PRODUCTS)


@dataclass
class Tab:
    """A checkout page somebody has open, the approvals Klarna gave on it, and the order it led to."""

    attempt: str
    version: str
    number: str
    session_id: str
    market: str
    approvals: list[str] = field(default_factory=list)


@dataclass
class Browser:
    """A browser: who is signed in, where it shops, and its checkout pages, the newest last."""

    visitor: Visitor
    email: str | None = None
    market: str = "DE"
    tabs: list[Tab] = field(default_factory=list)


class Lives(RuleBasedStateMachine):
    """Three browsers, two programs, and everything that may come between them."""

    def __init__(self, programs: Programs) -> None:
        super().__init__()
        programs.reset()
        self.programs = programs
        self.failures: list[str] = []
        self.failed = False
        self.owners: dict[str, str | None] = {}
        self.opened_in: dict[str, int] = {}
        self.taken_in: dict[str, int] = {}
        self.not_charged: dict[str, str] = {}
        self.taken_out: set[tuple[int, str]] = set()
        self.all_pieces = Counter(dict.fromkeys(PRODUCTS, STOCK))
        self.unlinked: set[str] = set()
        self.emails: list[str] = []
        self.steps = 0
        self.browsers = [self.new_browser() for _ in range(3)]
        self.books = books.read(programs)
        self.logged = Exceptions()
        logging.getLogger("app").addHandler(self.logged)

    # ------------------------------------------------------------------------------------------------ people

    @initialize(second=st.sampled_from(["same user", "another user", "another user", "guest"]))
    def come_in(self, second: str) -> None:
        self.register(self.browsers[0])
        if second == "same user":
            self.log_in(self.browsers[1], self.emails[0])
        elif second == "another user":
            self.register(self.browsers[1])

    @rule(number=browsers, who=st.sampled_from([None, 0, 1]))
    def sign_in_or_out(self, number: int, who: int | None) -> None:
        with self.step():
            browser = self.browsers[number]
            if browser.email is not None:
                self.log_out(browser)
            if who is None:
                return
            if who < len(self.emails):
                self.log_in(browser, self.emails[who])
            else:
                self.register(browser)

    @rule(number=browsers)
    def delete_account(self, number: int) -> None:
        with self.step():
            browser, email = self.browsers[number], self.browsers[number].email
            if email is None:
                return
            self.take_out_all(browser)
            self.unlinked |= self.tokens_only_of(email, ("EU", "NA"))
            self.look(browser, "/account/delete")
            self.submit(browser, "/account/delete", {"password": PASSWORD})
            self.emails.remove(email)
            for one in self.browsers:
                one.email = None if one.email == email else one.email

    @rule(number=browsers, region=st.sampled_from(["EU", "EU", "NA"]))
    def unlink(self, number: int, region: str) -> None:
        with self.step():
            browser = self.browsers[number]
            mine = (browser.email, region)
            if region == "EU" and mine not in {(link.email, link.region) for link in self.books.links}:
                self.buy_now(browser, PRODUCTS[0], 0, True)
            self.unlinked |= self.tokens_only_of(browser.email, (region,))
            self.submit(browser, "/account/klarna/unlink", {"region": region})
            left = [link for link in books.read(self.programs).links if (link.email, link.region) == mine]
            self.claim(not left, f"{mine} unlinked, and a token is still stored")

    # ------------------------------------------------------------------------------------------------ shopping

    @rule(number=browsers, product=products, quantity=st.integers(0, 3))
    def change_the_cart(self, number: int, product: str, quantity: int) -> None:
        with self.step():
            self.take_out_all(self.browsers[number])
            self.submit(self.browsers[number], "/cart/update", {"product": product, "quantity": quantity})

    @rule(number=browsers, market=st.sampled_from(["DE", "US"]))
    def switch_market(self, number: int, market: str) -> None:
        with self.step():
            self.submit(self.browsers[number], "/market", {"market": market, "next": "/"})
            self.browsers[number].market = market

    @rule(number=browsers, product=products)
    def go_to_checkout(self, number: int, product: str) -> None:
        with self.step():
            self.put_in(self.browsers[number], product, 1)
            self.come_to_checkout(self.browsers[number])

    @rule(number=browsers, back=st.integers(0, 1), what=st.sampled_from(AT_CHECKOUT))
    def look_after_the_checkout(self, number: int, back: int, what: str) -> None:
        with self.step():
            browser, tab = self.browsers[number], self.tab(self.browsers[number], back)
            if what == "come back":
                self.come_to_checkout(browser)
            elif what == "save details" and tab:
                self.type_address(browser, tab)
            elif what == "check again" and tab:
                self.submit(browser, f"/checkout/confirmation/{tab.number}/check", {})
            elif what in ("standard", "express"):
                self.take_over(browser, self.ask(browser, "/checkout/delivery", {"delivery": what}))
            elif what in ("", "1"):
                self.take_over(browser, self.ask(browser, "/checkout/refresh", {"doubt": what}))

    @rule(number=browsers, back=st.integers(0, 1), person=st.integers(0, 1), link=st.booleans())
    def approve(self, number: int, back: int, person: int, link: bool) -> None:
        """And perhaps close the browser before the shop hears of it."""
        with self.step():
            if tab := self.tab(self.browsers[number], back):
                self.confirm(self.browsers[number], tab, person, link)

    @rule(number=browsers, back=st.integers(0, 1), posts=st.sampled_from([1, 1, 2, -3]))
    def post_the_order(self, number: int, back: int, posts: int) -> None:
        """Once, twice, or three times in parallel."""
        with self.step():
            browser = self.browsers[number]
            tab = self.tab(browser, back)
            if tab is None or not (tab.approvals or self.confirm(browser, tab, 0, True)):
                return
            if posts > 0:
                for _ in range(posts):
                    self.post(browser, tab)
            else:
                self.in_parallel([lambda: self.post(browser, tab)] * -posts)

    @rule(product=products, person=st.integers(0, 1))
    def post_in_all_browsers_at_once(self, product: str, person: int) -> None:
        with self.step():
            self.put_in(self.browsers[0], product, 1)
            ready: list[Callable[[], None]] = []
            for browser in self.browsers[:2]:
                tab = self.come_to_checkout(browser)
                if tab and self.confirm(browser, tab, person, True):
                    ready.append(lambda browser=browser, tab=tab: self.post(browser, tab))  # type: ignore[misc]
            self.in_parallel(ready)

    @rule(number=browsers, product=products, person=st.integers(0, 1), link=links)
    def buy(self, number: int, product: str, person: int, link: bool) -> None:
        with self.step():
            self.buy_now(self.browsers[number], product, person, link)

    @rule(number=browsers, product=products, person=st.integers(0, 1), link=links, trouble=st.sampled_from(TROUBLES))
    def buy_in_trouble(self, number: int, product: str, person: int, link: bool, trouble: list[dict[str, Any]]) -> None:
        with self.step():
            for action in trouble:
                self.programs.fault("POST", CREATE_ORDER, 1, **action)
            self.buy_now(self.browsers[number], product, person, link)

    # ------------------------------------------------------------------------------------------------ Klarna

    @rule(switch=st.sampled_from(SWITCHES))
    def klarna_changes_its_ways(self, switch: dict[str, str]) -> None:
        self.programs.control("PATCH", "switches", switch)

    @rule(verb=st.sampled_from(["rotate", "revoke", "expire"]), index=st.integers(0, 2))
    def klarna_ends_a_token(self, verb: str, index: int) -> None:
        with self.step():
            if not self.books.links:
                self.buy_now(self.browsers[0], PRODUCTS[0], 0, True)
            tokens = [link.customer_token for link in books.read(self.programs).links]
            if tokens:
                token = tokens[index % len(tokens)]
                self.programs.control("POST", f"customer-tokens/{verb}", {"customer_token": token})

    @rule(
        person=st.sampled_from(["de-approved", "de-new-user"]),
        outcome=st.sampled_from(["approve", "reject_order", "pend"]),
    )
    def klarna_thinks_of(self, person: str, outcome: str) -> None:
        self.programs.control("PATCH", f"people/{person}", {"outcome": outcome})

    @rule(number=browsers, back=st.integers(0, 1), older=st.booleans())
    def somebody_calls_as_klarna(self, number: int, back: int, older: bool) -> None:
        """With an approval nobody gave, or with one that another took the place of."""
        with self.step():
            tab = self.tab(self.browsers[number], back)
            if tab is None or not (tab.approvals or self.confirm(self.browsers[number], tab, 0, True)):
                return
            said = {"authorization_token": tab.approvals[0]} if older else {}
            self.programs.control("POST", "callbacks/forge", {"session_id": tab.session_id, **said})

    @rule(fault=faults, times=st.sampled_from([1, 3]))
    def something_fails(self, fault: tuple[str, str, dict[str, Any]], times: int) -> None:
        method, path, action = fault
        self.programs.fault(method, path, times, **action)

    @rule(seconds=st.sampled_from([61 * 60, 61 * 60, 49 * 3600]))
    def klarnas_clock_goes_on(self, seconds: int) -> None:
        self.programs.control("POST", "clock", {"advance": seconds})

    # ------------------------------------------------------------------------------------------------ the shop

    @rule(product=products, stock=st.sampled_from([0, 1, STOCK]))
    def stock_is_counted(self, product: str, stock: int) -> None:
        with self.step():
            self.programs.set_stock(product, stock)
            self.all_pieces[product] = stock + books.read(self.programs).live_pieces()[product]

    @rule(long=st.booleans(), faults_end=st.booleans())
    def reconcile(self, long: bool, faults_end: bool) -> None:
        with self.step():
            if faults_end:
                self.programs.control("DELETE", "faults")
            self.programs.let_attempts_rest()
            if long:
                self.programs.let_time_pass(PAST_GRACE)
            self.settle()

    # ------------------------------------------------------------------------------------------------ how it is done

    def new_browser(self) -> Browser:
        visitor = Visitor(self.programs)
        visitor.http.hooks["response"].append(self.note_answer)
        return Browser(visitor)

    def note_answer(self, response: requests.Response, **_: Any) -> None:
        if response.status_code == 500:
            self.failures.append(f"500: {response.request.method} {urlsplit(response.url).path}")

    def register(self, browser: Browser) -> None:
        email = new_email()
        self.enter(browser, "/register", email)
        self.emails.append(email)

    def log_in(self, browser: Browser, email: str) -> None:
        self.enter(browser, "/login", email)

    def enter(self, browser: Browser, path: str, email: str) -> None:
        """Register or sign in; the guest's cart comes along."""
        self.take_out_all(browser)
        self.look(browser, path)
        self.submit(browser, path, {"email": email, "password": PASSWORD})
        browser.email = email

    def log_out(self, browser: Browser) -> None:
        self.submit(browser, "/logout", {})
        browser.email = None

    def tokens_only_of(self, email: str | None, regions: tuple[str, ...]) -> set[str]:
        """Those that end with somebody's links. One that another account shares has to go on."""
        links = books.read(self.programs).links
        held = Counter(link.customer_token for link in links)
        mine = [link for link in links if link.email == email and link.region in regions]
        return {link.customer_token for link in mine if held[link.customer_token] == 1}

    def look(self, browser: Browser, path: str) -> Page:
        response = browser.visitor.http.get(self.programs.shop_url + path, timeout=60)
        return self.read(browser, response)

    def submit(self, browser: Browser, path: str, data: dict[str, Any]) -> Page:
        if not browser.visitor.csrf:
            self.look(browser, "/")
        return self.read(browser, browser.visitor.send(path, data))

    def ask(self, browser: Browser, path: str, data: dict[str, Any]) -> dict[str, Any]:
        """A call of the checkout's script."""
        if not browser.visitor.csrf:
            self.look(browser, "/")
        answer: dict[str, Any] = browser.visitor.call(path, data)[1]
        return answer

    def read(self, browser: Browser, response: requests.Response) -> Page:
        page = Page(response.text)
        browser.visitor.csrf = page.values.get("csrf_token", browser.visitor.csrf)
        return page

    def put_in(self, browser: Browser, product: str, quantity: int) -> None:
        self.submit(browser, "/cart/add", {"product": product, "quantity": quantity})

    def buy_now(self, browser: Browser, product: str, person: int, link: bool) -> None:
        self.put_in(browser, product, 1)
        tab = self.come_to_checkout(browser)
        if tab and self.confirm(browser, tab, person, link):
            self.post(browser, tab)

    def take_out_all(self, browser: Browser) -> None:
        """From here to the end of the step carts may shrink: their owner wants it."""
        self.taken_out |= set(self.books.carts)

    def tab(self, browser: Browser, back: int = 0) -> Tab | None:
        """A checkout page of this browser, opened now if there is none."""
        if not browser.tabs:
            self.put_in(browser, PRODUCTS[0], 1)
            self.come_to_checkout(browser)
        return browser.tabs[max(-len(browser.tabs), -1 - back)] if browser.tabs else None

    def come_to_checkout(self, browser: Browser) -> Tab | None:
        """The page, if there is one: no way to pay, nothing to pay, or an order that is there already are none."""
        page = self.look(browser, "/checkout")
        if not page.data.get("attempt"):
            return None
        return self.note_tab(browser, page.data["attempt"], page.data["version"])

    def take_over(self, browser: Browser, body: dict[str, Any]) -> None:
        if "attempt" in body:
            self.note_tab(browser, body["attempt"], body["version"])

    def note_tab(self, browser: Browser, attempt: str, version: str) -> Tab:
        number, session_id, market = self.programs.attempt(attempt)
        self.owners.setdefault(number, browser.email)
        self.claim(self.owners[number] == browser.email, f"{browser.email} is shown {number} of {self.owners[number]}")
        known = next((tab for tab in browser.tabs if (tab.attempt, tab.version) == (attempt, version)), None)
        tab = known or Tab(attempt, version, number, session_id, market)
        browser.tabs = [*(one for one in browser.tabs if one is not tab), tab]
        return tab

    def type_address(self, browser: Browser, tab: Tab) -> dict[str, Any]:
        sent = ADDRESSES[tab.market] | {"attempt": tab.attempt, "version": tab.version}
        body = self.ask(browser, "/checkout/details", sent)
        if "othing was charged" in body.get("message", ""):
            self.claim(not self.is_at_klarna(tab), f"{body['error']} on details: nothing charged, and {tab.number} was")
        return body

    def confirm(self, browser: Browser, tab: Tab, person: int, link: bool) -> str:
        """Confirm in Klarna's window; the authorization token, or nothing where the window says no."""
        body = self.type_address(browser, tab)
        if "billing_address" not in body:
            return ""
        try:
            self.programs.browser_data(tab.session_id, body["billing_address"])
            tab.approvals.append(self.programs.approve(tab.session_id, PEOPLE[tab.market][person], link))
        except ApiError:
            return ""
        return tab.approvals[-1]

    def post(self, browser: Browser, tab: Tab) -> None:
        sent = {"attempt": tab.attempt, "version": tab.version, "authorization_token": tab.approvals[-1]}
        body = self.ask(browser, "/checkout/orders", sent)
        if "othing was charged" in body.get("message", ""):
            self.not_charged[tab.number] = body["error"]

    def in_parallel(self, calls: list[Callable[[], None]]) -> None:
        with ThreadPoolExecutor(max(1, len(calls))) as threads:
            for done in [threads.submit(call) for call in calls]:
                done.result()

    def is_at_klarna(self, tab: Tab) -> bool:
        return any(order.number == tab.number for order in books.read(self.programs).klarna)

    def settle(self) -> None:
        with self.programs.shop.app_context():
            self.failures += [line for line in reconcile.settle_all() if line.endswith("not settled")]

    # ------------------------------------------------------------------------------------------------ what must be true

    def claim(self, true: bool, otherwise: str) -> None:
        if not true:
            self.failures.append(otherwise)

    @contextmanager
    def step(self) -> Iterator[None]:
        """One event, and then the cheap questions."""
        self.steps += 1
        yield
        self.compare()

    def compare(self) -> None:
        """Twice where something in the background may have come between two readings."""
        now = books.read(self.programs)
        if list(self.complaints(now)):
            self.programs.wait_for_background()
            now = books.read(self.programs)
        found = [*self.failures, *self.logged.lines, *self.complaints(now)]
        self.failed = bool(found)
        assert not found, "\n".join(found)
        self.books, self.taken_out = now, set()

    def complaints(self, now: Books) -> Iterator[str]:
        for number in now.orders:
            self.opened_in.setdefault(number, self.steps)
        for order in now.klarna:
            self.taken_in.setdefault(order.number, self.steps)
            if order.number in self.not_charged:
                yield f"{order.number} was told as not charged ({self.not_charged[order.number]}), and is at Klarna"
        yield from books.disagreements(now)
        yield from books.misplaced_goods(now, self.all_pieces)
        yield from books.lost_from_carts(self.books, now, self.taken_out)
        yield from books.not_put_back(self.books, now, MAX_QUANTITY)
        yield from books.wrong_links(now, self.owners, self.opened_in, self.taken_in)

    def come_to_rest(self) -> None:
        """Nothing fails any more, and everything left half done is finished."""
        self.steps += 1
        self.programs.control("DELETE", "faults")
        self.programs.wait_for_callbacks()
        self.programs.wait_for_background()
        before: dict[str, str] = {}
        for _ in range(5):
            self.programs.let_attempts_rest()
            self.programs.let_time_pass(PAST_GRACE)
            self.programs.let_questions_be_due()
            self.settle()
            self.programs.wait_for_callbacks()
            self.programs.wait_for_background()
            now = books.read(self.programs).attempts
            if now == before:
                return
            before = now
        self.failures.append("reconcile finds no end")

    def teardown(self) -> None:
        logging.getLogger("app").removeHandler(self.logged)
        if self.failed:
            return
        self.come_to_rest()
        self.compare()
        links = {link["customer_token"]: link["status"] for link in self.programs.control("GET", "customer-tokens")}
        alive = [token for token in self.unlinked if links[token] == "active"]
        callbacks = [entry for entry in self.programs.journal(actor="callback") if (entry["status"] or 599) >= 500]
        found = [*books.unfinished(self.books), *(f"{len(alive)} unlinked tokens still hold" for _ in alive[:1])]
        found += [f"{entry['path']}: {entry['status']}" for entry in callbacks]
        assert not found, "\n".join(found)


def test_random_lives_leave_both_books_in_agreement(running_programs: Programs, request: pytest.FixtureRequest) -> None:
    """Fifty lives, always the same; five hundred new ones where ``--long`` asks for them."""
    long = bool(request.config.getoption("--long"))
    profile = settings(
        max_examples=500 if long else 50,
        stateful_step_count=15 if long else 12,
        derandomize=not long,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(lambda: Lives(running_programs), settings=profile)  # type: ignore[arg-type]
