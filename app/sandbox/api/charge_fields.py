"""The fields of an order that charges a payment token, with their limits. https://docs.klarna.com/api/customertoken/"""

from .fields import ADDRESS, AMOUNT, ATTACHMENT, CURRENCY, LOCALE, ORDER_LINE, merchant_urls
from .shape import Fields, Flag, Many, Text, Whole, one_of

_LINE_AMOUNT = Whole(most=100_000_000)
_LINE = ORDER_LINE.replacing({"unit_price": _LINE_AMOUNT, "total_amount": _LINE_AMOUNT, "reference": Text(256)})


def order(insecure: bool) -> Fields:
    """The fields of the call."""
    urls = merchant_urls(insecure).rules
    return Fields(
        {
            "purchase_currency": CURRENCY,
            # In the guides' samples, not in the description of the API.
            "locale": LOCALE,
            "order_amount": Whole(least=1),
            "order_tax_amount": AMOUNT,
            "order_lines": Many(_LINE, fewest=1, most=1000),
            "shipping_address": ADDRESS,
            "merchant_urls": Fields({name: urls[name] for name in ("confirmation", "push")}).requiring("confirmation"),
            "merchant_reference1": Text(255),
            "merchant_reference2": Text(255),
            "merchant_data": Text(6000),
            "attachment": ATTACHMENT,
            "auto_capture": Flag(),
            "step_up": one_of("SUPPORTED", "NOT_SUPPORTED"),
        }
    ).requiring("purchase_currency", "order_amount", "order_lines")
