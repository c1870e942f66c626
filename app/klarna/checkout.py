"""Klarna Checkout API v3, today Kustom's: an order that is opened here and completed in Klarna's frame.

https://docs.klarna.com/api/checkout/ . Hosts and credentials are Checkout's own, one pair for all regions. Amounts are
integers in minor units of the currency, tax included; tax rates are hundredths of a percent. Bodies are plain JSON
objects as Klarna describes them.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from .errors import KlarnaFailed, KlarnaRefused, NotAuthenticated, NotFound
from .transport import Reply, Transport

ORDERS = "/checkout/v3/orders"
# Seen by others: an expired order is answered without a body, whatever the status.
EMPTY = ["empty answer"]


class CheckoutStatus(StrEnum):
    """``other`` is a word we do not know, such as the one for an order that was ended: nothing to pay, nothing paid."""

    INCOMPLETE = "checkout_incomplete"
    COMPLETE = "checkout_complete"
    CREATED = "created"
    OTHER = "other"


@dataclass(frozen=True)
class CheckoutOrder:
    """An order as Klarna has it. ``html_snippet`` goes into the page unescaped, scripts and all: the form while the
    order is incomplete, the confirmation for two hours after.

    ``body`` is the whole answer without the snippet: the lines with the chosen shipping, the addresses the shopper
    typed. ``location`` is Klarna's address of the order, in the answer to *create* only.
    """

    order_id: str
    status: CheckoutStatus
    html_snippet: str = field(repr=False)
    body: dict[str, Any] = field(repr=False)
    location: str = ""

    @property
    def is_bought(self) -> bool:
        """The shopper has paid; an order of the same id is with Order Management."""
        return self.status in (CheckoutStatus.COMPLETE, CheckoutStatus.CREATED)


class Checkout:
    """Klarna Checkout. Every method raises the classes of :mod:`.errors`; NotFound stands for expired, too.

    Klarna's advice is to open a new order after any error; ReadOnlyOrder alone says that there may be a purchase.
    https://docs.klarna.com/klarna-checkout/in-depth-knowledge/best-practices/
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(self, body: dict[str, Any], idempotency_key: str) -> CheckoutOrder:
        """Open an order (48 hours, counted anew with each change). With ``customer.klarna_access_token`` the shopper is
        recognised; a token that is no good is ignored, not refused.
        https://docs.klarna.com/sign-in-with-klarna/integrate-sign-in-with-klarna/klarna-checkout/
        """
        reply = self._transport.call("create checkout", "POST", ORDERS, body, idempotency_key)
        if not reply.body:
            raise KlarnaFailed("create checkout", 201, "", ["empty answer"], reply.correlation_id)
        return _order(reply, "create checkout")

    def read(self, order_id: str) -> CheckoutOrder:
        """Where an order stands; each answer has a snippet of its own."""
        return self._known("read checkout", "GET", _path(order_id))

    def update(self, order_id: str, body: dict[str, Any]) -> CheckoutOrder:
        """Change what is sent, leave the rest. Saying the same thing twice changes nothing, so it is repeated when the
        answer was lost. Raises ReadOnlyOrder when the shopper was faster.
        """
        return self._known("update checkout", "POST", _path(order_id), body, repeatable=True)

    def abort(self, order_id: str) -> CheckoutOrder:
        """End an order nobody shall pay any more. Raises ReadOnlyOrder when it is paid or ended already."""
        return self._known("abort checkout", "POST", f"{_path(order_id)}/abort")

    def _known(
        self, operation: str, method: str, path: str, body: dict[str, Any] | None = None, repeatable: bool = False
    ) -> CheckoutOrder:
        try:
            reply = self._transport.call(operation, method, path, body, repeatable=repeatable)
        except KlarnaRefused as no:
            if no.body or isinstance(no, NotAuthenticated):
                raise
            raise NotFound(operation, no.status, "", EMPTY, no.correlation_id, no.attempts) from no
        if not reply.body:
            raise NotFound(operation, 200, "", EMPTY, reply.correlation_id)
        return _order(reply, operation)


def _path(order_id: str) -> str:
    return f"{ORDERS}/{quote(order_id, safe='')}"


def _order(reply: Reply, operation: str) -> CheckoutOrder:
    order_id, snippet = reply.body.get("order_id"), reply.body.get("html_snippet")
    if not isinstance(order_id, str) or not order_id or not isinstance(snippet, str):
        raise KlarnaFailed(operation, 200, "", ["answer without order_id or html_snippet"], reply.correlation_id)
    rest = {name: value for name, value in reply.body.items() if name != "html_snippet"}
    return CheckoutOrder(order_id, _status(reply.body.get("status")), snippet, rest, reply.headers.get("Location", ""))


def _status(value: Any) -> CheckoutStatus:
    """The description prints it in capitals, the wire has it small."""
    try:
        return CheckoutStatus(str(value).lower())
    except ValueError:
        return CheckoutStatus.OTHER
