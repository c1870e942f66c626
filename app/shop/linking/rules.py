"""What an answer of Klarna means for a link. Pure: no database, no clock, no network.

https://docs.klarna.com/payments/web-payments/additional-resources/use-cases/account-linking
"""

from dataclasses import dataclass
from enum import StrEnum


class LinkChange(StrEnum):
    """What happened to a link."""

    LINKED = "linked"
    CONFIRMED = "confirmed"
    REPLACED = "replaced"
    KEPT = "kept"
    DECLINED = "declined"
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
    LinkChange.KEPT: "You did not renew the link this time; it stays as it was.",
    LinkChange.DECLINED: "You chose not to link your Klarna account.",
    LinkChange.UNLINKED: "You unlinked your Klarna account.",
}


def decide(stored: str, returned: str) -> Decision:
    """What a completed ``buy_and_link`` order does to a link.

    ``stored`` is the token we hold, ``returned`` the one in Klarna's answer; empty where there is none.

    ======  =========  ==========================================================
    stored  returned   the link
    ======  =========  ==========================================================
    none    none       declined: the shopper opted out; asked again next time
    none    a token    linked
    T       T          confirmed: nothing to write
    T       another    replaced: the newest answer is the truth
    T       none       kept: absence in an answer takes nothing away
    ======  =========  ==========================================================
    """
    if not returned:
        return Decision(LinkChange.KEPT if stored else LinkChange.DECLINED)
    if not stored:
        return Decision(LinkChange.LINKED, returned)
    if stored == returned:
        return Decision(LinkChange.CONFIRMED)
    return Decision(LinkChange.REPLACED, returned)
