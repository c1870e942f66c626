"""The order must be what the shopper approved, and a refusal stays: section 4.6.

https://docs.klarna.com/payments/web-payments/additional-resources/error-handling-and-validations/validations-in-kp/
"""

from __future__ import annotations

from typing import Any

import pytest

from .bodies import ADDRESS, changed, line, order_for, purchase
from .client import Klarna
from .expectations import assert_ok, assert_refused, seen
from .shopper import Shopper
from .stand_in import Control

LAMP, BOOK = line(), line(10700, 700, rate=700, name="Book", reference="BOOK-1")
WHOLE = purchase(LAMP, BOOK, billing_address=ADDRESS, shipping_address=ADDRESS | {"city": "Potsdam"})
LARGER = purchase(LAMP, BOOK, line(name="Bulb"))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        *(
            pytest.param({f"{kind}.{field}": "Other"}, f"{kind}.{field}", id=f"{kind} {field}")
            for kind in ("billing_address", "shipping_address")
            for field in ("given_name", "street_address", "postal_code", "city")
        ),
        pytest.param({"billing_address.email": "other@email.de"}, "billing_address.email", id="e-mail"),
        pytest.param({"order_lines[0].name": "Other"}, "order_lines", id="a line's name"),
        pytest.param({"order_lines[1].reference": "OTHER"}, "order_lines", id="a line's reference"),
        pytest.param({"order_lines": [BOOK, LAMP]}, "order_lines", id="lines in another order"),
        pytest.param(
            {
                "order_lines[0]": line(23800, 3800, quantity=2, unit_price=11900),
                "order_amount": 34500,
                "order_tax_amount": 4500,
            },
            "order_amount",
            id="more pieces",
        ),
        pytest.param({"order_tax_amount": 2601}, "order_tax_amount", id="order tax"),
        pytest.param({"purchase_country": "AT", "locale": "de-AT"}, "purchase_country", id="country"),
        pytest.param(
            {"purchase_country": "SE", "purchase_currency": "SEK", "locale": "sv-SE"},
            "purchase_currency",
            id="currency",
        ),
    ],
)
def test_what_differs_from_the_approval_is_a_conflict_and_named(
    klarna: Klarna, shopper: Shopper, changes: dict[str, Any], named: str
) -> None:
    token = shopper.approve(klarna, klarna.open_session(WHOLE))
    answer = klarna.create_order(token, changed(order_for(WHOLE), changes))
    assert_refused(answer, 409, "BAD_VALUE")
    message = answer.json()["error_messages"][0]
    assert message.startswith("Not matching fields: ["), seen(answer)
    assert named in message, seen(answer)


def test_a_single_difference_is_named_exactly(klarna: Klarna, shopper: Shopper) -> None:
    token = shopper.approve(klarna, klarna.open_session(WHOLE))
    answer = klarna.create_order(token, changed(order_for(WHOLE), {"billing_address.postal_code": "10179"}))
    assert_refused(answer, 409, "BAD_VALUE", "Not matching fields: [billing_address.postal_code]")


@pytest.mark.parametrize(
    ("approved", "ordered"),
    [
        pytest.param(2, 3, id="one more"),
        pytest.param(3, 2, id="one fewer"),
    ],
)
def test_another_number_of_lines_is_counted_out(klarna: Klarna, shopper: Shopper, approved: int, ordered: int) -> None:
    token = shopper.approve(klarna, klarna.open_session(purchase(*[line()] * approved)))
    answer = klarna.create_order(token, order_for(purchase(*[line()] * ordered)))
    assert_refused(answer, 409, "BAD_VALUE")
    counted = f"Incorrect number of items in the cart. Expected: {approved}, Actual: {ordered}"
    assert counted in answer.json()["error_messages"][0], seen(answer)


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param({"billing_address": ADDRESS}, id="billing address"),
        pytest.param({"billing_address": ADDRESS, "shipping_address": ADDRESS}, id="both addresses"),
        pytest.param({"customer": {"date_of_birth": "1970-07-10"}}, id="birth date"),
    ],
)
def test_details_of_the_shopper_may_come_with_the_order_only(
    klarna: Klarna, shopper: Shopper, extra: dict[str, Any]
) -> None:
    body = purchase()
    token = shopper.approve(klarna, klarna.open_session(body))
    assert_ok(klarna.create_order(token, order_for(body) | extra))


def test_the_latest_data_counts(klarna: Klarna, shopper: Shopper) -> None:
    body = purchase()
    session_id = klarna.open_session(body)
    newer = purchase(line(23800, 3800))
    assert_ok(klarna.update_session(session_id, order_for(newer)), 204)
    token = shopper.approve(klarna, session_id)
    assert_ok(klarna.create_order(token, order_for(newer)))


def test_a_cart_changed_after_the_approval_needs_a_new_one(klarna: Klarna, shopper: Shopper) -> None:
    body, newer = purchase(), purchase(line(23800, 3800))
    session_id = klarna.open_session(body)
    token = shopper.approve(klarna, session_id)
    assert_ok(klarna.update_session(session_id, order_for(newer)), 204)
    assert_refused(klarna.create_order(token, order_for(body)), 409, "BAD_VALUE")
    assert_ok(klarna.create_order(shopper.approve(klarna, session_id), order_for(newer)))


def test_a_refused_order_stays_refused_for_this_authorization(klarna: Klarna, shopper: Shopper) -> None:
    body = purchase(billing_address=ADDRESS)
    session_id = klarna.open_session(body)
    token = shopper.approve(klarna, session_id)
    wrong = changed(order_for(body), {"billing_address.postal_code": "10179"})
    refused = klarna.create_order(token, wrong)
    assert_refused(refused, 409, "BAD_VALUE")
    message = refused.json()["error_messages"][0]
    assert_refused(klarna.create_order(token, order_for(body)), 409, "BAD_VALUE", message)
    again = shopper.approve(klarna, session_id)
    assert_ok(klarna.create_order(again, order_for(body)))


def test_klarna_may_think_again_until_the_order_is_placed(klarna: Klarna, shopper: Shopper, control: Control) -> None:
    body = purchase()
    token = shopper.approve(klarna, klarna.open_session(body))
    with control.refusing(shopper.name(klarna)):
        assert_refused(klarna.create_order(token, order_for(body)), 403, "REJECTED", "Rejected")
