"""Who may call, how often, and what a repeated call does."""

import base64
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from app.sandbox import create_app
from app.sandbox.api.rate_limit import Category, Limiter
from app.sandbox.config import RateLimits, Settings

from .conftest import AMERICA, EUROPE, Api, refusal
from .purchases import american, german

SESSIONS = "/payments/v1/sessions"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "value",
    [
        EUROPE.password,
        encoded(f"{EUROPE.username}:{EUROPE.password}"),
        encoded(f":{EUROPE.password}"),
    ],
)
@pytest.mark.parametrize("scheme", ["Basic", "basic"])
def test_the_key_opens_with_its_user_name_or_alone(api: Api, scheme: str, value: str) -> None:
    answer = api.send("POST", SESSIONS, json=german(), headers={"Authorization": f"{scheme} {value}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic",
        "Basic ",
        "Basic not-a-key",
        "Bearer " + EUROPE.password,
        "Basic " + encoded(f"{AMERICA.username}:{AMERICA.password}"),
        "Basic " + encoded(f"{AMERICA.username}:{EUROPE.password}"),
        "Basic " + encoded(f"{EUROPE.username}:"),
        "Basic " + encoded(EUROPE.username),
        "Basic //8=",
        "Basic ÿ",
    ],
)
def test_everything_else_is_unauthorized(api: Api, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = api.send("POST", SESSIONS, json=german(), headers=headers)
    assert answer.status_code == 401
    assert answer.json["http_status_code"] == 401
    assert answer.json["http_status_message"] == "Unauthorized"
    assert "error_code" not in answer.json
    assert answer.headers["Klarna-Correlation-Id"]


def test_an_inactive_merchant_is_told_so(api: Api) -> None:
    api.control("PATCH", "switches", {"inactive_regions": ["eu"]})
    assert refusal(api.create(german()))[:2] == (403, "MERCHANT_INACTIVE")
    assert api.at(AMERICA).create(american()).status_code == 200
    api.control("PATCH", "switches", {"inactive_regions": []})
    assert api.create(german()).status_code == 200


@pytest.fixture
def limited(settings: Settings) -> Api:
    """With a second that lasts a minute, so that the test's own pace does not count."""
    app = create_app(replace(settings, rate_limits=RateLimits.PLAYGROUND))
    app.extensions["sandbox_limiter"] = Limiter(window=60)
    return Api(app)


def test_the_count_begins_anew_with_the_next_window() -> None:
    limiter = Limiter()
    calls = [limiter.count("m", Category.OTHER, now) for now in (10.0, 10.9, 11.0, 11.5, 12.1)]
    assert calls == [1, 2, 1, 2, 1]


def test_the_playground_opens_five_sessions_a_second(limited: Api) -> None:
    answers = [limited.create(german()) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert [answer.headers["X-Ratelimit-Remaining"] for answer in answers] == ["4", "3", "2", "1", "0", "0"]
    assert answers[5].headers["X-Ratelimit-Limit"] == "5, 5;w=1"
    assert refusal(answers[5])[1] == "TOO_MANY_REQUESTS"
    assert limited.read("x").headers["X-Ratelimit-Limit"] == "50, 50;w=1"
    assert limited.at(AMERICA).create(american()).status_code == 200


def test_the_limits_can_be_turned_up_and_off(limited: Api) -> None:
    limited.control("PATCH", "switches", {"rate_limits": "live"})
    assert [limited.create(german()).status_code for _ in range(10)] == [200] * 10
    limited.control("PATCH", "switches", {"rate_limits": "off"})
    assert "X-Ratelimit-Limit" not in limited.create(german()).headers


@pytest.mark.parametrize("name", ["Klarna_Idempotency_Key", "Idempotency_Key"])
def test_a_key_makes_a_repeated_call_the_first_one(api: Api, name: str) -> None:
    first = api.create(german(), **{name: "k"})
    again = api.create(american(), **{name: "k"})
    assert again.json == first.json
    assert again.headers["Klarna-Correlation-Id"] == first.headers["Klarna-Correlation-Id"]


def test_klarnas_own_header_wins(api: Api) -> None:
    first = api.create(german(), Klarna_Idempotency_Key="a", Idempotency_Key="b").json
    assert api.create(german(), Klarna_Idempotency_Key="a", Idempotency_Key="c").json == first
    assert api.create(german(), Idempotency_Key="b").json != first


def test_a_key_counts_for_one_merchant_method_and_path(api: Api) -> None:
    key = {"Klarna_Idempotency_Key": "k"}
    session_id = api.create(german(), **key).json["session_id"]
    assert api.call("POST", f"sessions/{session_id}", {"locale": "en-DE"}, **key).status_code == 204
    assert api.at(AMERICA).create(american(), **key).json["session_id"] != session_id
    assert api.call("GET", f"sessions/{session_id}", **key).json["locale"] == "en-DE"


def test_a_refusal_is_repeated_word_for_word(api: Api) -> None:
    key = {"Klarna_Idempotency_Key": "k"}
    first = api.create(german(order_amount=1), **key)
    assert api.create(german(), **key).text == first.text
    assert refusal(first)[0] == 400


def test_calls_with_one_key_at_the_same_moment_are_performed_once(api: Api) -> None:
    start = threading.Barrier(8)

    def create(_number: int) -> str:
        start.wait()
        return str(api.create(german(), Klarna_Idempotency_Key="k").json["session_id"])

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(create, range(8)))) == 1


def test_a_key_whose_call_was_interrupted_is_free_after_a_restart(api: Api, settings: Settings) -> None:
    with api.app.app_context():
        from app.sandbox import clock, store

        with store.transaction() as db:
            db.execute(
                "INSERT INTO idempotency (merchant, method, path, key, first_at) VALUES (?, 'POST', ?, 'k', ?)",
                [EUROPE.username, SESSIONS, clock.stamp(clock.now())],
            )
    again = Api(create_app(settings))
    assert again.create(german(), Klarna_Idempotency_Key="k").status_code == 200
