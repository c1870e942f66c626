"""What Klarna sends to a merchant's server: authorization callbacks, pushes after orders, webhooks, questions.

`messages` says what is sent and how often, `courier` brings it there, `ledger` knows what became of it; `pushes` keeps
the timetable of completed checkouts, `questions` are those whose answer the customer waits for.
"""

from flask import Flask

from . import pushes
from .courier import Courier, start, wait
from .courier import install as _install_courier

__all__ = ["Courier", "install", "start", "wait"]


def install(app: Flask) -> None:
    """Begin with what an earlier process left over."""
    _install_courier(app)
    pushes.install(app)
