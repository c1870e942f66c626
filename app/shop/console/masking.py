"""Secrets out of what the console keeps: entries are masked before they are written, not when they are shown."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from app.klarna.redaction import MASK, SECRET_FIELDS

# The last part of an address that Klarna calls is a secret of ours, in whatever field it stands.
CALLBACK = re.compile(r"(/klarna/callbacks/(?:[\w-]+/)+)[^/?#\s]+")
# What pages send and addresses carry beyond the fields of Klarna's APIs.
SECRET_PARTS = frozenset({"csrf_token", "nonce", "password", "new_password", "old_password", "state", "ticket"})
SECRETS = SECRET_FIELDS | SECRET_PARTS
DEEPEST = 50


def mask(value: Any, depth: int = 0) -> Any:
    """A copy of a JSON value without secrets; what is nested deeper than anybody would write it is not kept."""
    if isinstance(value, str):
        return CALLBACK.sub(rf"\1{MASK}", value)
    if not isinstance(value, Mapping | list):
        return value
    if depth == DEEPEST:
        return MASK
    if isinstance(value, list):
        return [mask(part, depth + 1) for part in value]
    return {name: MASK if name.lower() in SECRETS and part else mask(part, depth + 1) for name, part in value.items()}


def mask_pairs(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Form fields or a query; of a name that comes twice the last counts."""
    masked: dict[str, str] = mask(dict(pairs))
    return masked


def mask_address(address: str) -> str:
    """An address whose query and fragment hold no secret."""
    parts = urlsplit(address)
    query = urlencode(mask_pairs(parse_qsl(parts.query, keep_blank_values=True)), safe=":/")
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query.replace(quote(MASK), MASK), ""))
