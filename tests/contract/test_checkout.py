"""Klarna Checkout by raw HTTP: https://docs.klarna.com/api/checkout/ , today Kustom's.

Opening, reading, changing and ending an order, its errors and its life; bodies are held against the published
description where it is at hand.
"""

from __future__ import annotations

from typing import Any

import pytest
import requests

from ..support.openapi import assert_request, assert_response
from .bodies import ADDRESS, MISSING, changed, line
from .client import NOBODY, Klarna, basic
from .expectations import assert_bad_value, assert_ok, assert_refused, assert_unauthorized, is_uuid, seen
from .shopper import Shopper
from .stand_in import Control

ORDERS = "/checkout/v3/orders"
ORDER = "/checkout/v3/orders/{order_id}"
HOURS = 3600
LEAST: dict[str, Any] = {
    "purchase_country": "DE",
    "purchase_currency": "EUR",
    "locale": "en-DE",
    "order_amount": 11900,
    "order_tax_amount": 1900,
    "order_lines": [line()],
    "merchant_urls": {
        "terms": "https://shop.example/terms",
        "checkout": "https://shop.example/checkout",
        "confirmation": "https://shop.example/thanks/{checkout.order.id}",
        "push": "https://shop.example/push/{checkout.order.id}",
    },
}
# Prices without tax, the tax as a line of its own.
AMERICAN = LEAST | {
    "purchase_country": "US",
    "purchase_currency": "USD",
    "locale": "en-US",
    "order_lines": [
        line(10000, 0, rate=0),
        line(1900, 0, rate=0, type="sales_tax", name="Sales tax"),
    ],
}
WHOLE = LEAST | {
    "billing_address": ADDRESS,
    "shipping_address": ADDRESS | {"city": "Bonn"},
    "customer": {"type": "person", "date_of_birth": "1970-07-10"},
    "merchant_reference1": "A-1",
    "merchant_reference2": "B-2",
    "merchant_data": "{}",
    "options": {"color_button": "#123456", "date_of_birth_mandatory": True, "shipping_details": "Tomorrow"},
    "gui": {"options": ["minimal_confirmation"]},
    "shipping_countries": ["DE"],
    "tags": ["bulky"],
    "shipping_options": [{"id": "post", "name": "Post", "price": 490, "tax_amount": 78, "tax_rate": 1900}],
    "external_payment_methods": [{"name": "Other", "redirect_url": "https://other.example/pay"}],
    "attachment": {"content_type": "application/vnd.klarna.internal.emd-v2+json", "body": "{}"},
}


def opened(checkout: Klarna, body: dict[str, Any] = LEAST) -> dict[str, Any]:
    order: dict[str, Any] = assert_ok(checkout.call("POST", ORDERS, body), 201)
    return order


def read(checkout: Klarna, order_id: str) -> requests.Response:
    return checkout.call("GET", f"{ORDERS}/{order_id}")


def update(checkout: Klarna, order_id: str, body: Any) -> requests.Response:
    return checkout.call("POST", f"{ORDERS}/{order_id}", body)


def abort(checkout: Klarna, order_id: str) -> requests.Response:
    return checkout.call("POST", f"{ORDERS}/{order_id}/abort")


@pytest.mark.parametrize("body", [LEAST, WHOLE], ids=["least", "whole"])
def test_the_requests_of_this_suite_are_as_described(body: dict[str, Any]) -> None:
    assert_request("POST", ORDERS, body)
    assert_request("POST", ORDER, body)


@pytest.mark.parametrize("body", [LEAST, WHOLE], ids=["least", "whole"])
def test_an_order_and_its_life_are_as_described(checkout: Klarna, shopper: Shopper, body: dict[str, Any]) -> None:
    order = opened(checkout, body)
    assert_response("POST", ORDERS, 201, order)
    assert_response("POST", ORDER, 200, assert_ok(update(checkout, order["order_id"], {"merchant_reference1": "C"})))
    assert_response("GET", ORDER, 200, assert_ok(read(checkout, order["order_id"])))
    shopper.pay_checkout(order["order_id"])
    assert_response("GET", ORDER, 200, assert_ok(read(checkout, order["order_id"])))
    aborted = assert_ok(abort(checkout, opened(checkout, body)["order_id"]))
    assert_response("POST", ORDER + "/abort", 200, aborted)


