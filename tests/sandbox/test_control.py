"""The control calls: what they do, and for whom."""

import time
from dataclasses import replace
from typing import Any

import pytest

from app.sandbox import create_app
from app.sandbox.config import Settings

from .conftest import Api
from .purchases import german


def test_a_reset_forgets_everything_at_once(api: Api) -> None:
    for _ in range(20):
        api.buy(german())
    api.control("PATCH", "people/de-approved", {"decision": "refuse"})
    api.control("POST", "faults", {"path": "*", "action": {"delay": 0}})
    api.control("POST", "clock", {"advance": 5})
    assert api.control("POST", "reset").status_code == 200
    for listed in ("orders", "customer-tokens", "faults", "journal"):
        assert api.control("GET", listed).json == []
    people = {person["id"]: person for person in api.control("GET", "people").json}
    assert people["de-approved"]["decision"] == "approve"
    assert people["de-approved"]["sessions"] == []


def test_a_reset_is_less_than_a_tenth_of_a_second_of_work(api: Api) -> None:
    took = []
    for _ in range(3):
        for _ in range(10):
            api.buy(german())
        began = time.thread_time()  # what the machine does beside it is not counted
        api.control("POST", "reset")
        took.append(time.thread_time() - began)
    assert min(took) < 0.1


def test_people_come_with_market_links_and_sessions(api: Api) -> None:
    token = api.buy(german())["customer_token"]
    person = next(row for row in api.control("GET", "people").json if row["id"] == "de-approved")
    assert (person["country"], person["email"], person["decision"]) == ("DE", "customer@email.de", "approve")
    assert [link["customer_token"] for link in person["customer_tokens"]] == [token]
    assert [session["outcome"] for session in person["sessions"]] == ["approved"]


def test_links_are_listed_as_klarna_sees_them(api: Api) -> None:
    token = api.buy(german())["customer_token"]
    [link] = api.control("GET", "customer-tokens").json
    assert link["customer_token"] == token
    assert (link["person"], link["status"]) == ("de-approved", "active")
    assert link["issued_at"].endswith("Z")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "clock", {}, 400),
        ("POST", "clock", {"advance": "60"}, 400),
        ("POST", "clock", {"advance": True}, 400),
        ("POST", "clock", {"advance": -1}, 400),
        ("POST", "clock", {"advance": 10**400}, 400),
        ("POST", "clock", [60], 400),
        ("PATCH", "people/de-approved", {"decision": "perhaps"}, 400),
        ("PATCH", "people/de-approved", {"decision": {}}, 400),
        ("PATCH", "people/nobody", {"decision": "approve"}, 404),
        ("POST", "customer-tokens/rotate", {}, 400),
        ("POST", "customer-tokens/rotate", {"customer_token": 1}, 400),
        ("POST", "customer-tokens/revoke", {"customer_token": "krn:unknown"}, 404),
        ("POST", "customer-tokens/revoke", {"customer_token": "\0"}, 400),
        ("PATCH", "switches", {"rate_limits": "fast"}, 400),
        ("PATCH", "switches", {"inactive_regions": "eu"}, 400),
        ("PATCH", "switches", {"inactive_regions": ["mars"]}, 400),
        ("PATCH", "switches", {"gravity": 0}, 400),
        ("GET", "journal?after=x", None, 400),
        ("GET", "journal?after=-1", None, 400),
        ("GET", "journal?after=" + "9" * 30, None, 400),
    ],
)
def test_bad_input_is_refused_in_words(api: Api, method: str, path: str, body: Any, status: int) -> None:
    answer = api.control(method, path, body)
    assert answer.status_code == status
    assert answer.json["error"]


def test_a_clock_that_is_no_number_at_all_is_refused(api: Api) -> None:
    path = "/_sandbox/clock"
    for text in ('{"advance": NaN}', '{"advance": Infinity}', "{"):
        assert api.send("POST", path, data=text, content_type="application/json").status_code == 400


@pytest.mark.parametrize("address", ["192.0.2.7", "::ffff:192.0.2.7", "2001:db8::1", ""])
def test_other_machines_are_refused(api: Api, address: str) -> None:
    answer = api.control("GET", "journal", environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == 403


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_not(api: Api, address: str) -> None:
    assert api.control("GET", "journal", environ_base={"REMOTE_ADDR": address}).status_code == 200


def test_a_foreign_name_for_this_machine_is_refused(api: Api) -> None:
    assert api.control("GET", "journal", headers={"Host": "rebound.example"}).status_code == 403


def test_other_machines_are_let_in_when_that_is_wanted(settings: Settings) -> None:
    remote = Api(create_app(replace(settings, remote_control=True)))
    answer = remote.control("GET", "people", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://localhost:8000"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_page_of_another_site_may_change_nothing(api: Api, headers: dict[str, str]) -> None:
    assert api.control("POST", "reset", headers=headers).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "http://localhost:8001", "Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}],
)
def test_the_sandboxs_own_page_and_programs_may(api: Api, headers: dict[str, str]) -> None:
    assert api.control("POST", "reset", headers=headers).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_what_a_form_can_send_is_refused(api: Api, kind: str) -> None:
    answer = api.send("POST", "/_sandbox/clock", data='{"advance": 1}', content_type=kind)
    assert answer.status_code == 400
