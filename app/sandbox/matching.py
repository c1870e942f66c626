"""What a create-order call must repeat of the purchase that was authorized. Pure.

https://docs.klarna.com/payments/web-payments/additional-resources/error-handling-and-validations/validations-in-kp/
A field that is sent for the first time with the order is fine; so is an optional one left out there (inferred).
"""

from typing import Any

Purchase = dict[str, Any]
_CASELESS = ("purchase_country", "purchase_currency")
_AMOUNTS = ("order_amount", "order_tax_amount")
# What a line means when it does not say so.
_LINE_DEFAULTS = {"type": "physical", "total_discount_amount": 0, "tax_rate": 0, "total_tax_amount": 0}


def differences(authorized: Purchase, order: Purchase) -> list[str]:
    """The paths that do not match, in the order of the request; empty when the order fits."""
    return [
        *(name for name in _CASELESS if _text(authorized, name) != _text(order, name)),
        *(name for name in _AMOUNTS if name in authorized and name in order and authorized[name] != order[name]),
        *_lines(authorized["order_lines"], order["order_lines"]),
        *_address("billing_address", _billing(authorized), _billing(order)),
        *_deliveries(authorized, order),
    ]


def _text(purchase: Purchase, name: str) -> str:
    return str(purchase[name]).upper()


def _lines(authorized: list[Purchase], order: list[Purchase]) -> list[str]:
    """Compared as a list: count, order and content."""
    if len(authorized) != len(order):
        counts = f"Expected: {len(authorized)}, Actual: {len(order)}"
        return [f"Incorrect number of items in the cart. {counts}"]
    pairs = enumerate(zip(authorized, order, strict=True))
    return [path for index, (old, new) in pairs for path in _line(f"order_lines[{index}]", old, new)]


def _line(path: str, old: Purchase, new: Purchase) -> list[str]:
    old, new = _LINE_DEFAULTS | old, _LINE_DEFAULTS | new
    names = [*old, *(name for name in new if name not in old)]
    return [f"{path}.{name}" for name in names if old.get(name) != new.get(name)]


def _billing(purchase: Purchase) -> Purchase | None:
    return purchase.get("billing_address")


def _deliveries(authorized: Purchase, order: Purchase) -> list[str]:
    """No shipping address means: to the billing address. Where neither has one there is nothing more to say."""
    if not authorized.get("shipping_address") and not order.get("shipping_address"):
        return []
    return _address("shipping_address", _shipping(authorized), _shipping(order))


def _shipping(purchase: Purchase) -> Purchase | None:
    return purchase.get("shipping_address") or _billing(purchase)


def _address(path: str, old: Purchase | None, new: Purchase | None) -> list[str]:
    """Every field the authorization had has to come again; one it did not have may come now."""
    if not old or not new:
        return []
    return [f"{path}.{name}" for name, value in old.items() if value and new.get(name, "") != value]
