"""Sign in with Klarna: the OpenID provider as a shop's server meets it, and the sign-in carried into a purchase.

https://docs.klarna.com/conversion-boosters/sign-in-with-klarna/integrate-sign-in-with-klarna/openidconnect/
A sign-in takes place in a browser, with credentials of its own: it runs on the stand-in only. What the pages do is
tested beside them.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from .bodies import purchase
from .client import Klarna, basic
from .expectations import assert_ok, seen
from .shopper import Shopper, at_once
from .stand_in import Control, StandIn

SCOPE = "openid offline_access payment:request:create profile:name profile:email profile:billing_address"


@dataclass(frozen=True)
class Provider:
    """One issuer, the registered client, and the shopper who signs in."""

    klarna: Klarna
    shopper: Shopper
    issuer: str
    client_id: str
    secret: str
    redirect_uri: str

    def get(self, path: str, **how: Any) -> requests.Response:
        return requests.get(self.issuer + path, timeout=60, **how)

    def post(self, path: str, authorization: str = "", **form: str) -> requests.Response:
        """With the client's credentials in the body, unless a header is given."""
        own = {} if authorization else {"client_id": self.client_id, "client_secret": self.secret}
        headers = {"Authorization": authorization} if authorization else {}
        return requests.post(self.issuer + path, data=own | form, headers=headers, timeout=60)

    def code(self, scope: str = SCOPE) -> str:
        return self.shopper.sign_in(self.klarna, self.client_id, self.redirect_uri, scope)

    def exchange(self, code: str, **how: str) -> requests.Response:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri}
        return self.post("/oauth2/token", **form | how)

    def refresh(self, refresh_token: str, **how: str) -> requests.Response:
        return self.post("/oauth2/token", **{"grant_type": "refresh_token", "refresh_token": refresh_token} | how)

    def sign_in(self, scope: str = SCOPE) -> dict[str, Any]:
        answer = self.exchange(self.code(scope))
        assert answer.status_code == 200, seen(answer)
        tokens: dict[str, Any] = answer.json()
        return tokens

    def userinfo(self, access_token: str) -> requests.Response:
        return self.get("/userinfo", headers={"Authorization": f"Bearer {access_token}"})


@pytest.fixture(params=["", "/eu/lp/idp", "/na/lp/idp"])
def provider(request: pytest.FixtureRequest, stand_in: StandIn, shopper: Shopper, control: Control) -> Provider:
    home = str(request.param)
    klarna = request.getfixturevalue("north_america" if home.startswith("/na") else "klarna")
    client = stand_in.app.config["SANDBOX_SETTINGS"].clients[0]
    return Provider(klarna, shopper, stand_in.url + home, client.client_id, client.secret, client.redirect_uris[0])


def assert_refused(answer: requests.Response, status: int, error: str) -> None:
    assert answer.status_code == status, seen(answer)
    body = answer.json()
    assert body["error"] == error, seen(answer)
    assert isinstance(body["error_description"], str), seen(answer)


