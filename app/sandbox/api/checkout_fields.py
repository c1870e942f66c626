"""The fields of Klarna Checkout with their limits, in the order its description lists them.

https://docs.klarna.com/api/checkout/ . Rules shared with Klarna Payments come from `fields`. The description marks
`recurring_description` read-only, though a merchant has to say it; it is taken.
"""

import re
from urllib.parse import urlsplit

from . import fields
from .shape import Fields, Flag, Many, Text, Whole, one_of, pattern

LARGEST_AMOUNT = 100_000_000
REQUIRED = ("purchase_country", "purchase_currency", "locale", "order_amount", "order_tax_amount", "order_lines")
# The description requires these four inside `merchant_urls`, the guides `merchant_urls` itself.
REQUIRED_URLS = ("terms", "checkout", "confirmation", "push")
_PAGES = (*REQUIRED_URLS, "notification", "cancellation_terms")
_CALLED = ("validation", "shipping_option_update", "address_update", "country_change")
_COLOURS = ("button", "button_text", "checkbox", "checkbox_checkmark", "header", "link")
_FLAGS = (
    *("require_validate_callback_success", "require_client_validation", "vat_removed", "auto_capture"),
    *("allow_separate_shipping_address", "date_of_birth_mandatory", "title_mandatory", "phone_mandatory"),
    *("national_identification_number_mandatory", "verify_national_identification_number"),
    *("show_subtotal_detail", "enable_discount_module", "show_vat_registration_number_field"),
    "require_client_validation_callback_response",  # sent by a widespread plugin, in no description
)

_LINE_AMOUNT = Whole(most=LARGEST_AMOUNT)
_RATE = Whole(least=0, most=10_000)
_COUNTRIES = Many(fields.COUNTRY)
_NAMES = (
    *("organization_name", "title", "street_address", "street_address2", "street_name", "street_number"),
    *("house_extension", "city", "region", "care_of"),
)


def _page(text: str) -> bool:
    """A page of the shop: https is asked for only where Klarna's server calls and waits for an answer."""
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host) and not re.search(r"[\s\x00-\x1f\\]", text)


