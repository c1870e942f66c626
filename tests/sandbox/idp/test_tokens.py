"""The token endpoint: codes and refresh tokens are good once, for a while, and for the client they were given to."""

import base64
import threading
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.sandbox import create_app
from app.sandbox.config import Settings
from tests.sandbox.conftest import Api
from tests.sandbox.idp.conftest import BASIC, CALLBACK, EITHER, POST, PUBLIC, ROOT, Shop, error

DAY = 24 * 3600


def test_an_id_token_needs_openid_and_a_refresh_token_offline_access(shop: Shop) -> None:
    assert set(shop.sign_in(scope="profile:name")) == {"access_token", "expires_in", "scope", "token_type"}
    assert "refresh_token" not in shop.sign_in(scope="openid")
    assert "id_token" not in shop.sign_in(scope="offline_access")


@pytest.mark.parametrize(
    ("parameters", "status", "code"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": "authorization_code"}, 400, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "ory_ac_nothing"}, 400, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "\0ü"}, 400, "invalid_grant"),
        ({"grant_type": "refresh_token"}, 400, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "ory_rt_nothing"}, 400, "invalid_grant"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, 400, "unsupported_grant_type"),
        ({"grant_type": "ü"}, 400, "unsupported_grant_type"),
    ],
)
def test_what_makes_no_sense_is_refused(shop: Shop, parameters: dict[str, str], status: int, code: str) -> None:
    assert error(shop.token(**parameters)) == (status, code)


def test_parameters_may_stand_in_the_address(shop: Shop, app: Flask) -> None:
    query = {
        "grant_type": "authorization_code",
        "code": shop.code(),
        "client_id": POST.client_id,
        "client_secret": POST.secret,
    }
    assert app.test_client().post("/oauth2/token", query_string=query).status_code == 200


# --- client authentication


def header(text: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        ({}, {}, 401, "invalid_client"),
        ({"client_id": "nobody"}, {}, 401, "invalid_client"),
        ({"client_id": POST.client_id}, {}, 401, "invalid_client"),
        ({"client_id": POST.client_id, "client_secret": "wrong"}, {}, 401, "invalid_client"),
        ({"client_id": "nobody", "client_secret": "wrong"}, {}, 401, "invalid_client"),
        ({"client_id": PUBLIC.client_id, "client_secret": "wrong"}, {}, 401, "invalid_client"),
        ({}, header(f"{BASIC.client_id}:wrong"), 401, "invalid_client"),
        ({}, header("nobody:wrong"), 401, "invalid_client"),
        ({}, header(f"{POST.client_id}:{POST.secret}"), 400, "unauthorized_client"),
        ({"client_id": BASIC.client_id, "client_secret": BASIC.secret}, {}, 400, "unauthorized_client"),
        (
            {"client_id": EITHER.client_id, "client_secret": EITHER.secret},
            header(f"{EITHER.client_id}:{EITHER.secret}"), 400, "invalid_request",
        ),
        ({"client_id": "another"}, header(f"{BASIC.client_id}:{BASIC.secret}"), 400, "invalid_request"),
    ],
)  # fmt: skip
def test_who_is_not_the_client_is_refused(
    app: Flask, body: dict[str, str], headers: dict[str, str], status: int, code: str
) -> None:
    body = body | {"grant_type": "refresh_token", "refresh_token": "ory_rt_x"}
    answer = app.test_client().post("/oauth2/token", data=body, headers=headers)
    assert error(answer) == (status, code)
    assert answer.headers.get("WWW-Authenticate", "").startswith("Basic") == (status == 401)


@pytest.mark.parametrize(
    "value",
    [
        base64.b64encode(b"a:b").decode(),
        "Bearer abc",
        "Basic ???",
        "Basic " + base64.b64encode(b"\xff\xfe:x").decode(),
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic",
    ],
)
def test_a_header_without_basic_is_told_so_in_klarnas_words(app: Flask, value: str) -> None:
    body = {"grant_type": "refresh_token", "refresh_token": "ory_rt_x"}
    answer = app.test_client().post("/oauth2/token", data=body, headers={"Authorization": value})
    assert (answer.status_code, answer.text) == (400, "Invalid authorization header")


def test_either_way_is_good_for_a_client_registered_for_both(app: Flask) -> None:
    shop = Shop(app, EITHER)
    tokens = shop.sign_in()
    body = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    sent = header(f"{EITHER.client_id}:{EITHER.secret}")
    assert app.test_client().post("/oauth2/token", data=body, headers=sent).status_code == 200


