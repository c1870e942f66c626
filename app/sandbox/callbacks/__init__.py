"""What Klarna sends to a merchant's server: authorization callbacks, pushes after orders, webhooks.

`messages` says what is sent and how often, `courier` brings it there, `ledger` knows what became of it.
"""

from .courier import Courier, install, start, wait, when_put_off

__all__ = ["Courier", "install", "start", "wait", "when_put_off"]
