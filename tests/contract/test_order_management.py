"""What a merchant does with an order after the purchase. Sections 8 and 9.2.

https://docs.klarna.com/payments/after-payments/order-management/manage-orders-with-the-api/view-and-change-orders/
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
import requests

from .bodies import ADDRESS, MISSING, changed, line, order_for, purchase
from .client import NOBODY, ORDERS, Klarna
from .expectations import assert_bad_value, assert_ok, assert_refused, is_uuid, seen
from .shopper import Shopper, at_once
from .stand_in import Control

AMOUNT = 11900
HOUR, DAY = 3600, 24 * 3600
OVER_REFUND = "Over refund is not allowed. Refund not possible."
TOO_MUCH = "Captured amount is higher than the remaining authorized amount. Capture not possible."


def bought(klarna: Klarna, shopper: Shopper, *lines: dict[str, Any], **fields: Any) -> str:
    """A new order over these lines (one of 119.00), accepted."""
    body = purchase(*lines, billing_address=ADDRESS)
    token = shopper.approve(klarna, klarna.open_session(body))
    order_id: str = assert_ok(klarna.create_order(token, order_for(body) | fields))["order_id"]
    return order_id


@pytest.fixture
def order_id(klarna: Klarna, shopper: Shopper) -> str:
    return bought(klarna, shopper)


@pytest.fixture
def pending(klarna: Klarna, shopper: Shopper, control: Control) -> str:
    with control.pending(shopper.name(klarna)):
        return bought(klarna, shopper)


def made(answer: requests.Response, header: str) -> str:
    """The id of what was created, which stands in the headers only."""
    assert answer.status_code == 201, seen(answer)
    assert answer.content == b"", seen(answer)
    created = answer.headers[header]
    assert is_uuid(created)
    assert answer.headers["Location"].endswith(f"/{created}")
    return created


def money(klarna: Klarna, order_id: str) -> tuple[str, int, int, int]:
    """Status, remaining, captured and refunded amount."""
    order = klarna.read_order(order_id)
    amounts = ("remaining_authorized_amount", "captured_amount", "refunded_amount")
    return (order["status"], *(order[name] for name in amounts))


# --- reading


def test_a_new_order_is_authorized_for_28_days(klarna: Klarna, order_id: str) -> None:
    order = klarna.read_order(order_id)
    assert order["order_id"] == order_id
    assert (order["status"], order["fraud_status"]) == ("AUTHORIZED", "ACCEPTED")
    assert (order["order_amount"], order["original_order_amount"]) == (AMOUNT, AMOUNT)
    assert money(klarna, order_id) == ("AUTHORIZED", AMOUNT, 0, 0)
    assert (order["captures"], order["refunds"]) == ([], [])
    assert order["billing_address"]["city"] == order["shipping_address"]["city"] == "Berlin"
    window = datetime.fromisoformat(order["expires_at"]) - datetime.fromisoformat(order["created_at"])
    assert window.days == 28


@pytest.mark.parametrize("what", ["", "captures", f"captures/{NOBODY}"])
def test_an_unknown_order_is_not_found(klarna: Klarna, what: str) -> None:
    assert_refused(klarna.manage("GET", NOBODY, what), 404, "NO_SUCH_ORDER", f"Order {NOBODY} cannot be found")


CALLS: list[tuple[str, str, Any, str]] = [
    ("POST", "acknowledge", None, "NO_SUCH_ORDER"),
    ("PATCH", "authorization", {"order_amount": 1}, "NO_SUCH_ORDER"),
    ("PATCH", "merchant-references", {"merchant_reference1": "A"}, "NO_SUCH_ORDER"),
    ("PATCH", "customer-details", {"shipping_address": ADDRESS}, "NO_SUCH_ORDER"),
    ("POST", "shipping-info", {"shipping_info": [{}]}, "NO_SUCH_ORDER"),
    ("POST", "extend-authorization-time", None, "NO_SUCH_ORDER"),
    ("POST", "cancel", None, "NO_SUCH_ORDER"),
    ("POST", "release-remaining-authorization", None, "NO_SUCH_ORDER"),
    ("POST", "captures", {"captured_amount": 1}, "NO_SUCH_ORDER"),
    ("POST", f"captures/{NOBODY}/shipping-info", {"shipping_info": [{}]}, "NO_SUCH_ORDER"),
    ("POST", f"captures/{NOBODY}/trigger-send-out", None, "NO_SUCH_ORDER"),
    ("GET", f"captures/{NOBODY}/extend-due-date-options", None, "NO_SUCH_ORDER"),
    ("PATCH", f"captures/{NOBODY}/extend-due-date", {"number_of_days": 14}, "NO_SUCH_ORDER"),
    ("POST", "refunds", {"refunded_amount": 1}, "NOT_FOUND"),
    ("GET", f"refunds/{NOBODY}", None, "NOT_FOUND"),
]


@pytest.mark.parametrize(("method", "what", "body", "code"), CALLS, ids=[f"{row[0]} {row[1]}" for row in CALLS])
def test_another_merchants_order_is_not_found_whatever_is_asked(
    klarna: Klarna, north_america: Klarna, order_id: str, method: str, what: str, body: Any, code: str
) -> None:
    assert_refused(north_america.manage(method, order_id, what, body), 404, code)
    assert_refused(north_america.manage("GET", order_id), 404, "NO_SUCH_ORDER")
    assert money(klarna, order_id) == ("AUTHORIZED", AMOUNT, 0, 0)


@pytest.mark.parametrize("wrong", ["nonsense", "x" * 300, "krn:partner:eu1:test:identity:customer-token:a"])
def test_what_can_be_no_orders_id_is_said_so(klarna: Klarna, wrong: str) -> None:
    assert_refused(klarna.manage("GET", wrong), 400, "INVALID_ORDER_ID", "Order ID must be a valid UUID.")


@pytest.mark.parametrize(("method", "what", "body", "code"), CALLS, ids=[f"{row[0]} {row[1]}" for row in CALLS])
def test_nobody_is_let_in_without_credentials(
    klarna: Klarna, order_id: str, method: str, what: str, body: Any, code: str
) -> None:
    assert klarna.manage(method, order_id, what, body, authorization=None).status_code == 401


# --- captures


def test_a_capture_of_all_is_named_in_the_headers_and_can_be_read(klarna: Klarna, order_id: str) -> None:
    answer = klarna.capture(order_id, AMOUNT, reference="C-1", description="Shipped")
    capture_id = made(answer, "Capture-Id")
    assert answer.headers["Location"].startswith(klarna.access.url + f"{ORDERS}/{order_id}/captures/")
    assert money(klarna, order_id) == ("CAPTURED", 0, AMOUNT, 0)
    capture = assert_ok(klarna.manage("GET", order_id, f"captures/{capture_id}"))
    assert (capture["captured_amount"], capture["refunded_amount"]) == (AMOUNT, 0)
    assert (capture["reference"], capture["description"]) == ("C-1", "Shipped")
    assert [one["name"] for one in capture["order_lines"]] == ["Lamp"]
    assert assert_ok(klarna.manage("GET", order_id, "captures")) == [capture]
    assert klarna.read_order(order_id)["captures"] == [capture]


def test_captures_by_line_and_by_amount_are_numbered_and_leave_the_rest(klarna: Klarna, shopper: Shopper) -> None:
    order_id = bought(klarna, shopper, line(name="Lamp"), line(name="Shade"))
    made(klarna.capture(order_id, AMOUNT, order_lines=[line(name="Shade")]), "Capture-Id")
    assert money(klarna, order_id) == ("PART_CAPTURED", AMOUNT, AMOUNT, 0)
    made(klarna.capture(order_id, 900), "Capture-Id")
    assert money(klarna, order_id) == ("PART_CAPTURED", AMOUNT - 900, AMOUNT + 900, 0)
    made(klarna.capture(order_id, AMOUNT - 900), "Capture-Id")
    order = klarna.read_order(order_id)
    assert (order["status"], order["remaining_authorized_amount"]) == ("CAPTURED", 0)
    named = [capture["klarna_reference"] for capture in order["captures"]]
    assert named == [f"{order['klarna_reference']}-{number}" for number in (1, 2, 3)]


def test_no_more_than_the_rest_is_captured(klarna: Klarna, order_id: str) -> None:
    assert_refused(klarna.capture(order_id, AMOUNT + 1), 403, "CAPTURE_NOT_ALLOWED", TOO_MUCH)
    made(klarna.capture(order_id, 11000), "Capture-Id")
    assert_refused(klarna.capture(order_id, 901), 403, "CAPTURE_NOT_ALLOWED", TOO_MUCH)
    made(klarna.capture(order_id, 900), "Capture-Id")
    assert_refused(klarna.capture(order_id, 1), 403, "CAPTURE_NOT_ALLOWED")


ABSURD = [-1, 200_000_001, 2**63, -(2**63), 1.5, 1e400, "11900", True, None, [], {"amount": 1}]


@pytest.mark.parametrize("amount", ABSURD, ids=repr)
def test_an_absurd_amount_is_a_bad_value(klarna: Klarna, order_id: str, amount: Any) -> None:
    if amount == float("inf"):
        raw = b'{"captured_amount": 1e400, "refunded_amount": 1e400, "order_amount": 1e400}'
        for method, what in (("POST", "captures"), ("POST", "refunds"), ("PATCH", "authorization")):
            assert klarna.manage(method, order_id, what, data=raw).status_code == 400
    else:
        assert_bad_value(klarna.capture(order_id, amount), "captured_amount")
        assert_bad_value(klarna.refund(order_id, amount), "refunded_amount")
        answer = klarna.manage("PATCH", order_id, "authorization", {"order_amount": amount})
        assert_bad_value(answer, "order_amount")
    assert money(klarna, order_id) == ("AUTHORIZED", AMOUNT, 0, 0)


def test_nothing_is_no_capture_and_no_refund(klarna: Klarna, order_id: str) -> None:
    assert_refused(klarna.capture(order_id, 0), 403, "CAPTURE_NOT_ALLOWED")
    made(klarna.capture(order_id, 100), "Capture-Id")
    assert_refused(klarna.refund(order_id, 0), 403, "REFUND_NOT_ALLOWED")


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"captured_amount": MISSING}, "captured_amount"),
        ({"order_lines[0].total_amount": 1}, "order_lines[0].total_amount"),
        ({"order_lines[0].total_tax_amount": 5}, "order_lines[0].total_tax_amount"),
        ({"order_lines[0].name": MISSING}, "order_lines[0].name"),
        ({"order_lines[0].type": "gold"}, "order_lines[0].type"),
        ({"captured_amount": 900}, "captured_amount"),
        ({"reference": "x" * 256}, "reference"),
        ({"description": "x" * 256}, "description"),
        ({"shipping_info": [{"shipping_method": "Pigeon"}]}, "shipping_info[0].shipping_method"),
        ({"shipping_info": [{"tracking_number": "x" * 101}]}, "shipping_info[0].tracking_number"),
        ({"shipping_delay": -1}, "shipping_delay"),
    ],
)
def test_a_capture_out_of_its_limits_is_refused(
    klarna: Klarna, order_id: str, changes: dict[str, Any], path: str
) -> None:
    body = changed({"captured_amount": AMOUNT, "order_lines": [line()]}, changes)
    assert_bad_value(klarna.manage("POST", order_id, "captures", body), path)
    assert money(klarna, order_id) == ("AUTHORIZED", AMOUNT, 0, 0)


def test_captures_at_the_same_moment_never_exceed_the_authorization(klarna: Klarna, order_id: str) -> None:
    answers = at_once(8, lambda: klarna.capture(order_id, AMOUNT // 2))
    assert sorted(answer.status_code for answer in answers) == [201, 201] + [403] * 6
    assert money(klarna, order_id) == ("CAPTURED", 0, AMOUNT, 0)


def test_a_capture_with_the_same_key_is_one_capture(klarna: Klarna, order_id: str) -> None:
    key = {"Klarna-Idempotency-Key": str(uuid4())}
    first = klarna.capture(order_id, 1000, headers=key)
    again = klarna.capture(order_id, 1000, headers=key)
    assert made(first, "Capture-Id") == made(again, "Capture-Id")
    assert first.headers["Location"] == again.headers["Location"]
    assert money(klarna, order_id) == ("PART_CAPTURED", AMOUNT - 1000, 1000, 0)


def test_captures_with_other_keys_or_none_add_up(klarna: Klarna, order_id: str) -> None:
    for headers in ({"Klarna-Idempotency-Key": str(uuid4())}, {"Klarna-Idempotency-Key": str(uuid4())}, {}, {}):
        made(klarna.capture(order_id, 1000, headers=headers), "Capture-Id")
    assert money(klarna, order_id) == ("PART_CAPTURED", AMOUNT - 4000, 4000, 0)


def test_a_capture_whose_answer_was_lost_is_found_by_its_key(klarna: Klarna, order_id: str, control: Control) -> None:
    control.fault("POST", "*/captures", drop="after")
    key = {"Klarna-Idempotency-Key": str(uuid4())}
    with pytest.raises(requests.ConnectionError):
        klarna.capture(order_id, 1000, headers=key)
    capture_id = made(klarna.capture(order_id, 1000, headers=key), "Capture-Id")
    [capture] = klarna.read_order(order_id)["captures"]
    assert (capture["capture_id"], capture["captured_amount"]) == (capture_id, 1000)


def test_shipping_info_is_added_to_a_capture_and_to_an_order(klarna: Klarna, order_id: str) -> None:
    first = {"shipping_company": "DHL", "tracking_number": "1", "shipping_method": "Home"}
    second = {"tracking_number": "2", "tracking_uri": "https://track.example/2"}
    nothing_captured = klarna.manage("POST", order_id, f"captures/{NOBODY}/shipping-info", {"shipping_info": [first]})
    assert_refused(nothing_captured, 403, "NOT_ALLOWED")
    capture_id = made(klarna.capture(order_id, 1000, shipping_info=[first]), "Capture-Id")
    for what in (f"captures/{capture_id}/shipping-info", "shipping-info"):
        assert_ok(klarna.manage("POST", order_id, what, {"shipping_info": [second]}), 204)
    order = klarna.read_order(order_id)
    assert order["shipping_info"] == [second]
    assert order["captures"][0]["shipping_info"] == [first, second]


@pytest.mark.parametrize("body", [{}, {"shipping_info": []}, {"shipping_info": [{}] * 501}, {"shipping_info": "DHL"}])
def test_shipping_info_has_1_to_500_entries(klarna: Klarna, order_id: str, body: Any) -> None:
    assert_bad_value(klarna.manage("POST", order_id, "shipping-info", body), "shipping_info")


def test_the_shopper_is_written_to_about_a_capture_only(klarna: Klarna, order_id: str) -> None:
    assert_refused(klarna.manage("POST", order_id, f"captures/{NOBODY}/trigger-send-out"), 403, "NOT_ALLOWED")
    capture_id = made(klarna.capture(order_id, 1000), "Capture-Id")
    assert_ok(klarna.manage("POST", order_id, f"captures/{capture_id}/trigger-send-out"), 204)
    for method, what in (("POST", "trigger-send-out"), ("GET", "extend-due-date-options"), ("GET", "")):
        unknown = klarna.manage(method, order_id, f"captures/{NOBODY}/{what}".rstrip("/"))
        assert_refused(unknown, 404, "NO_SUCH_CAPTURE")


def test_a_due_date_is_put_off_by_one_of_the_options(klarna: Klarna, order_id: str) -> None:
    capture_id = made(klarna.capture(order_id, 1000), "Capture-Id")
    where = f"captures/{capture_id}/extend-due-date"
    offered = assert_ok(klarna.manage("GET", order_id, f"{where}-options"))
    assert offered["currency"] == "eur"
    days = [option["number_of_days"] for option in offered["options"]]
    not_offered = klarna.manage("PATCH", order_id, where, {"number_of_days": max(days) + 1})
    assert_refused(not_offered, 403, "NOT_ALLOWED")
    assert_bad_value(klarna.manage("PATCH", order_id, where, {"number_of_days": "14"}), "number_of_days")
    assert_ok(klarna.manage("PATCH", order_id, where, {"number_of_days": days[0]}), 204)


# --- refunds


def test_a_refund_is_named_in_the_headers_and_can_be_read(klarna: Klarna, order_id: str) -> None:
    made(klarna.capture(order_id, 2000), "Capture-Id")
    made(klarna.capture(order_id, 3000), "Capture-Id")
    refund_id = made(klarna.refund(order_id, 2500, reference="R-1", description="Sent back"), "Refund-Id")
    refund = assert_ok(klarna.manage("GET", order_id, f"refunds/{refund_id}"))
    assert (refund["refunded_amount"], refund["reference"]) == (2500, "R-1")
    order = klarna.read_order(order_id)
    assert order["refunds"] == [refund]
    assert money(klarna, order_id) == ("PART_CAPTURED", AMOUNT - 5000, 5000, 2500)
    assert sum(capture["refunded_amount"] for capture in order["captures"]) == 2500
    assert all(capture["refunded_amount"] <= capture["captured_amount"] for capture in order["captures"])


def test_no_more_than_what_was_captured_is_refunded(klarna: Klarna, order_id: str) -> None:
    nothing = "Order has no captures. Refund not possible"
    assert_refused(klarna.refund(order_id, 1), 403, "REFUND_NOT_ALLOWED", nothing)
    made(klarna.capture(order_id, 5000), "Capture-Id")
    assert_refused(klarna.refund(order_id, 5001), 403, "REFUND_NOT_ALLOWED", OVER_REFUND)
    made(klarna.refund(order_id, 4000), "Refund-Id")
    assert_refused(klarna.refund(order_id, 1001), 403, "REFUND_NOT_ALLOWED", OVER_REFUND)
    made(klarna.refund(order_id, 1000), "Refund-Id")
    assert money(klarna, order_id) == ("PART_CAPTURED", AMOUNT - 5000, 5000, 5000)


def test_refunds_at_the_same_moment_never_exceed_what_was_captured(klarna: Klarna, order_id: str) -> None:
    made(klarna.capture(order_id, AMOUNT), "Capture-Id")
    answers = at_once(6, lambda: klarna.refund(order_id, 5000))
    assert sorted(answer.status_code for answer in answers) == [201, 201] + [403] * 4


def test_an_unknown_refund_is_not_found(klarna: Klarna, order_id: str) -> None:
    message = f"Refund {NOBODY} cannot be found for order {order_id}"
    assert_refused(klarna.manage("GET", order_id, f"refunds/{NOBODY}"), 404, "NOT_FOUND", message)


def test_a_return_fee_lowers_the_refund_of_an_order_captured_at_once(klarna: Klarna, shopper: Shopper) -> None:
    fee = line(-500, 0, type="return_fee", name="Return fee", rate=0)
    whole, parts = bought(klarna, shopper), bought(klarna, shopper)
    made(klarna.capture(whole, AMOUNT), "Capture-Id")
    made(klarna.refund(whole, AMOUNT - 500, order_lines=[line(), fee]), "Refund-Id")
    assert money(klarna, whole) == ("CAPTURED", 0, AMOUNT, AMOUNT - 500)
    for amount in (AMOUNT - 100, 100):
        made(klarna.capture(parts, amount), "Capture-Id")
    refused = klarna.refund(parts, AMOUNT - 500, order_lines=[line(), fee])
    assert_refused(refused, 403, "REFUND_NOT_ALLOWED")


# --- cancelling, releasing, expiring


def test_a_cancelled_order_is_over(klarna: Klarna, order_id: str) -> None:
    assert_ok(klarna.manage("POST", order_id, "cancel"), 204)
    assert money(klarna, order_id) == ("CANCELLED", 0, 0, 0)
    assert_refused(klarna.capture(order_id, 1), 403, "CAPTURE_NOT_ALLOWED")
    assert_refused(klarna.refund(order_id, 1), 403, "REFUND_NOT_ALLOWED")
    assert_refused(klarna.manage("POST", order_id, "cancel"), 403, "CANCEL_NOT_ALLOWED")
    for method, what, body in (
        ("PATCH", "authorization", {"order_amount": 1}),
        ("PATCH", "merchant-references", {"merchant_reference1": "A"}),
        ("PATCH", "customer-details", {"shipping_address": ADDRESS}),
        ("POST", "extend-authorization-time", None),
        ("POST", "release-remaining-authorization", None),
    ):
        assert_refused(klarna.manage(method, order_id, what, body), 403, "NOT_ALLOWED")
    assert_ok(klarna.manage("POST", order_id, "acknowledge"), 204)


def test_what_was_captured_cannot_be_cancelled(klarna: Klarna, order_id: str) -> None:
    made(klarna.capture(order_id, 1), "Capture-Id")
    words = "Order has previous captures. Cancel not possible."
    assert_refused(klarna.manage("POST", order_id, "cancel"), 403, "CANCEL_NOT_ALLOWED", words)
    assert money(klarna, order_id) == ("PART_CAPTURED", AMOUNT - 1, 1, 0)


def test_the_rest_is_released_and_the_order_counts_as_captured(klarna: Klarna, order_id: str) -> None:
    release = "release-remaining-authorization"
    assert_refused(klarna.manage("POST", order_id, release), 403, "NOT_ALLOWED")
    made(klarna.capture(order_id, 1000), "Capture-Id")
    assert_ok(klarna.manage("POST", order_id, release), 204)
    assert money(klarna, order_id) == ("CAPTURED", 0, 1000, 0)
    fully = "Order is fully captured. Remaining authorization cannot be released."
    assert_refused(klarna.manage("POST", order_id, release), 403, "NOT_ALLOWED", fully)
    assert_refused(klarna.capture(order_id, 1), 403, "CAPTURE_NOT_ALLOWED")
    made(klarna.refund(order_id, 1000), "Refund-Id")


def test_a_year_later_what_was_not_captured_is_gone(klarna: Klarna, shopper: Shopper, control: Control) -> None:
    untouched, part, whole = (bought(klarna, shopper) for _ in range(3))
    made(klarna.capture(part, 1000), "Capture-Id")
    made(klarna.capture(whole, AMOUNT), "Capture-Id")
    control.advance(365 * DAY)
    assert money(klarna, untouched) == ("EXPIRED", 0, 0, 0)
    assert money(klarna, part) == ("CAPTURED", 0, 1000, 0)
    assert money(klarna, whole) == ("CAPTURED", 0, AMOUNT, 0)
    for order_id in (untouched, part):
        assert_refused(klarna.capture(order_id, 1), 403, "CAPTURE_NOT_ALLOWED")
        assert_refused(klarna.manage("POST", order_id, "extend-authorization-time"), 403, "NOT_ALLOWED")
        assert_refused(klarna.manage("POST", order_id, "cancel"), 403, "CANCEL_NOT_ALLOWED")
    made(klarna.refund(part, 1000), "Refund-Id")


def test_the_authorization_ends_after_28_days(klarna: Klarna, shopper: Shopper, control: Control) -> None:
    in_time, too_late = bought(klarna, shopper), bought(klarna, shopper)
    control.advance(28 * DAY - 60)
    made(klarna.capture(in_time, AMOUNT), "Capture-Id")
    control.advance(120)
    assert_refused(klarna.capture(too_late, AMOUNT), 403, "CAPTURE_NOT_ALLOWED")


def test_an_authorization_is_extended_from_the_day_of_asking_up_to_180_days(
    klarna: Klarna, order_id: str, control: Control
) -> None:
    created = datetime.fromisoformat(klarna.read_order(order_id)["created_at"])

    def extended() -> int:
        assert_ok(klarna.manage("POST", order_id, "extend-authorization-time"), 204)
        return (datetime.fromisoformat(klarna.read_order(order_id)["expires_at"]) - created).days

    control.advance(14 * DAY)
    assert [extended(), extended()] == [42, 42]
    lengths = []
    for _ in range(7):
        control.advance(27 * DAY)
        lengths.append(extended())
        if lengths[-1] == 180:
            break
    assert lengths == [69, 96, 123, 150, 177, 180]


# --- changing


def test_references_are_replaced_one_by_one_and_emptied(klarna: Klarna, order_id: str) -> None:
    def set_to(**references: str) -> tuple[Any, Any]:
        assert_ok(klarna.manage("PATCH", order_id, "merchant-references", references), 204)
        order = klarna.read_order(order_id)
        return order.get("merchant_reference1"), order.get("merchant_reference2")

    assert set_to(merchant_reference1="A-1", merchant_reference2="B-1") == ("A-1", "B-1")
    assert set_to(merchant_reference1="A-2") == ("A-2", "B-1")
    assert set_to(merchant_reference2="") == ("A-2", None)
    long = klarna.manage("PATCH", order_id, "merchant-references", {"merchant_reference1": "x" * 256})
    assert_bad_value(long, "merchant_reference1")


def test_the_shipping_address_changes_and_the_billing_address_does_not(klarna: Klarna, order_id: str) -> None:
    where = {"street_address": "Unter den Linden 1", "postal_code": "10117"}
    assert_ok(klarna.manage("PATCH", order_id, "customer-details", {"shipping_address": where}), 204)
    order = klarna.read_order(order_id)
    assert order["shipping_address"] == ADDRESS | where
    assert order["billing_address"] == ADDRESS
    refused = klarna.manage("PATCH", order_id, "customer-details", {"billing_address": ADDRESS})
    assert_refused(refused, 403, "NOT_ALLOWED")
    assert_bad_value(klarna.manage("PATCH", order_id, "customer-details", {}), "shipping_address")
    wrong = {"shipping_address": {"postal_code": "x" * 11}}
    assert_bad_value(klarna.manage("PATCH", order_id, "customer-details", wrong), "shipping_address.postal_code")
    nowhere = {"shipping_address": {"country": "US"}}
    assert_refused(klarna.manage("PATCH", order_id, "customer-details", nowhere), 422, "INVALID_ADDRESS")


def test_another_amount_is_authorized_but_never_less_than_was_captured(klarna: Klarna, order_id: str) -> None:
    def set_to(amount: int, **more: Any) -> requests.Response:
        return klarna.manage("PATCH", order_id, "authorization", {"order_amount": amount} | more)

    assert_ok(set_to(2 * AMOUNT, order_lines=[line(), line(name="Shade")]), 204)
    assert money(klarna, order_id) == ("AUTHORIZED", 2 * AMOUNT, 0, 0)
    order = klarna.read_order(order_id)
    assert (order["order_amount"], order["original_order_amount"]) == (2 * AMOUNT, AMOUNT)
    made(klarna.capture(order_id, 5000), "Capture-Id")
    assert_refused(set_to(4999), 403, "NOT_ALLOWED")
    assert_bad_value(set_to(6000, order_lines=[line()]), "order_amount")
    assert_ok(set_to(6000), 204)
    assert klarna.read_order(order_id)["order_lines"] == [], "lines that are not sent are gone"
    assert money(klarna, order_id) == ("PART_CAPTURED", 1000, 5000, 0)
    assert_ok(set_to(5000), 204)
    assert money(klarna, order_id) == ("CAPTURED", 0, 5000, 0)
    assert_refused(set_to(6000), 403, "NOT_ALLOWED")


def test_a_higher_amount_is_assessed_anew(klarna: Klarna, shopper: Shopper, order_id: str, control: Control) -> None:
    with control.refusing(shopper.name(klarna)):
        higher = klarna.manage("PATCH", order_id, "authorization", {"order_amount": AMOUNT + 1})
        assert_refused(higher, 403, "NOT_ALLOWED")
        assert_ok(klarna.manage("PATCH", order_id, "authorization", {"order_amount": AMOUNT - 1}), 204)


def test_an_order_is_acknowledged_as_often_as_one_likes(klarna: Klarna, order_id: str) -> None:
    for _ in range(2):
        assert_ok(klarna.manage("POST", order_id, "acknowledge"), 204)


@pytest.mark.parametrize("raw", [b"", b"[]", b"null", b"{", b'{"captured_amount": NaN}', b'"\\ud800"', b"\xff"])
@pytest.mark.parametrize(("method", "what"), [("POST", "captures"), ("POST", "refunds"), ("PATCH", "authorization")])
def test_a_body_nobody_can_read_is_refused(klarna: Klarna, order_id: str, method: str, what: str, raw: bytes) -> None:
    answer = klarna.manage(method, order_id, what, data=raw)
    assert answer.status_code == 400, seen(answer)
    assert money(klarna, order_id) == ("AUTHORIZED", AMOUNT, 0, 0)


# --- pending


def test_nothing_is_captured_while_an_order_is_pending(klarna: Klarna, pending: str, control: Control) -> None:
    assert klarna.read_order(pending)["fraud_status"] == "PENDING"
    assert_refused(klarna.capture(pending, 1), 403, "CAPTURE_NOT_ALLOWED")
    assert_refused(klarna.manage("PATCH", pending, "authorization", {"order_amount": 1}), 403, "NOT_ALLOWED")
    control.decide(pending, "accept")
    assert klarna.read_order(pending)["fraud_status"] == "ACCEPTED"
    made(klarna.capture(pending, AMOUNT), "Capture-Id")


def test_a_pending_order_can_be_cancelled(klarna: Klarna, pending: str) -> None:
    assert_ok(klarna.manage("POST", pending, "cancel"), 204)
    assert money(klarna, pending) == ("CANCELLED", 0, 0, 0)


def test_a_rejected_order_can_be_captured_for_four_hours(klarna: Klarna, shopper: Shopper, control: Control) -> None:
    with control.pending(shopper.name(klarna)):
        risked, left = bought(klarna, shopper), bought(klarna, shopper)
    for order_id in (risked, left):
        control.decide(order_id, "reject")
        assert klarna.read_order(order_id)["fraud_status"] == "REJECTED"
    control.advance(4 * HOUR - 60)
    made(klarna.capture(risked, AMOUNT), "Capture-Id")
    control.advance(120)
    assert money(klarna, left) == ("CANCELLED", 0, 0, 0)
    assert_refused(klarna.capture(left, 1), 403, "CAPTURE_NOT_ALLOWED")
    assert money(klarna, risked) == ("CAPTURED", 0, AMOUNT, 0)


def test_a_pending_order_is_decided_within_24_hours(klarna: Klarna, pending: str, control: Control) -> None:
    control.advance(DAY + 60)
    assert klarna.read_order(pending)["fraud_status"] != "PENDING"
