"""A priced cart in Klarna's words. Pure.

https://docs.klarna.com/api/payments/ . Europe: every line carries rate and tax, prices include it. United States:
lines carry none, and sales tax is a line of its own.
https://docs.klarna.com/payments/web-payments/additional-resources/error-handling-and-validations/tax-handling/
"""

from collections.abc import Callable
from typing import Any

from ..cart.basket import Basket, Kind, Line

Address = Callable[[str], str]


def purchase(basket: Basket, reference: str, product_url: Address, image_url: Address) -> dict[str, Any]:
    """What is bought: country, currency, amounts, lines and our order number. The same in session and order."""
    market = basket.market
    return {
        "purchase_country": market.code,
        "purchase_currency": market.currency,
        "locale": market.locale,
        "order_amount": basket.total,
        "order_tax_amount": basket.tax,
        "order_lines": [order_line(line, market.prices_include_tax, product_url, image_url) for line in basket.lines],
        "merchant_reference1": reference,
    }


def order_line(line: Line, with_tax: bool, product_url: Address, image_url: Address) -> dict[str, Any]:
    """One order line, amounts in minor units, ``tax_rate`` in hundredths of a percent."""
    worded: dict[str, Any] = {
        "type": str(line.kind),
        "reference": line.reference,
        "name": line.name,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "total_amount": line.total,
        "total_discount_amount": 0,
    }
    if with_tax:
        worded |= {"tax_rate": line.tax_rate, "total_tax_amount": line.tax}
    if line.kind is Kind.PHYSICAL:
        worded |= {"product_url": product_url(line.slug), "image_url": image_url(line.slug)}
    return worded


def session_body(
    bought: dict[str, Any], intent: str, merchant_urls: dict[str, str], customer: dict[str, str]
) -> dict[str, Any]:
    """The body of create and update session. No personal data: that travels with ``authorize``.

    What Klarna may recognise the shopper by goes inside ``customer``; whoever has nothing sends no ``customer`` at all.
    https://docs.klarna.com/payments/web-payments/additional-resources/use-cases/account-linking
    """
    body = bought | {"intent": intent, "merchant_urls": merchant_urls}
    return body | {"customer": customer} if customer else body


def billing_address(email: str, address: dict[str, str]) -> dict[str, str]:
    """An address in Klarna's words, empty parts left out."""
    return {name: value for name, value in ({"email": email} | address).items() if value}


def order_body(bought: dict[str, Any], merchant_urls: dict[str, str], billing: dict[str, str]) -> dict[str, Any]:
    """The body of create order: the session's purchase, and the address the shopper approved."""
    return bought | {"merchant_urls": merchant_urls, "billing_address": billing, "shipping_address": billing}
