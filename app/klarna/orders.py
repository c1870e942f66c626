"""Order Management API v1: what is done with an order after the purchase.

https://docs.klarna.com/api/ordermanagement/ . Amounts are integers in minor units of the currency, tax included.
Every change takes an idempotency key, kept by the caller before the call: after KlarnaUnavailable the same call with
the same key is answered as the first one was, for 24 hours. https://docs.klarna.com/api/escalation-and-retry-policy/
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from .answers import created
from .order_answers import Capture, KlarnaOrder, OrderStatus, Refund, order
from .transport import Reply, Transport

__all__ = ["Capture", "KlarnaOrder", "OrderManagement", "OrderStatus", "Refund"]

ORDERS = "/ordermanagement/v1/orders"


class OrderManagement:
    """Order Management of one region. Every method raises the classes of :mod:`.errors`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def read(self, order_id: str) -> KlarnaOrder:
        """The order as it stands; the truth after a notification, a push or a lost answer. Raises NotFound."""
        return order(self._transport.call("read order", "GET", _path(order_id)))

    def acknowledge(self, order_id: str, idempotency_key: str) -> None:
        """Say that the order is in our books. Capturing says so, too."""
        self._change("acknowledge order", order_id, "acknowledge", idempotency_key)

    def set_merchant_references(
        self,
        order_id: str,
        idempotency_key: str,
        *,
        merchant_reference1: str | None = None,
        merchant_reference2: str | None = None,
    ) -> None:
        """Put our numbers on the order; None leaves one as it is, an empty one takes it away."""
        sent = {"merchant_reference1": merchant_reference1, "merchant_reference2": merchant_reference2}
        body = {name: value for name, value in sent.items() if value is not None}
        self._change("set merchant references", order_id, "merchant-references", idempotency_key, body, method="PATCH")

    def update_shipping_address(self, order_id: str, address: dict[str, str], idempotency_key: str) -> None:
        """Ship elsewhere. The billing address cannot be changed. Raises NotAllowed."""
        body = {"shipping_address": address}
        self._change("update shipping address", order_id, "customer-details", idempotency_key, body, method="PATCH")

    def update_authorization(
        self, order_id: str, order_amount: int, order_lines: Sequence[dict[str, Any]], idempotency_key: str
    ) -> None:
        """Another amount with all the lines it is made of: Klarna forgets lines that are not sent. Raises NotAllowed.

        https://docs.klarna.com/payments/after-payments/order-management/manage-orders-with-the-api/view-and-change-orders/
        """
        body = {"order_amount": order_amount, "order_lines": list(order_lines)}
        self._change("update authorization", order_id, "authorization", idempotency_key, body, method="PATCH")

    def extend_authorization(self, order_id: str, idempotency_key: str) -> None:
        """More time to capture, counted from today. Raises NotAllowed, for an expired order among others."""
        self._change("extend authorization", order_id, "extend-authorization-time", idempotency_key)

    def capture(
        self,
        order_id: str,
        captured_amount: int,
        idempotency_key: str,
        *,
        order_lines: Sequence[dict[str, Any]] = (),
        reference: str = "",
        description: str = "",
        shipping_info: Sequence[dict[str, str]] = (),
    ) -> str:
        """Take part or all of what is authorized, as it ships; the capture's id. Raises CaptureNotAllowed.

        Lines are the stored ones of the order, never computed anew.
        https://docs.klarna.com/payments/after-payments/order-management/manage-orders-with-the-api/capture-and-track-orders/
        """
        said = {"order_lines": list(order_lines), "reference": reference, "description": description}
        body = {"captured_amount": captured_amount} | _given(said | {"shipping_info": list(shipping_info)})
        reply = self._change("capture order", order_id, "captures", idempotency_key, body)
        return created(reply, "capture order", "Capture-Id")

    def add_shipping_info(
        self, order_id: str, capture_id: str, shipping_info: Sequence[dict[str, str]], idempotency_key: str
    ) -> None:
        """How a captured part travels: company, method, tracking number and address. Adds to what was said before."""
        body = {"shipping_info": list(shipping_info)}
        where = f"captures/{quote(capture_id, safe='')}/shipping-info"
        self._change("add shipping info", order_id, where, idempotency_key, body)

    def refund(
        self,
        order_id: str,
        refunded_amount: int,
        idempotency_key: str,
        *,
        order_lines: Sequence[dict[str, Any]] = (),
        reference: str = "",
        description: str = "",
    ) -> str:
        """Give back part or all of what was captured; the refund's id. Raises RefundNotAllowed.

        https://docs.klarna.com/payments/after-payments/order-management/manage-orders-with-the-api/refund-orders-and-manage-authorizations/
        """
        said = _given({"order_lines": list(order_lines), "reference": reference, "description": description})
        body = {"refunded_amount": refunded_amount} | said
        reply = self._change("refund order", order_id, "refunds", idempotency_key, body)
        return created(reply, "refund order", "Refund-Id")

    def cancel(self, order_id: str, idempotency_key: str) -> None:
        """Nothing of it will be delivered. Raises CancelNotAllowed once something was captured."""
        self._change("cancel order", order_id, "cancel", idempotency_key)

    def release_remaining(self, order_id: str, idempotency_key: str) -> None:
        """The rest will not be delivered: the shopper's credit is free again. Raises NotAllowed."""
        self._change("release remaining", order_id, "release-remaining-authorization", idempotency_key)

    def _change(
        self,
        operation: str,
        order_id: str,
        what: str,
        idempotency_key: str,
        body: dict[str, Any] | None = None,
        method: str = "POST",
    ) -> Reply:
        return self._transport.call(operation, method, f"{_path(order_id)}/{what}", body, idempotency_key)


def _path(order_id: str) -> str:
    return f"{ORDERS}/{quote(order_id, safe='')}"


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}
