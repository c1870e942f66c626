"""What staff may do with an order, and what a part of it is worth: pure rules."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.shop.admin.plans import Money, NotPossible, Wish, plan
from app.shop.admin.rules import Standing, reason_against
from app.shop.money import tax_on_top, typed
from app.shop.orders import parts, states
from app.shop.orders.models import OrderLine
from app.shop.orders.states import ActionKind, OrderState

PLACED = Standing(OrderState.PLACED, 10_000, 0, 0, 0, waiting=False, reachable=True)
PART = replace(PLACED, state=OrderState.PART_CAPTURED, captured=4_000)
WHOLE = replace(PLACED, state=OrderState.CAPTURED, captured=10_000)
BACK = replace(WHOLE, state=OrderState.REFUNDED, refunded=10_000)
ALLOWED = {
    PLACED: {ActionKind.CAPTURE, ActionKind.CANCEL, ActionKind.EXTEND, ActionKind.ADDRESS},
    PART: {ActionKind.CAPTURE, ActionKind.REFUND, ActionKind.RELEASE, ActionKind.EXTEND, ActionKind.ADDRESS},
    WHOLE: {ActionKind.REFUND},
    BACK: set(),
    replace(PLACED, state=OrderState.PENDING): {ActionKind.CANCEL, ActionKind.EXTEND},
    replace(PLACED, state=OrderState.STOPPED): {ActionKind.CANCEL, ActionKind.EXTEND},
    replace(PART, state=OrderState.STOPPED): {ActionKind.REFUND, ActionKind.RELEASE, ActionKind.EXTEND},
    replace(PLACED, state=OrderState.OPENED): set(),
    replace(PLACED, state=OrderState.FAILED): set(),
    replace(PLACED, state=OrderState.CANCELLED, released=10_000): set(),
    replace(PART, waiting=True): set(),
    replace(PART, reachable=False): set(),
}


def line(quantity: int = 3, total: int = 1_000, unit_price: int = 334, **more: int | str) -> OrderLine:
    known = {"id": 1, "kind": "physical", "reference": "r", "name": "n", "tax_rate": 1900, "tax": 160}
    return OrderLine(quantity=quantity, total=total, unit_price=unit_price, **{**known, **more})


def sales_tax(total: int) -> OrderLine:
    return line(1, total, total, id=9, kind="sales_tax", tax_rate=0, tax=0)


def wish(kind: ActionKind = ActionKind.CAPTURE, **more: object) -> Wish:
    return Wish(kind, "nonce", 0, 1, **more)  # type: ignore[arg-type]


def planned(asked: Wish, remaining: int = 1_000, refundable: int = 0, taken: int = 0):
    money = Money(remaining, refundable, Counter({1: taken}), Counter())
    return plan(asked, [line()], money, True, "M-1-1", {})


@pytest.mark.parametrize(("standing", "allowed"), ALLOWED.items(), ids=lambda v: getattr(v, "state", ""))
def test_what_is_forbidden_has_a_reason_and_nothing_else_has(standing: Standing, allowed: set[ActionKind]) -> None:
    assert {kind for kind in ActionKind if not reason_against(kind, standing)} == allowed


@pytest.mark.parametrize(
    ("standing", "way_out"), [(PLACED, ActionKind.CANCEL), (PART, ActionKind.RELEASE)], ids=["whole", "part"]
)
def test_what_klarna_stopped_is_ended_in_a_way_that_is_open(standing: Standing, way_out: ActionKind) -> None:
    stopped = replace(standing, state=OrderState.STOPPED)
    assert f"{way_out.capitalize()} the" in reason_against(ActionKind.CAPTURE, stopped)
    assert not reason_against(way_out, stopped)


@given(st.integers(1, 40), st.integers(0, 500_000), st.data())
def test_all_parts_of_a_line_together_make_its_total(quantity: int, total: int, data: st.DataObject) -> None:
    one, left, sent = line(quantity, total), quantity, 0
    while left:
        now = data.draw(st.integers(1, left))
        told = parts.klarna_line(one, quantity - left, now, with_tax=True)
        assert told["quantity"] * told["unit_price"] - told["total_discount_amount"] == told["total_amount"]
        assert abs(told["total_tax_amount"] - told["total_amount"] * 1900 / 11900) <= 1 or now == quantity
        left, sent = left - now, sent + told["total_amount"]
    assert sent == total


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9_999)), min_size=1, max_size=4), st.data())
def test_sales_tax_follows_the_goods_and_all_parts_together_make_the_order(
    goods: list[tuple[int, int]], data: st.DataObject
) -> None:
    lines = [line(quantity, total, total, id=id) for id, (quantity, total) in enumerate(goods)]
    net = sum(each.total for each in lines)
    lines.append(sales_tax(tax_on_top(net, 825)))
    gone: Counter[int] = Counter()
    sent: Counter[str] = Counter()
    while any(gone[each.id] < each.quantity for each in lines[:-1]):
        pieces = {each.id: data.draw(st.integers(0, each.quantity - gone[each.id])) for each in lines[:-1]}
        pieces = {id: quantity for id, quantity in pieces.items() if quantity} or {
            each.id: 1 for each in lines[:-1] if gone[each.id] < each.quantity
        }
        for told in parts.klarna_lines(lines, gone, pieces, with_tax=False):
            assert told["quantity"] * told["unit_price"] - told["total_discount_amount"] == told["total_amount"]
            sent[told["type"]] += told["total_amount"]
        gone.update(pieces)
        assert 0 <= lines[-1].total * sent["physical"] - sent["sales_tax"] * net < max(net, 1)
    assert (sent["physical"], sent["sales_tax"]) == (net, lines[-1].total)


def test_half_of_the_goods_brings_half_of_the_sales_tax_back_and_forth() -> None:
    """Two bags for 15.00 each and 2.48 of sales tax, sent and given back one by one."""
    lines, full = [line(2, 3_000, 1_500), sales_tax(248)], Money(3_248, 0, Counter(), Counter())
    half = replace(full, remaining=1_624, refundable=1_624, captured=Counter({1: 1}))
    all_of_it = replace(full, remaining=0, refundable=3_248, captured=Counter({1: 2}))
    for kind, money in (
        (ActionKind.CAPTURE, full),
        (ActionKind.CAPTURE, half),
        (ActionKind.REFUND, half),
        (ActionKind.REFUND, all_of_it),
        (ActionKind.REFUND, replace(all_of_it, refundable=1_624, refunded=Counter({1: 1}))),
    ):
        made = plan(wish(kind, pieces={1: 1}), lines, money, False, "M-1-1", {})
        assert made.amount == 1_624
        assert [told["total_amount"] for told in made.body["order_lines"]] == [1_500, 124]
        assert made.request["pieces"] == {"1": 1}


def test_sales_tax_that_went_whole_with_the_first_piece_is_not_asked_for_again() -> None:
    lines, captured = [line(2, 3_000, 1_500), sales_tax(248)], Counter({1: 1, 9: 1})
    rest = plan(wish(pieces={1: 1}), lines, Money(1_500, 0, captured, Counter()), False, "M-1-2", {})
    assert rest.amount == 1_500


def test_sales_tax_is_nothing_anybody_chooses() -> None:
    money = Money(3_248, 0, Counter(), Counter())
    with pytest.raises(NotPossible):
        plan(wish(pieces={9: 1}), [line(2, 3_000, 1_500), sales_tax(248)], money, False, "M-1-1", {})


@given(st.integers(1, 9_999), st.data())
def test_an_order_of_which_something_was_captured_has_one_state(total: int, data: st.DataObject) -> None:
    captured = data.draw(st.integers(1, total))
    released = data.draw(st.sampled_from([0, total - captured]))
    refunded = data.draw(st.integers(0, captured))
    state = states.by_money(total, captured, released, refunded)
    assert (state is OrderState.PART_CAPTURED) == (captured + released < total)
    assert (state is OrderState.REFUNDED) == (captured + released == total and refunded == captured)


def test_a_whole_line_keeps_the_tax_it_was_sold_with() -> None:
    assert parts.klarna_line(line(tax=159), 0, 3, with_tax=True)["total_tax_amount"] == 159
    assert "tax_rate" not in parts.klarna_line(line(), 0, 3, with_tax=False)


@pytest.mark.parametrize("pieces", [{}, {1: 0}, {1: 4}, {1: -1}, {2: 1}])
def test_a_capture_of_nothing_or_too_much_is_refused(pieces: dict[int, int]) -> None:
    with pytest.raises(NotPossible):
        planned(wish(pieces=pieces))


@pytest.mark.parametrize(
    "said", [{}, {"amount": 1_001}, {"amount": -1}, {"pieces": {1: 3}}, {"amount": 1, "everything": True}]
)
def test_a_refund_of_nothing_too_much_or_two_things_is_refused(said: dict[str, object]) -> None:
    with pytest.raises(NotPossible):
        planned(wish(ActionKind.REFUND, **said), refundable=1_000, taken=2)


def test_a_refund_of_pieces_after_one_of_an_amount_is_bound_by_the_amount() -> None:
    with pytest.raises(NotPossible):
        planned(wish(ActionKind.REFUND, pieces={1: 2}), refundable=500, taken=2)


@pytest.mark.parametrize(
    ("text", "currency", "amount"), [("12.5", "EUR", 1250), (" 12,05 ", "EUR", 1205), ("0", "EUR", 0), ("7", "JPY", 7)]
)
def test_typed_amounts_are_read_in_minor_units(text: str, currency: str, amount: int) -> None:
    assert typed(text, currency) == amount


@pytest.mark.parametrize("text", ["", "-1", "1.234", "1,234.50", "1e9", "NaN", "٣", "9999999999", "12.", "0x1"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no amount"):
        typed(text, "EUR")
