"""The client of Klarna's APIs. Knows no Flask, no shop and no database: bodies in, frozen dataclasses out.

Start in :mod:`app.klarna.client`; failures are the tree in :mod:`app.klarna.errors`.
"""

from .client import CheckoutClient, KlarnaClient
from .config import KlarnaConfig, Region
from .errors import KlarnaError, KlarnaRefused, KlarnaUnavailable

__all__ = [
    "CheckoutClient",
    "KlarnaClient",
    "KlarnaConfig",
    "KlarnaError",
    "KlarnaRefused",
    "KlarnaUnavailable",
    "Region",
]
