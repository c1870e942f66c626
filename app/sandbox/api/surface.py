"""Which addresses make up the merchant API (two generations of it) and which the browser library's own calls."""

from ..merchants import Region

_ROOTS = (["payments"], ["customer-token"], ["ordermanagement"], ["checkout"])
_FOR_BROWSERS = ["redirect"]


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
