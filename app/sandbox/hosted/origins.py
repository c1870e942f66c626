"""Which web origins a session or a checkout belongs to: those its ``merchant_urls`` name for the browser.

Only they may use its token from a browser, frame its pages and hear how a purchase ended.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?", re.IGNORECASE)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PAGES = ("confirmation", "authorization", "checkout")  # a session has no `checkout`, a checkout no `authorization`


def merchant_origins(request: Mapping[str, Any]) -> frozenset[str]:
    """The origins a request names, in the spelling browsers use."""
    urls = request.get("merchant_urls") or {}
    named = (origin_of(urls.get(name)) for name in _PAGES)
    return frozenset(origin for origin in named if origin)


def origin_of(url: object) -> str | None:
    """Scheme, host and port of an address as a browser writes them; None when it is no web address."""
    if not isinstance(url, str):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname or parts.scheme not in _DEFAULT_PORTS:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    shown_port = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    origin = f"{parts.scheme}://{host}{shown_port}"
    return origin if is_origin(origin) else None


def is_origin(text: str | None) -> bool:
    """Whether the text is an origin and nothing else: safe to stand in a header."""
    return bool(text) and _ORIGIN.fullmatch(text or "") is not None
