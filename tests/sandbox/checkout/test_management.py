"""What becomes of a completed checkout's order in Order Management."""

from dataclasses import replace

import pytest

from app.sandbox.merchants import Region
from tests.sandbox.checkout.conftest import URLS, Checkouts, Listener, american, german
from tests.sandbox.conftest import AMERICA, CHECKOUT, EUROPE, Api, refusal
from tests.sandbox.purchases import german as payment


def bought(checkouts: Checkouts, listener: Listener) -> str:
    """A completed order; its merchant listens for pushes and notifications."""
    urls = URLS | {"push": f"{listener.url}/push", "notification": f"{listener.url}/told/{{checkout.order.id}}"}
    order_id = checkouts.open(german(merchant_urls=urls))
    assert checkouts.complete(order_id).status_code == 200
    return order_id


@pytest.mark.parametrize("first", ["acknowledge", "capture"])
def test_pushes_end_and_the_checkout_is_created_once_its_merchant_knows(
    checkouts: Checkouts, listener: Listener, first: str
) -> None:
    order_id = bought(checkouts, listener)
    if first == "capture":
        assert checkouts.desk.capture(order_id, 1000).status_code == 201
    else:
        checkouts.acknowledge(order_id)
    assert checkouts.read(order_id).json["status"] == "created"
    checkouts.advance(hours=1)
    checkouts.settle()
    assert listener.received == []


def test_a_refused_capture_leaves_it_complete(checkouts: Checkouts, listener: Listener) -> None:
    order_id = bought(checkouts, listener)
    assert checkouts.desk.capture(order_id, 25901).status_code == 403
    assert checkouts.read(order_id).json["status"] == "checkout_complete"
    checkouts.advance(minutes=2)
    checkouts.settle()
    assert listener.at("/push") == [None]


def test_checkouts_credentials_open_its_orders_in_either_market(checkouts: Checkouts) -> None:
    german_order, american_order = checkouts.open(german()), checkouts.open(american())
    checkouts.complete(german_order)
    checkouts.complete(american_order, "us-approved")
    for order_id in (german_order, american_order):
        assert checkouts.desk.capture(order_id, 1000).status_code == 201
        assert checkouts.desk.refund(order_id, 500).status_code == 201
        assert checkouts.desk.read(order_id)["refunded_amount"] == 500


def test_each_order_belongs_to_the_credentials_it_was_bought_with(checkouts: Checkouts) -> None:
    sold_here, sold_by_payments = checkouts.open(german()), Api(checkouts.app).buy(payment())["order_id"]
    checkouts.complete(sold_here)
    assert refusal(checkouts.desk.call("GET", sold_by_payments))[:2] == (404, "NO_SUCH_ORDER")
    for merchant in (EUROPE, AMERICA):
        assert refusal(checkouts.at(merchant).desk.call("GET", sold_here))[:2] == (404, "NO_SUCH_ORDER")
        assert checkouts.at(merchant).desk.call("POST", sold_here, "/acknowledge").status_code == 404
    assert checkouts.read(sold_here).json["status"] == "checkout_complete"
    elsewhere = checkouts.at(replace(CHECKOUT, region=Region.NORTH_AMERICA))
    assert elsewhere.desk.call("GET", sold_here).status_code == 401
    assert checkouts.at(replace(CHECKOUT, password="other")).desk.call("GET", sold_here).status_code == 401


def test_the_ledger_lists_orders_of_both(checkouts: Checkouts) -> None:
    order_id = checkouts.open(german())
    checkouts.complete(order_id)
    other = Api(checkouts.app).buy(payment())["order_id"]
    assert [order["order_id"] for order in checkouts.control("GET", "orders").json] == [order_id, other]
    assert checkouts.control("GET", "orders").json[0] == checkouts.desk.read(order_id)


@pytest.mark.parametrize(
    ("decision", "fraud_status", "news"),
    [("accept", "ACCEPTED", "FRAUD_RISK_ACCEPTED"), ("reject", "REJECTED", "FRAUD_RISK_REJECTED")],
)
def test_somebody_who_pends_is_decided_and_the_merchant_told(
    checkouts: Checkouts, listener: Listener, decision: str, fraud_status: str, news: str
) -> None:
    checkouts.control("PATCH", "people/de-approved", {"outcome": "pend"})
    order_id = bought(checkouts, listener)
    assert checkouts.desk.read(order_id)["fraud_status"] == "PENDING"
    assert checkouts.desk.capture(order_id, 1000).status_code == 403
    checkouts.desk.decide(order_id, decision)
    assert checkouts.desk.read(order_id)["fraud_status"] == fraud_status
    assert listener.at(f"/told/{order_id}") == [{"order_id": order_id, "event_type": news}]


def test_a_review_ends_by_itself_and_captures_what_was_to_be_captured(checkouts: Checkouts) -> None:
    checkouts.control("PATCH", "people/de-approved", {"outcome": "pend"})
    order_id = checkouts.open(german(options={"auto_capture": True}))
    checkouts.complete(order_id)
    assert checkouts.desk.read(order_id)["status"] == "AUTHORIZED"
    checkouts.advance(hours=24)
    order = checkouts.desk.read(order_id)
    assert (order["fraud_status"], order["status"]) == ("ACCEPTED", "CAPTURED")
