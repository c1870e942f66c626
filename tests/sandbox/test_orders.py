"""An order is placed once, for what was authorized; every refusal has its documented form."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.sandbox import authorizations, orders, sessions
from app.sandbox.api.errors import ApiError
from app.sandbox.matching import differences

from .conftest import AMERICA, Api, refusal
from .purchases import BERLIN, american, german, line

INVALID = (404, "NOT_FOUND", ["Invalid authorization token"])
CONFIRMATION = "http://localhost:8000/thanks?order={order.id}&session={session.id}"


def test_an_order_answers_with_id_status_and_method(api: Api) -> None:
    answer = api.buy(german(intent="buy"))
    assert set(answer) == {"order_id", "fraud_status", "authorized_payment_method"}
    assert answer["fraud_status"] == "ACCEPTED"


def test_the_way_back_is_klarnas_page_when_there_is_a_confirmation_page(api: Api) -> None:
    body = german(merchant_urls={"confirmation": CONFIRMATION})
    session_id = api.open(body)
    answer = api.order(api.approve(session_id), body).json
    assert answer["redirect_url"] == f"http://localhost:8001/payments/redirect/{answer['order_id']}"
    with api.app.app_context():
        target = orders.confirmation_url(answer["order_id"])
    assert target == f"http://localhost:8000/thanks?order={answer['order_id']}&session={session_id}"


def test_the_same_call_again_is_the_same_order(api: Api) -> None:
    body = german()
    token = api.approve(api.open(body))
    first, again = api.order(token, body), api.order(token, dict(reversed(body.items())))
    assert first.json == again.json
    assert len(api.control("GET", "orders").json) == 1


def test_many_calls_at_once_place_one_order(api: Api) -> None:
    body = german()
    token = api.approve(api.open(body))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: api.order(token, body), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json["order_id"] for answer in answers}) == 1
    assert len({answer.json["customer_token"] for answer in answers}) == 1


def test_another_body_after_the_order_is_a_conflict(api: Api) -> None:
    body = german()
    token = api.approve(api.open(body))
    api.order(token, body)
    said = refusal(api.order(token, body | {"merchant_reference1": "other"}))
    assert said == (409, "BAD_VALUE", ["The order has been already completed with different request body"])


def test_an_unknown_token_is_invalid(api: Api) -> None:
    assert refusal(api.order("e2cd7e2e-0000-4000-8000-000000000000", german())) == INVALID


def test_a_token_belongs_to_its_merchant(api: Api) -> None:
    token = api.at(AMERICA).approve(api.at(AMERICA).open(american()), "us-approved")
    assert refusal(api.order(token, american())) == INVALID


def test_a_newer_authorization_puts_the_older_out_of_use(api: Api) -> None:
    body = german()
    session_id = api.open(body)
    older, newer = api.approve(session_id), api.approve(session_id)
    assert api.read(session_id).json["authorization_token"] == newer
    assert refusal(api.order(older, body)) == INVALID
    assert api.order(newer, body).status_code == 200
    assert refusal(api.order(older, body))[1] == "SESSION_COMPLETED"


def test_a_completed_session_is_not_authorized_again(api: Api) -> None:
    body = german()
    session_id = api.open(body)
    api.order(api.approve(session_id), body)
    with pytest.raises(ApiError, match="SESSION_COMPLETED"):
        api.approve(session_id)


@pytest.mark.parametrize("wrong", [{"order_amount": 1}, {"billing_address": BERLIN | {"city": "Bonn"}}])
def test_a_refusal_sticks_to_its_authorization(api: Api, wrong: dict[str, Any]) -> None:
    body = german(billing_address=BERLIN)
    session_id = api.open(body)
    token = api.approve(session_id)
    first = refusal(api.order(token, body | wrong))
    assert refusal(api.order(token, body)) == first
    assert api.order(api.approve(session_id), body).status_code == 200


def test_a_body_nobody_can_read_does_not_stick(api: Api) -> None:
    body = german()
    token = api.approve(api.open(body))
    assert api.call("POST", f"authorizations/{token}/order", [body]).status_code == 400
    assert api.order(token, body).status_code == 200


def test_a_person_refused_in_the_meantime_is_rejected_for_good(api: Api) -> None:
    body = german()
    token = api.approve(api.open(body))
    api.control("PATCH", "people/de-approved", {"decision": "refuse"})
    assert refusal(api.order(token, body)) == (403, "REJECTED", ["Rejected"])
    api.control("PATCH", "people/de-approved", {"decision": "approve"})
    assert refusal(api.order(token, body)) == (403, "REJECTED", ["Rejected"])


def test_a_cart_changed_after_the_authorization_needs_a_new_one(api: Api) -> None:
    old, new = german(), german(order_lines=[line(name="Chair")])
    session_id = api.open(old)
    tokens = [api.approve(session_id)]
    api.update(session_id, new)
    assert refusal(api.order(tokens[0], new))[2] == ["Not matching fields: [order_lines[0].name]"]
    tokens.append(api.approve(session_id))
    api.update(session_id, old)
    api.update(session_id, new)
    assert api.order(tokens[1], new).status_code == 200


def test_a_refused_shopper_leaves_the_session_open(api: Api) -> None:
    answer = api.create(german()).json
    with api.app.app_context():
        authorizations.refuse(sessions.by_client_token(answer["client_token"]), "de-denied")
    read = api.read(answer["session_id"]).json
    assert read["status"] == "incomplete"
    assert "authorization_token" not in read


OTHER = BERLIN | {"street_address": "Unter den Linden 1"}
BILLED, SHIPPED = {"billing_address": BERLIN}, {"shipping_address": OTHER}
MATCHING: list[tuple[str, dict[str, Any], dict[str, Any], list[str]]] = [
    ("the same", german(), german(), []),
    ("a reference for the first time", german(), german(merchant_reference1="1"), []),
    ("an address for the first time", german(), german(**BILLED), []),
    ("an address left out", german(**BILLED), german(), []),
    ("lower case currency", german(), german(purchase_currency="eur"), []),
    ("defaults spelled out", american(), american(order_lines=[
        {"type": "physical", "total_discount_amount": 0} | american()["order_lines"][0],
        american()["order_lines"][1]]), []),
    ("amount", german(), german(order_amount=25901), ["order_amount"]),
    ("country", german(), german(purchase_country="AT"), ["purchase_country"]),
    ("one line more", german(), german(order_lines=[line(), line()]),
     ["Incorrect number of items in the cart. Expected: 1, Actual: 2"]),
    ("lines in another order", german(order_lines=[line(), line(name="Chair")]),
     german(order_lines=[line(name="Chair"), line()]), ["order_lines[0].name", "order_lines[1].name"]),
    ("a line's reference left out", german(order_lines=[line(reference="L")]), german(),
     ["order_lines[0].reference"]),
    ("postal code", german(**BILLED), german(billing_address=BERLIN | {"postal_code": "1"}),
     ["billing_address.postal_code"]),
    ("a phone for the first time", german(billing_address={"city": "Berlin"}),
     german(billing_address={"city": "Berlin", "phone": "1"}), []),
    ("shipped elsewhere than billed", german(**BILLED), german(**BILLED, **SHIPPED),
     ["shipping_address.street_address"]),
    ("shipping left out means billing", german(**BILLED, **SHIPPED), german(**BILLED),
     ["shipping_address.street_address"]),
    ("billing spelled out as shipping", german(**BILLED), german(shipping_address=BERLIN), []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("authorized", "order", "paths"), [row[1:] for row in MATCHING], ids=[row[0] for row in MATCHING]
)
def test_the_order_repeats_what_was_authorized(
    authorized: dict[str, Any], order: dict[str, Any], paths: list[str]
) -> None:
    assert differences(authorized, order) == paths


def test_a_cancelled_authorization_is_gone(api: Api) -> None:
    body = german()
    session_id = api.open(body)
    token = api.approve(session_id)
    answer = api.call("DELETE", f"authorizations/{token}")
    assert answer.status_code == 204
    assert answer.headers["Klarna-Correlation-Id"]
    assert refusal(api.order(token, body)) == INVALID
    assert refusal(api.call("DELETE", f"authorizations/{token}")) == INVALID
    assert "authorization_token" not in api.read(session_id).json


def test_a_used_authorization_cannot_be_cancelled(api: Api) -> None:
    body = german()
    token = api.approve(api.open(body))
    api.order(token, body)
    said = refusal(api.call("DELETE", f"authorizations/{token}"))
    assert said == (404, "NOT_FOUND", ["Authorization cannot be deleted"])


def test_the_ledger_has_the_order_as_order_management_returns_it(api: Api) -> None:
    answer = api.buy(german(merchant_reference1="M-1", merchant_reference2="M-2"))
    [order] = api.control("GET", "orders").json
    assert order["order_id"] == answer["order_id"]
    assert (order["merchant_reference1"], order["merchant_reference2"]) == ("M-1", "M-2")
    assert (order["status"], order["fraud_status"]) == ("AUTHORIZED", "ACCEPTED")
    amounts = ("order_amount", "original_order_amount", "remaining_authorized_amount")
    assert {order[name] for name in amounts} == {25900}
    assert (order["captured_amount"], order["refunded_amount"]) == (0, 0)
    assert order["billing_address"]["city"] == order["shipping_address"]["city"] == "Berlin"
    assert len(order["klarna_reference"]) == 8


def test_auto_capture_captures_at_once(api: Api) -> None:
    body = german()
    api.order(api.approve(api.open(body)), body | {"auto_capture": True})
    [order] = api.control("GET", "orders").json
    assert (order["status"], order["captured_amount"]) == ("CAPTURED", 25900)
    assert order["captures"][0]["klarna_reference"] == order["klarna_reference"] + "-1"


TOKEN_REQUEST = {
    "purchase_country": "DE",
    "purchase_currency": "EUR",
    "locale": "de-DE",
    "description": "Coffee every month",
    "intended_use": "subscription",
}


def tokenized(api: Api, token: str, **changes: Any) -> Any:
    return api.call("POST", f"authorizations/{token}/customer-token", TOKEN_REQUEST | changes)


@pytest.mark.parametrize("intent", ["buy", "buy_and_link"])
def test_a_purchase_without_tokenizing_makes_no_payment_token(api: Api, intent: str) -> None:
    token = api.approve(api.open(german(intent=intent)))
    message = f"Not allowed to create customer token(s) for intent {intent}"
    assert refusal(tokenized(api, token)) == (403, "INVALID_OPERATION", [message])


def test_tokenizing_uses_the_authorization_up(api: Api) -> None:
    body = german(intent="tokenize")
    token = api.approve(api.open(body))
    answer = tokenized(api, token)
    assert answer.status_code == 200
    assert set(answer.json) == {"token_id", "billing_address", "customer"}
    assert not answer.json["token_id"].startswith("krn:")
    consumed = (403, "INVALID_OPERATION", ["Authorization token already consumed"])
    assert refusal(tokenized(api, token)) == consumed
    assert refusal(api.order(token, body)) == consumed


def test_buying_and_tokenizing_does_both_in_either_order(api: Api) -> None:
    body = german(intent="buy_and_tokenize")
    first, second = api.approve(api.open(body)), api.approve(api.open(body))
    assert tokenized(api, first).status_code == api.order(first, body).status_code == 200
    assert api.order(second, body).status_code == tokenized(api, second).status_code == 200


def test_the_billing_country_has_to_be_the_purchase_country(api: Api) -> None:
    token = api.approve(api.open(german(intent="tokenize")))
    said = refusal(tokenized(api, token, billing_address={"country": "AT"}))
    assert said == (400, "BAD_VALUE", ["Bad value: purchase_country"])


def test_another_kind_of_id_in_place_of_the_authorization_token_is_named(api: Api) -> None:
    body = german()
    session_id = api.open(body)
    customer_token = api.buy(body)["customer_token"]
    documented = "Invalid authorization token"
    for sent, named in (
        (customer_token, "A customer_token of account linking"),
        (session_id, "A session_id was sent"),
        ("krn:customer-token:eu1:abc", "A customer token of the Klarna Network"),
    ):
        status, code, messages = refusal(api.order(sent, body))
        assert (status, code, messages[0]) == (404, "NOT_FOUND", documented)
        assert messages[1].startswith(named)
        assert messages[1].endswith("an authorization_token is wanted")
    for sent in ("nonsense", "0b1d9815-165e-42e2-8867-35bc03789e00"):
        assert refusal(api.order(sent, body))[2] == [documented]


def test_another_kind_of_id_in_place_of_the_session_id_is_named(api: Api) -> None:
    answer = api.read(api.approve(api.open(german())))
    assert refusal(answer)[2] == ["Invalid session id", "An authorization_token was sent, a session_id is wanted"]
