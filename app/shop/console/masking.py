"""Secrets out of what the console keeps: entries are masked before they are written, not when they are shown."""

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from app.klarna.redaction import MASK, SECRET_FIELDS

# The last part of an address that Klarna calls is a secret of ours, in whatever field it stands.
CALLBACK = re.compile(r"(/klarna/callbacks/(?:[\w-]+/)+)[^/?#\s]+")
# What pages send and addresses carry beyond the fields of Klarna's APIs.
SECRET_PARTS = frozenset({"csrf_token", "current", "new", "nonce", "password", "state", "ticket"})
SECRETS = SECRET_FIELDS | SECRET_PARTS
ADDRESS = re.compile(r"(?:https?:/)?/\S*\?\S*")
# What is nested deeper, listed longer or written longer than anybody would is not kept: anybody may send it.
DEEPEST, LONGEST_LIST, LONGEST_TEXT = 20, 100, 2000


def mask(value: Any, depth: int = 0) -> Any:
    """A copy of a JSON value without secrets, as far as it is of a size to be looked at."""
    if isinstance(value, str):
        shown = CALLBACK.sub(rf"\1{MASK}", value[:LONGEST_TEXT])
        return mask_address(shown) if depth and ADDRESS.fullmatch(shown) else shown
    if not isinstance(value, Mapping | list):
        return value
    if depth == DEEPEST:
        return MASK
    if isinstance(value, list):
        return [mask(part, depth + 1) for part in value[:LONGEST_LIST]]
    parts = islice(value.items(), LONGEST_LIST)
    return {name: MASK if name.lower() in SECRETS and part else mask(part, depth + 1) for name, part in parts}


def mask_pairs(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Form fields or a query; of a name that comes twice the last counts."""
    masked: dict[str, str] = mask(dict(pairs))
    return masked


def mask_address(address: str) -> str:
    """An address whose query and fragment hold no secret."""
    parts = urlsplit(address)
    query = urlencode(mask_pairs(parse_qsl(parts.query, keep_blank_values=True)), safe=":/{}")
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query.replace(quote(MASK), MASK), ""))
