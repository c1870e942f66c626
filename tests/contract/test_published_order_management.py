"""Order Management and the Customer Token API, held against the descriptions Klarna publishes, where at hand."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from ..support.openapi import assert_request, assert_response
from .bodies import ADDRESS, line
from .client import NOBODY, Klarna
from .shopper import Shopper
from .stand_in import Control
from .test_customer_token_api import MONTHLY, cancel, charge, read, recovery, stepped_up, tokenized
from .test_order_management import AMOUNT, bought, made

ORDER = "/ordermanagement/v1/orders/{order_id}"
TOKEN = "/customer-token/v1/tokens/{customerToken}"
SHIPMENT = {"shipping_company": "DHL", "shipping_method": "Home", "tracking_number": "1"}
FEE = line(-500, 0, type="return_fee", name="Return fee", rate=0)


def body_of(answer: requests.Response) -> Any:
    """An empty one is empty text: so it is described where it is described at all."""
    return answer.json() if answer.content else ""


def holds(klarna: Klarna, order_id: str, method: str, what: str, template: str, body: Any = None) -> requests.Response:
    """The call and its answer are as described."""
    if body is not None:
        assert_request(method, f"{ORDER}{template}", body)
    answer = klarna.manage(method, order_id, what, body)
    assert_response(method, f"{ORDER}{template}", answer.status_code, body_of(answer))
    return answer


CHANGES: list[tuple[str, str, Any]] = [
    ("GET", "", None),
    ("POST", "/acknowledge", None),
    ("PATCH", "/authorization", {"order_amount": 2 * AMOUNT, "order_lines": [line(), line()], "description": "More"}),
    ("PATCH", "/merchant-references", {"merchant_reference1": "A-2", "merchant_reference2": ""}),
    ("PATCH", "/customer-details", {"shipping_address": ADDRESS}),
    ("POST", "/shipping-info", {"shipping_info": [SHIPMENT]}),
    ("POST", "/extend-authorization-time", None),
]
ABOUT_A_CAPTURE: list[tuple[str, str, Any]] = [
    ("GET", "", None),
    ("POST", "/shipping-info", {"shipping_info": [SHIPMENT]}),
    ("POST", "/trigger-send-out", None),
    ("GET", "/extend-due-date-options", None),
    ("PATCH", "/extend-due-date", {"number_of_days": 14}),
    ("GET", "/extend-due-date-options", None),
]


def test_the_life_of_an_order_is_as_described(klarna: Klarna, shopper: Shopper) -> None:
    order_id = bought(klarna, shopper, merchant_reference1="A-1", merchant_data="{}")
    for method, what, body in CHANGES:
        assert holds(klarna, order_id, method, what.strip("/"), what, body).status_code in (200, 204)
    lines = [line(), line()]
    whole = {"captured_amount": 2 * AMOUNT, "order_lines": lines, "reference": "C", "shipping_info": [SHIPMENT]}
    capture_id = made(holds(klarna, order_id, "POST", "captures", "/captures", whole), "Capture-Id")
    for method, what, body in ABOUT_A_CAPTURE:
        done = holds(klarna, order_id, method, f"captures/{capture_id}{what}", "/captures/{capture_id}" + what, body)
        assert done.status_code in (200, 204)
    holds(klarna, order_id, "GET", "captures", "/captures")
    refund = {"refunded_amount": 2 * AMOUNT - 500, "order_lines": [*lines, FEE], "description": "Sent back"}
    refund_id = made(holds(klarna, order_id, "POST", "refunds", "/refunds", refund), "Refund-Id")
    holds(klarna, order_id, "GET", f"refunds/{refund_id}", "/refunds/{refund_id}")
    assert holds(klarna, order_id, "GET", "", "").status_code == 200


def test_the_ends_of_an_order_are_as_described(klarna: Klarna, shopper: Shopper) -> None:
    cancelled, released = bought(klarna, shopper), bought(klarna, shopper)
    assert holds(klarna, cancelled, "POST", "cancel", "/cancel").status_code == 204
    made(klarna.capture(released, 1), "Capture-Id")
    release = "release-remaining-authorization"
    assert holds(klarna, released, "POST", release, f"/{release}").status_code == 204
    for order_id in (cancelled, released):
        holds(klarna, order_id, "GET", "", "")


REFUSED: list[tuple[str, str, Any]] = [
    ("POST", "/captures", {"captured_amount": AMOUNT + 1}),
    ("POST", "/refunds", {"refunded_amount": 1}),
    ("POST", "/release-remaining-authorization", None),
    ("POST", "/captures/{capture_id}/shipping-info", {"shipping_info": [SHIPMENT]}),
    ("POST", "/captures/{capture_id}/trigger-send-out", None),
]


@pytest.mark.parametrize(("method", "template", "body"), REFUSED, ids=[row[1] for row in REFUSED])
def test_refusals_are_as_described(klarna: Klarna, shopper: Shopper, method: str, template: str, body: Any) -> None:
    order_id, what = bought(klarna, shopper), template.strip("/").replace("{capture_id}", NOBODY)
    assert holds(klarna, order_id, method, what, template, body).status_code == 403


def test_unknown_orders_captures_and_refunds_are_as_described(klarna: Klarna, shopper: Shopper) -> None:
    order_id = bought(klarna, shopper)
    for there, what, template in (
        (NOBODY, "", ""),
        (NOBODY, "captures", "/captures"),
        (order_id, f"captures/{NOBODY}", "/captures/{capture_id}"),
        (order_id, f"refunds/{NOBODY}", "/refunds/{refund_id}"),
    ):
        assert holds(klarna, there, "GET", what, template).status_code == 404


@pytest.mark.parametrize("more", [{}, MONTHLY], ids=["on demand", "subscription"])
def test_a_token_and_its_charges_are_as_described(klarna: Klarna, shopper: Shopper, more: dict[str, Any]) -> None:
    token = tokenized(klarna, shopper, **more)
    assert_response("GET", TOKEN, 200, body_of(read(klarna, token)))
    body = charge(order_lines=[line(**more)], shipping_address=ADDRESS, auto_capture=True, step_up="SUPPORTED")
    del body["locale"]  # in the guides only
    assert_request("POST", TOKEN + "/order", body)
    assert_response("POST", TOKEN + "/order", 200, body_of(klarna.charge(token, body)))
    answer = cancel(klarna, token)
    assert_request("PATCH", TOKEN + "/status", {"status": "CANCELLED"})
    assert_response("PATCH", TOKEN + "/status", answer.status_code, body_of(answer))
    refused = klarna.charge(token, body)
    assert_response("POST", TOKEN + "/order", refused.status_code, body_of(refused))


def test_a_step_up_is_as_described(klarna: Klarna, shopper: Shopper, control: Control) -> None:
    token = tokenized(klarna, shopper)
    control.payment_token(token, next_charge="step_up")
    refused = klarna.charge(token, charge(step_up="SUPPORTED"))
    assert_response("POST", TOKEN + "/order", 403, body_of(refused))
    body = recovery(stepped_up(klarna, token, control), token)
    assert_request("POST", "/payments/v1/sessions", body)
    session = klarna.read_session(klarna.open_session(body))
    assert_response("GET", "/payments/v1/sessions/{session_id}", 200, body_of(session))
