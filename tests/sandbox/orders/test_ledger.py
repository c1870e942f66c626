"""The ledger takes orders from anywhere, and others hear when a merchant knows of one."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.sandbox import order_entries, orders
from app.sandbox.order_entries import Entry
from app.sandbox.orders import Order, Origin

from ..conftest import EUROPE
from ..purchases import BERLIN, german
from .conftest import Desk

CHECKOUT = "0b1d9815-165e-42e2-8867-35bc03789e00"


def enter(desk: Desk, person: str | None) -> str:
    """An order as a checkout would place it: under its own id, and without a payment session."""
    body = german(billing_address=BERLIN)
    urls = {"confirmation": "http://localhost:8000/thanks/{order.id}"}
    entry = Entry(Origin.CHECKOUT, EUROPE.username, EUROPE.region, person, body, body, urls, order_id=CHECKOUT)
    with desk.api.app.app_context():
        return order_entries.place(entry).order_id


@pytest.mark.parametrize("person", ["de-approved", None])
def test_a_checkouts_order_is_managed_like_any_other(desk: Desk, person: str | None) -> None:
    assert enter(desk, person) == CHECKOUT
    assert desk.capture(CHECKOUT, 1000).status_code == 201
    order = desk.read(CHECKOUT)
    assert (order["status"], order["billing_address"]) == ("PART_CAPTURED", BERLIN)
    with desk.api.app.app_context():
        found = orders.read(CHECKOUT)
        assert (found.origin, found.session_id) == (Origin.CHECKOUT, None)
        assert orders.confirmation_url(CHECKOUT) == f"http://localhost:8000/thanks/{CHECKOUT}"


@pytest.fixture
def heard() -> Iterator[list[tuple[str, Origin]]]:
    """The orders whose acknowledgement was announced."""
    found: list[tuple[str, Origin]] = []

    def listen(order: Order) -> None:
        assert order.acknowledged_at is not None
        found.append((order.order_id, order.origin))

    with orders.acknowledged.connected_to(listen):
        yield found


@pytest.mark.parametrize("first", ["acknowledge", "capture"])
def test_an_order_is_announced_once_as_known_to_its_merchant(
    desk: Desk, heard: list[tuple[str, Origin]], first: str
) -> None:
    enter(desk, None)
    assert heard == []
    if first == "capture":
        desk.capture(CHECKOUT, 1000)
    for _ in range(2):
        assert desk.call("POST", CHECKOUT, "/acknowledge").status_code == 204
    desk.capture(CHECKOUT, 1000)
    assert heard == [(CHECKOUT, Origin.CHECKOUT)]


def test_what_was_refused_is_no_acknowledgement(desk: Desk, heard: list[tuple[str, Origin]]) -> None:
    order_id = desk.bought()
    assert desk.capture(order_id, 25901).status_code == 403
    assert heard == []


def test_many_captures_at_once_are_none_lost_and_none_too_many(desk: Desk) -> None:
    order_id = desk.bought()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: desk.capture(order_id, 1000).status_code, range(60)))
    order = desk.read(order_id)
    assert answers.count(201) == len(order["captures"]) == 25
    assert (order["captured_amount"], order["remaining_authorized_amount"]) == (25000, 900)
    assert len({capture["klarna_reference"] for capture in order["captures"]}) == 25


def test_the_list_of_orders_shows_them_as_order_management_does(desk: Desk) -> None:
    order_id = desk.bought()
    desk.capture(order_id, 1000)
    desk.refund(order_id, 500)
    assert desk.api.control("GET", "orders").json == [desk.read(order_id)]


@pytest.mark.parametrize("kind", ["session_id", "customer_token"])
def test_another_kind_of_id_in_place_of_an_order_id_is_named(desk: Desk, kind: str) -> None:
    if kind == "session_id":
        sent, named = desk.api.open(german()), "A session_id was sent, an order_id is wanted"
    else:
        sent = desk.api.buy(german())["customer_token"]
        named = "A customer_token of account linking (krn:partner:…:identity:customer-token:…) was sent"
    messages = desk.call("GET", sent).json["error_messages"]
    assert messages[1].startswith(named)
