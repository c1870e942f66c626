"""The client of Klarna and the offline Klarna together: what a shop does after the purchase, wire and all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests

from app.klarna import KlarnaClient, KlarnaConfig, errors
from app.klarna.customer_tokens import PaymentToken, TokenStatus, WrongTokenKind
from app.klarna.orders import OrderStatus
from app.klarna.payments import FraudStatus
from tests.contract import stand_in as stand_ins
from tests.contract.bodies import ADDRESS, line, order_for, purchase
from tests.contract.client import Klarna
from tests.contract.shopper import Shopper
from tests.contract.stand_in import Control, StandIn

AMOUNT = 11900
MADE_FOR = {
    "purchase_country": "DE",
    "purchase_currency": "EUR",
    "locale": "de-DE",
    "description": "Coffee every month",
    "intended_use": "SUBSCRIPTION",
}


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    folder: Path = tmp_path_factory.mktemp("after-the-purchase")
    with stand_ins.running(folder, rate_limits="off") as running:
        yield running


@pytest.fixture
def control(stand_in: StandIn) -> Control:
    requests.post(f"{stand_in.url}/_sandbox/reset", timeout=60).raise_for_status()
    return Control(stand_in)


@pytest.fixture
def klarna(stand_in: StandIn, control: Control) -> KlarnaClient:
    access = stand_in.europe
    return KlarnaClient(KlarnaConfig(access.url, access.username, access.password))


def key() -> str:
    return str(uuid4())


def approved(stand_in: StandIn, klarna: KlarnaClient, body: dict[str, Any]) -> str:
    session = klarna.payments.create_session(body, key())
    merchant = Klarna("stand-in", stand_in.europe, lambda: False)
    return Shopper(stand_in).approve(merchant, session.session_id)


@pytest.fixture
def order_id(stand_in: StandIn, klarna: KlarnaClient) -> str:
    body = purchase(billing_address=ADDRESS)
    return klarna.payments.place_order(approved(stand_in, klarna, body), order_for(body), key()).order_id


def test_an_order_is_shipped_in_parts_sent_back_and_closed(klarna: KlarnaClient, order_id: str) -> None:
    orders = klarna.orders
    orders.acknowledge(order_id, key())
    orders.set_merchant_references(order_id, key(), merchant_reference1="A-1")
    orders.update_shipping_address(order_id, {"street_address": "Unter den Linden 1"}, key())
    orders.extend_authorization(order_id, key())
    first = orders.capture(order_id, 5000, key(), reference="S-1")
    orders.add_shipping_info(order_id, first, [{"shipping_company": "DHL", "tracking_number": "1"}], key())
    refund = orders.refund(order_id, 2000, key(), reference="R-1")
    orders.release_remaining(order_id, key())
    order = orders.read(order_id)
    assert (order.status, order.captured_amount, order.refunded_amount) == (OrderStatus.CAPTURED, 5000, 2000)
    assert (order.remaining_authorized_amount, order.merchant_reference1) == (0, "A-1")
    assert [(capture.capture_id, capture.reference) for capture in order.captures] == [(first, "S-1")]
    assert [(given.refund_id, given.refunded_amount) for given in order.refunds] == [(refund, 2000)]
    with pytest.raises(errors.CancelNotAllowed):
        orders.cancel(order_id, key())


@pytest.mark.parametrize("action", [{"drop": "after"}, {"drop": "before"}, {"status": 503}])
def test_a_capture_that_fails_once_is_made_once(
    klarna: KlarnaClient, order_id: str, control: Control, action: dict[str, Any]
) -> None:
    control.fault("POST", "*/captures", **action)
    capture_id = klarna.orders.capture(order_id, 5000, key())
    order = klarna.orders.read(order_id)
    assert [capture.capture_id for capture in order.captures] == [capture_id]
    assert order.captured_amount == 5000


def test_an_order_whose_lines_change_is_authorized_anew_and_cancelled(klarna: KlarnaClient, order_id: str) -> None:
    klarna.orders.update_authorization(order_id, 2 * AMOUNT, [line(), line()], key())
    assert klarna.orders.read(order_id).remaining_authorized_amount == 2 * AMOUNT
    with pytest.raises(errors.CaptureNotAllowed):
        klarna.orders.capture(order_id, 2 * AMOUNT + 1, key())
    klarna.orders.cancel(order_id, key())
    assert klarna.orders.read(order_id).status is OrderStatus.CANCELLED


def test_a_payment_token_is_made_charged_and_ended(stand_in: StandIn, klarna: KlarnaClient) -> None:
    body = purchase(intent="tokenize", billing_address=ADDRESS)
    token = klarna.customer_tokens.generate(approved(stand_in, klarna, body), MADE_FOR, key()).token
    assert klarna.customer_tokens.read(token).status is TokenStatus.ACTIVE
    wanted = {"purchase_currency": "EUR", "order_amount": AMOUNT, "order_lines": [line()]}
    charge = klarna.customer_tokens.charge(token, wanted, key())
    assert charge.fraud_status is FraudStatus.ACCEPTED
    assert klarna.orders.read(charge.order_id).order_amount == AMOUNT
    klarna.customer_tokens.cancel(token, key())
    with pytest.raises(errors.TokenCancelled):
        klarna.customer_tokens.charge(token, wanted, key())


def test_a_charge_that_needs_the_shopper_is_repaired_by_them(
    stand_in: StandIn, klarna: KlarnaClient, control: Control
) -> None:
    body = purchase(intent="tokenize", billing_address=ADDRESS)
    token = klarna.customer_tokens.generate(approved(stand_in, klarna, body), MADE_FOR, key()).token
    control.payment_token(token.token_id, next_charge="step_up")
    wanted = {"purchase_currency": "EUR", "order_amount": AMOUNT, "order_lines": [line()], "step_up": "SUPPORTED"}
    with pytest.raises(errors.ChargeFailed) as failed:
        klarna.customer_tokens.charge(token, wanted, key())
    who = {"customer_token": token.token_id}
    repair = purchase(billing_address=ADDRESS, step_up_id=failed.value.step_up_id, customer=who)
    order = klarna.payments.place_order(approved(stand_in, klarna, repair), order_for(repair), key())
    assert order.fraud_status is FraudStatus.ACCEPTED
    assert klarna.customer_tokens.charge(token, wanted, key()).order_id != order.order_id


def test_a_linking_token_is_never_charged(stand_in: StandIn, klarna: KlarnaClient) -> None:
    body = purchase(intent="buy_and_link", billing_address=ADDRESS)
    order = klarna.payments.place_order(approved(stand_in, klarna, body), order_for(body), key())
    with pytest.raises(WrongTokenKind):
        PaymentToken(order.customer_token)