def test_refusals_are_as_described(checkout: Klarna) -> None:
    wrong = checkout.call("POST", ORDERS, changed(LEAST, {"locale": MISSING}))
    assert_response("POST", ORDERS, wrong.status_code, wrong.json())
    order_id = assert_ok(abort(checkout, opened(checkout)["order_id"]))["order_id"]
    ended = update(checkout, order_id, {})
    assert_response("POST", ORDER, ended.status_code, ended.json())
    unknown = read(checkout, NOBODY)
    assert_response("GET", ORDER, unknown.status_code, unknown.json())


def test_a_new_order_says_where_it_is(checkout: Klarna) -> None:
    answer = checkout.call("POST", ORDERS, LEAST)
    order = assert_ok(answer, 201)
    assert is_uuid(order["order_id"])
    assert answer.headers["Location"] == f"{checkout.access.url}{ORDERS}/{order['order_id']}"
    again = checkout.call("GET", answer.headers["Location"].removeprefix(checkout.access.url))
    assert assert_ok(again)["order_id"] == order["order_id"]


def test_status_and_countries_are_in_small_letters(checkout: Klarna) -> None:
    order = opened(checkout, WHOLE)
    assert (order["status"], order["purchase_country"]) == ("checkout_incomplete", "de")
    assert order["billing_address"]["country"] == "de"


def test_the_snippet_queues_calls_and_loads_the_library(checkout: Klarna) -> None:
    snippet = opened(checkout)["html_snippet"]
    for part in ("klarna-checkout-container", "klarna-checkout-context", "_klarnaCheckout", "BOOTSTRAP_SRC"):
        assert part in snippet


def test_the_united_states_are_sold_to_at_the_same_address(checkout: Klarna) -> None:
    order = opened(checkout, AMERICAN)
    assert_response("POST", ORDERS, 201, order)
    assert (order["purchase_country"], order["order_tax_amount"]) == ("us", 1900)
    assert_ok(read(checkout, order["order_id"]))


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        *(({name: MISSING}, name) for name in ("purchase_country", "purchase_currency", "locale", "order_amount")),
        *(({name: MISSING}, name) for name in ("order_tax_amount", "order_lines", "merchant_urls")),
        *(
            ({f"merchant_urls.{name}": MISSING}, f"merchant_urls.{name}")
            for name in ("terms", "checkout", "confirmation", "push")
        ),
        *(
            ({f"order_lines[0].{name}": MISSING}, f"order_lines[0].{name}")
            for name in ("name", "quantity", "unit_price", "tax_rate", "total_amount", "total_tax_amount")
        ),
        ({"purchase_currency": "SEK"}, "purchase_currency"),
        ({"merchant_urls.push": LEAST["merchant_urls"]["confirmation"]}, "merchant_urls.push"),
        ({"merchant_urls.validation": "http://shop.example/"}, "merchant_urls.validation"),
        ({"merchant_urls.terms": "https://shop.example/" + "x" * 2000}, "merchant_urls.terms"),
        ({"merchant_reference1": "x" * 256}, "merchant_reference1"),
        ({"order_lines[0].total_amount": 11901}, "order_lines[0].total_amount"),
        ({"order_lines[0].total_tax_amount": 1902}, "order_lines[0].total_tax_amount"),
        ({"order_amount": 11901}, "order_amount"),
        ({"order_tax_amount": 1901}, "order_tax_amount"),
        ({"options": {"radius_border": 5}}, "options.radius_border"),
    ],
)
def test_bad_values_are_named_and_nothing_comes_of_them(checkout: Klarna, changes: dict[str, Any], path: str) -> None:
    assert_bad_value(checkout.call("POST", ORDERS, changed(LEAST, changes)), path)


