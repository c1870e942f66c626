"""Steering a sign-in from outside: tokens, keys, faults, the journal; and the way out of Klarna."""

from urllib.parse import urlencode

import pytest
import requests
from joserfc.errors import JoseError

from tests.sandbox.conftest import Api
from tests.sandbox.idp.conftest import ALICE, EITHER, MOCK, SCOPE, Shop, error


def chains(control: Api) -> list[dict]:
    found: list[dict] = control.control("GET", "sign-in/tokens").json
    return found


def test_sign_ins_are_listed_with_their_newest_tokens(shop: Shop, control: Api) -> None:
    assert chains(control) == []
    first = shop.sign_in()
    second = shop.refresh(first["refresh_token"]).json
    [chain] = chains(control)
    assert (chain["person"], chain["client_id"], chain["region"]) == ("de-approved", shop.client.client_id, "eu")
    assert chain["scopes"] == SCOPE.split()
    assert (chain["status"], chain["refreshed"]) == ("active", 1)
    assert chain["access_token"]["token"] == second["access_token"]
    assert chain["refresh_token"]["token"] == second["refresh_token"]
    assert chain["refresh_token"]["status"] == "active"
    control.control("POST", "clock", {"advance": 300})
    assert chains(control)[0]["access_token"]["status"] == "expired"


def test_a_reset_forgets_who_signed_in(shop: Shop, control: Api) -> None:
    tokens = shop.sign_in()
    control.control("POST", "reset")
    assert chains(control) == []
    assert shop.userinfo(tokens["access_token"]).status_code == 401
    assert "Mobile number" in shop.authorize().text
    assert "Allow" in shop.log_in().text


def test_one_token_can_expire_alone(shop: Shop, control: Api) -> None:
    tokens = shop.sign_in()
    assert control.control("POST", "sign-in/tokens/expire", {"token": tokens["access_token"]}).status_code == 200
    assert shop.userinfo(tokens["access_token"]).status_code == 401
    control.control("POST", "sign-in/tokens/expire", {"token": tokens["refresh_token"]})
    assert error(shop.refresh(tokens["refresh_token"])) == (400, "invalid_grant")


def test_revoking_ends_the_sign_in(shop: Shop, control: Api) -> None:
    tokens = shop.sign_in()
    answer = control.control("POST", "sign-in/tokens/revoke", {"token": tokens["access_token"]})
    assert (answer.json["status"], answer.json["refresh_token"]["status"]) == ("revoked", "revoked")
    assert error(shop.refresh(tokens["refresh_token"])) == (400, "invalid_grant")


@pytest.mark.parametrize("call", ["expire", "revoke"])
@pytest.mark.parametrize(("body", "status"), [({}, 400), ({"token": 1}, 400), ({"token": "ory_rt_nothing"}, 404)])
def test_a_token_has_to_be_one_of_these(control: Api, call: str, body: dict, status: int) -> None:
    assert control.control("POST", f"sign-in/tokens/{call}", body).status_code == status


def test_a_new_key_signs_and_the_old_one_stays_published_until_it_retires(shop: Shop, control: Api) -> None:
    old = shop.sign_in()["id_token"]
    before = {key["kid"] for key in shop.jwks()}
    listed = control.control("POST", "sign-in/keys/rotate").json
    assert all(set(key) == {"kid", "region", "status", "created_at"} for key in listed)
    europe = [key["status"] for key in listed if key["region"] == "eu"]
    assert europe == ["standby", "old", "signing"]
    assert before < {key["kid"] for key in shop.jwks()}
    new = shop.sign_in()["id_token"]
    assert shop.claims(old)["sub"] == shop.claims(new)["sub"]
    control.control("POST", "sign-in/keys/retire")
    assert shop.claims(new)["sub"]
    with pytest.raises((JoseError, ValueError)):
        shop.claims(old)
    assert len({key["n"] for key in shop.jwks()}) == 2


def test_what_signs_is_never_listed_first(shop: Shop, control: Api) -> None:
    for _ in range(2):
        listed = [key for key in control.control("GET", "sign-in/keys").json if key["region"] == "eu"]
        assert listed[0]["status"] == "standby"
        assert shop.jwks()[0]["kid"] == listed[0]["kid"]
        control.control("POST", "sign-in/keys/rotate")


