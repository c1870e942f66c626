"""What Klarna's answer does to a link: the whole table."""

import pytest

from app.shop.linking.rules import WORDS, LinkChange, decide


@pytest.mark.parametrize(
    ("stored", "returned", "change", "store"),
    [
        ("", "", LinkChange.DECLINED, ""),
        ("", "new", LinkChange.LINKED, "new"),
        ("same", "same", LinkChange.CONFIRMED, ""),
        ("old", "new", LinkChange.REPLACED, "new"),
        ("old", "", LinkChange.KEPT, ""),
    ],
)
def test_the_newest_answer_is_the_truth(stored: str, returned: str, change: LinkChange, store: str) -> None:
    decision = decide(stored, returned)
    assert (decision.change, decision.store) == (change, store)


def test_every_change_has_words_for_the_shopper() -> None:
    assert set(WORDS) == set(LinkChange)
