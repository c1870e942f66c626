"""Secrets out of what the console keeps: entries are masked before they are written, not when they are shown."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from app.klarna.redaction import MASK, redact

# What pages send and addresses carry beyond the fields of Klarna's APIs.
SECRET_PARTS = frozenset({"csrf_token", "nonce", "password", "new_password", "old_password", "state", "ticket"})


def mask(value: Any) -> Any:
    """A copy of a JSON value without secrets, whatever its depth."""
    masked = redact(value)
    if isinstance(masked, dict):
        return {name: MASK if name.lower() in SECRET_PARTS and part else mask(part) for name, part in masked.items()}
    return [mask(part) for part in masked] if isinstance(masked, list) else masked


def mask_pairs(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Form fields or a query; of a name that comes twice the last counts."""
    masked: dict[str, str] = mask(dict(pairs))
    return masked


def mask_address(address: str) -> str:
    """An address whose query and fragment hold no secret."""
    parts = urlsplit(address)
    query = urlencode(mask_pairs(parse_qsl(parts.query, keep_blank_values=True)), safe=":/")
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query.replace(quote(MASK), MASK), ""))
