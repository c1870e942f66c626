"""How many calls a merchant account may make in a second, by category; real time, not the sandbox's clock.

https://docs.klarna.com/acquirer/klarna/get-started/integration-resilience/rate-limit/
Counted in windows of a second that begin with the first call (inferred), in the memory of one process.
"""

import threading
import time
from dataclasses import dataclass
from enum import StrEnum

from flask import Flask, Response, current_app, g, request

from .. import switches
from ..config import RateLimits, current
from .auth import merchant
from .errors import ApiError

SWITCH = "rate_limits"
WINDOW = 1.0  # seconds


class Category(StrEnum):
    CREATE_SESSION = "create session"
    CREATE_CUSTOMER_TOKEN = "create customer token"  # noqa: S105
    OTHER = "everything else"


PER_SECOND = {
    RateLimits.PLAYGROUND: {
        Category.CREATE_SESSION: 5,
        Category.CREATE_CUSTOMER_TOKEN: 5,
        Category.OTHER: 50,
    },
    RateLimits.LIVE: {
        Category.CREATE_SESSION: 40,
        Category.CREATE_CUSTOMER_TOKEN: 40,
        Category.OTHER: 200,
    },
}


@dataclass
class Window:
    """The calls of one merchant and category since `began`."""

    began: float
    calls: int = 0


class Limiter:
    """Counts calls; safe for several threads."""

    def __init__(self, window: float = WINDOW) -> None:
        self._window = window
        self._lock = threading.Lock()
        self._windows: dict[tuple[str, Category], Window] = {}

    def count(self, merchant_id: str, category: Category, now: float) -> int:
        """How many calls there are in this window, this one included."""
        with self._lock:
            window = self._windows.get((merchant_id, category))
            if window is None or now - window.began >= self._window:
                window = self._windows[merchant_id, category] = Window(now)
            window.calls += 1
            return window.calls


def install(app: Flask) -> None:
    """Give the application its own counter."""
    app.extensions["sandbox_limiter"] = Limiter()


def numbers_in_force() -> RateLimits:
    """Whose numbers count now: the switch goes over the setting."""
    return RateLimits(switches.get(SWITCH, current().rate_limits))


def count_call() -> None:
    """Count the current call; raises ApiError 429 above the limit."""
    numbers, category = numbers_in_force(), _category()
    if numbers is RateLimits.OFF:
        return
    limit = PER_SECOND[numbers][category]
    limiter: Limiter = current_app.extensions["sandbox_limiter"]
    calls = limiter.count(merchant().username, category, time.monotonic())
    g.rate_limit = (limit, max(0, limit - calls))
    if calls > limit:
        raise ApiError(429, "TOO_MANY_REQUESTS", "Too many requests")


def add_headers(response: Response) -> Response:
    """Say how much is left, on every answer that was counted."""
    if "rate_limit" in g:
        limit, remaining = g.rate_limit
        response.headers["X-Ratelimit-Limit"] = f"{limit}, {limit};w=1"
        response.headers["X-Ratelimit-Remaining"] = str(remaining)
        response.headers["X-Ratelimit-Reset"] = "1"
    return response


def _category() -> Category:
    if request.method == "POST" and request.path.endswith("/payments/v1/sessions"):
        return Category.CREATE_SESSION
    if request.method == "POST" and request.path.endswith("/customer-token"):
        return Category.CREATE_CUSTOMER_TOKEN
    return Category.OTHER
