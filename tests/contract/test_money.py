"""The sums: section 4.3 and its tax page.

https://docs.klarna.com/payments/web-payments/additional-resources/error-handling-and-validations/tax-handling/
"""

from __future__ import annotations

from typing import Any

import pytest

from .bodies import MISSING, american_purchase, changed, line, purchase
from .client import Klarna
from .expectations import assert_bad_value, assert_ok

DISCOUNT: dict[str, Any] = {"type": "discount", "name": "Spring"}
TOTAL = "order_lines[0].total_amount"
TAX = "order_lines[0].total_tax_amount"


def with_tax(total: int, rate: int, tax: int) -> dict[str, Any]:
    return purchase(line(total, tax, rate=rate), order_tax_amount=max(tax, 0))


@pytest.mark.parametrize(
    ("quantity", "price", "discount", "total"),
    [
        pytest.param(1, 11900, 0, 11900, id="one piece"),
        pytest.param(3, 11900, 0, 35700, id="three pieces"),
        pytest.param(3, 11900, 11900, 23800, id="three for two"),
        pytest.param(1, 11900, 11900, 0, id="all of it taken off"),
        pytest.param(0, 11900, 0, 0, id="no piece"),
    ],
)
def test_a_line_is_quantity_times_price_less_its_discount(
    klarna: Klarna, quantity: int, price: int, discount: int, total: int
) -> None:
    fields = {"quantity": quantity, "unit_price": price, "total_discount_amount": discount}
    right = line(total, total * 19 // 119, **fields)
    assert_ok(klarna.create_session(purchase(right)))
    for wrong in (total - 1, total + 1):
        assert_bad_value(klarna.create_session(changed(purchase(right), {TOTAL: wrong})), TOTAL)


def test_a_discount_not_mentioned_is_none(klarna: Klarna) -> None:
    assert_ok(klarna.create_session(changed(purchase(), {"order_lines[0].total_discount_amount": MISSING})))


def test_a_line_may_be_off_by_more_than_a_32_bit_product(klarna: Klarna) -> None:
    """The product is taken in full: it does not wrap round to a total that looks right."""
    wrong = line(0, 0, quantity=2**32, unit_price=2**27)
    assert_bad_value(klarna.create_session(purchase(wrong)), TOTAL)


@pytest.mark.parametrize(
    ("total", "rate", "taxes"),
    [
        pytest.param(11900, 1900, (1899, 1900, 1901), id="19 % exact"),
        pytest.param(12500, 2500, (2499, 2500, 2501), id="25 % exact"),
        pytest.param(12000, 2000, (1999, 2000, 2001), id="20 % exact"),
        pytest.param(10700, 700, (699, 700, 701), id="7 % exact"),
        pytest.param(25900, 1900, (4135, 4136), id="19 % of 259.00, 4135.29"),
        pytest.param(2900, 2000, (483, 484), id="20 % of 29.00, 483.33"),
        pytest.param(10000, 0, (-1, 0, 1), id="no tax"),
        pytest.param(-11900, 1900, (-1901, -1900, -1899), id="19 % of a discount"),
    ],
)
def test_a_lines_tax_may_be_off_by_one(klarna: Klarna, total: int, rate: int, taxes: tuple[int, ...]) -> None:
    goods = line(50000, 7983)
    for tax in taxes:
        kind = "discount" if total < 0 else "physical"
        assert_ok(klarna.create_session(purchase(line(total, tax, rate=rate, type=kind), goods)))


@pytest.mark.parametrize(
    ("total", "rate", "tax"),
    [
        pytest.param(11900, 1900, 1898, id="19 % two too low"),
        pytest.param(11900, 1900, 1902, id="19 % two too high"),
        pytest.param(12500, 2500, 2498, id="25 % two too low"),
        pytest.param(12500, 2500, 2502, id="25 % two too high"),
        pytest.param(25900, 1900, 4134, id="1.29 below 4135.29"),
        pytest.param(25900, 1900, 4137, id="1.71 above 4135.29"),
        pytest.param(25900, 1900, 4130, id="the tax of a known wrong sample"),
        pytest.param(11900, 1900, 2261, id="19 % on top of the price"),
        pytest.param(11900, 1900, 0, id="tax forgotten"),
        pytest.param(11900, 0, 1900, id="rate forgotten"),
        pytest.param(11900, 19, 1900, id="rate in whole per cent"),
        pytest.param(10000, 0, 2, id="tax without a rate"),
    ],
)
def test_a_lines_tax_may_not_be_off_by_more(klarna: Klarna, total: int, rate: int, tax: int) -> None:
    assert_bad_value(klarna.create_session(with_tax(total, rate, tax)), TAX)


@pytest.mark.parametrize("tax", [1900, -1898, -1902, 0])
def test_a_discounts_tax_is_negative_too(klarna: Klarna, tax: int) -> None:
    body = purchase(line(50000, 7983), line(-11900, tax, **DISCOUNT))
    assert_bad_value(klarna.create_session(body), "order_lines[1].total_tax_amount")


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([line(50000, 7983), line(-11900, -1900, **DISCOUNT)], id="discount line, negative tax"),
        pytest.param([line(), line(-5000, 0, rate=0, type="gift_card", name="Gift card")], id="gift card without tax"),
        pytest.param(
            [line(), line(-5000, 0, rate=0, type="store_credit", name="Credit")],
            id="store credit without tax",
        ),
        pytest.param([line(), line(-11900, -1900, **DISCOUNT)], id="discount of everything"),
        pytest.param([line(), line(590, 94, type="shipping_fee", name="Parcel")], id="shipping fee as a line"),
        pytest.param([line(), line(10700, 700, rate=700, name="Book")], id="two rates"),
        pytest.param([line(), line(0, 0, name="Gift", unit_price=0)], id="something free"),
    ],
)
def test_lines_of_every_kind_add_up(klarna: Klarna, lines: list[dict[str, Any]]) -> None:
    assert_ok(klarna.create_session(purchase(*lines)))


