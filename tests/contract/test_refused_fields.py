"""Types, limits, required fields and formats of a session, one fault at a time: sections 4.1 and 4.3.

Each row names the field, as Klarna's message does, and a value that breaks its rule; beside them stand the values
at the edge that are still right.
"""

from __future__ import annotations

from typing import Any

import pytest

from .bodies import ADDRESS, MISSING, american_purchase, changed, line, purchase
from .client import Klarna
from .expectations import assert_bad_value, assert_ok, assert_refused, seen

WHOLE = purchase(
    billing_address=ADDRESS,
    shipping_address=ADDRESS,
    customer={"type": "person"},
    merchant_urls={"confirmation": "https://shop.example/thanks"},
)
TOO_BIG = 2**63
LINE = "order_lines[0]"
SUBSCRIPTION = {"name": "Box", "interval": "MONTH", "interval_count": 1}


def row(path: str, value: Any, what: str) -> Any:
    return pytest.param(path, value, id=f"{path} {what}")


REQUIRED = [
    *("purchase_country", "purchase_currency", "order_amount", "order_lines"),
    *(f"{LINE}.{field}" for field in ("name", "quantity", "unit_price", "total_amount")),
]

WRONG_TYPES = [
    *(row(path, value, what) for path in ("purchase_country", "purchase_currency", "locale", "intent")
      for value, what in ((1, "number"), (["x"], "list"))),
    *(row(path, value, what) for path in ("order_amount", "order_tax_amount", f"{LINE}.quantity",
                                          f"{LINE}.unit_price", f"{LINE}.total_amount", f"{LINE}.tax_rate",
                                          f"{LINE}.total_tax_amount", f"{LINE}.total_discount_amount")
      for value, what in (("1900", "text"), (19.5, "fraction"), (True, "truth"), (TOO_BIG, "beyond 64 bits"))),
    row("order_lines", {}, "object"),
    row("order_lines", "lamp", "text"),
    row(LINE, "lamp", "text"),
    row(f"{LINE}.name", 7, "number"),
    row(f"{LINE}.reference", 7, "number"),
    row(f"{LINE}.product_identifiers", "Acme", "text"),
    row(f"{LINE}.subscription", [], "list"),
    row("customer", "Mock", "text"),
    row("customer.customer_token", 7, "number"),
    row("customer.customer_token", {"id": "x"}, "object"),
    row("billing_address", [], "list"),
    row("billing_address.city", 7, "number"),
    row("merchant_urls", "https://shop.example/", "text"),
    row("merchant_urls.confirmation", 7, "number"),
    row("merchant_reference1", 7, "number"),
    row("merchant_data", {"cart": 7}, "object"),
    row("custom_payment_method_ids", "promo", "text"),
    row("custom_payment_method_ids[0]", 7, "number"),
    row("options", "blue", "text"),
]  # fmt: skip

WRONG_FORMATS = [
    row("purchase_country", "D", "one letter"),
    row("purchase_country", "DEU", "three letters"),
    row("purchase_country", "D1", "digit"),
    row("purchase_country", "", "empty"),
    row("purchase_country", "XX", "no country"),
    row("purchase_currency", "EU", "two letters"),
    row("purchase_currency", "EURO", "four letters"),
    row("purchase_currency", "€€€", "signs"),
    row("locale", "deutsch", "word"),
    row("locale", "de_DE", "underscore"),
    row("locale", "de-D", "half a country"),
    row("locale", "", "empty"),
    row("intent", "sell", "unknown"),
    row("intent", "BUY", "capitals"),
    row("intent", "", "empty"),
    row("acquiring_channel", "ecommerce", "small letters"),
    row("acquiring_channel", "MARKET_STALL", "unknown"),
    row("customer.type", "robot", "unknown"),
    row("customer.date_of_birth", "31-12-1990", "day first"),
    row("customer.date_of_birth", "1990-13-01", "month 13"),
    row("customer.last_four_ssn", "12345", "five digits"),
    row("customer.last_four_ssn", "12a4", "letter"),
    row("customer.organization_entity_type", "CLUB", "unknown"),
    row("billing_address.country", "Germany", "word"),
    row("shipping_address.country", "D", "one letter"),
    row("options.color_border", "red", "word"),
    row("options.color_border_selected", "#12345", "five digits"),
    row("options.color_details", "#12345G", "no digit"),
    row("options.color_text", "123456", "no sign"),
    row(f"{LINE}.type", "bicycle", "unknown"),
    row(f"{LINE}.type", "return_fee", "only in order management"),
    row(f"{LINE}.subscription", SUBSCRIPTION | {"interval": "FORTNIGHT"}, "interval"),
]

