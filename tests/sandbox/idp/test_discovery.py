"""What the provider says about itself, its keys, and who may read that."""

import pytest
from flask import Flask

from app.sandbox import create_app
from app.sandbox.config import Settings
from tests.sandbox.conftest import Api
from tests.sandbox.idp.conftest import AMERICA, EUROPE, ROOT, Shop


@pytest.mark.parametrize(
    ("home", "issuer"),
    [
        (ROOT, "http://localhost:8001"),
        (EUROPE, "http://localhost:8001"),
        (AMERICA, "http://localhost:8001/na/lp/idp"),
    ],
)
def test_discovery_leads_to_the_issuers_own_addresses(control: Api, home: str, issuer: str) -> None:
    found = control.send("GET", f"{home}/.well-known/openid-configuration").json
    assert found["issuer"] == issuer
    endpoints = {name: address for name, address in found.items() if name.endswith(("_endpoint", "_uri"))}
    assert endpoints == {
        "authorization_endpoint": f"{issuer}/oauth2/auth",
        "token_endpoint": f"{issuer}/oauth2/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "revocation_endpoint": f"{issuer}/oauth2/revoke",
        "end_session_endpoint": f"{issuer}/oauth2/sessions/logout",
    }
    assert len(found["scopes_supported"]) == 34
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["id_token_signing_alg_values_supported"] == ["RS256"]
    assert set(found["token_endpoint_auth_methods_supported"]) >= {"none", "client_secret_basic", "client_secret_post"}


def test_two_key_pairs_are_published_twice_each_with_nothing_private(shop: Shop) -> None:
    published = shop.jwks()
    kinds = [key["kid"].partition(":")[0] for key in published]
    assert kinds == ["public", "private"] * 2
    assert len({key["n"] for key in published}) == 2
    assert all(set(key) == {"kid", "kty", "use", "alg", "n", "e"} for key in published)
    assert {(key["use"], key["alg"], key["e"]) for key in published} == {("sig", "RS256", "AQAB")}


def test_the_regions_have_keys_of_their_own(shop: Shop) -> None:
    americas = shop.at(home=AMERICA).jwks()
    assert not {key["n"] for key in shop.jwks()} & {key["n"] for key in americas}
    assert shop.at(home=EUROPE).jwks() == shop.jwks()


def test_keys_outlive_a_reset_and_a_restart(shop: Shop, control: Api, settings: Settings) -> None:
    before = shop.jwks()
    control.control("POST", "reset")
    assert shop.jwks() == before
    assert Shop(create_app(settings)).jwks() == before


@pytest.mark.parametrize("home", [ROOT, EUROPE, AMERICA])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/.well-known/openid-configuration"),
        ("GET", "/.well-known/jwks.json"),
        ("POST", "/oauth2/token"),
        ("GET", "/userinfo"),
        ("POST", "/oauth2/revoke"),
        ("GET", "/oauth2/sessions/logout"),
    ],
)
def test_pages_of_any_origin_may_read_the_answers(app: Flask, home: str, method: str, path: str) -> None:
    asking = {"Origin": "https://shop.example"}
    client = app.test_client()
    assert client.open(home + path, method=method, headers=asking).headers["Access-Control-Allow-Origin"] == "*"
    asking |= {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "authorization"}
    allowed = client.options(home + path, headers=asking).headers
    assert method in allowed["Access-Control-Allow-Methods"]
    assert "Authorization" in allowed["Access-Control-Allow-Headers"]


def test_pages_for_people_are_for_no_other_page_to_read(shop: Shop) -> None:
    page = shop.authorize()
    assert "Access-Control-Allow-Origin" not in page.headers
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


def test_what_does_not_exist_is_refused_in_oauths_shape(control: Api) -> None:
    for method, path, status in [("GET", "/oauth2/token", 405), ("GET", "/oauth2/nothing", 404)]:
        answer = control.send(method, path)
        assert (answer.status_code, answer.json["error"]) == (status, "invalid_request")
