"""What follows when Klarna says who somebody is. Pure: no database, no clock, no network.

Identity is issuer and subject. A matching e-mail is a hint, and connecting to an account that is there already
asks for its password once: Klarna wants the sign-in not to be rejected, and nobody wants it to open a stranger's
account.
https://docs.klarna.com/conversion-boosters/sign-in-with-klarna/before-you-start/
"""

from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """What happens next."""

    SIGN_IN = "sign_in"
    REFRESH = "refresh"
    CREATE = "create"
    ASK_PASSWORD = "ask_password"  # noqa: S105
    ASK_EMAIL = "ask_email"
    ASK_WHICH = "ask_which"
    CONFIRM = "confirm"
    OTHER_IDENTITY = "other_identity"
    NO_PROOF = "no_proof"


@dataclass(frozen=True)
class Visitor:
    """Who is signed in to the shop. ``connected``: with another identity of the same issuer."""

    user_id: int
    connected: bool = False


@dataclass(frozen=True)
class Holder:
    """The account that has the e-mail Klarna names."""

    user_id: int
    has_password: bool


def decide(owner: int | None, visitor: Visitor | None, email: str, verified: bool, holder: Holder | None) -> Step:
    """What to do with a sign-in. ``owner`` is the user who has this identity already.

    =========  ==========  ==========================  =================================================
    owner      signed in   e-mail at Klarna            step
    =========  ==========  ==========================  =================================================
    A          nobody      any                         sign in as A
    A          A           any                         refresh: new data, new tokens
    A          B           any                         ask which of the two
    nobody     B           any                         confirm, with B's password when there is one
    nobody     B           any, B has another identity  refuse: one identity of an issuer per account
    nobody     nobody      verified, B's, password     ask for B's password once
    nobody     nobody      verified, B's, no password  refuse: nothing here could prove B
    nobody     nobody      unverified, B's             ask for another e-mail: an unverified one matches nobody
    nobody     nobody      none                        ask for an e-mail, and only for that
    nobody     nobody      nobody's                    make the account
    =========  ==========  ==========================  =================================================
    """
    if owner is not None:
        if visitor is None:
            return Step.SIGN_IN
        return Step.REFRESH if visitor.user_id == owner else Step.ASK_WHICH
    if visitor is not None:
        return Step.OTHER_IDENTITY if visitor.connected else Step.CONFIRM
    if not email or (holder is not None and not verified):
        return Step.ASK_EMAIL
    if holder is None:
        return Step.CREATE
    return Step.ASK_PASSWORD if holder.has_password else Step.NO_PROOF


# Questions that another e-mail answers, too: nobody is turned away for an address somebody else has.
OTHER_EMAIL = frozenset({Step.ASK_EMAIL, Step.ASK_PASSWORD, Step.NO_PROOF})


class Event(StrEnum):
    """What the shopper's history says."""

    CREATED = "created"
    CONNECTED = "connected"
    SIGNED_IN = "signed_in"
    FILLED = "filled"
    TAKEN_OVER = "taken_over"
    CLAIMED = "claimed"
    ENDED = "ended"
    DISCONNECTED = "disconnected"


WORDS = {
    Event.CREATED: "Your account was made by signing in with Klarna.",
    Event.CONNECTED: "Sign in with Klarna was connected to your account.",
    Event.SIGNED_IN: "You signed in with Klarna.",
    Event.FILLED: "Filled in from Klarna, where nothing was: {}.",
    Event.TAKEN_OVER: "Taken over from Klarna as you asked: {}.",
    Event.CLAIMED: "The order you made as a guest came into your account: {}.",
    Event.ENDED: "Klarna no longer vouches for your sign-in; sign in with Klarna once to renew it.",
    Event.DISCONNECTED: "Sign in with Klarna was disconnected.",
}
