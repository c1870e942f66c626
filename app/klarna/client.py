"""The door to Klarna: one object per region, its APIs as attributes."""

from .checkout import Checkout
from .config import KlarnaConfig
from .customer_tokens import CustomerTokens
from .orders import OrderManagement
from .payments import Payments
from .transport import Transport, Watcher


class KlarnaClient:
    """Klarna in one region. Safe to share between threads; make one per process and region."""

    def __init__(self, config: KlarnaConfig, watcher: Watcher | None = None) -> None:
        transport = Transport(config, watcher)
        self.payments = Payments(transport)
        self.orders = OrderManagement(transport)
        self.customer_tokens = CustomerTokens(transport)


class CheckoutClient:
    """Klarna Checkout, today Kustom's, in all regions: the form, and the orders that come of it."""

    def __init__(self, config: KlarnaConfig, watcher: Watcher | None = None) -> None:
        transport = Transport(config, watcher)
        self.checkout = Checkout(transport)
        self.orders = OrderManagement(transport)
