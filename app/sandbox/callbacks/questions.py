"""What a merchant's server is asked while the customer waits: is this purchase fine, what does this address cost.

https://docs.klarna.com/klarna-checkout/use-cases/validate-order . The answers: 200 yes, 400 no with words for the
customer, a redirect for a page of the shop that explains. No answer in three seconds counts as yes, unless the order
says that validation has to succeed: then Klarna waits ten seconds, and silence is a no. Any other status counts as
silence, and silence about an address changes nothing (both inferred).
"""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from . import wire
from .wire import Answer

PATIENCE = 3.0  # seconds
STRICT_PATIENCE = 10.0
_REDIRECTS = (301, 302, 303, 307)
_UNSUPPORTED = "The shop does not deliver to this address."
_DENIED = "The shop cannot accept this purchase. Please check what you entered."
_SILENT = "The shop did not answer in time. Nothing was charged; please try again."


@dataclass(frozen=True)
class Ruling:
    """What came of it. `words` are for the customer, `location` leads to a page of the shop."""

    fine: bool
    words: str = ""
    location: str = ""
    changes: dict[str, Any] = field(default_factory=dict)


def validate(url: str, order: dict[str, Any], strict: bool) -> Ruling:
    """Whether the merchant takes the purchase. `strict` is `require_validate_callback_success`."""
    answer = _ask(url, order, STRICT_PATIENCE if strict else PATIENCE)
    return _ruling(url, answer) or (Ruling(False, _SILENT) if strict else Ruling(True))


def update(url: str, news: dict[str, Any]) -> Ruling:
    """What the merchant makes of another address or shipping option; `changes` go into the order."""
    return _ruling(url, _ask(url, news, PATIENCE)) or Ruling(True)


def _ask(url: str, news: dict[str, Any], patience: float) -> Answer | None:
    return wire.post(url, json.dumps(news), (patience, patience))


def _ruling(url: str, answer: Answer | None) -> Ruling | None:
    """None for silence, and for what means nothing."""
    if answer is None:
        return None
    said = _object(answer.body)
    if answer.status == 200:
        return Ruling(True, changes=said)
    if answer.status in _REDIRECTS:
        location = urljoin(url, answer.location)
        leads = answer.location and urlsplit(location).scheme in ("http", "https")
        return Ruling(False, location=location) if leads else None
    return Ruling(False, _words(said)) if answer.status == 400 else None


def _words(said: dict[str, Any]) -> str:
    text = said.get("error_text")
    if isinstance(text, str) and text.strip():
        return text.strip()
    return _UNSUPPORTED if said.get("error_type") == "unsupported_shipping_address" else _DENIED


def _object(body: str) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