def test_a_secret_in_the_header_may_be_encoded_or_not(app: Flask) -> None:
    for secret in (BASIC.secret, "klarna_test_api_basic%3A%2B%25%2F%C3%BC"):
        tokens = Shop(app, BASIC).sign_in()
        body = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        answer = app.test_client().post("/oauth2/token", data=body, headers=header(f"{BASIC.client_id}:{secret}"))
        assert answer.status_code == 200


# --- codes


def test_a_code_comes_once_and_ends_the_sign_in_when_it_comes_again(shop: Shop) -> None:
    code = shop.code()
    tokens = shop.exchange(code).json
    assert error(shop.exchange(code)) == (400, "invalid_grant")
    assert shop.userinfo(tokens["access_token"]).status_code == 401
    assert error(shop.refresh(tokens["refresh_token"])) == (400, "invalid_grant")


def test_a_code_is_good_for_ten_minutes(shop: Shop, control: Api) -> None:
    early, late = shop.code(), shop.code()
    control.control("POST", "clock", {"advance": 540})
    assert shop.exchange(early).status_code == 200
    control.control("POST", "clock", {"advance": 60})
    assert error(shop.exchange(late)) == (400, "invalid_grant")


def test_a_code_is_good_for_its_own_client_only(shop: Shop) -> None:
    code = shop.code()
    assert error(shop.at(EITHER).exchange(code)) == (400, "invalid_grant")
    assert shop.exchange(code).status_code == 200


@pytest.mark.parametrize("verifier", ["a" * 43, "short", "ü" * 43])
def test_a_wrong_verifier_is_refused(app: Flask, verifier: str) -> None:
    shop = Shop(app, PUBLIC)
    code = shop.code()
    assert error(shop.exchange(code, code_verifier=verifier)) == (400, "invalid_grant")
    assert shop.exchange(code).status_code == 200


def test_a_challenge_wants_its_verifier_and_a_verifier_its_challenge(shop: Shop) -> None:
    with_pkce = {"code_challenge": shop.challenge, "code_challenge_method": "S256"}
    code = shop.code(**with_pkce)
    assert error(shop.exchange(code)) == (400, "invalid_request")
    assert shop.exchange(code, code_verifier=shop.verifier).status_code == 200
    assert error(shop.exchange(shop.code(), code_verifier=shop.verifier)) == (400, "invalid_request")


# --- refresh tokens


def test_a_refresh_brings_new_tokens_and_spends_the_old_one(shop: Shop) -> None:
    first = shop.sign_in()
    second = shop.refresh(first["refresh_token"]).json
    assert set(second) == set(first)
    assert (second["expires_in"], second["token_type"]) == (299, "Bearer")
    assert second["scope"] == first["scope"]
    for name in ("access_token", "refresh_token", "id_token"):
        assert second[name] != first[name]
    before, after = shop.claims(first["id_token"]), shop.claims(second["id_token"])
    assert {name: before[name] for name in ("sub", "auth_time", "sid")} == {
        name: after[name] for name in ("sub", "auth_time", "sid")
    }
    assert "nonce" not in after
    assert error(shop.refresh(first["refresh_token"])) == (400, "invalid_grant")


def test_a_spent_refresh_token_ends_the_whole_sign_in(shop: Shop) -> None:
    first = shop.sign_in()
    second = shop.refresh(first["refresh_token"]).json
    shop.refresh(first["refresh_token"])
    assert error(shop.refresh(second["refresh_token"])) == (400, "invalid_grant")
    assert shop.userinfo(second["access_token"]).status_code == 401


def test_with_the_switch_off_only_the_spent_token_is_refused(shop: Shop, control: Api) -> None:
    control.control("PATCH", "switches", {"refresh_reuse_revokes": "off"})
    first = shop.sign_in()
    second = shop.refresh(first["refresh_token"]).json
    assert error(shop.refresh(first["refresh_token"])) == (400, "invalid_grant")
    assert shop.refresh(second["refresh_token"]).status_code == 200


def test_a_refresh_token_lives_sixty_days_and_each_one_the_whole_time(shop: Shop, control: Api) -> None:
    token = shop.sign_in()["refresh_token"]
    for _ in range(2):
        control.control("POST", "clock", {"advance": 60 * DAY - 60})
        token = shop.refresh(token).json["refresh_token"]
    control.control("POST", "clock", {"advance": 60 * DAY})
    assert error(shop.refresh(token)) == (400, "invalid_grant")


