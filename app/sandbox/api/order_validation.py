"""What the bodies of Order Management are refused for: fields first, then money. Pure.

That lines have to add up to the amount they come with is documented for return fees and inferred for the rest.
"""

from typing import Any

from . import money, order_fields
from .errors import ApiError, bad_value
from .shape import Fields
from .validation import lacks_region

Body = dict[str, Any]


def capture(body: Body) -> Body:
    """The known fields of a capture; raises ApiError 400."""
    return _with_lines(_read(order_fields.CAPTURE, body), "captured_amount")


def refund(body: Body) -> Body:
    """The known fields of a refund; raises ApiError 400."""
    return _with_lines(_read(order_fields.REFUND, body), "refunded_amount")


def authorization(body: Body) -> Body:
    """The known fields of a new authorization; raises ApiError 400."""
    return _with_lines(_read(order_fields.AUTHORIZATION, body), "order_amount")


def references(body: Body) -> Body:
    """The merchant references that were sent; raises ApiError 400."""
    return _read(order_fields.REFERENCES, body)


def shipping_info(body: Body) -> list[Body]:
    """What is said about shipments; raises ApiError 400."""
    shipments: list[Body] = _read(order_fields.SHIPPING_INFOS, body)["shipping_info"]
    return shipments


def extension(body: Body) -> int:
    """By how many days a due date is put off; raises ApiError 400."""
    return int(_read(order_fields.EXTENSION, body)["number_of_days"])


def shipping_address(body: Body, order: Body) -> Body:
    """The whole new address, over the old one; raises ApiError 400, or 422 for one that cannot be (inferred)."""
    sent = _read(order_fields.CUSTOMER_DETAILS, body)["shipping_address"]
    address = order.get("shipping_address", {}) | sent
    if lacks_region(address, order["purchase_country"]):
        raise ApiError(422, "INVALID_ADDRESS", "Bad value: shipping_address.region")
    return address


def _read(rule: Fields, body: Body) -> Body:
    faults: list[str] = []
    read: Body = rule.read(body, "", faults)
    if faults:
        raise bad_value(*faults)
    return read


def _with_lines(request: Body, amount: str) -> Body:
    """Lines may be left out; where there are some, they add up."""
    if request.get("order_lines"):
        cart = {"order_lines": request["order_lines"], "order_amount": request[amount]}
        faults = [amount if path == "order_amount" else path for path in money.faults(cart)]
        if faults:
            raise bad_value(*faults)
    return request
