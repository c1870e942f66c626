"""Faults on demand, on the servers the sandbox runs under."""

import threading
import time
from collections.abc import Iterator
from typing import Any
from wsgiref.simple_server import WSGIServer
from wsgiref.simple_server import make_server as make_wsgiref_server

import pytest
import requests
import waitress
from flask import Flask
from waitress.server import BaseWSGIServer
from werkzeug.serving import make_server

from .conftest import EUROPE, Api
from .purchases import german

SESSIONS = "/payments/v1/sessions"
AUTH = (EUROPE.username, EUROPE.password)


def under_waitress(app: Flask) -> Iterator[int]:
    server = waitress.create_server(app, host="127.0.0.1", port=0)
    assert isinstance(server, BaseWSGIServer)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield server.effective_port
    server.close()


def under_werkzeug(app: Flask) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def under_wsgiref(app: Flask) -> Iterator[int]:
    server: WSGIServer = make_wsgiref_server("127.0.0.1", 0, app)
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture(params=[under_waitress, under_werkzeug, under_wsgiref])
def url(request: pytest.FixtureRequest, app: Flask) -> Iterator[str]:
    for port in request.param(app):
        yield f"http://127.0.0.1:{port}"


def calls_answered(api: Api) -> int:
    rows = [entry for entry in api.control("GET", "journal").json if entry["status"] == 200]
    return len(rows)


@pytest.mark.parametrize(("when", "done"), [("before", 0), ("after", 1)])
def test_a_dropped_call_is_a_broken_connection_to_the_caller(api: Api, url: str, when: str, done: int) -> None:
    api.control("POST", "faults", {"method": "POST", "path": SESSIONS, "action": {"drop": when}})
    with requests.Session() as http:
        with pytest.raises(requests.ConnectionError):
            http.post(url + SESSIONS, json=german(), auth=AUTH, timeout=5)
        assert calls_answered(api) == done
        answer = http.post(url + SESSIONS, json=german(), auth=AUTH, timeout=5)
    assert answer.status_code == 200
    first = api.control("GET", "journal").json[0]
    assert (first["status"], first["response"] is None) == ((200, False) if done else (None, True))


def test_what_was_done_before_the_answer_was_lost_is_found_with_the_key(api: Api, url: str) -> None:
    body = german()
    token = api.approve(api.open(body))
    api.control("POST", "faults", {"path": "*/order", "action": {"drop": "after"}})
    address, key = f"{url}/payments/v1/authorizations/{token}/order", {"Klarna-Idempotency-Key": "k"}
    with pytest.raises(requests.ConnectionError):
        requests.post(address, json=body, auth=AUTH, headers=key, timeout=5)
    answer = requests.post(address, json=body, auth=AUTH, headers=key, timeout=5)
    [order] = api.control("GET", "orders").json
    assert answer.json()["order_id"] == order["order_id"]


def test_a_chosen_answer_comes_as_often_as_said(api: Api) -> None:
    rule = {"path": "*/sessions", "times": 2, "action": {"status": 503, "body": {"error_code": "X"}}}
    assert api.control("POST", "faults", rule).json["times"] == 2
    answers = [api.create(german()) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert answers[0].json == {"error_code": "X"}
    assert api.control("GET", "faults").json == []


def test_a_rule_meets_its_method_and_path_only(api: Api) -> None:
    session_id = api.open(german())
    api.control("POST", "faults", {"method": "get", "path": "*/sessions/*", "action": {"status": 500}})
    assert api.create(german()).status_code == 200
    assert api.update(session_id, {"locale": "en-DE"}).status_code == 204
    assert api.read(session_id).status_code == 500
    assert api.read(session_id).status_code == 200


def test_a_delay_delays(api: Api) -> None:
    api.control("POST", "faults", {"path": "*", "action": {"delay": 0.2}})
    began = time.monotonic()
    assert api.create(german()).status_code == 200
    assert time.monotonic() - began >= 0.2


def test_rules_can_be_taken_back(api: Api) -> None:
    api.control("POST", "faults", {"path": "*", "action": {"status": 500}})
    assert len(api.control("GET", "faults").json) == 1
    assert api.control("DELETE", "faults").status_code == 204
    assert api.create(german()).status_code == 200


def test_control_and_pages_are_not_touched(api: Api) -> None:
    api.control("POST", "faults", {"path": "*", "action": {"status": 500}})
    assert api.control("GET", "people").status_code == 200
    assert len(api.control("GET", "faults").json) == 1


def test_a_browsers_preflight_uses_nothing_up_and_the_page_may_read_the_answer(api: Api) -> None:
    api.control("POST", "faults", {"path": "/kp/v1/*", "action": {"status": 500, "body": {"x": 1}}})
    origin = {"Origin": "http://localhost:8000"}
    api.send("OPTIONS", "/kp/v1/load", headers=origin)
    answer = api.send("POST", "/kp/v1/load", json={}, headers=origin)
    assert answer.status_code == 500
    assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:8000"


@pytest.mark.parametrize(
    "rule",
    [
        [],
        {},
        {"path": "*"},
        {"path": "", "action": {"status": 500}},
        {"path": 1, "action": {"status": 500}},
        {"path": "*", "method": 1, "action": {"status": 500}},
        {"path": "*", "times": 0, "action": {"status": 500}},
        {"path": "*", "times": "2", "action": {"status": 500}},
        {"path": "*", "times": 10**30, "action": {"status": 500}},
        {"path": "*", "action": {"status": 99}},
        {"path": "*", "action": {"status": "500"}},
        {"path": "*", "action": {"body": {}}},
        {"path": "*", "action": {"delay": -1}},
        {"path": "*", "action": {"delay": True}},
        {"path": "*", "action": {"delay": 10**400}},
        {"path": "*", "action": {"drop": "during"}},
        {"path": "*", "action": {"drop": []}},
        {"path": "*", "action": {"drop": "before", "delay": 1}},
        {"path": "\ud800", "action": {"status": 500}},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_in_words(api: Api, rule: Any) -> None:
    answer = api.control("POST", "faults", rule)
    assert answer.status_code == 400
    assert answer.json["error"]
    assert api.control("GET", "faults").json == []
