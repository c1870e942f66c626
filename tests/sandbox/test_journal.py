"""The journal has every exchange in order, raw and parsed, and nothing else."""

import pytest

from app.sandbox import journal, store

from .conftest import Api, refusal
from .purchases import german


def entries(api: Api, after: int = 0) -> list[dict]:
    found: list[dict] = api.control("GET", f"journal?after={after}").json
    return found


def test_a_merchants_calls_are_written_down(api: Api) -> None:
    session_id = api.open(german())
    api.read(session_id)
    api.read("unknown")
    first, second, third = entries(api)
    assert set(first) == {"id", "at", "actor", "method", "path", "status", "request", "response"}
    assert (first["actor"], first["method"], first["path"], first["status"]) == (
        "merchant", "POST", "/payments/v1/sessions", 200,
    )  # fmt: skip
    assert first["request"]["body"] == german()
    assert first["request"]["headers"]["Authorization"].startswith("Basic ")
    assert first["response"]["body"]["session_id"] == session_id
    assert first["response"]["headers"]["Klarna-Correlation-Id"]
    assert second["request"]["body"] is None
    assert third["response"]["body"]["error_code"] == "NOT_FOUND"


def test_it_is_read_in_steps_also_over_a_reset(api: Api) -> None:
    api.open(german())
    [first] = entries(api)
    api.control("POST", "reset")
    assert entries(api) == []
    api.open(german())
    [second] = entries(api, first["id"])
    assert second["id"] > first["id"]


def test_control_and_files_are_not_in_it(api: Api) -> None:
    api.control("GET", "people")
    api.send("GET", "/static/klarna.svg")
    api.send("GET", "/kp/lib/v1/api.js")
    assert entries(api) == []


def test_what_is_not_json_is_kept_as_it_came(api: Api) -> None:
    path = "/payments/v1/sessions"
    api.send("POST", path, data="{", content_type="application/json")
    api.send("POST", path, data={"a": "1", "b": ["2", "3"]})
    api.send("POST", path, data=b"\xff\x00", content_type="application/octet-stream")
    bodies = [entry["request"]["body"] for entry in entries(api)]
    assert bodies == ["{", {"a": "1", "b": ["2", "3"]}, "\ufffd\0"]


def test_the_oldest_go_when_it_is_full(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "LONGEST", 3)
    for _ in range(5):
        api.read("x")
    assert [entry["id"] for entry in entries(api)] == [3, 4, 5]


def test_an_error_inside_is_an_answer_in_klarnas_shape(api: Api) -> None:
    with api.app.app_context(), store.transaction() as db:
        db.execute("DROP TABLE sessions")
    assert refusal(api.create(german())) == (500, "INTERNAL_SERVER_ERROR", ["Internal error"])
