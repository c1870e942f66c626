"""Whatever is sent, the answer is a refusal in Klarna's shape, never a failure inside."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as any_of

from .conftest import EUROPE, Api, refusal
from .purchases import german, line

BASIC = {"Authorization": f"Basic {EUROPE.password}"}
JSON = "application/json"
SESSIONS = "/payments/v1/sessions"


@pytest.mark.parametrize(
    ("data", "kind", "said"),
    [
        (b"", JSON, (400, "BAD_REQUEST")),
        (b"{", JSON, (400, "BAD_REQUEST")),
        (b"[]", JSON, (400, "BAD_REQUEST")),
        (b"null", JSON, (400, "BAD_REQUEST")),
        (b'"text"', JSON, (400, "BAD_REQUEST")),
        (b"\xff\xfe{}", JSON, (400, "BAD_REQUEST")),
        (b'{"order_amount": NaN}', JSON, (400, "BAD_REQUEST")),
        (b'{"order_amount": 1' + b"0" * 9000 + b"}", JSON, (400, "BAD_REQUEST")),
        (b"[" * 100_000, JSON, (400, "BAD_REQUEST")),
        (b'{"x":' + b'{"x":' * 400 + b"1" + b"}" * 401, JSON, (400, "BAD_REQUEST")),
        (b'{"a\\u0000": 1}', JSON, (400, "BAD_REQUEST")),
        (b'{"locale": "\\u0000"}', JSON, (400, "BAD_VALUE")),
        (b'{"locale": "\\ud800"}', JSON, (400, "BAD_VALUE")),
        (b"{}", "text/plain", (415, "UNSUPPORTED_MEDIA_TYPE")),
        (b"a=1", "application/x-www-form-urlencoded", (415, "UNSUPPORTED_MEDIA_TYPE")),
        (b"x" * (1024 * 1024 + 1), JSON, (413, "REQUEST_TOO_LARGE")),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_body_that_is_no_request_is_refused(api: Api, data: bytes, kind: str, said: tuple[int, str]) -> None:
    answer = api.send("POST", SESSIONS, data=data, content_type=kind, headers=BASIC)
    assert refusal(answer)[:2] == said


def test_text_no_database_can_hold_is_named(api: Api) -> None:
    body = german(order_lines=[line(), line(name="a\0b")])
    assert refusal(api.create(body))[2] == ["Bad value: order_lines[1].name"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/payments/v1/nothing", 404),
        ("GET", "/na/payments/v1/nothing", 404),
        ("PUT", "/payments/v1/sessions", 405),
        ("GET", "/payments/v1/authorizations/%00/order", 405),
        ("GET", "/payments/v1/sessions/%00%ff", 404),
        ("GET", "/oc/payments/v1/sessions/x", 401),
    ],
)
def test_addresses_that_lead_nowhere_answer_in_a_known_shape(api: Api, method: str, path: str, status: int) -> None:
    answer = api.send(method, path, headers=BASIC)
    assert answer.status_code == status
    assert answer.is_json
    assert answer.headers["Klarna-Correlation-Id"]


NAMES = sorted({*german(), "customer", "billing_address", "merchant_urls", "attachment", "options"})
VALUES = any_of.recursive(
    any_of.none() | any_of.booleans() | any_of.integers() | any_of.floats() | any_of.text(max_size=20),
    lambda inner: (
        any_of.lists(inner, max_size=3)
        | any_of.dictionaries(any_of.sampled_from(["name", "type", "country", "quantity", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@effort(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=any_of.dictionaries(any_of.sampled_from(NAMES), VALUES, max_size=4))
def test_no_value_anywhere_breaks_anything(api: Api, changes: dict[str, Any]) -> None:
    data = json.dumps(german() | changes)
    answer = api.send("POST", SESSIONS, data=data, content_type=JSON, headers=BASIC)
    assert answer.status_code in (200, 400)
    if answer.status_code == 400:
        refusal(answer)