def parts(id_token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, unchecked."""
    texts = [part + "=" * (-len(part) % 4) for part in id_token.split(".")[:2]]
    header, claims = (json.loads(base64.urlsafe_b64decode(text)) for text in texts)
    return header, claims


def test_discovery_stands_below_the_issuer(provider: Provider) -> None:
    answer = provider.get("/.well-known/openid-configuration", headers={"Origin": "https://shop.example"})
    assert answer.status_code == 200, seen(answer)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    found = answer.json()
    assert found["issuer"] == provider.issuer.removesuffix("/eu/lp/idp")
    assert set(SCOPE.split()) <= set(found["scopes_supported"])
    assert found["id_token_signing_alg_values_supported"] == ["RS256"]


def test_a_code_is_changed_for_the_documented_members(provider: Provider) -> None:
    tokens = provider.sign_in()
    assert set(tokens) == {"access_token", "expires_in", "id_token", "refresh_token", "scope", "token_type"}
    assert tokens["access_token"].startswith("ory_at_")
    assert tokens["refresh_token"].startswith("ory_rt_")
    assert (tokens["expires_in"], tokens["token_type"]) == (300, "bearer")
    assert tokens["scope"].split() == SCOPE.split()


def test_the_id_token_names_its_key_which_is_not_the_first(provider: Provider) -> None:
    header, claims = parts(provider.sign_in()["id_token"])
    published = [key["kid"] for key in provider.get("/.well-known/jwks.json").json()["keys"]]
    assert header["alg"] == "RS256"
    assert header["kid"] in published[1:]
    assert {kid.partition(":")[0] for kid in published} == {"public", "private"}
    assert claims["iss"] == provider.issuer.removesuffix("/eu/lp/idp")
    assert claims["aud"] in (provider.client_id, [provider.client_id])
    assert re.fullmatch(r"krn:kuid:[0-9A-Za-z]{22}", claims["sub"])
    assert {"at_hash", "auth_time", "exp", "iat", "given_name", "email", "email_verified"} <= set(claims)


def test_a_refresh_token_is_good_once(provider: Provider) -> None:
    first = provider.sign_in()
    answer = provider.refresh(first["refresh_token"])
    assert answer.status_code == 200, seen(answer)
    second = answer.json()
    assert (second["expires_in"], second["token_type"]) == (299, "Bearer")
    assert second["refresh_token"] != first["refresh_token"]
    assert provider.userinfo(second["access_token"]).json()["email"].startswith("customer@")
    assert_refused(provider.refresh(first["refresh_token"]), 400, "invalid_grant")


def test_of_refreshes_at_the_same_moment_at_most_one_succeeds(provider: Provider) -> None:
    token = provider.sign_in()["refresh_token"]
    statuses = [answer.status_code for answer in at_once(6, lambda: provider.refresh(token))]
    assert sorted(statuses) == [200] + [400] * 5


def test_a_code_is_good_once(provider: Provider) -> None:
    code = provider.code()
    assert provider.exchange(code).status_code == 200
    assert_refused(provider.exchange(code), 400, "invalid_grant")


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": "refresh_token", "refresh_token": "ory_rt_unknown"}, 400, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "ory_ac_unknown"}, 400, "invalid_grant"),
        ({"grant_type": "refresh_token"}, 400, "invalid_request"),
        ({"grant_type": "authorization_code"}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "x", "client_id": "unknown"}, 401, "invalid_client"),
        ({"grant_type": "refresh_token", "refresh_token": "x", "client_secret": "wrong"}, 401, "invalid_client"),
    ],
)
def test_refusals_have_the_shape_of_rfc_6749(provider: Provider, form: dict[str, str], status: int, error: str) -> None:
    assert_refused(provider.post("/oauth2/token", **form), status, error)


def test_the_secret_may_come_as_basic_and_nothing_else_may(provider: Provider) -> None:
    token = provider.sign_in()["refresh_token"]
    good = basic(provider.client_id, provider.secret)
    bare = provider.refresh(token, authorization=good.removeprefix("Basic "))
    assert (bare.status_code, bare.text) == (400, "Invalid authorization header")
    assert provider.refresh(token, authorization=good).status_code == 200


def test_an_access_token_lives_five_minutes(provider: Provider, control: Control) -> None:
    token = provider.sign_in()["access_token"]
    assert provider.userinfo(token).status_code == 200
    control.advance(300)
    answer = provider.userinfo(token)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_revoking_ends_the_sign_in(provider: Provider) -> None:
    tokens = provider.sign_in()
    answer = provider.post("/oauth2/revoke", token=tokens["refresh_token"])
    assert (answer.status_code, answer.content) == (200, b"")
    assert_refused(provider.refresh(tokens["refresh_token"]), 400, "invalid_grant")


def test_a_signed_in_shopper_needs_no_login_to_pay(provider: Provider) -> None:
    token = provider.sign_in()["access_token"]
    country = {"purchase_country": "US", "purchase_currency": "USD", "locale": "en-US"}
    body = purchase(**(country if provider.issuer.endswith("/na/lp/idp") else {}))
    signed_in = body | {"customer": {"klarna_access_token": token}}
    session_id = provider.klarna.open_session(signed_in)
    assert provider.shopper.is_recognised(session_id)
    assert token not in json.dumps(assert_ok(provider.klarna.read_session(session_id)))
    stale = body | {"customer": {"klarna_access_token": token[:-1]}}
    assert not provider.shopper.is_recognised(provider.klarna.open_session(stale))
