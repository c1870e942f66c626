"""The last sign-in with Klarna of this browser, explained: what was asked, what was checked, what was learned."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ..signin.id_token import CHECKS
from .entries import Entry
from .recorder import CHECKED
from .timeline import Timeline

PARAMETERS = {
    "response_type": "A code comes back, never a token: tokens must not pass through a browser.",
    "client_id": "Which shop asks.",
    "redirect_uri": "Where Klarna may send the browser; registered there, compared letter by letter.",
    "scope": "What the shop would like to know and do. offline_access brings the refresh token, customer:login lets "
    "Klarna skip its login when paying.",
    "state": "Ties the answer to this browser's start; works once.",
    "nonce": "Ties the id_token to this start.",
    "code_challenge": "PKCE: a digest of a secret that only this server has, so that a stolen code is worth nothing.",
    "code_challenge_method": "S256: the digest is SHA-256.",
    "ui_locales": "The language and market of Klarna's pages.",
    "prompt": "Whether Klarna has to ask the person again.",
    "market": "The market of Klarna's pages.",
}
CHECK_WORDS = {
    "form": "It is a compact JWT.",
    "alg": "Signed with RS256, nothing weaker and nothing shared.",
    "kid": "Signed by a key of the issuer's set.",
    "signature": "The signature fits.",
    "iss": "It is from the issuer we asked.",
    "aud": "It is for this client alone.",
    "azp": "Issued to this client.",
    "exp": "It has not run out.",
    "iat": "It is not from the future.",
    "nbf": "It is valid already.",
    "nonce": "It answers this very start.",
    "sub": "It names somebody.",
    "at_hash": "The access token that came along belongs to it.",
}
CLAIM_USES = {
    "sub": "with iss: who this is, for ever",
    "iss": "with sub: who this is, for ever",
    "email": "the account's e-mail; a hint to an existing account, never a proof",
    "email_verified": "only a verified e-mail may lead to an existing account, and then its password is asked",
    "given_name": "profile, checkout",
    "family_name": "profile, checkout",
    "phone": "profile, checkout",
    "billing_address": "address book, checkout",
    "shipping_address": "address book, checkout (delivery)",
    "date_of_birth": "Klarna Checkout's form",
    "country": "which market an address fits",
    "locale": "not used",
}


@dataclass(frozen=True)
class Story:
    """``parameters`` (name, value, why), ``checks`` (name, result, what), ``claims`` (name, value, use)."""

    parameters: list[tuple[str, str, str]] = field(default_factory=list)
    checks: list[tuple[str, str, str]] = field(default_factory=list)
    claims: list[tuple[str, Any, str]] = field(default_factory=list)
    steps: list[Entry] = field(default_factory=list)


def tell(timeline: Timeline, visitor: str) -> Story | None:
    """The story of the last start; None where nobody signed in lately."""
    entries = sorted(timeline.after(0, visitor), key=lambda entry: entry.id)
    begun = next((e for e in reversed(entries) if e.fact.title == "GET /login/klarna" and e.fact.status == 302), None)
    if begun is None:
        return None
    since = [entry for entry in entries if entry.id >= begun.id]
    steps = [entry for entry in since if entry.fact.account == "KLARNA_ISSUER" or "/login/klarna" in entry.fact.path]
    checked = next((entry.fact.response for entry in since if entry.fact.title == CHECKED), None) or {}
    return Story(_parameters(begun), _checks(checked), _claims(checked), steps)


def _parameters(begun: Entry) -> list[tuple[str, str, str]]:
    query = urlsplit(str((begun.fact.response or {}).get("location", ""))).query
    return [(name, value, PARAMETERS.get(name, "")) for name, value in parse_qsl(query)]


def _checks(checked: dict[str, Any]) -> list[tuple[str, str, str]]:
    """In the order in which they are made; after the one that failed none is."""
    if not checked:
        return []
    failed = str(checked.get("refused", "")).split(":")[0].split(" ")[0]
    rows, result = [], "holds"
    for name in ("form", "alg", "kid", "signature", *CHECKS):
        result = "not reached" if result != "holds" else "fails" if name == failed else "holds"
        rows.append((name, result, CHECK_WORDS.get(name, "")))
    return rows


def _claims(checked: dict[str, Any]) -> list[tuple[str, Any, str]]:
    return [(name, value, CLAIM_USES.get(name, "")) for name, value in (checked.get("claims") or {}).items()]