TEXT_LIMITS = [
    ("merchant_reference1", 255),
    ("merchant_reference2", 255),
    ("merchant_data", 6000),
    *((f"billing_address.{field}", 99) for field in (
        "given_name", "family_name", "street_address", "street_address2", "city", "region", "attention",
        "organization_name", "phone",
    )),
    ("billing_address.postal_code", 10),
    ("billing_address.title", 20),
    ("shipping_address.given_name", 99),
    ("shipping_address.postal_code", 10),
    (f"{LINE}.name", 255),
    (f"{LINE}.reference", 255),
    (f"{LINE}.quantity_unit", 8),
    (f"{LINE}.image_url", 1024),
    (f"{LINE}.product_url", 1024),
    (f"{LINE}.merchant_data", 1024),
    (f"{LINE}.product_identifiers.brand", 70),
    (f"{LINE}.product_identifiers.category_path", 750),
    (f"{LINE}.product_identifiers.global_trade_item_number", 50),
    (f"{LINE}.product_identifiers.manufacturer_part_number", 70),
    (f"{LINE}.product_identifiers.color", 64),
    (f"{LINE}.product_identifiers.size", 64),
]  # fmt: skip

OUTSIDE_THE_LIMITS = [
    row("order_amount", -1, "negative"),
    row("order_tax_amount", -1, "negative"),
    row("order_lines", [], "none"),
    row("order_lines", [line()] * 1001, "1001"),
    row(f"{LINE}.name", "", "empty"),
    row(f"{LINE}.quantity", -1, "negative"),
    row(f"{LINE}.quantity_unit", "", "empty"),
    row(f"{LINE}.unit_price", 200_000_001, "above the maximum"),
    row(f"{LINE}.total_amount", 200_000_001, "above the maximum"),
    row(f"{LINE}.total_discount_amount", -1, "negative"),
    row(f"{LINE}.tax_rate", -1, "negative"),
    row(f"{LINE}.tax_rate", 10_001, "above 100 %"),
    row("billing_address.given_name", "M", "one letter"),
    row("billing_address.given_name", "12345", "digits only"),
    row("billing_address.family_name", "M", "one letter"),
    row("billing_address.family_name", "12345", "digits only"),
]


@pytest.mark.parametrize("path", REQUIRED)
def test_a_required_field_is_missed(klarna: Klarna, path: str) -> None:
    assert_bad_value(klarna.create_session(changed(WHOLE, {path: MISSING})), path)


@pytest.mark.parametrize("path", REQUIRED)
def test_a_required_field_may_not_be_null(klarna: Klarna, path: str) -> None:
    assert_bad_value(klarna.create_session(changed(WHOLE, {path: None})), path)


@pytest.mark.parametrize(("path", "value"), WRONG_TYPES)
def test_a_value_of_the_wrong_type_is_refused(klarna: Klarna, path: str, value: Any) -> None:
    if path.endswith("ids[0]"):
        body = changed(WHOLE, {"custom_payment_method_ids": [value]})
    else:
        body = changed(WHOLE, {path: value})
    assert_bad_value(klarna.create_session(body), path)


@pytest.mark.parametrize(("path", "value"), WRONG_FORMATS)
def test_a_value_in_the_wrong_form_is_refused(klarna: Klarna, path: str, value: Any) -> None:
    answer = klarna.create_session(changed(WHOLE, {path: value}))
    assert_bad_value(answer, path if path != f"{LINE}.subscription" else f"{path}.interval")


@pytest.mark.parametrize(("path", "longest"), TEXT_LIMITS)
def test_a_text_may_have_its_full_length_and_not_one_more(klarna: Klarna, path: str, longest: int) -> None:
    letter = "1" if path.endswith("phone") else "x"
    assert_ok(klarna.create_session(changed(WHOLE, {path: letter * longest})))
    assert_bad_value(klarna.create_session(changed(WHOLE, {path: letter * (longest + 1)})), path)


def test_lengths_are_counted_in_characters(klarna: Klarna) -> None:
    assert_ok(klarna.create_session(changed(WHOLE, {f"{LINE}.name": "ß" * 255, "merchant_reference1": "ü" * 255})))


