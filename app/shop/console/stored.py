"""What the shop keeps of Klarna for one account: kinds, fingerprints, ages and ends. Never a value."""

from dataclasses import dataclass, field
from datetime import datetime

from ..encryption import fingerprint
from ..linking import service as linking
from ..payment_tokens import service as payment_tokens
from ..payment_tokens.models import PaymentToken
from ..payment_tokens.states import Use
from ..signin import identities
from ..signin.models import KlarnaIdentity


@dataclass(frozen=True)
class Holding:
    """One secret that is kept. Times are UTC; ``ends`` is None for what does not run out by itself."""

    kind: str
    purpose: str
    fingerprint: str
    since: datetime
    ends: datetime | None
    who: str
    history: list[tuple[datetime, str]] = field(default_factory=list)


def holdings(user_id: int) -> list[Holding]:
    """Everything kept for a user, links first."""
    return [*_links(user_id), *_sign_ins(user_id), *_payment_tokens(user_id)]


def _links(user_id: int) -> list[Holding]:
    history = [(event.at, event.text) for event in linking.events(user_id)]
    return [
        Holding(
            "customer_token",
            f"Account link in {link.region_name}: says who this is. Cannot be charged; rotates.",
            link.fingerprint,
            link.updated_at,
            None,
            f"This account, when it checks out in {', '.join(link.markets)}",
            history,
        )
        for link in linking.links(user_id)
    ]


def _sign_ins(user_id: int) -> list[Holding]:
    history = identities.history(user_id)
    return [holding for row in identities.of(user_id) for holding in _tokens_of(row, history)]


def _tokens_of(row: KlarnaIdentity, history: list[tuple[datetime, str]]) -> list[Holding]:
    held = []
    if row.refresh_token:
        words = "Sign in with Klarna: makes access tokens. Works once, then its successor does."
        who = f"The shop's server, one refresh at a time (generation {row.generation})"
        mark = fingerprint(row.refresh_token)
        held.append(Holding("refresh_token", words, mark, row.signed_in_at, row.refresh_expires_at, who, history))
    if row.access_token:
        words = "Sign in with Klarna: lets Klarna recognise the shopper when paying. Five minutes."
        who = "The next checkout of this account that has no account link"
        mark = fingerprint(row.access_token)
        held.append(Holding("access_token", words, mark, row.signed_in_at, row.access_expires_at, who))
    return held


def _payment_tokens(user_id: int) -> list[Holding]:
    return [
        _payment_token(token, [(event.at, event.text) for event in payment_tokens.events(user_id, use)])
        for use in Use
        for token in payment_tokens.of_user(user_id, use)
        if token.token
    ]


def _payment_token(token: PaymentToken, history: list[tuple[datetime, str]]) -> Holding:
    words = f"Payment token for {token.description}: may be charged. Says nothing about who signs in."
    who = f"Charges of this {token.use.replace('_', ' ')} in {token.market} alone"
    return Holding("token_id", words, token.fingerprint, token.created_at, None, who, history)
