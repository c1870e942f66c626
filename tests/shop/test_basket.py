"""The arithmetic of the cart, as tables and as laws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.shop.cart.basket import Basket, Item, price, what_changed
from app.shop.checkout.order_lines import purchase
from app.shop.markets import MARKETS, Market, get


def item(unit_price: int = 1290, quantity: int = 1, tax: str = "standard", stock: int = 50, sku: str = "A") -> Item:
    return Item(1, "house-blend", sku, "House blend", tax, unit_price, stock, quantity)


def bought(basket: Basket) -> dict:
    return purchase(basket, "M-1", lambda slug: f"http://localhost/{slug}", lambda slug: f"http://localhost/{slug}.svg")


@pytest.mark.parametrize(
    ("market", "unit_price", "quantity", "total", "tax"),
    [
        ("DE", 25900, 1, 25900, 4135),  # free delivery
        ("DE", 1290, 1, 1290 + 490, 206 + 78),
        ("SE", 12900, 2, 25800 + 4900, 5160 + 980),
        ("GB", 5999, 1, 5999 + 390, 1000 + 65),
        ("GB", 6000, 1, 6000, 1000),
        ("US", 1000, 1, 1000 + 590 + 131, 131),
    ],
)
def test_totals(market: str, unit_price: int, quantity: int, total: int, tax: int) -> None:
    basket = price(get(market), [item(unit_price, quantity)], "standard")
    assert (basket.total, basket.tax) == (total, tax)


def test_books_are_taxed_at_the_reduced_rate_and_delivery_at_the_highest_in_the_parcel() -> None:
    basket = price(get("DE"), [item(1000, tax="reduced"), item(1000, sku="B")], "standard")
    assert [line.tax_rate for line in basket.lines] == [700, 1900, 1900]
    assert [line.tax_rate for line in price(get("DE"), [item(tax="reduced")], "standard").lines] == [700, 700]


def test_american_lines_carry_no_tax_and_one_line_adds_it() -> None:
    lines = bought(price(get("US"), [item(1000)], "standard"))["order_lines"]
    assert [line["type"] for line in lines] == ["physical", "shipping_fee", "sales_tax"]
    assert not any("tax_rate" in line or "total_tax_amount" in line for line in lines)


def test_an_empty_cart_costs_nothing() -> None:
    basket = price(get("DE"), [], "express")
    assert (basket.total, basket.tax, basket.lines) == (0, 0, ())


carts = st.lists(
    st.builds(
        item,
        unit_price=st.integers(1, 200_000),
        quantity=st.integers(1, 10),
        tax=st.sampled_from(["standard", "reduced"]),
        sku=st.text("ABC", min_size=1, max_size=3),
    ),
    min_size=1,
    max_size=8,
)


@given(market=st.sampled_from(MARKETS), items=carts, delivery=st.sampled_from(["standard", "express", "pigeon"]))
def test_klarnas_rules_hold_for_every_cart(market: Market, items: list[Item], delivery: str) -> None:
    basket = price(market, items, delivery)
    body = bought(basket)
    lines = body["order_lines"]
    assert body["order_amount"] == sum(line["total_amount"] for line in lines) == basket.total
    for line in lines:
        assert line["total_amount"] == line["quantity"] * line["unit_price"] - line["total_discount_amount"]
    if market.prices_include_tax:
        assert body["order_tax_amount"] == sum(line["total_tax_amount"] for line in lines)
        for line in lines:
            exact = line["total_amount"] - line["total_amount"] * 10000 / (10000 + line["tax_rate"])
            assert abs(line["total_tax_amount"] - exact) <= 1
    else:
        assert body["order_tax_amount"] == sum(line["total_amount"] for line in lines if line["type"] == "sales_tax")


def test_the_version_changes_with_everything_that_is_paid_for() -> None:
    germany, sweden = get("DE"), get("SE")
    versions = {
        price(germany, [item()], "standard").version,
        price(germany, [item(quantity=2)], "standard").version,
        price(germany, [item(unit_price=1291)], "standard").version,
        price(germany, [item()], "express").version,
        price(sweden, [item()], "standard").version,
        price(germany, [item(), item(sku="B")], "standard").version,
    }
    assert len(versions) == 6
    assert price(germany, [item()], "standard").version == price(germany, [item(stock=3)], "standard").version


@pytest.mark.parametrize(
    ("quantity", "stock", "seen", "left", "words"),
    [
        (2, 50, 1290, None, []),
        (2, 0, 1290, 0, ["sold out"]),
        (5, 3, 1290, 3, ["Only 3"]),
        (2, 50, 1000, 2, ["from 1000 to 1290"]),
        (5, 3, 1000, 3, ["Only 3", "from 1000 to 1290"]),
        (2, 50, None, None, []),
    ],
)
def test_the_shopper_is_told_what_changed(
    quantity: int, stock: int, seen: int | None, left: int | None, words: list[str]
) -> None:
    changes = what_changed(item(quantity=quantity, stock=stock), seen, str)
    assert len(changes) == len(words)
    for change, word in zip(changes, words, strict=True):
        assert word in change.text
        assert change.quantity == left
