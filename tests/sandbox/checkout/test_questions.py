"""The merchant is asked before a purchase is completed: every answer, and both silences."""

from typing import Any

import pytest

from tests.sandbox.checkout.conftest import URLS, Checkouts, Listener, Reply, german
from tests.sandbox.conftest import refusal

STRICT = {"options": {"require_validate_callback_success": True}}


def asking(listener: Listener, **changes: Any) -> dict[str, Any]:
    return german(merchant_urls=URLS | {"validation": f"{listener.url}/validate"}, **changes)


def test_the_merchant_sees_the_whole_order_and_says_yes(checkouts: Checkouts, listener: Listener) -> None:
    order_id = checkouts.open(asking(listener, merchant_reference1="A-1"))
    assert checkouts.complete(order_id).status_code == 200
    [seen] = listener.at("/validate")
    assert (seen["order_id"], seen["status"], seen["merchant_reference1"]) == (order_id, "checkout_incomplete", "A-1")
    assert (seen["order_amount"], seen["purchase_country"]) == (25900, "de")
    assert seen["billing_address"]["email"] == seen["shipping_address"]["email"] == "customer@email.de"
    assert checkouts.read(order_id).json["status"] == "checkout_complete"


@pytest.mark.parametrize("strict", [{}, STRICT], ids=["lenient", "strict"])
@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(303, location="/sorry"), "/sorry"),
        (Reply(301, location="https://shop.example/sorry"), "https://shop.example/sorry"),
        (Reply(400, {"error_type": "approval_failed", "error_text": "Sold out."}), "Sold out."),
        (Reply(400, {"error_type": "unsupported_shipping_address"}), "does not deliver"),
        (Reply(400, "gibberish"), "cannot accept"),
    ],
)
def test_a_no_leaves_the_order_open(
    checkouts: Checkouts, listener: Listener, strict: dict[str, Any], reply: Reply, words: str
) -> None:
    listener.replies["/validate"] = reply
    order_id = checkouts.open(asking(listener, **strict))
    answer = checkouts.complete(order_id)
    assert answer.status_code == 409
    assert words in answer.json["error"]
    assert checkouts.read(order_id).json["status"] == "checkout_incomplete"
    assert checkouts.control("GET", "orders").json == []
    assert checkouts.update(order_id, {"merchant_reference1": "still open"}).status_code == 200


@pytest.mark.parametrize(
    "reply", [Reply(500), Reply(404), Reply(303), Reply(303, location="javascript:alert(1)")], ids=repr
)
def test_an_answer_that_means_nothing_is_silence(checkouts: Checkouts, listener: Listener, reply: Reply) -> None:
    listener.replies["/validate"] = reply
    strict = checkouts.complete(checkouts.open(asking(listener, **STRICT)))
    assert (strict.status_code, "did not answer" in strict.json["error"]) == (409, True)
    assert checkouts.complete(checkouts.open(asking(listener))).status_code == 200


def test_silence_is_a_yes_after_three_seconds(checkouts: Checkouts, listener: Listener) -> None:
    listener.replies["/validate"] = Reply(400, {"error_type": "approval_failed", "error_text": "Too late."}, after=4)
    assert checkouts.complete(checkouts.open(asking(listener))).status_code == 200


def test_where_success_is_required_klarna_waits_longer(checkouts: Checkouts, listener: Listener) -> None:
    listener.replies["/validate"] = Reply(200, after=4)
    assert checkouts.complete(checkouts.open(asking(listener, **STRICT))).status_code == 200


@pytest.mark.long
def test_where_success_is_required_silence_is_a_no(checkouts: Checkouts, listener: Listener) -> None:
    listener.replies["/validate"] = Reply(200, after=11)
    order_id = checkouts.open(asking(listener, **STRICT))
    assert checkouts.complete(order_id).status_code == 409
    assert checkouts.read(order_id).json["status"] == "checkout_incomplete"


def test_nobody_changes_the_order_while_the_merchant_is_asked(checkouts: Checkouts, listener: Listener) -> None:
    told: list[Any] = []

    class Curious(dict[str, Reply]):
        """A merchant whose validation page changes the order it is asked about."""

        def get(self, path: str, *_default: Any) -> Reply:
            order_id = listener.received[-1][1]["order_id"]
            told.append(refusal(checkouts.update(order_id, {"merchant_reference1": "changed"})))
            told.append(checkouts.complete(order_id).status_code)
            return Reply()

    listener.replies = Curious()
    assert checkouts.complete(checkouts.open(asking(listener))).status_code == 200
    assert told == [(403, "READ_ONLY_ORDER", ["Resource is read-only"]), 409]


def test_who_is_refused_by_klarna_is_not_asked_about(checkouts: Checkouts, listener: Listener) -> None:
    order_id = checkouts.open(asking(listener))
    answer = checkouts.complete(order_id, "de-denied")
    assert (answer.status_code, "refuses" in answer.json["error"]) == (409, True)
    assert listener.received == []
