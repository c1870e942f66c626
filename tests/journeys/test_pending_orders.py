"""Orders Klarna reviews before it says yes: told, looked for, and nothing believed that is not read back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import select

from app.shop.checkout import reconcile
from app.shop.extensions import db
from app.shop.orders.models import Order
from app.shop.orders.states import may_ship
from tests.shop.test_queries import counting
from tests.support.programs import STOCK, Programs
from tests.support.visitor import Page, Visitor, buy

SLUG = "house-blend"


@pytest.fixture
def visitor(programs: Programs) -> Visitor:
    """Somebody with an account, whose purchases Klarna wants to look at."""
    programs.control("PATCH", "people/de-approved", {"outcome": "pend"})
    someone = Visitor(programs)
    someone.register()
    return someone


def state(programs: Programs) -> str:
    with programs.shop.app_context():
        return db.session.scalars(select(Order.state).order_by(Order.id.desc()).limit(1)).one()


def number(programs: Programs) -> str:
    with programs.shop.app_context():
        return db.session.scalars(select(Order.number).order_by(Order.id.desc()).limit(1)).one()


def klarna_id(programs: Programs) -> str:
    return str(programs.klarna_orders()[-1]["order_id"])


def decide(programs: Programs, decision: str) -> None:
    """At Klarna; and whatever follows from it here."""
    programs.control("POST", f"orders/{klarna_id(programs)}/decide", {"decision": decision})
    settled(programs)


def settled(programs: Programs) -> None:
    programs.wait_for_callbacks()
    programs.wait_for_background()


def switch(programs: Programs, manner: str) -> None:
    programs.control("PATCH", "switches", {"notification_callback": manner})


def forge(programs: Programs, event_type: str) -> None:
    programs.control("POST", "callbacks/forge", {"order_id": klarna_id(programs), "event_type": event_type})
    settled(programs)


def reconciled(programs: Programs) -> list[str]:
    with programs.shop.app_context():
        return list(reconcile.settle_all())


def notification_url(programs: Programs, path: str = "/order") -> str:
    sent = [e["request"]["body"] for e in programs.journal(path) if e["method"] == "POST"]
    return str(sent[-1]["merchant_urls"]["notification"])


def notified(programs: Programs, url: str, body: Any = None) -> int:
    answer = requests.post(url, json=body, timeout=60)
    settled(programs)
    return answer.status_code


def order_page(visitor: Visitor) -> Page:
    return visitor.get(f"/orders/{number(visitor.programs)}")


def test_a_review_that_ends_well_places_the_order(visitor: Visitor, programs: Programs) -> None:
    page = buy(visitor, SLUG)
    assert "Klarna is having a closer look at the payment" in page.text
    assert state(programs) == "pending"
    assert not may_ship(state(programs))
    assert "In review at Klarna" in visitor.get("/account/orders").text
    decide(programs, "accept")
    assert state(programs) == "placed"
    assert may_ship(state(programs))
    page = order_page(visitor)
    assert "Paid with Klarna" in page.text
    assert "Klarna approved the payment." in page.text
    assert programs.stock(SLUG) == STOCK - 1


def test_a_review_that_ends_badly_gives_the_goods_back_and_offers_to_order_again(
    visitor: Visitor, programs: Programs
) -> None:
    buy(visitor, SLUG)
    decide(programs, "reject")
    assert state(programs) == "rejected"
    assert not may_ship(state(programs))
    assert programs.stock(SLUG) == STOCK
    page = order_page(visitor)
    assert "Nothing was charged, and nothing will be sent" in page.text
    assert "Payment not approved" in visitor.get("/account/orders").text
    assert "not approved" in visitor.get(f"/checkout/confirmation/{number(programs)}").text
    again = f"/orders/{number(programs)}/again"
    assert "House blend" in visitor.post(again, {}).text
    visitor.post(again, {})
    assert visitor.get("/cart").values["quantity"] == "1"


@pytest.mark.parametrize("manner", ["twice", "burst"])
def test_news_that_come_several_times_change_it_once(visitor: Visitor, programs: Programs, manner: str) -> None:
    buy(visitor, SLUG)
    switch(programs, manner)
    decide(programs, "reject")
    url = notification_url(programs)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: requests.post(url, timeout=60).status_code, range(8))) == {200}
    settled(programs)
    assert state(programs) == "rejected"
    assert programs.stock(SLUG) == STOCK
    assert order_page(visitor).text.count("Klarna did not approve the payment.") == 1


def test_forged_news_change_nothing(visitor: Visitor, programs: Programs) -> None:
    buy(visitor, SLUG)
    for event_type in ("FRAUD_RISK_ACCEPTED", "FRAUD_RISK_REJECTED", "FRAUD_RISK_STOPPED"):
        forge(programs, event_type)
        assert state(programs) == "pending"
    decide(programs, "accept")
    forge(programs, "FRAUD_RISK_REJECTED")
    assert state(programs) == "placed"
    assert programs.stock(SLUG) == STOCK - 1


def test_the_address_of_the_notification_is_the_secret_and_its_body_is_not_read(
    visitor: Visitor, programs: Programs
) -> None:
    buy(visitor, SLUG)
    url = notification_url(programs)
    before = len(programs.journal("/ordermanagement"))
    assert notified(programs, url[:-1]) == 404
    assert notified(programs, url.rsplit("/", 1)[0] + "/%C3%A9") == 404
    attempt = url.rsplit("/", 2)[1]
    assert notified(programs, url.replace(attempt, "0" * len(attempt))) == 404
    assert len(programs.journal("/ordermanagement")) == before
    bodies: list[Any] = [None, [], {"order_id": "another", "event_type": "FRAUD_RISK_ACCEPTED"}, "\x00"]
    for body in bodies:
        assert notified(programs, url, body) == 200
    assert state(programs) == "pending"


def test_news_before_there_is_an_order_are_taken(visitor: Visitor, programs: Programs) -> None:
    visitor.add(SLUG)
    visitor.checkout()
    assert notified(programs, notification_url(programs, "/payments/v1/sessions")) == 200
    assert programs.klarna_orders() == []


def test_lost_news_are_looked_for(visitor: Visitor, programs: Programs) -> None:
    buy(visitor, SLUG)
    switch(programs, "lost")
    assert reconciled(programs) == []
    decide(programs, "accept")
    assert state(programs) == "pending"
    assert reconciled(programs) == []  # it was looked at a moment ago
    programs.let_time_pass(timedelta(minutes=6))
    assert reconciled(programs) == [f"{number(programs)}: placed"]
    assert state(programs) == "placed"


def test_news_that_could_not_be_verified_are_kept_until_they_are(visitor: Visitor, programs: Programs) -> None:
    buy(visitor, SLUG)
    decide(programs, "accept")
    programs.fault("GET", "*/ordermanagement/*", 10, status=503, body={})
    decide(programs, "stop")
    assert state(programs) == "placed"
    programs.control("DELETE", "faults")
    programs.let_time_pass(timedelta(minutes=6))
    assert reconciled(programs) == [f"{number(programs)}: stopped"]
    programs.let_time_pass(timedelta(minutes=6))
    before = len(programs.journal("/ordermanagement"))
    assert reconciled(programs) == []
    assert len(programs.journal("/ordermanagement")) == before


def test_an_order_that_klarna_stops_is_not_sent(visitor: Visitor, programs: Programs) -> None:
    buy(visitor, SLUG)
    decide(programs, "accept")
    decide(programs, "stop")
    assert state(programs) == "stopped"
    assert not may_ship(state(programs))
    page = order_page(visitor)
    assert "On hold, payment stopped" in page.text
    assert "will not be sent" in page.text
    assert programs.stock(SLUG) == STOCK - 1  # it may be packed already: a person puts it back


def test_a_no_in_the_answer_itself_leaves_the_cart_as_it_was(programs: Programs) -> None:
    visitor = Visitor(programs)
    visitor.register()
    visitor.add(SLUG)
    checkout = visitor.checkout()
    token = checkout.approve()
    said = {"order_id": "6f2c35a4-1111-4111-8111-000000000001", "fraud_status": "REJECTED"}
    programs.fault("POST", "*/payments/v1/authorizations/*/order", 1, status=200, body=said)
    status, body = checkout.order(token)
    assert status == 200
    page = visitor.get(body["redirect"])
    assert "Your payment was not approved" in page.text
    assert "Nothing was charged" in page.text
    assert state(programs) == "rejected"
    assert programs.stock(SLUG) == STOCK
    assert visitor.get("/cart").values["quantity"] == "1"


def test_an_order_cancelled_at_klarna_while_it_waits_is_cancelled_here(visitor: Visitor, programs: Programs) -> None:
    buy(visitor, SLUG)
    answer = requests.post(
        f"{programs.klarna.url}/ordermanagement/v1/orders/{klarna_id(programs)}/cancel",
        auth=(programs.klarna.europe.username, programs.klarna.europe.password),
        timeout=60,
    )
    assert answer.status_code == 204
    assert reconciled(programs) == [f"{number(programs)}: cancelled"]
    assert programs.stock(SLUG) == STOCK


@pytest.mark.parametrize(("decision", "becomes"), [("accept", "placed"), ("reject", "rejected")])
def test_klarna_checkout_tells_and_is_read_the_same_way(programs: Programs, decision: str, becomes: str) -> None:
    programs.control("PATCH", "people/de-approved", {"outcome": "pend"})
    guest = Visitor(programs)
    guest.add(SLUG)
    guest.get("/klarna-checkout")
    opened = [e for e in programs.journal("/checkout/v3/orders") if e["method"] == "POST"][-1]
    order_id = opened["response"]["body"]["order_id"]
    programs.control("POST", "checkouts/complete", {"order_id": order_id, "person": "de-approved"})
    page = guest.get(f"/klarna-checkout/confirmation/{opened['request']['body']['merchant_reference1']}")
    assert "Klarna is having a closer look at the payment" in page.text
    assert state(programs) == "pending"
    decide(programs, decision)
    assert state(programs) == becomes
    assert programs.stock(SLUG) == STOCK - (becomes == "placed")


def test_looking_for_many_asks_the_database_as_often_as_for_one(visitor: Visitor, programs: Programs) -> None:
    counts = []
    for _ in range(2):
        buy(visitor, SLUG)
        programs.let_time_pass(timedelta(minutes=6))
        with counting(programs.shop) as said:
            assert reconciled(programs) == []
        counts.append(len(said))
    assert counts[0] == counts[1]
