"""What Klarna sends to a merchant's server: authorization callbacks, pushes, notifications, webhooks, questions.

`messages` says what is sent and how often, `courier` brings it there, `ledger` knows what became of it; `pushes` knows
when one of a completed checkout is due, `questions` are those whose answer the customer waits for.
"""

from .courier import Courier, install, start, wait, when_put_off

__all__ = ["Courier", "install", "start", "wait", "when_put_off"]
