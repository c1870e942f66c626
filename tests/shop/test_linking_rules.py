"""What Klarna's answers do to a link: the whole tables."""

import pytest

from app.klarna.identity import TokenStatus
from app.shop.linking.rules import LINKED_AFTER, WORDS, LinkChange, decide, explain


@pytest.mark.parametrize(
    ("stored", "returned", "newest", "unlinked_since", "change", "store"),
    [
        ("", "", True, False, LinkChange.DECLINED, ""),
        ("", "new", True, False, LinkChange.LINKED, "new"),
        ("same", "same", True, False, LinkChange.CONFIRMED, ""),
        ("same", "same", False, False, LinkChange.CONFIRMED, ""),
        ("old", "new", True, False, LinkChange.REPLACED, "new"),
        ("old", "older", False, False, LinkChange.OUTDATED, ""),
        ("old", "", True, False, LinkChange.KEPT, ""),
        ("", "new", True, True, LinkChange.UNWANTED, ""),
        ("", "", True, True, LinkChange.DECLINED, ""),
        ("relinked", "new", True, True, LinkChange.REPLACED, "new"),
    ],
)
def test_the_newest_answer_is_the_truth(
    stored: str, returned: str, newest: bool, unlinked_since: bool, change: LinkChange, store: str
) -> None:
    decision = decide(stored, returned, newest, unlinked_since)
    assert (decision.change, decision.store) == (change, store)


@pytest.mark.parametrize(
    ("old", "same_link", "change"),
    [
        (TokenStatus.ACTIVE, True, LinkChange.SWITCHED),
        (TokenStatus.ACTIVE, False, LinkChange.SWITCHED),
        (TokenStatus.REVOKED, True, LinkChange.RENEWED),
        (TokenStatus.REVOKED, False, LinkChange.RENEWED),
        (TokenStatus.UNKNOWN, True, LinkChange.ROTATED),
        (TokenStatus.UNKNOWN, False, LinkChange.RENEWED),
    ],
)
def test_why_a_token_was_replaced(old: TokenStatus, same_link: bool, change: LinkChange) -> None:
    assert explain(old, same_link) is change


def test_every_change_has_words_for_the_shopper() -> None:
    assert set(WORDS) == set(LinkChange)
    assert set(LinkChange) > LINKED_AFTER
