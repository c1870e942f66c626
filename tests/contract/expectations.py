"""What Klarna's answers look like in general (sections 2.3 and 5 of its API pages: headers, errors)."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import requests

CUSTOMER_TOKEN = re.compile(r"krn:partner:(eu1|us1):(test|playground|live):identity:customer-token:[A-Za-z0-9]+")


def is_uuid(text: Any) -> bool:
    try:
        return isinstance(text, str) and bool(UUID(text))
    except ValueError:
        return False


def correlation_id(answer: requests.Response) -> str:
    found = answer.headers.get("Klarna-Correlation-Id", "")
    assert is_uuid(found), f"no correlation id: {seen(answer)} {dict(answer.headers)}"
    return found


def assert_ok(answer: requests.Response, status: int = 200) -> Any:
    """The answer's JSON (None for 204), which has this status."""
    assert answer.status_code == status, seen(answer)
    correlation_id(answer)
    if status == 204:
        assert answer.content == b"", seen(answer)
        return None
    assert answer.headers["Content-Type"].startswith("application/json"), seen(answer)
    return answer.json()


def assert_error_shape(answer: requests.Response) -> dict[str, Any]:
    """`error_code` for programs, `error_messages` for logs, `correlation_id` as in the header."""
    assert answer.headers.get("Content-Type", "").startswith("application/json"), seen(answer)
    body: dict[str, Any] = answer.json()
    assert re.fullmatch(r"[A-Z][A-Z0-9_]+", body.get("error_code", "")), seen(answer)
    assert isinstance(body.get("error_messages"), list), seen(answer)
    assert all(isinstance(message, str) for message in body["error_messages"]), seen(answer)
    assert body.get("correlation_id") == correlation_id(answer), seen(answer)
    return body


def assert_refused(answer: requests.Response, status: int, code: str, message: str | None = None) -> None:
    """Refused with this status and code; `message` is the first of the messages, where one is documented."""
    assert answer.status_code == status, seen(answer)
    body = assert_error_shape(answer)
    assert body["error_code"] == code, seen(answer)
    if message is not None:
        assert body["error_messages"][:1] == [message], seen(answer)


def assert_bad_value(answer: requests.Response, path: str) -> None:
    assert_refused(answer, 400, "BAD_VALUE", f"Bad value: {path}")


def assert_unauthorized(answer: requests.Response) -> None:
    """A shape of its own, without an error code."""
    assert answer.status_code == 401, seen(answer)
    correlation_id(answer)
    body = answer.json()
    assert body["http_status_code"] == 401, seen(answer)
    assert body["http_status_message"] == "Unauthorized", seen(answer)
    assert isinstance(body["internal_message"], str), seen(answer)
    assert "error_code" not in body, seen(answer)


def seen(answer: requests.Response) -> str:
    sent = answer.request
    return f"{sent.method} {sent.path_url} -> {answer.status_code} {answer.text[:500]}"
