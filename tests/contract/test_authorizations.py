"""Giving an authorization back: section 4.7.

https://docs.klarna.com/payments/web-payments/integrate-with-klarna-payments/other-actions/cancel-an-authorization/
"""

from __future__ import annotations

import pytest

from .bodies import order_for, purchase
from .client import NOBODY, Klarna
from .expectations import assert_error_shape, assert_ok, assert_refused, seen
from .shopper import Shopper
from .stand_in import Control


def test_a_cancelled_authorization_is_gone_and_the_session_is_not(klarna: Klarna, shopper: Shopper) -> None:
    body = purchase()
    session_id = klarna.open_session(body)
    token = shopper.approve(klarna, session_id)
    assert_ok(klarna.cancel_authorization(token), 204)
    refused = klarna.create_order(token, order_for(body))
    assert_refused(refused, 404, "NOT_FOUND", "Invalid authorization token")
    read = assert_ok(klarna.read_session(session_id))
    assert read["status"] == "incomplete"
    assert read.get("authorization_token") != token
    assert_ok(klarna.create_order(shopper.approve(klarna, session_id), order_for(body)))


def test_an_authorization_is_cancelled_once(klarna: Klarna, shopper: Shopper) -> None:
    token = shopper.approve(klarna, klarna.open_session(purchase()))
    assert_ok(klarna.cancel_authorization(token), 204)
    assert_refused(klarna.cancel_authorization(token), 404, "NOT_FOUND")


@pytest.mark.parametrize("token", [NOBODY, "nonsense"])
def test_an_unknown_authorization_cannot_be_cancelled(klarna: Klarna, token: str) -> None:
    assert_refused(klarna.cancel_authorization(token), 404, "NOT_FOUND")


def test_an_expired_authorization_cannot_be_cancelled(klarna: Klarna, shopper: Shopper, control: Control) -> None:
    token = shopper.approve(klarna, klarna.open_session(purchase()))
    control.advance(61 * 60)
    assert_refused(klarna.cancel_authorization(token), 404, "NOT_FOUND")


def test_a_used_authorization_cannot_be_cancelled_and_the_order_stands(klarna: Klarna, shopper: Shopper) -> None:
    body = purchase()
    token = shopper.approve(klarna, klarna.open_session(body))
    order = assert_ok(klarna.create_order(token, order_for(body)))
    answer = klarna.cancel_authorization(token)
    assert answer.status_code in (403, 404), seen(answer)
    assert_error_shape(answer)
    assert assert_ok(klarna.create_order(token, order_for(body))) == order