def test_how_long_a_refresh_token_lives_is_a_setting(settings: Settings, control: Api) -> None:
    app = create_app(replace(settings, refresh_token_days=1))
    shop = Shop(app)
    token = shop.sign_in()["refresh_token"]
    Api(app).control("POST", "clock", {"advance": DAY})
    assert error(shop.refresh(token)) == (400, "invalid_grant")


def test_a_refresh_token_is_good_for_its_own_client_only(shop: Shop) -> None:
    token = shop.sign_in()["refresh_token"]
    assert error(shop.at(EITHER).refresh(token)) == (400, "invalid_grant")
    assert shop.refresh(token).status_code == 200


def test_an_access_token_is_no_refresh_token(shop: Shop) -> None:
    assert error(shop.refresh(shop.sign_in()["access_token"])) == (400, "invalid_grant")


def test_a_refresh_may_ask_for_less_and_not_for_more(shop: Shop) -> None:
    first = shop.sign_in(scope="openid offline_access profile:name profile:email")
    more = shop.refresh(first["refresh_token"], scope="openid profile:phone")
    assert error(more) == (400, "invalid_scope")
    less = shop.refresh(first["refresh_token"], scope="openid profile:name").json
    assert "email" not in shop.userinfo(less["access_token"]).json
    again = shop.refresh(less["refresh_token"]).json
    assert "email" in shop.userinfo(again["access_token"]).json


def test_a_refreshed_id_token_says_what_is_true_now(shop: Shop, control: Api) -> None:
    first = shop.sign_in()
    control.control("PATCH", "people/de-approved", {"email": "new@email.de"})
    second = shop.refresh(first["refresh_token"]).json
    before, after = shop.claims(first["id_token"]), shop.claims(second["id_token"])
    assert (before["email"], after["email"]) == ("customer@email.de", "new@email.de")
    assert before["sub"] == after["sub"]


def test_of_many_refreshes_at_once_one_succeeds(shop: Shop, control: Api) -> None:
    control.control("PATCH", "switches", {"refresh_reuse_revokes": "off"})
    token = shop.sign_in()["refresh_token"]
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda: statuses.append(shop.refresh(token).status_code)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [400] * 7


# --- access tokens, revocation


def test_an_access_token_lives_five_minutes(shop: Shop, control: Api) -> None:
    token = shop.sign_in()["access_token"]
    control.control("POST", "clock", {"advance": 240})
    assert shop.userinfo(token).status_code == 200
    control.control("POST", "clock", {"advance": 60})
    answer = shop.userinfo(token)
    assert error(answer) == (401, "request_unauthorized")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer ory_at_nothing", "Basic abc", "Bearer \xfc"])
def test_userinfo_wants_a_good_access_token(app: Flask, value: str) -> None:
    answer = app.test_client().get("/userinfo", headers={"Authorization": value})
    assert error(answer) == (401, "request_unauthorized")


def test_a_refresh_token_or_a_code_is_no_access_token(shop: Shop) -> None:
    code = shop.code()
    assert shop.userinfo(code).status_code == 401
    assert shop.userinfo(shop.exchange(code).json["refresh_token"]).status_code == 401


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_revoking_either_token_ends_the_sign_in(shop: Shop, kind: str) -> None:
    tokens = shop.sign_in()
    answer = shop.revoke(tokens[kind])
    assert (answer.status_code, answer.text) == (200, "")
    assert shop.userinfo(tokens["access_token"]).status_code == 401
    assert error(shop.refresh(tokens["refresh_token"])) == (400, "invalid_grant")
    assert shop.revoke(tokens[kind]).status_code == 200


def test_only_the_client_itself_can_revoke(shop: Shop, app: Flask) -> None:
    tokens = shop.sign_in()
    assert shop.at(EITHER).revoke(tokens["refresh_token"]).status_code == 200
    assert shop.userinfo(tokens["access_token"]).status_code == 200
    bad: list[tuple[dict[str, Any], int]] = [
        ({"token": tokens["access_token"], "client_id": POST.client_id}, 401),
        ({"client_id": POST.client_id, "client_secret": POST.secret}, 400),
    ]
    for body, status in bad:
        assert app.test_client().post(f"{ROOT}/oauth2/revoke", data=body).status_code == status
    assert shop.userinfo(tokens["access_token"]).status_code == 200


def test_the_wrong_address_leaves_the_code_good(shop: Shop) -> None:
    code = shop.code()
    assert error(shop.exchange(code, redirect_uri="https://evil.example/")) == (400, "invalid_grant")
    assert shop.exchange(code, redirect_uri=CALLBACK).status_code == 200
