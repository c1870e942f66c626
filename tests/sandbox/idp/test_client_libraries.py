"""Somebody else's client signs people in: requests-oauthlib with its PKCE, and PyJWT, which finds keys by their name.

They read discovery, and know nothing of this provider.
"""

import re

import jwt
import pytest
import requests
from oauthlib.oauth2 import InvalidGrantError, WebApplicationClient
from requests_oauthlib import OAuth2Session

from tests.sandbox.idp.screens import SCOPE, RealShop

TICKET = re.compile(r'name="ticket" value="([^"]+)"')


@pytest.fixture(autouse=True)
def plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """oauthlib wants https, also on this machine."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


def sign_in(browser: requests.Session, klarna: str, address: str) -> str:
    """What a shopper's browser does; the address it comes back to."""
    answer = browser.get(address, allow_redirects=False, timeout=60)
    for step, name, value in [
        ("phone", "phone", "+4917614284340"),
        ("code", "code", "123456"),
        ("consent", "item", "Billing address"),
    ]:
        if answer.status_code == 303:
            answer = browser.get(klarna + answer.headers["Location"], allow_redirects=False, timeout=60)
        if answer.is_redirect:
            break
        ticket = TICKET.search(answer.text)
        assert ticket, answer.text
        form = {"ticket": ticket[1], name: value}
        answer = browser.post(f"{klarna}/login/{step}", data=form, allow_redirects=False, timeout=60)
    return str(answer.headers["Location"])


@pytest.mark.parametrize("family", ["", "/eu/lp/idp"])
def test_a_whole_life_of_a_sign_in(real_shop: RealShop, family: str) -> None:
    issuer = real_shop.klarna
    known = requests.get(f"{issuer}{family}/.well-known/openid-configuration", timeout=60).json()
    assert known["issuer"] == issuer
    client = OAuth2Session(
        client=WebApplicationClient(real_shop.client_id),
        redirect_uri=real_shop.callback,
        scope=SCOPE.split(),
        pkce="S256",
    )
    address, state = client.authorization_url(known["authorization_endpoint"], nonce="nonce-of-the-shop")
    back = sign_in(requests.Session(), issuer, address)
    assert f"state={state}" in back
    tokens = client.fetch_token(
        known["token_endpoint"], authorization_response=back, client_secret=real_shop.secret, include_client_id=True
    )
    key = jwt.PyJWKClient(known["jwks_uri"]).get_signing_key_from_jwt(tokens["id_token"])
    claims = jwt.decode(
        tokens["id_token"], key, ["RS256"], audience=real_shop.client_id, issuer=issuer,
        options={"require": ["iss", "sub", "aud", "exp", "iat", "nonce", "auth_time"]},
    )  # fmt: skip
    assert claims["nonce"] == "nonce-of-the-shop"
    assert client.get(known["userinfo_endpoint"]).json()["sub"] == claims["sub"]
    refreshed = client.refresh_token(
        known["token_endpoint"], client_id=real_shop.client_id, client_secret=real_shop.secret
    )
    assert refreshed["refresh_token"] != tokens["refresh_token"]
    assert client.get(known["userinfo_endpoint"]).json()["given_name"] == "Mock"
    with pytest.raises(InvalidGrantError):
        client.refresh_token(
            known["token_endpoint"], tokens["refresh_token"],
            client_id=real_shop.client_id, client_secret=real_shop.secret,
        )  # fmt: skip


def test_a_new_key_is_found_by_its_name(real_shop: RealShop) -> None:
    address = f"{real_shop.klarna}/.well-known/jwks.json"
    finder = jwt.PyJWKClient(address, cooldown_duration=0)
    browser = requests.Session()
    for _ in range(2):
        back = sign_in(browser, real_shop.klarna, real_shop.address())
        token = real_shop.tokens(re.findall(r"code=([^&]+)", back)[0])["id_token"]
        key = finder.get_signing_key_from_jwt(token)
        assert jwt.decode(token, key, ["RS256"], audience=real_shop.client_id)["sub"]
        real_shop.control("POST", "sign-in/keys/rotate")


def test_an_answer_that_was_lost_has_spent_the_refresh_token(real_shop: RealShop) -> None:
    """The connection breaks after the work: asking again with the old token ends the sign-in."""
    back = sign_in(requests.Session(), real_shop.klarna, real_shop.address())
    old = real_shop.tokens(re.findall(r"code=([^&]+)", back)[0])["refresh_token"]
    real_shop.control("POST", "faults", {"path": "*/oauth2/token", "action": {"drop": "after"}})
    body = {"grant_type": "refresh_token", "refresh_token": old}
    body |= {"client_id": real_shop.client_id, "client_secret": real_shop.secret}
    with pytest.raises(requests.ConnectionError):
        requests.post(f"{real_shop.klarna}/oauth2/token", data=body, timeout=60)
    [chain] = real_shop.control("GET", "sign-in/tokens")
    assert (chain["refreshed"], chain["refresh_token"]["status"]) == (1, "active")
    again = requests.post(f"{real_shop.klarna}/oauth2/token", data=body, timeout=60)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    [chain] = real_shop.control("GET", "sign-in/tokens")
    assert chain["status"] == "revoked"


def test_a_line_that_broke_before_the_work_has_spent_nothing(real_shop: RealShop) -> None:
    back = sign_in(requests.Session(), real_shop.klarna, real_shop.address())
    code = re.findall(r"code=([^&]+)", back)[0]
    real_shop.control("POST", "faults", {"path": "*/oauth2/token", "action": {"drop": "before"}})
    with pytest.raises(requests.ConnectionError):
        real_shop.tokens(code)
    assert real_shop.tokens(code)["refresh_token"]
