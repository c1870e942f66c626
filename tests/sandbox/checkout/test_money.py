"""Lines, totals and shipping fees add up, to the last minor unit."""

from typing import Any

import pytest

from tests.sandbox.checkout.conftest import URLS, Checkouts, german
from tests.sandbox.conftest import refusal
from tests.sandbox.purchases import line

DISCOUNT = line(type="discount", name="10 % off", unit_price=-2590, total_amount=-2590, total_tax_amount=-414)
POST = {"id": "post", "name": "Post", "price": 490, "tax_amount": 78, "tax_rate": 1900}
EXPRESS = {"id": "express", "name": "Express", "price": 990, "tax_amount": 158, "tax_rate": 1900, "preselected": True}


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"order_lines": [line(total_amount=25901)]}, "order_lines[0].total_amount"),
        ({"order_lines": [line(total_discount_amount=1)]}, "order_lines[0].total_amount"),
        ({"order_lines": [line(total_tax_amount=4137)]}, "order_lines[0].total_tax_amount"),
        ({"order_lines": [line(unit_price=-25900, total_amount=-25900)]}, "order_lines[0].unit_price"),
        ({"order_tax_amount": 4136}, "order_tax_amount"),
        ({"order_amount": 25901}, "order_amount"),
        ({"order_lines": []}, "order_tax_amount"),
    ],
)
def test_what_does_not_add_up_is_named(checkouts: Checkouts, changes: dict[str, Any], path: str) -> None:
    assert refusal(checkouts.create(german(**changes))) == (400, "BAD_VALUE", [f"Bad value: {path}"])


@pytest.mark.parametrize("tax", [4135, 4136])
def test_the_tax_of_a_line_may_be_rounded_either_way(checkouts: Checkouts, tax: int) -> None:
    body = german(order_lines=[line(total_tax_amount=tax)], order_tax_amount=tax)
    assert checkouts.create(body).status_code == 201


@pytest.mark.parametrize(
    ("lines", "amount", "tax"),
    [
        ([line(), DISCOUNT], 23310, 3721),
        ([line(total_discount_amount=25900, total_amount=0, total_tax_amount=0)], 0, 0),
        ([], 0, 0),
    ],
)
def test_discounts_free_goods_and_an_empty_cart_are_carts(
    checkouts: Checkouts, lines: list[Any], amount: int, tax: int
) -> None:
    body = german(order_lines=lines, order_amount=amount, order_tax_amount=tax)
    assert checkouts.create(body).status_code == 201, checkouts.create(body).text


def test_the_chosen_shipping_option_becomes_a_line(checkouts: Checkouts) -> None:
    order = checkouts.create(german(shipping_options=[POST, EXPRESS])).json
    assert order["selected_shipping_option"] == EXPRESS
    assert (order["order_amount"], order["order_tax_amount"]) == (26890, 4293)
    assert (order["order_lines"][1]["type"], order["order_lines"][1]["reference"]) == ("shipping_fee", "express")


def test_a_whole_order_sent_back_has_its_fee_once(checkouts: Checkouts) -> None:
    read = checkouts.create(german(shipping_options=[POST])).json
    answer = checkouts.update(read["order_id"], read)
    assert answer.json["order_amount"] == 26390
    assert len(answer.json["order_lines"]) == 2


def test_the_merchant_adds_the_fee_who_wants_to_be_asked_about_it(checkouts: Checkouts) -> None:
    urls = URLS | {"shipping_option_update": "https://shop.example/shipping"}
    order = checkouts.create(german(shipping_options=[POST], merchant_urls=urls)).json
    assert (order["order_amount"], len(order["order_lines"])) == (25900, 1)
    assert order["selected_shipping_option"] == POST


def test_an_order_holds_the_fee(checkouts: Checkouts) -> None:
    order_id = checkouts.open(german(shipping_options=[POST]))
    checkouts.complete(order_id)
    [order] = checkouts.control("GET", "orders").json
    assert order["order_amount"] == sum(row["total_amount"] for row in order["order_lines"]) == 26390
    assert checkouts.read(order_id).json["order_amount"] == 26390