def test_faults_meet_the_token_endpoint(shop: Shop, control: Api) -> None:
    code = shop.code()
    rule = {"method": "POST", "path": "*/oauth2/token", "action": {"status": 503, "body": {"error": "unavailable"}}}
    control.control("POST", "faults", rule)
    answer = shop.exchange(code)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (503, "*")
    assert shop.exchange(code).status_code == 200


def test_the_journal_tells_servers_and_browsers_apart(shop: Shop, control: Api) -> None:
    tokens = shop.sign_in()
    shop.userinfo(tokens["access_token"])
    shop.jwks()
    shop.app.test_client().get("/.well-known/openid-configuration", headers={"Origin": "https://shop.example"})
    entries = control.control("GET", "journal").json
    told = [(entry["actor"], entry["method"], entry["path"].partition("?")[0]) for entry in entries]
    assert told == [
        ("browser", "GET", "/oauth2/auth"),
        ("browser", "GET", "/oauth2/auth"),
        ("browser", "POST", "/login/phone"),
        ("browser", "GET", "/login/code"),
        ("browser", "POST", "/login/code"),
        ("browser", "GET", "/login/consent"),
        ("browser", "POST", "/login/consent"),
        ("merchant", "POST", "/oauth2/token"),
        ("merchant", "GET", "/userinfo"),
        ("merchant", "GET", "/.well-known/jwks.json"),
        ("browser", "GET", "/.well-known/openid-configuration"),
    ]
    exchange = entries[7]
    assert exchange["request"]["body"]["grant_type"] == "authorization_code"
    assert exchange["response"]["body"]["access_token"] == tokens["access_token"]
    assert entries[0]["response"]["body"] is None
    assert "code=" in entries[6]["response"]["headers"]["Location"]


# --- the way out


def log_out(shop: Shop, **parameters: str) -> requests.Response:
    return shop.browser.get(f"{shop.home}/oauth2/sessions/logout?{urlencode(parameters)}")  # type: ignore[return-value]


def test_logging_out_with_an_id_token_leads_back_to_the_shop(shop: Shop) -> None:
    tokens = shop.sign_in()
    answer = log_out(
        shop, id_token_hint=tokens["id_token"], post_logout_redirect_uri="https://shop.example/", state="abc"
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, "https://shop.example/?state=abc")
    assert "Mobile number" in shop.authorize().text
    assert shop.refresh(tokens["refresh_token"]).status_code == 200


def test_logging_out_without_an_address_ends_here(shop: Shop) -> None:
    answer = log_out(shop, id_token_hint=shop.sign_in()["id_token"])
    assert "You are logged out" in answer.text
    assert "Mobile number" in shop.authorize().text


def test_without_a_hint_the_shopper_is_asked(shop: Shop) -> None:
    shop.sign_in()
    assert "Log out of Klarna?" in log_out(shop).text
    assert shop.authorize().status_code == 302
    shop.browser.post("/oauth2/sessions/logout")
    assert "Mobile number" in shop.authorize().text


def test_an_old_id_token_is_still_a_hint(shop: Shop, control: Api) -> None:
    token = shop.sign_in()["id_token"]
    control.control("POST", "clock", {"advance": 7200})
    assert log_out(shop, id_token_hint=token).status_code == 200
    assert "Mobile number" in shop.authorize().text


@pytest.mark.parametrize("uri", ["https://evil.example/", "https://shop.example/elsewhere"])
def test_nobody_is_sent_to_an_unknown_address(shop: Shop, uri: str) -> None:
    token = shop.sign_in()["id_token"]
    assert log_out(shop, id_token_hint=token, post_logout_redirect_uri=uri).status_code == 400
    assert log_out(shop, post_logout_redirect_uri="https://shop.example/").status_code == 400
    assert shop.authorize().status_code == 302


@pytest.mark.parametrize("hint", ["nothing", "a.b.c", "\0"])
def test_a_hint_has_to_be_signed_here(shop: Shop, hint: str) -> None:
    assert log_out(shop, id_token_hint=hint).status_code == 400


def test_logging_in_as_somebody_else_ends_the_login_before(shop: Shop, control: Api) -> None:
    shop.sign_in(MOCK)
    shop.at(EITHER).log_in(ALICE, prompt="login")
    signed_in = {row["id"]: row["signed_in"] for row in control.control("GET", "people").json if row["signed_in"]}
    assert signed_in == {"se-approved": 1}