@pytest.mark.parametrize(("path", "value"), OUTSIDE_THE_LIMITS)
def test_a_value_outside_its_limits_is_refused(klarna: Klarna, path: str, value: Any) -> None:
    assert_bad_value(klarna.create_session(changed(WHOLE, {path: value})), path)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([line(0, 0, quantity=0)], id="quantity 0"),
        pytest.param([line(0, 0)], id="price 0"),
        pytest.param([line(200_000_000, 0, rate=0)], id="highest price"),
        pytest.param([line(10_000, 5_000, rate=10_000)], id="highest rate"),
        pytest.param([line(10_000, 0, rate=0)], id="lowest rate"),
        pytest.param([line()] * 1000, id="1000 lines"),
        pytest.param([line(name="x")], id="name of one letter"),
        pytest.param([line(quantity_unit="x")], id="unit of one letter"),
    ],
)
def test_a_value_at_its_limit_is_taken(klarna: Klarna, lines: list[dict[str, Any]]) -> None:
    assert_ok(klarna.create_session(purchase(*lines)))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *(pytest.param("customer.type", value, id=value) for value in ("person", "organization")),
        *(pytest.param("customer.last_four_ssn", value, id=value) for value in ("1234", "123456789")),
        pytest.param("customer.date_of_birth", "1970-07-10", id="birth date"),
        pytest.param("customer.organization_entity_type", "LIMITED_COMPANY", id="kind of company"),
        *(pytest.param("acquiring_channel", value, id=value) for value in ("ECOMMERCE", "IN_STORE", "TELESALES")),
        *(
            pytest.param(f"{LINE}.type", value, id=value)
            for value in ("physical", "shipping_fee", "digital", "gift_card", "store_credit", "surcharge")
        ),
        *(
            pytest.param(f"{LINE}.subscription", SUBSCRIPTION | {"interval": value}, id=value)
            for value in ("DAY", "WEEK", "MONTH", "YEAR")
        ),
        pytest.param("billing_address.given_name", "Bo", id="name of two letters"),
    ],
)
def test_each_listed_value_is_taken(klarna: Klarna, path: str, value: Any) -> None:
    assert_ok(klarna.create_session(changed(WHOLE, {path: value})))


@pytest.mark.parametrize("field", ["name", "interval", "interval_count"])
def test_a_subscription_is_whole_or_not_there(klarna: Klarna, field: str) -> None:
    body = changed(WHOLE, {f"{LINE}.subscription": SUBSCRIPTION, f"{LINE}.subscription.{field}": MISSING})
    assert_bad_value(klarna.create_session(body), f"{LINE}.subscription.{field}")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("interval_count", 0, id="every 0 months"),
        pytest.param("interval_count", "1", id="count as text"),
        pytest.param("name", "", id="no name"),
        pytest.param("name", "x" * 256, id="long name"),
    ],
)
def test_a_subscription_keeps_its_limits(klarna: Klarna, field: str, value: Any) -> None:
    body = changed(WHOLE, {f"{LINE}.subscription": SUBSCRIPTION | {field: value}})
    assert_bad_value(klarna.create_session(body), f"{LINE}.subscription.{field}")


@pytest.mark.parametrize(
    "attachment",
    [
        pytest.param({"content_type": "application/json"}, id="no body"),
        pytest.param({"body": "{}"}, id="no content type"),
        pytest.param({"content_type": "application/json", "body": {}}, id="body not text"),
        pytest.param("text", id="not an object"),
    ],
)
def test_an_attachment_is_whole_and_made_of_texts(klarna: Klarna, attachment: Any) -> None:
    answer = klarna.create_session(changed(WHOLE, {"attachment": attachment}))
    assert_refused(answer, 400, "BAD_VALUE")
    assert answer.json()["error_messages"][0].startswith("Bad value: attachment"), seen(answer)


def test_an_american_address_has_a_state(north_america: Klarna) -> None:
    address = {
        "street_address": "509 Amsterdam Ave",
        "city": "New York",
        "postal_code": "10024",
        "country": "US",
    }
    assert_ok(north_america.create_session(american_purchase(billing_address=address | {"region": "NY"})))
    answer = north_america.create_session(american_purchase(billing_address=address))
    assert_bad_value(answer, "billing_address.region")


def test_the_line_that_is_wrong_is_named(klarna: Klarna) -> None:
    body = purchase(line(), line(name=""), line())
    assert_bad_value(klarna.create_session(body), "order_lines[1].name")
