"""The fields of Klarna Payments with their limits: one table, in the order Klarna's description lists them.

https://docs.klarna.com/api/payments/ . What that description leaves open and is refused here all the same
(an e-mail address without @, a street in the US without a region) is inferred, and marked.
"""

import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from .shape import Fields, Flag, Many, Text, Whole, one_of, pattern

LARGEST_AMOUNT = 200_000_000
INTENTS = ("buy", "buy_and_link", "tokenize", "buy_and_tokenize", "buy_and_default_tokenize")
# Lines that take money off; a negative price elsewhere is refused (inferred).
LOWERING_TYPES = ("discount", "gift_card", "store_credit")
LINE_TYPES = ("physical", "digital", "shipping_fee", "sales_tax", "surcharge", *LOWERING_TYPES)
ENTITY_TYPES = (
    *("LIMITED_COMPANY", "PUBLIC_LIMITED_COMPANY", "ENTREPRENEURIAL_COMPANY", "LIMITED_PARTNERSHIP"),
    *("LIMITED_PARTNERSHIP_LIMITED_COMPANY", "GENERAL_PARTNERSHIP", "REGISTERED_SOLE_TRADER", "SOLE_TRADER"),
    *("CIVIL_LAW_PARTNERSHIP", "PUBLIC_INSTITUTION", "OTHER"),
)


def _name(text: str) -> bool:
    """Names have more than one character and are not only digits; an empty one counts as not given."""
    return not text or (len(text) > 1 and not text.isdigit())


def _email(text: str) -> bool:
    """Inferred: Klarna documents the length only."""
    return not text or re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text) is not None


def _phone(text: str) -> bool:
    """Inferred: digits, with what people write between them."""
    return not text or re.fullmatch(r"\+?[0-9 ()./-]*[0-9][0-9 ()./-]*", text) is not None


