"""What is sent to the frame by no browser: answered with a page in words, whatever it is."""

import re
from typing import Any

import pytest

from tests.sandbox.checkout.conftest import SHOP, Checkouts, german
from tests.sandbox.conftest import Answer


def ticket_of(checkouts: Checkouts, order_id: str) -> str:
    """The ticket a page of the shop gets with the key in the snippet."""
    key = re.search(r"KlarnaCheckout [a-z]{20}", checkouts.read(order_id).json["html_snippet"])
    sent = {"Origin": SHOP, "Authorization": key[0] if key else ""}
    opened = checkouts.app.test_client().post(f"/kco/checkout/orders/{order_id}", headers=sent)
    assert opened.headers["Access-Control-Allow-Origin"] == SHOP
    page = checkouts.app.test_client().get(opened.json["frame"])  # type: ignore[index]
    assert f"frame-ancestors {SHOP}" in page.headers["Content-Security-Policy"]
    found = re.search(r'name="ticket" value="([^"]+)"', page.text)
    assert found
    return found[1]


def send(checkouts: Checkouts, action: str, **form: Any) -> Answer:
    return checkouts.app.test_client().post(f"/kco/frame/{action}", data=form)


@pytest.mark.parametrize("action", ["look", "pay"])
@pytest.mark.parametrize(
    "form",
    [
        {},
        {"email": "x" * 10_000, "postal_code": "\0"},
        {"email": b"\xff\xfe", "postal_code": b"\xed\xa0\x80"},
        {"email": "a@b.example", "postal_code": "1" * 11, "date_of_birth": "1990-02-31"},
        {"shipping_option": "none of them", "order_amount": "1", "country": "US"},
    ],
)
def test_odd_input_changes_nothing_that_costs(checkouts: Checkouts, action: str, form: dict[str, Any]) -> None:
    order_id = checkouts.open(german())
    answer = send(checkouts, action, ticket=ticket_of(checkouts, order_id), **form)
    assert (answer.status_code, "Pay order" in answer.text) == (200, True)
    order = checkouts.read(order_id).json
    assert (order["status"], order["order_amount"]) == ("checkout_incomplete", 25900)
    assert order.get("billing_address", {}).get("country", "de") == "de"


@pytest.mark.parametrize("action", ["look", "pay"])
@pytest.mark.parametrize("ticket", ["", "invented", "e30.invented"])
def test_a_ticket_nobody_wrote_opens_nothing(checkouts: Checkouts, action: str, ticket: str) -> None:
    answer = send(checkouts, action, ticket=ticket, email="customer@email.de", postal_code="10178")
    assert (answer.status_code, "This checkout has ended" in answer.text) == (410, True)


def test_a_ticket_of_before_a_reset_opens_nothing(checkouts: Checkouts) -> None:
    ticket = ticket_of(checkouts, checkouts.open(german()))
    checkouts.control("POST", "reset")
    assert send(checkouts, "pay", ticket=ticket).status_code == 410


def test_an_order_id_alone_opens_no_frame(checkouts: Checkouts) -> None:
    order_id = checkouts.open(german())
    for headers in ({}, {"Authorization": "KlarnaCheckout é"}, {"Authorization": "Basic " + "a" * 20}):
        answer = checkouts.app.test_client().post(f"/kco/checkout/orders/{order_id}", headers=headers)
        assert answer.status_code == 404
