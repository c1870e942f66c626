"""With the console and without it, Klarna is sent the same: every call of a long story, byte by byte."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.contract import stand_in as stand_ins
from tests.support.clerk import Clerk
from tests.support.demo import running_demo
from tests.support.klarna_login import KlarnaLogin
from tests.support.main_job import free_port
from tests.support.parker import park, set_up
from tests.support.programs import Programs, klarna_account, running_shop
from tests.support.subscriber import renew, sign_up
from tests.support.visitor import Visitor, buy
from tests.support.wire import BROWSER, tapped


@dataclass
class Story:
    """One shopper and one clerk, from the first purchase to the end of the link."""

    programs: Programs
    visitor: Visitor = field(init=False)

    def __post_init__(self) -> None:
        self.visitor = self._browser()

    def purchases(self) -> None:
        self.visitor.register("same@example.com")
        buy(self.visitor)
        buy(self.visitor, "paper-filters")

    def cart_changed_meanwhile(self) -> None:
        self.visitor.add("stoneware-mug")
        checkout = self.visitor.checkout()
        token = checkout.approve()
        self.visitor.add("stoneware-mug")
        assert checkout.order(token)[0] == 409
        self.visitor.checkout().pay()

    def back_office(self) -> None:
        clerk = Clerk(self.programs, self.programs.klarna_orders()[0]["merchant_reference1"])
        clerk.do("capture")
        clerk.do("refund", amount="1.00")

    def subscription(self) -> None:
        sign_up(self.visitor).finish()
        assert renew(self.programs, "--days", "35")

    def parking(self) -> None:
        set_up(self.visitor).finish()
        park(self.visitor)

    def sign_in(self) -> None:
        somebody = self._browser()
        somebody.get("/login")
        KlarnaLogin(somebody).go()
        somebody.add()
        somebody.get("/klarna-checkout")
        somebody.get(f"/klarna-checkout/confirmation/{self._complete_checkout()}")
        buy(somebody)

    def unlink(self) -> None:
        linked = self.visitor.get("/account/klarna")
        self.visitor.post("/account/klarna/unlink", {"region": linked.values["region"]})

    def _complete_checkout(self) -> str:
        """Pay in Klarna's frame; the number of the order."""
        opened = [e for e in self.programs.journal("/checkout/v3/orders") if e["status"] == 201][-1]
        order_id = opened["response"]["body"]["order_id"]
        self.programs.control("POST", "checkouts/complete", {"order_id": order_id, "person": "de-approved"})
        return str(opened["request"]["body"]["merchant_reference1"])

    def _browser(self) -> Visitor:
        someone = Visitor(self.programs)
        someone.http.headers["User-Agent"] = BROWSER
        return someone


CHAPTERS: tuple[Callable[[Story], None], ...] = (
    *(Story.purchases, Story.cart_changed_meanwhile, Story.back_office, Story.subscription),
    *(Story.parking, Story.sign_in, Story.unlink),
)
# What each part of Klarna is asked in the story: nothing may be missing from the comparison.
ASKED = (
    *("POST /payments/v1/sessions", "/order\n", "DELETE /payments/v1/authorizations", "/customer-token\n"),
    *("/customer-token/v1/tokens/", "/captures", "/refunds", "/ordermanagement/v1/orders"),
    *("POST /checkout/v3/orders", "/acknowledge", "/oauth2/token", "/.well-known/openid-configuration"),
)


def told(programs: Programs) -> Iterator[tuple[str, list[str]]]:
    """The requests of each chapter. Klarna's own messages come after the shopper is through, not in a race with it."""
    programs.control("PATCH", "switches", {"authorization_callback": "lost"})
    story = Story(programs)
    for chapter in CHAPTERS:
        with tapped(programs) as sent:
            chapter(story)
            programs.wait_for_callbacks()
            programs.wait_for_background()
        yield chapter.__name__, sorted(sent)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Programs, Programs]]:
    """A shop without the console and one with it, both just started: what one remembers the other does, too."""
    (tmp_path / "off").mkdir()
    (tmp_path / "on").mkdir()
    port = free_port()
    with (
        stand_ins.running(tmp_path / "off", rate_limits="off", **klarna_account(f"http://localhost:{port}")) as klarna,
        running_shop(tmp_path / "off", klarna, port, DATABASE_URL=f"sqlite:///{tmp_path / 'off.sqlite3'}") as off,
        running_demo(tmp_path / "on") as on,
    ):
        yield off, on


def test_every_byte_to_klarna_is_the_same_with_and_without(pair: tuple[Programs, Programs]) -> None:
    off, on = (dict(told(programs)) for programs in pair)
    for chapter, sent in off.items():
        assert on[chapter] == sent, chapter
    all_of_it = "\n".join(request for sent in off.values() for request in sent)
    assert [part for part in ASKED if part not in all_of_it] == []
