"""What is not a request at all gets an error in the usual shape, and never a 5xx: section 5.

https://docs.klarna.com/api/errors/
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from .bodies import changed, purchase
from .client import AUTHORIZATIONS, NOBODY, SESSIONS, Klarna
from .expectations import assert_error_shape, assert_ok, seen
from .shopper import Shopper

GOOD = json.dumps(purchase()).encode()
NOT_JSON = [
    pytest.param(b"", id="nothing"),
    pytest.param(b" ", id="a blank"),
    pytest.param(b"{", id="cut short"),
    pytest.param(b"{'a': 1}", id="single quotes"),
    pytest.param(b'{"a": 1,}', id="comma too many"),
    pytest.param(b"order_amount=1&purchase_country=DE", id="a form"),
    pytest.param(b"<order/>", id="XML"),
    pytest.param(GOOD + b"}", id="something behind it"),
    pytest.param(GOOD.replace(b'"Lamp"', b'"\xff\xfe"'), id="not UTF-8"),
    pytest.param(GOOD.decode().encode("utf-16"), id="UTF-16"),
    pytest.param(GOOD.replace(b'"Lamp"', b'"La\x00mp"'), id="a NUL byte"),
    pytest.param(GOOD.replace(b": 11900", b": NaN"), id="NaN"),
    pytest.param(GOOD.replace(b": 11900", b": Infinity"), id="infinity"),
    pytest.param(b"[" * 100_000, id="100000 brackets opened"),
    pytest.param(b"[" * 100_000 + b"]" * 100_000, id="nested 100000 deep"),
    pytest.param(b'{"a":' * 50_000 + b"1" + b"}" * 50_000, id="objects 50000 deep"),
]
NOT_AN_OBJECT = [
    pytest.param(b"null", id="null"),
    pytest.param(b"[]", id="empty list"),
    pytest.param(b"[" + GOOD + b"]", id="list of one"),
    pytest.param(b'"text"', id="text"),
    pytest.param(b"1", id="number"),
    pytest.param(b"true", id="true"),
]


def assert_client_error(answer: Any) -> None:
    assert 400 <= answer.status_code < 500, seen(answer)
    assert_error_shape(answer)


@pytest.mark.parametrize("data", [*NOT_JSON, *NOT_AN_OBJECT])
def test_a_body_that_is_no_json_object_is_a_bad_request(klarna: Klarna, data: bytes) -> None:
    session_id = klarna.open_session(purchase())
    for path in (SESSIONS, f"{SESSIONS}/{session_id}"):
        answer = klarna.call("POST", path, data=data)
        assert answer.status_code == 400, seen(answer)
        assert_error_shape(answer)
        assert answer.json()["error_code"] in ("BAD_REQUEST", "BAD_VALUE")


@pytest.mark.parametrize("data", [*NOT_JSON, *NOT_AN_OBJECT])
def test_nor_is_it_a_request_about_an_authorization(klarna: Klarna, data: bytes) -> None:
    for operation in ("order", "customer-token"):
        assert_client_error(klarna.call("POST", f"{AUTHORIZATIONS}/{NOBODY}/{operation}", data=data))


@pytest.mark.parametrize("data", [*NOT_JSON[:3], *NOT_AN_OBJECT[:3]])
def test_a_body_that_is_no_order_does_not_use_up_the_authorization(
    klarna: Klarna, shopper: Shopper, data: bytes
) -> None:
    token = shopper.approve(klarna, klarna.open_session(purchase()))
    answer = klarna.call("POST", f"{AUTHORIZATIONS}/{token}/order", data=data)
    assert answer.status_code == 400, seen(answer)
    assert_error_shape(answer)


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "application/xml", "multipart/form-data; boundary=x"],
)
def test_a_body_that_is_not_said_to_be_json_is_refused(klarna: Klarna, content_type: str) -> None:
    answer = klarna.call("POST", SESSIONS, data=GOOD, headers={"Content-Type": content_type})
    assert answer.status_code in (400, 415), seen(answer)
    assert_error_shape(answer)


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_may_be_announced_in_more_than_one_way(klarna: Klarna, content_type: str) -> None:
    assert_ok(klarna.call("POST", SESSIONS, data=GOOD, headers={"Content-Type": content_type}))


@pytest.mark.parametrize(
    "number",
    [
        pytest.param("9223372036854775808", id="64 bits and one"),
        pytest.param("-9223372036854775809", id="64 bits and one below"),
        pytest.param("1" * 100, id="100 digits"),
        pytest.param("1" * 5000, id="5000 digits"),
        pytest.param("1e400", id="beyond floating point"),
        pytest.param("-1e400", id="beyond floating point, negative"),
    ],
)
@pytest.mark.parametrize("field", ["order_amount", "quantity", "unit_price"])
def test_a_number_too_big_is_a_client_error(klarna: Klarna, field: str, number: str) -> None:
    marked = purchase()
    (marked if field in marked else marked["order_lines"][0])[field] = "HERE"
    data = json.dumps(marked).replace('"HERE"', number).encode()
    assert_client_error(klarna.call("POST", SESSIONS, data=data))


@pytest.mark.parametrize("text", ["\0", "La\0mp", "\ud800", "\u202e", "😀" * 50, "<script>alert(1)</script>"])
@pytest.mark.parametrize("path", ["order_lines[0].name", "merchant_reference1", "billing_address.city"])
def test_odd_characters_never_break_anything(klarna: Klarna, path: str, text: str) -> None:
    answer = klarna.create_session(changed(purchase(), {path: text}))
    if answer.status_code == 200:
        assert_ok(klarna.read_session(answer.json()["session_id"]))
    else:
        assert_client_error(answer)


@pytest.mark.parametrize("key", ["", "\0", "x" * 5000, "__proto__", "order_lines[0]", "\ud800"])
def test_odd_names_of_fields_never_break_anything(klarna: Klarna, key: str) -> None:
    answer = klarna.create_session(purchase() | {key: 1})
    assert answer.status_code < 500, seen(answer)


@pytest.mark.parametrize("key", ["", "x" * 4000, "not-a-uuid", "ä".encode().decode("latin-1")])
def test_odd_idempotency_keys_never_break_anything(klarna: Klarna, key: str) -> None:
    answer = klarna.create_session(purchase(), headers={"Klarna-Idempotency-Key": key})
    assert answer.status_code < 500, seen(answer)


def test_deep_nesting_inside_a_field_is_refused(klarna: Klarna) -> None:
    deep: Any = "x"
    for _ in range(200):
        deep = {"a": deep}
    assert_client_error(klarna.create_session(purchase(merchant_data=deep)))


@pytest.mark.parametrize(
    "path",
    [
        "/payments",
        "/payments/v1",
        "/payments/v1/nowhere",
        "/payments/v2/sessions",
        f"{SESSIONS}/{NOBODY}/more",
        f"{AUTHORIZATIONS}/{NOBODY}",
        f"{AUTHORIZATIONS}/{NOBODY}/orders",
        "/payments/v1/authorizations",
    ],
)
def test_an_unknown_path_is_not_found(klarna: Klarna, path: str) -> None:
    for method in ("GET", "POST"):
        answer = klarna.call(method, path, {} if method == "POST" else None)
        assert answer.status_code in (404, 405), seen(answer)
        assert_error_shape(answer)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("GET", SESSIONS, id="list sessions"),
        pytest.param("PUT", SESSIONS, id="put sessions"),
        pytest.param("DELETE", SESSIONS, id="delete sessions"),
        pytest.param("DELETE", f"{SESSIONS}/{NOBODY}", id="delete a session"),
        pytest.param("PATCH", f"{SESSIONS}/{NOBODY}", id="patch a session"),
        pytest.param("GET", f"{AUTHORIZATIONS}/{NOBODY}/order", id="read an order here"),
        pytest.param("PUT", f"{AUTHORIZATIONS}/{NOBODY}/order", id="put an order"),
        pytest.param("POST", f"{AUTHORIZATIONS}/{NOBODY}", id="post to an authorization"),
        pytest.param("GET", f"{AUTHORIZATIONS}/{NOBODY}/customer-token", id="read a payment token here"),
    ],
)
def test_a_method_that_is_not_offered_is_refused(klarna: Klarna, method: str, path: str) -> None:
    answer = klarna.call(method, path, {} if method in ("PUT", "PATCH", "POST") else None)
    assert answer.status_code in (404, 405), seen(answer)
    assert_error_shape(answer)