def test_lines_may_carry_no_tax_at_all(klarna: Klarna) -> None:
    bare = {"name": "Lamp", "quantity": 1, "unit_price": 11900, "total_amount": 11900}
    assert_ok(klarna.create_session(purchase(bare)))


@pytest.mark.parametrize("missing", ["tax_rate", "total_tax_amount"])
def test_a_rate_without_its_tax_or_a_tax_without_its_rate_does_not_add_up(klarna: Klarna, missing: str) -> None:
    assert_bad_value(klarna.create_session(changed(purchase(), {f"order_lines[0].{missing}": MISSING})), TAX)


@pytest.mark.parametrize("pieces", [1, 2, 5])
def test_the_orders_tax_may_be_off_by_one_for_each_line(klarna: Klarna, pieces: int) -> None:
    body = purchase(*[line()] * pieces)
    tax = body["order_tax_amount"]
    for right in (tax - pieces, tax, tax + pieces):
        assert_ok(klarna.create_session(body | {"order_tax_amount": right}))
    for wrong in (tax - pieces - 1, tax + pieces + 1, 0):
        assert_bad_value(klarna.create_session(body | {"order_tax_amount": wrong}), "order_tax_amount")


@pytest.mark.parametrize("off", [-1, 1, -11900])
def test_the_orders_amount_is_exactly_the_sum_of_its_lines(klarna: Klarna, off: int) -> None:
    body = purchase(line(), line())
    answer = klarna.create_session(body | {"order_amount": body["order_amount"] + off})
    assert_bad_value(answer, "order_amount")


def test_an_order_is_never_worth_less_than_nothing(klarna: Klarna) -> None:
    body = purchase(line(), line(-12000, -1916, **DISCOUNT), order_tax_amount=0)
    assert_bad_value(klarna.create_session(body), "order_amount")


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        pytest.param(
            {"order_lines[0].name": "", "locale": "sv-SE"}, "order_lines[0].name", id="form before locale"
        ),
        pytest.param({"order_amount": -1, "locale": "sv-SE"}, "order_amount", id="limit before locale"),
        pytest.param(
            {"purchase_currency": "SEK", TOTAL: 11901}, "purchase_currency", id="currency before a line's total"
        ),
        pytest.param({"locale": "sv-SE", TOTAL: 11901}, "locale", id="locale before a line's total"),
        pytest.param({TOTAL: 11901, TAX: 1}, TOTAL, id="a line's total before its tax"),
        pytest.param({TOTAL: 11901, "order_amount": 1}, TOTAL, id="a line's total before the order's amount"),
        pytest.param({TAX: 1, "order_tax_amount": 9999}, TAX, id="a line's tax before the order's"),
        pytest.param(
            {"order_tax_amount": 9999, "order_amount": 1}, "order_tax_amount", id="the order's tax before its amount"
        ),
    ],
)  # fmt: skip
def test_of_two_faults_the_first_in_order_is_named(klarna: Klarna, changes: dict[str, Any], path: str) -> None:
    assert_bad_value(klarna.create_session(changed(purchase(), changes)), path)


def test_of_two_wrong_lines_a_total_comes_before_a_tax(klarna: Klarna) -> None:
    body = purchase(line(11900, 1), line(11900, 1900, unit_price=1))
    assert_bad_value(klarna.create_session(body), "order_lines[1].total_amount")


# --- United States: prices without tax, the tax as a line


@pytest.mark.parametrize("tax", [0, 1, 888])
def test_an_american_orders_tax_is_what_its_tax_lines_say(north_america: Klarna, tax: int) -> None:
    assert_ok(north_america.create_session(american_purchase(tax=tax)))


def test_several_taxes_are_several_lines(north_america: Klarna) -> None:
    body = american_purchase(tax=500)
    city = body["order_lines"][1] | {"name": "Sales Tax", "unit_price": 300, "total_amount": 300}
    body["order_lines"].append(city)
    assert_ok(north_america.create_session(body | {"order_amount": 10800, "order_tax_amount": 800}))


def test_a_tax_line_may_say_that_it_is_not_taxed_itself(north_america: Klarna) -> None:
    untaxed = {f"order_lines[{i}].{field}": 0 for i in (0, 1) for field in ("tax_rate", "total_tax_amount")}
    assert_ok(north_america.create_session(changed(american_purchase(), untaxed)))


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        pytest.param({"order_tax_amount": 0}, "order_tax_amount", id="tax line not counted"),
        pytest.param({"order_tax_amount": 891}, "order_tax_amount", id="off by more than the lines"),
        pytest.param({"order_tax_amount": 885}, "order_tax_amount", id="short by more than the lines"),
        pytest.param({"order_amount": 10000}, "order_amount", id="tax line left out of the amount"),
        pytest.param({"order_amount": 10888 + 888}, "order_amount", id="tax added once more"),
    ],
)
def test_an_american_order_that_does_not_add_up_is_refused(
    north_america: Klarna, changes: dict[str, Any], path: str
) -> None:
    assert_bad_value(north_america.create_session(changed(american_purchase(), changes)), path)