ADDRESS = Fields(
    dict.fromkeys((*_NAMES, "given_name", "family_name"), Text(99))
    | {name: fields.ADDRESS.rules[name] for name in ("email", "phone", "postal_code", "country")}
)
CUSTOMER = Fields(
    {
        "type": one_of("person", "organization"),
        "gender": Text(),
        "date_of_birth": fields.CUSTOMER.rules["date_of_birth"],
        "organization_registration_id": Text(),
        "vat_id": Text(),
        # Stands in the guides only. One that is no good is ignored.
        "klarna_access_token": Text(),
    }
)
ORDER_LINE = Fields(
    {
        **fields.ORDER_LINE.rules,
        "unit_price": _LINE_AMOUNT,
        "total_amount": _LINE_AMOUNT,
        "subscription": Fields(
            {
                "name": Text(),
                "interval": one_of("DAY", "WEEK", "MONTH", "YEAR"),
                "interval_count": Whole(least=1),
            }
        ).requiring("interval", "interval_count"),
        "shipping_attributes": Fields(
            {
                "weight": Whole(least=0),
                "dimensions": Fields(dict.fromkeys(("height", "width", "length"), Whole(least=0))),
                "tags": Many(Text()),
            }
        ),
    }
).requiring("name", "quantity", "unit_price", "tax_rate", "total_amount", "total_tax_amount")
SHIPPING_OPTION = Fields(
    {
        "id": Text(shortest=1),
        "name": Text(255, shortest=1),
        "description": Text(),
        "promo": Text(),
        "price": Whole(least=0),
        "preselected": Flag(),
        "tax_amount": Whole(least=0),
        "tax_rate": _RATE,
        "shipping_method": one_of(
            *("PickUpStore", "Home", "BoxReg", "BoxUnreg", "PickUpPoint", "Own", "Postal", "DHLPackstation", "Digital")
        ),
        "tms_reference": Text(),
    }
).requiring("id", "name", "price", "tax_amount", "tax_rate")
_CHECKBOX = Fields({"id": Text(shortest=1), "text": Text(1000), "checked": Flag(), "required": Flag()})
OPTIONS = Fields(
    dict.fromkeys(_FLAGS, Flag())
    | {f"color_{name}": fields.COLOUR for name in _COLOURS}
    | {
        "acquiring_channel": one_of("ECOMMERCE", "MOTO", "IN_STORE", "TELESALES"),
        "shipping_details": Text(255),
        "additional_merchant_terms": Text(),
        "radius_border": Text(),
        "allowed_customer_types": Many(one_of("person", "organization"), fewest=1, most=2),
        "additional_checkbox": _CHECKBOX.requiring("text", "checked", "required"),
        "additional_checkboxes": Many(_CHECKBOX.requiring("id", "text", "checked", "required")),
    }
)
_PROVIDER = Fields(
    {
        "name": Text(255),
        "redirect_url": Text(2000, shortest=7, accepts=fields.web_address("https")),
        "image_url": Text(2000, accepts=fields.web_address("https")),
        "fee": Whole(least=0),
        "description": Text(500),
        "countries": _COUNTRIES,
        "label": one_of("continue", "complete"),
    }
).requiring("name", "redirect_url")
_DISCOUNT = Fields(
    {
        "name": Text(255, shortest=1),
        "quantity": Whole(least=0),
        "unit_price": Whole(most=0),
        "tax_rate": _RATE,
        "total_amount": Whole(most=0),
        "total_tax_amount": Whole(),
        "reference": Text(255),
        "merchant_data": Text(1024),
    }
).requiring("name", "quantity", "unit_price", "tax_rate", "total_amount", "total_tax_amount")


def order(insecure: bool) -> Fields:
    """The fields of a create or update call, none of them required (that is checked on what comes out of a merge)."""
    return Fields(
        {
            "purchase_country": fields.COUNTRY,
            "purchase_currency": fields.CURRENCY,
            "locale": fields.LOCALE,
            "billing_address": ADDRESS,
            "shipping_address": ADDRESS,
            "order_amount": fields.AMOUNT,
            "order_tax_amount": fields.AMOUNT,
            "order_lines": Many(ORDER_LINE),
            "customer": CUSTOMER,
            "merchant_urls": _merchant_urls(insecure),
            "merchant_reference1": Text(255),
            "merchant_reference2": Text(255),
            "options": OPTIONS,
            "attachment": Fields({"content_type": Text(), "body": Text()}).requiring("content_type", "body"),
            "external_payment_methods": Many(_PROVIDER),
            "external_checkouts": Many(_PROVIDER),
            "shipping_countries": _COUNTRIES,
            "billing_countries": _COUNTRIES,
            "shipping_options": Many(SHIPPING_OPTION),
            "selected_shipping_option": SHIPPING_OPTION,
            "merchant_data": Text(6000),
            "gui": Fields({"options": Many(pattern("minimal_confirmation"))}),
            "recurring": Flag(),
            "recurring_description": Text(255),
            "tags": Many(Text()),
            "discount_lines": Many(_DISCOUNT),
        }
    )


def _merchant_urls(insecure: bool) -> Fields:
    schemes = ("https", "http") if insecure else ("https",)
    called = Text(2000, accepts=fields.web_address(*schemes))
    return Fields(dict.fromkeys(_PAGES, Text(2000, accepts=_page)) | dict.fromkeys(_CALLED, called))


# What a merchant's answer to a callback may change. https://docs.klarna.com/klarna-checkout/use-cases/validate-order
CHANGES = (
    *("order_amount", "order_tax_amount", "order_lines", "shipping_options", "purchase_currency", "merchant_data"),
    *("attachment", "locale", "external_payment_methods", "tags"),
)
