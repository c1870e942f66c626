"""Lines and totals add up as Klarna's pages say, to the minor unit."""

from typing import Any

import pytest

from app.sandbox.api import money

from .purchases import american, german, line


@pytest.mark.parametrize("tax", [4135, 4136])
def test_a_lines_tax_may_be_one_minor_unit_off(tax: int) -> None:
    assert money.tax_is_right(line(total_tax_amount=tax))


@pytest.mark.parametrize("tax", [0, 4130, 4134, 4137])
def test_a_lines_tax_may_not_be_further_off(tax: int) -> None:
    assert not money.tax_is_right(line(total_tax_amount=tax))


@pytest.mark.parametrize(
    ("total", "rate", "tax", "right"),
    [
        pytest.param(2900, 2000, 483, True, id="483.33 rounded down"),
        pytest.param(2900, 2000, 484, True, id="483.33 rounded up"),
        pytest.param(2900, 2000, 485, False, id="1.67 too much"),
        pytest.param(-1190, 1900, -190, True, id="a discount lowers the tax"),
        pytest.param(-1190, 1900, 190, False, id="a discount does not raise it"),
        pytest.param(1190, 0, 0, True, id="no tax"),
        pytest.param(1190, 0, 2, False, id="tax without a rate"),
        pytest.param(0, 1900, 0, True, id="given away"),
    ],
)
def test_tax_follows_from_total_and_rate(total: int, rate: int, tax: int, right: bool) -> None:
    checked = line(total_amount=total, tax_rate=rate, total_tax_amount=tax)
    assert money.tax_is_right(checked) is right


def test_tax_is_not_checked_where_a_line_says_nothing_of_it() -> None:
    assert money.tax_is_right({"name": "Lamp", "quantity": 1, "unit_price": 100, "total_amount": 100})


def test_a_rate_without_its_tax_is_wrong() -> None:
    said = line()
    del said["total_tax_amount"]
    assert not money.tax_is_right(said)


TOTAL = "order_lines[0].total_amount"
DISCOUNT = line(type="discount", name="Spring", unit_price=-1190, total_amount=-1190, total_tax_amount=-190)


@pytest.mark.parametrize(
    ("cart", "path"),
    [
        pytest.param(german(), None, id="a right cart"),
        pytest.param(american(), None, id="sales tax on a line of its own"),
        pytest.param(
            german(order_lines=[line(), DISCOUNT], order_amount=24710, order_tax_amount=3945),
            None,
            id="a discount line",
        ),
        pytest.param(german(order_amount=25901), "order_amount", id="total too high"),
        pytest.param(german(order_amount=25899), "order_amount", id="total too low"),
        pytest.param(german(order_tax_amount=4136), None, id="order tax one off, one line"),
        pytest.param(german(order_tax_amount=4137), "order_tax_amount", id="order tax two off, one line"),
        pytest.param(american(order_tax_amount=0), "order_tax_amount", id="sales tax not in the order's tax"),
        pytest.param(german(order_lines=[line(total_discount_amount=1)]), TOTAL, id="discount not taken off"),
        pytest.param(german(order_lines=[line(quantity=2)]), TOTAL, id="two for the price of one"),
        pytest.param(
            german(order_lines=[line(unit_price=-25900, total_amount=-25900, total_tax_amount=-4135)]),
            "order_lines[0].unit_price",
            id="a lamp with a negative price",
        ),
    ],
)
def test_the_first_thing_that_does_not_add_up_is_named(cart: dict[str, Any], path: str | None) -> None:
    assert money.faults(cart) == ([path] if path else [])


def test_every_wrong_line_is_named() -> None:
    cart = german(order_lines=[line(total_amount=1), line(), line(total_amount=2)])
    assert money.faults(cart) == ["order_lines[0].total_amount", "order_lines[2].total_amount"]
