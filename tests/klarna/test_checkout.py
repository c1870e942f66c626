"""The client of Klarna Checkout on the wire: what it sends, and what it makes of answers."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.klarna import KlarnaConfig, errors
from app.klarna.checkout import Checkout, CheckoutStatus
from app.klarna.transport import Transport

from .wire import Seen, Wire, listening

ORDER = {
    "order_id": "o-1",
    "status": "checkout_incomplete",
    "html_snippet": "<div>KlarnaCheckout secretkey</div>",
    "order_amount": 25900,
}


@pytest.fixture
def wire() -> Iterator[Wire]:
    with listening() as found:
        yield found


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def checkout(wire: Wire, seen: Seen) -> Checkout:
    return Checkout(Transport(KlarnaConfig(wire.url, "user", "secret"), seen))


def test_an_order_is_opened_and_its_address_kept(checkout: Checkout, wire: Wire) -> None:
    wire.answer(201, ORDER, Location="https://k/checkout/v3/orders/o-1")
    order = checkout.create({"order_amount": 25900}, "key-1")
    assert (order.order_id, order.status, order.is_bought) == ("o-1", CheckoutStatus.INCOMPLETE, False)
    assert (order.html_snippet, order.location) == (ORDER["html_snippet"], "https://k/checkout/v3/orders/o-1")
    assert order.body == {name: value for name, value in ORDER.items() if name != "html_snippet"}
    (asked,) = wire.asked
    assert (asked["method"], asked["path"]) == ("POST", "/checkout/v3/orders")
    assert asked["headers"]["Authorization"] == "Basic " + base64.b64encode(b"user:secret").decode()
    assert asked["headers"]["Klarna-Idempotency-Key"] == "key-1"
    assert json.loads(asked["body"]) == {"order_amount": 25900}


def test_an_order_is_read_changed_and_ended(checkout: Checkout, wire: Wire) -> None:
    wire.answer(200, ORDER)
    checkout.read("o/1")
    checkout.update("o-1", {"order_amount": 1})
    checkout.abort("o-1")
    assert [(asked["method"], asked["path"]) for asked in wire.asked] == [
        ("GET", "/checkout/v3/orders/o%2F1"),
        ("POST", "/checkout/v3/orders/o-1"),
        ("POST", "/checkout/v3/orders/o-1/abort"),
    ]
    assert json.loads(wire.asked[1]["body"]) == {"order_amount": 1}


@pytest.mark.parametrize(
    ("said", "status", "bought"),
    [
        ("checkout_complete", CheckoutStatus.COMPLETE, True),
        ("CHECKOUT_COMPLETE", CheckoutStatus.COMPLETE, True),
        ("created", CheckoutStatus.CREATED, True),
        ("aborted", CheckoutStatus.OTHER, False),
        (None, CheckoutStatus.OTHER, False),
    ],
)
def test_every_status_is_read(checkout: Checkout, wire: Wire, said: Any, status: CheckoutStatus, bought: bool) -> None:
    wire.answer(200, ORDER | {"status": said})
    order = checkout.read("o-1")
    assert (order.status, order.is_bought) == (status, bought)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "BAD_VALUE", errors.BadRequest),
        (401, "", errors.NotAuthenticated),
        (403, "READ_ONLY_ORDER", errors.ReadOnlyOrder),
        (403, "", errors.Forbidden),
        (404, "NO_SUCH_ORDER", errors.NotFound),
        (429, "", errors.RateLimited),
        (504, "", errors.KlarnaFailed),
    ],
)
def test_every_refusal_has_its_class(
    checkout: Checkout, wire: Wire, status: int, code: str, kind: type[errors.KlarnaError]
) -> None:
    wire.answer(status, {"error_code": code, "error_messages": ["no"], "correlation_id": "c-1"})
    with pytest.raises(errors.KlarnaError) as caught:
        checkout.update("o-1", {})
    assert type(caught.value) is kind
    assert (caught.value.status, caught.value.correlation_id) == (status, "c-1")


@pytest.mark.parametrize("status", [200, 400, 403, 404, 410])
def test_an_answer_without_a_body_is_an_expired_order(checkout: Checkout, wire: Wire, status: int) -> None:
    wire.answer(status)
    for call in (lambda: checkout.read("o-1"), lambda: checkout.update("o-1", {}), lambda: checkout.abort("o-1")):
        with pytest.raises(errors.NotFound):
            call()


@pytest.mark.parametrize(("status", "kind"), [(401, errors.NotAuthenticated), (500, errors.KlarnaFailed)])
def test_wrong_credentials_and_a_failure_are_what_they_are_without_a_body_too(
    checkout: Checkout, wire: Wire, status: int, kind: type[errors.KlarnaError]
) -> None:
    wire.answer(status)
    with pytest.raises(kind):
        checkout.read("o-1")


@pytest.mark.parametrize("body", ["", "not json", [], {"order_id": "o-1"}, {"html_snippet": ""}, {"order_id": 5}])
def test_a_success_nobody_can_read_is_a_failure(checkout: Checkout, wire: Wire, body: Any) -> None:
    wire.answer(201, body)
    with pytest.raises(errors.KlarnaFailed):
        checkout.create({}, "key")


@pytest.mark.parametrize("trouble", [None, (504, "", {})])
def test_a_lost_answer_is_asked_for_again(checkout: Checkout, wire: Wire, trouble: tuple | None) -> None:
    for call in (lambda: checkout.create({}, "key"), lambda: checkout.read("o-1"), lambda: checkout.update("o-1", {})):
        wire.asked.clear()
        wire.answers[:] = [trouble, (200, ORDER, {})]
        assert call().order_id == "o-1"
        first, second = wire.asked
        assert first["body"] == second["body"]


def test_ending_an_order_is_tried_once(checkout: Checkout, wire: Wire) -> None:
    wire.answers.append(None)
    with pytest.raises(errors.KlarnaUnreachable):
        checkout.abort("o-1")
    assert len(wire.asked) == 1


def test_neither_the_token_nor_the_snippet_is_shown(checkout: Checkout, wire: Wire, seen: Seen) -> None:
    wire.answer(201, ORDER)
    order = checkout.create({"customer": {"klarna_access_token": "ory_at_1"}}, "key")
    text = repr(seen) + repr(order)
    assert not any(secret in text for secret in ("ory_at_1", "secretkey"))
