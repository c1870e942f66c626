"""What an answer of Klarna means for a link. Pure: no database, no clock, no network.

https://docs.klarna.com/payments/web-payments/additional-resources/use-cases/account-linking
"""

from dataclasses import dataclass
from enum import StrEnum

from app.klarna.identity import TokenStatus


class LinkChange(StrEnum):
    """What happened to a link."""

    LINKED = "linked"
    CONFIRMED = "confirmed"
    REPLACED = "replaced"
    ROTATED = "rotated"
    RENEWED = "renewed"
    SWITCHED = "switched"
    KEPT = "kept"
    DECLINED = "declined"
    OUTDATED = "outdated"
    UNWANTED = "unwanted"
    REVOKED = "revoked"
    UNLINKED = "unlinked"


@dataclass(frozen=True)
class Decision:
    """What to do: ``store`` is the token to keep from now on, empty to leave things as they are."""

    change: LinkChange
    store: str = ""


WORDS = {
    LinkChange.LINKED: "Your Klarna account was linked.",
    LinkChange.CONFIRMED: "Klarna recognised you by your link.",
    LinkChange.REPLACED: "Klarna renewed your link; the old one is gone.",
    LinkChange.ROTATED: "Klarna rotated the key of your link; the link is the same.",
    LinkChange.RENEWED: "Your link was no longer valid at Klarna; it was renewed.",
    LinkChange.SWITCHED: "You paid with another Klarna account; that one is linked now.",
    LinkChange.KEPT: "You did not renew the link this time; it stays as it was.",
    LinkChange.DECLINED: "You chose not to link your Klarna account.",
    LinkChange.OUTDATED: "A late answer of Klarna was older than your link and changed nothing.",
    LinkChange.UNWANTED: "You unlinked while this order was open, so it linked nothing.",
    LinkChange.REVOKED: "The link was ended at Klarna; we forgot it here, too.",
    LinkChange.UNLINKED: "You unlinked your Klarna account.",
}

# The order left its buyer linked.
LINKED_AFTER = frozenset(
    {
        LinkChange.LINKED,
        LinkChange.CONFIRMED,
        LinkChange.REPLACED,
        LinkChange.ROTATED,
        LinkChange.RENEWED,
        LinkChange.SWITCHED,
    }
)


def decide(stored: str, returned: str, newest: bool = True, unlinked_since: bool = False) -> Decision:
    """What a completed ``buy_and_link`` order does to a link.

    ``stored`` is the token we hold, ``returned`` the one in Klarna's answer; empty where there is none.
    ``newest`` is false when the stored one comes from a later answer than this; ``unlinked_since`` is true when the
    shopper ended the link after this checkout was opened.

    ======  =========  ==========================================================
    stored  returned   the link
    ======  =========  ==========================================================
    none    none       declined: the shopper opted out; asked again next time
    none    a token    linked
    T       T          confirmed: nothing to write
    T       another    replaced: the newest answer is the truth
    T       none       kept: absence in an answer takes nothing away
    T       an older   outdated: two browsers at once, and this answer came late
    none    a token    unwanted, if the shopper unlinked in another tab meanwhile
    ======  =========  ==========================================================
    """
    if not returned:
        return Decision(LinkChange.KEPT if stored else LinkChange.DECLINED)
    if not stored:
        return Decision(LinkChange.UNWANTED) if unlinked_since else Decision(LinkChange.LINKED, returned)
    if stored == returned:
        return Decision(LinkChange.CONFIRMED)
    return Decision(LinkChange.REPLACED, returned) if newest else Decision(LinkChange.OUTDATED)


def explain(old: TokenStatus, same_link: bool) -> LinkChange:
    """Why a token was replaced, from what Klarna says of the old one afterwards.

    =========  =========  ==================================================================
    old token  same link  the link was
    =========  =========  ==================================================================
    active     -          switched: it still names somebody, but somebody else paid
    revoked    -          renewed: the shopper had ended it at Klarna, and linked again
    unknown    yes        rotated: the link is the same under a new token
    unknown    no         renewed: the token had become worthless, and the shopper linked again
    =========  =========  ==================================================================
    """
    if old is TokenStatus.ACTIVE:
        return LinkChange.SWITCHED
    return LinkChange.ROTATED if old is TokenStatus.UNKNOWN and same_link else LinkChange.RENEWED