def test_credentials_are_checkouts_own(checkout: Klarna, klarna: Klarna) -> None:
    foreign = basic(klarna.access.username, klarna.access.password)
    for authorization in (None, foreign, basic(checkout.access.username, "wrong")):
        assert_unauthorized(checkout.call("POST", ORDERS, LEAST, authorization=authorization))
    own = basic(checkout.access.username, checkout.access.password)
    assert_unauthorized(klarna.create_session({}, authorization=own))


def test_only_what_is_sent_changes_and_a_fresh_snippet_comes(checkout: Klarna) -> None:
    order = opened(checkout, WHOLE)
    updated = assert_ok(update(checkout, order["order_id"], {"merchant_reference1": "Z"}))
    changing = ("merchant_reference1", "last_modified_at")
    assert {k: v for k, v in updated.items() if k not in changing} == {
        k: v for k, v in order.items() if k not in changing
    }
    assert_bad_value(update(checkout, order["order_id"], {"order_amount": 1}), "order_amount")


def test_an_unknown_order_is_not_found(checkout: Klarna) -> None:
    for answer in (read(checkout, NOBODY), update(checkout, NOBODY, {}), abort(checkout, NOBODY)):
        assert_refused(answer, 404, "NO_SUCH_ORDER")


def test_an_order_that_was_ended_or_paid_is_read_only(checkout: Klarna, shopper: Shopper) -> None:
    ended, paid = opened(checkout)["order_id"], opened(checkout)["order_id"]
    assert_ok(abort(checkout, ended))
    shopper.pay_checkout(paid)
    for order_id in (ended, paid):
        for answer in (update(checkout, order_id, {}), abort(checkout, order_id)):
            assert_refused(answer, 403, "READ_ONLY_ORDER", "Resource is read-only")


def test_a_paid_order_is_complete_and_says_when(checkout: Klarna, shopper: Shopper) -> None:
    order_id = opened(checkout)["order_id"]
    shopper.pay_checkout(order_id)
    order = assert_ok(read(checkout, order_id))
    assert order["status"] == "checkout_complete"
    assert order["completed_at"].endswith("Z")
    assert order["billing_address"]["email"] == "customer@email.de"


def test_order_management_knows_it_and_acknowledging_makes_it_created(
    checkout: Klarna, klarna: Klarna, shopper: Shopper
) -> None:
    order_id = opened(checkout)["order_id"]
    managed = f"/ordermanagement/v1/orders/{order_id}"
    assert_refused(checkout.call("GET", managed), 404, "NO_SUCH_ORDER")
    shopper.pay_checkout(order_id)
    assert assert_ok(checkout.call("GET", managed))["order_amount"] == 11900
    assert_refused(klarna.call("POST", f"{managed}/acknowledge"), 404, "NO_SUCH_ORDER")
    assert assert_ok(read(checkout, order_id))["status"] == "checkout_complete"
    answer = checkout.call("POST", f"{managed}/acknowledge")
    assert answer.status_code == 204, seen(answer)
    assert assert_ok(read(checkout, order_id))["status"] == "created"


def test_48_hours_after_the_last_change_nothing_is_answered(checkout: Klarna, control: Control) -> None:
    order_id = opened(checkout)["order_id"]
    control.advance(47 * HOURS)
    assert_ok(update(checkout, order_id, {"merchant_reference1": "A"}))
    control.advance(48 * HOURS)
    answer = read(checkout, order_id)
    assert (answer.status_code, answer.content) == (404, b""), seen(answer)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"[" * 100_000, b'{"order_amount": NaN}'])
def test_what_is_no_request_is_refused_in_the_usual_shape(checkout: Klarna, data: bytes) -> None:
    order_id = opened(checkout)["order_id"]
    for path in (ORDERS, f"{ORDERS}/{order_id}"):
        answer = checkout.call("POST", path, data=data)
        assert answer.status_code == 400, seen(answer)
        assert answer.json()["error_code"] in ("BAD_REQUEST", "BAD_VALUE")


def test_the_access_token_is_never_answered(checkout: Klarna) -> None:
    order = opened(checkout, LEAST | {"customer": {"klarna_access_token": "ory_at_stale"}})
    assert order["customer"] == {}
    assert "ory_at_stale" not in read(checkout, order["order_id"]).text
