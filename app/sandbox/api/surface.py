"""Which addresses make up the merchant API and which the browser library's own calls."""

from ..merchants import Region

_ROOTS = ("/payments/v1/", "/customer-token/v1/", "/ordermanagement/v1/", "/checkout/v3/")


def is_api(path: str) -> bool:
    """Whether merchants' servers call this path, in any region."""
    return any(path.startswith(region.prefix + root) for region in Region for root in _ROOTS)


def is_library(path: str) -> bool:
    """Whether the browser library and the hosted pages live at this path."""
    return path.startswith("/kp/")
