"""Whom an access token of Sign in with Klarna stands for: the one question a checkout asks about it.

https://docs.klarna.com/sign-in-with-klarna/integrate-sign-in-with-klarna/klarna-checkout/
"""

from . import people, switches
from .merchants import Merchant
from .people import Person

_TOKENS = "access_tokens"


def by_access_token(merchant: Merchant, token: str) -> Person | None:
    """The person this merchant's token stands for, or None: a token that is no good is no error."""
    known = switches.get(_TOKENS, {}).get(token)
    if known is None or known["merchant"] != merchant.username:
        return None
    return people.find(known["person"])


def know(merchant: Merchant, token: str, person_id: str) -> None:
    """From now on this token of this merchant stands for this person."""
    known = switches.get(_TOKENS, {})
    switches.put(_TOKENS, known | {token: {"merchant": merchant.username, "person": person_id}})
