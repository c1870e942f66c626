"""Everything expires by one clock, and what does not expire outlives a restart."""

import pytest

from app.sandbox import clock, create_app, sessions
from app.sandbox.client_tokens import UnknownClientToken
from app.sandbox.config import Settings

from .conftest import Api, refusal
from .purchases import german

MINUTE, HOUR = 60, 3600
GONE = (404, "NOT_FOUND", ["Invalid session id"])
INVALID = (404, "NOT_FOUND", ["Invalid authorization token"])


def later(api: Api, seconds: float) -> None:
    assert api.control("POST", "clock", {"advance": seconds}).status_code == 200


def test_a_session_is_open_for_48_hours(api: Api) -> None:
    session_id = api.open(german())
    later(api, 48 * HOUR - MINUTE)
    assert api.read(session_id).status_code == 200
    later(api, 2 * MINUTE)
    assert refusal(api.read(session_id)) == GONE
    assert refusal(api.update(session_id, {"locale": "en-DE"})) == GONE


def test_an_expired_sessions_client_token_opens_nothing(api: Api) -> None:
    client_token = api.create(german()).json["client_token"]
    later(api, 49 * HOUR)
    with api.app.app_context(), pytest.raises(UnknownClientToken):
        sessions.by_client_token(client_token)


def test_an_authorization_is_good_for_60_minutes(api: Api) -> None:
    body = german()
    session_id = api.open(body)
    token = api.approve(session_id)
    later(api, 59 * MINUTE)
    assert api.read(session_id).json["authorization_token"] == token
    later(api, 2 * MINUTE)
    assert "authorization_token" not in api.read(session_id).json
    assert refusal(api.order(token, body)) == INVALID


def test_a_key_is_good_for_24_hours(api: Api) -> None:
    key = {"Klarna_Idempotency_Key": "one"}
    first = api.create(german(), **key).json
    later(api, 24 * HOUR - MINUTE)
    assert api.create(german(), **key).json == first
    later(api, 2 * MINUTE)
    assert api.create(german(), **key).json != first


def test_sessions_authorizations_and_links_outlive_a_restart(api: Api, settings: Settings) -> None:
    body = german()
    session_id = api.open(body)
    token = api.approve(session_id)
    customer_token = api.buy(german())["customer_token"]
    again = Api(create_app(settings))
    assert again.read(session_id).json["authorization_token"] == token
    assert again.order(token, body).json["customer_token"] == customer_token
    linked = german(customer={"customer_token": customer_token})
    assert again.recognised(again.open(linked)) == "de-approved"


def test_the_clock_goes_forward_and_a_reset_puts_it_right(api: Api) -> None:
    with api.app.app_context():
        before = clock.now()
        later(api, 90)
        assert 90 <= (clock.now() - before).total_seconds() < 100
        api.control("POST", "reset")
        assert clock.offset() == 0
