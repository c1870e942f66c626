"""What Klarna sends to a merchant's server: the authorization callback, and the push after an order.

Authorization: https://docs.klarna.com/payments/web-payments/integrate-with-klarna-payments/other-actions/authorization-callback/
"""

from .courier import Courier, install, queue, start, wait

__all__ = ["Courier", "install", "queue", "start", "wait"]
