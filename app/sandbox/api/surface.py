"""Which addresses make up the merchant API (two generations of it), which the browser library's own calls, and which
Sign in with Klarna.
"""

from ..merchants import Region

_ROOTS = (["payments"], ["customer-token"], ["ordermanagement"], ["checkout"])
_FOR_BROWSERS = ["redirect"]
_PROVIDER = (["oauth2"], ["userinfo"], [".well-known"], ["login"])


def is_api(path: str) -> bool:
    """Whether merchants' servers call this path, in any region; also for paths that lead nowhere."""
    if is_network(path):
        return True
    parts = path.strip("/").split("/")
    if f"/{parts[0]}" in {region.prefix for region in Region}:
        parts = parts[1:]
    return parts[:1] in _ROOTS and parts[1:2] != _FOR_BROWSERS


def is_network(path: str) -> bool:
    """Whether the path belongs to the Klarna Network, which has one address for all regions and errors of its own."""
    return path.startswith("/v2/")


def is_library(path: str) -> bool:
    """Whether a browser library and its hosted pages live at this path: of Klarna Payments or Klarna Checkout."""
    return path.startswith(("/kp/", "/kco/"))


def is_sign_in(path: str) -> bool:
    """Whether the path belongs to the OpenID provider, in any region."""
    return _of_provider(path)[:1] in _PROVIDER


def is_sign_in_page(path: str) -> bool:
    """Whether it is one of the provider's pages for people; the rest of it is for programs."""
    parts = _of_provider(path)
    return parts[:1] == ["login"] or parts[:2] in (["oauth2", "auth"], ["oauth2", "sessions"])


def _of_provider(path: str) -> list[str]:
    parts = path.strip("/").split("/")
    return parts[3:] if parts[0] in set(Region) and parts[1:3] == ["lp", "idp"] else parts
