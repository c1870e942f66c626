"""What changed between two calls: every path that differs, and no other."""

import copy

from hypothesis import given
from hypothesis import strategies as st

from app.shop.console.differences import Difference, differences

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=2), parts),
    max_leaves=12,
)


def test_each_changed_path_is_named_with_both_values() -> None:
    before = {"order_amount": 1290, "order_lines": [{"quantity": 1, "name": "House blend"}]}
    after = {"order_amount": 2580, "order_lines": [{"quantity": 2, "name": "House blend"}]}
    assert differences(before, after) == [
        Difference("order_amount", 1290, 2580),
        Difference("order_lines[0].quantity", 1, 2),
    ]


def test_what_came_and_what_went_stands_beside_nothing() -> None:
    assert differences({"intent": "buy"}, {"customer": {"customer_token": "•••"}}) == [
        Difference("customer.customer_token", None, "•••"),
        Difference("intent", "buy", None),
    ]


def test_true_is_not_one() -> None:
    assert differences({"purchase": True}, {"purchase": 1}) == [Difference("purchase", True, 1)]


def test_an_emptied_list_is_a_change() -> None:
    assert Difference("lines", None, []) in differences({"lines": [1]}, {"lines": []})


@given(JSON)
def test_what_is_alike_does_not_differ(value: object) -> None:
    assert differences(value, copy.deepcopy(value)) == []


@given(
    st.dictionaries(st.text("abc", min_size=1), st.integers(), min_size=1), st.text("abc", min_size=1), st.integers()
)
def test_one_change_is_one_difference(before: dict[str, int], name: str, value: int) -> None:
    found = differences(before, before | {name: value})
    assert found == ([] if before.get(name) == value else [Difference(name, before.get(name), value)])
