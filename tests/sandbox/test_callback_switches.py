"""Authorization callbacks that are lost, late, repeated, many at once, forged, or sent once more on request."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.sandbox import callbacks, create_app
from app.sandbox.config import Settings

from .conftest import Api, Shop
from .purchases import german


def settle(api: Api) -> None:
    with api.app.app_context():
        assert callbacks.wait()


def switch(api: Api, manner: str) -> None:
    assert api.control("PATCH", "switches", {"authorization_callback": manner}).status_code == 200


def authorize(api: Api, shop: Shop) -> tuple[str, dict[str, Any]]:
    """The session, and what its merchant should hear."""
    session_id = api.open(german(merchant_urls={"authorization": shop.url}))
    news = {"authorization_token": api.approve(session_id), "session_id": session_id}
    settle(api)
    return session_id, news


@pytest.mark.parametrize(("manner", "times"), [("on", 1), ("lost", 0), ("twice", 2), ("burst", 5)])
def test_a_switch_decides_how_often_it_comes(api: Api, shop: Shop, manner: str, times: int) -> None:
    switch(api, manner)
    _session_id, news = authorize(api, shop)
    assert [received for _path, received in shop.received] == [news] * times


@pytest.fixture
def late(settings: Settings) -> Iterator[Api]:
    app = create_app(replace(settings, callback_delay=2.0))
    yield Api(app)
    with app.app_context():
        callbacks.wait()


def test_a_late_one_comes_after_the_delay(late: Api, shop: Shop) -> None:
    switch(late, "delayed")
    late.approve(late.open(german(merchant_urls={"authorization": shop.url})))
    time.sleep(0.2)
    assert shop.received == []
    [waiting] = late.control("GET", "callbacks").json
    assert (waiting["state"], waiting["attempts"]) == ("waiting", 0)
    settle(late)
    assert len(shop.received) == 1


def test_a_lost_one_is_listed_and_can_be_sent_after_all(api: Api, shop: Shop) -> None:
    switch(api, "lost")
    session_id, news = authorize(api, shop)
    [lost] = api.control("GET", "callbacks").json
    assert (lost["kind"], lost["state"], lost["attempts"]) == ("authorization", "lost", 0)
    assert (lost["body"], lost["session_id"], lost["forged"]) == (news, session_id, False)
    answer = api.control("POST", "callbacks/resend", {"session_id": session_id})
    assert answer.status_code == 200
    settle(api)
    assert [received for _path, received in shop.received] == [news]
    assert [row["state"] for row in api.control("GET", "callbacks").json] == ["lost", "arrived"]


def test_the_last_real_one_is_sent_again(api: Api, shop: Shop) -> None:
    session_id, first = authorize(api, shop)
    second = first | {"authorization_token": api.approve(session_id)}
    settle(api)
    api.control("POST", "callbacks/forge", {"session_id": session_id})
    settle(api)
    api.control("POST", "callbacks/resend", {"session_id": session_id})
    settle(api)
    assert shop.received[-1][1] == second


def test_a_forged_one_brings_an_invented_token_that_buys_nothing(api: Api, shop: Shop) -> None:
    body = german(merchant_urls={"authorization": shop.url})
    session_id = api.open(body)
    sent = api.control("POST", "callbacks/forge", {"session_id": session_id}).json
    settle(api)
    [(_path, received)] = shop.received
    assert received == sent["body"]
    assert sent["forged"] is True
    assert received["session_id"] == session_id
    assert api.order(received["authorization_token"], body).status_code == 404


def test_a_forged_one_may_bring_a_token_of_ones_choice_whatever_the_switch(api: Api, shop: Shop) -> None:
    switch(api, "lost")
    session_id = api.open(german(merchant_urls={"authorization": shop.url}))
    api.control("POST", "callbacks/forge", {"session_id": session_id, "authorization_token": "stolen"})
    settle(api)
    assert shop.received[0][1] == {"authorization_token": "stolen", "session_id": session_id}


@pytest.mark.parametrize("call", ["resend", "forge"])
@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 400), ({"session_id": 7}, 400), ({"session_id": "nobody"}, 404), ({"session_id": "\ud800"}, 400), ([], 400)],
)
def test_what_cannot_be_sent_is_refused_in_words(api: Api, call: str, body: Any, status: int) -> None:
    answer = api.control("POST", f"callbacks/{call}", body)
    assert answer.status_code == status
    assert answer.json["error"]


def test_a_session_without_an_address_cannot_be_called(api: Api) -> None:
    session_id = api.open(german())
    for call in ("resend", "forge"):
        assert api.control("POST", f"callbacks/{call}", {"session_id": session_id}).status_code == 404


def test_an_odd_token_is_refused(api: Api, shop: Shop) -> None:
    session_id = api.open(german(merchant_urls={"authorization": shop.url}))
    answer = api.control("POST", "callbacks/forge", {"session_id": session_id, "authorization_token": 7})
    assert answer.status_code == 400


def test_a_reset_restores_every_switch(api: Api) -> None:
    before = api.control("GET", "switches").json
    wanted = {
        "authorization_callback": "burst",
        "notification_callback": "twice",
        "push": "twice",
        "webhooks": "lost",
        "rotate_on_every_order": "on",
        "refresh_reuse_revokes": "off",
        "inactive_regions": ["na"],
        "rate_limits": "live",
    }
    assert api.control("PATCH", "switches", wanted).json == wanted
    api.control("POST", "reset")
    assert api.control("GET", "switches").json == before
    assert before == {
        "authorization_callback": "on",
        "notification_callback": "on",
        "push": "on",
        "webhooks": "on",
        "rotate_on_every_order": "off",
        "refresh_reuse_revokes": "on",
        "inactive_regions": [],
        "rate_limits": "off",
    }


@pytest.mark.parametrize(
    "wanted",
    [
        {"authorization_callback": "sometimes"},
        {"authorization_callback": ["on"]},
        {"webhooks": "burst"},
        {"rotate_on_every_order": True},
        {"webhooks": "lost", "gravity": "off"},
    ],
)
def test_a_switch_takes_its_own_words_only_and_all_or_none_are_set(api: Api, wanted: dict[str, Any]) -> None:
    before = api.control("GET", "switches").json
    assert api.control("PATCH", "switches", wanted).status_code == 400
    assert api.control("GET", "switches").json == before