def _date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _json_text(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def web_address(*schemes: str) -> Callable[[str], bool]:
    """An absolute address; plain http is good for this machine only."""

    def accepts(text: str) -> bool:
        try:
            parts = urlsplit(text)
            host, _port = parts.hostname, parts.port
        except ValueError:
            return False
        secure = text.startswith("https://") and bool(host)
        nearby = "http" in schemes and text.startswith("http://") and host in ("localhost", "127.0.0.1")
        return (secure or nearby) and not re.search(r"[\s\x00-\x1f\\]", text)

    return accepts


def _app_address(text: str) -> bool:
    """An app's own scheme, never http or https; host, path and query of plain signs."""
    parts = re.fullmatch(
        r"([a-zA-Z][a-zA-Z0-9+.-]*)://([a-zA-Z0-9.-]*)(?:/[a-zA-Z0-9._~/-]*)?(?:\?[a-zA-Z0-9._~&=-]*)?", text
    )
    return parts is not None and parts[1].lower() not in ("http", "https")


COUNTRY = pattern(r"[A-Za-z]{2}")
CURRENCY = pattern(r"[A-Za-z]{3}")
LOCALE = pattern(r"[A-Za-z]{2}(?:-[A-Za-z]{2})*")
COLOUR = pattern(r"#[A-Fa-f0-9]{6}")
AMOUNT = Whole(least=0)
LINE_AMOUNT = Whole(most=LARGEST_AMOUNT)

ADDRESS = Fields(
    dict.fromkeys(("attention", "city", "organization_name", "region", "street_address", "street_address2"), Text(99))
    | dict.fromkeys(("given_name", "family_name"), Text(99, accepts=_name))
    | {
        "country": COUNTRY,
        "email": Text(99, accepts=_email),
        "phone": Text(99, accepts=_phone),
        "postal_code": Text(10),
        "title": Text(20),
    }
)

_CUSTOMER = {
    # An account-linking token that is no good is ignored, so only its kind is looked at.
    "customer_token": Text(),
    "date_of_birth": Text(accepts=_date),
    "gender": Text(),
    "title": Text(),
    "last_four_ssn": pattern(r"[0-9]{4}|[0-9]{9}"),
    "national_identification_number": Text(),
    "type": one_of("person", "organization"),
    "vat_id": Text(),
    "organization_registration_id": Text(),
    "organization_entity_type": one_of(*ENTITY_TYPES),
}
CUSTOMER = Fields(_CUSTOMER)
# In prose only, in no description of the API: who comes from Sign in with Klarna needs no login. Elsewhere ignored.
SESSION_CUSTOMER = Fields(_CUSTOMER | {"klarna_access_token": Text()})

ORDER_LINE = Fields(
    {
        "name": Text(255, shortest=1),
        "quantity": Whole(least=0),
        "unit_price": LINE_AMOUNT,
        "total_amount": LINE_AMOUNT,
        "total_discount_amount": Whole(least=0),
        "tax_rate": Whole(least=0, most=10_000),
        "total_tax_amount": Whole(),
        "type": one_of(*LINE_TYPES),
        "reference": Text(255),
        "quantity_unit": Text(8, shortest=1),
        "image_url": Text(1024),
        "product_url": Text(1024),
        "merchant_data": Text(1024),
        "product_identifiers": Fields(
            {
                "brand": Text(70),
                "category_path": Text(750),
                "global_trade_item_number": Text(50),
                "manufacturer_part_number": Text(70),
                "color": Text(64),
                "size": Text(64),
            }
        ),
        "subscription": Fields(
            {
                "name": Text(255, shortest=1),
                "interval": one_of("DAY", "WEEK", "MONTH", "YEAR"),
                "interval_count": Whole(least=1),
            }
        ).requiring("name", "interval", "interval_count"),
    }
).requiring("name", "quantity", "unit_price", "total_amount")

ATTACHMENT = Fields({"content_type": Text(), "body": Text(accepts=_json_text)}).requiring("content_type", "body")
REQUIRED = ("purchase_country", "purchase_currency", "order_amount", "order_lines")


def merchant_urls(insecure: bool) -> Fields:
    """The addresses Klarna calls or sends the browser to: https, where the switch does not allow localhost."""
    schemes = ("https", "http") if insecure else ("https",)
    server = Text(2000, accepts=web_address(*schemes))
    names = ("confirmation", "notification", "push", "authorization")
    return Fields(dict.fromkeys(names, server) | {"app_return_url": Text(2000, accepts=_app_address)})


def _purchase(insecure: bool) -> dict[str, Any]:
    """What a session and an order have in common."""
    return {
        "purchase_country": COUNTRY,
        "purchase_currency": CURRENCY,
        "locale": LOCALE,
        "order_amount": AMOUNT,
        "order_tax_amount": AMOUNT,
        "order_lines": Many(ORDER_LINE, fewest=1, most=1000),
        "customer": CUSTOMER,
        "billing_address": ADDRESS,
        "shipping_address": ADDRESS,
        "merchant_urls": merchant_urls(insecure),
        "merchant_reference1": Text(255),
        "merchant_reference2": Text(255),
        "merchant_data": Text(6000),
        "custom_payment_method_ids": Many(Text()),
    }


def session(insecure: bool) -> Fields:
    """A session's fields, none of them required (that is checked on what comes out of a merge)."""
    colours = ("color_border", "color_border_selected", "color_details", "color_text")
    return Fields(
        {
            "acquiring_channel": one_of("ECOMMERCE", "IN_STORE", "TELESALES"),
            "intent": one_of(*INTENTS),
            **_purchase(insecure),
            "customer": SESSION_CUSTOMER,
            "attachment": ATTACHMENT,
            "design": Text(),
            "options": Fields(dict.fromkeys(colours, COLOUR) | {"radius_border": Text()}),
            "step_up_id": Text(),
        }
    )


def order(insecure: bool) -> Fields:
    """The fields of a create-order call."""
    return Fields({**_purchase(insecure), "auto_capture": Flag()}).requiring(*REQUIRED)


CUSTOMER_TOKEN = Fields(
    {
        "purchase_country": COUNTRY,
        "purchase_currency": CURRENCY,
        "locale": LOCALE,
        "description": Text(255, shortest=1),
        # The description of the API says SUBSCRIPTION, the guide's sample writes it small.
        "intended_use": Text(accepts=lambda text: text.upper() == "SUBSCRIPTION"),
        "billing_address": ADDRESS,
        "customer": CUSTOMER,
    }
).requiring("purchase_country", "purchase_currency", "locale", "description", "intended_use")
