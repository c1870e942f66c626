"""A sign-in from the shop's button to its tokens: both families of paths, both issuers, each kind of client."""

import pytest
from flask import Flask

from app.sandbox.clients import Client
from tests.sandbox.idp.conftest import (
    ALICE,
    AMERICA,
    AMERICAN,
    BASIC,
    CALLBACK,
    EITHER,
    EUROPE,
    EUROPEAN,
    MOCK,
    POST,
    PUBLIC,
    ROOT,
    Shop,
    error,
    sent_back,
)


@pytest.mark.parametrize("client", [POST, BASIC, EITHER, PUBLIC, EUROPEAN], ids=lambda client: client.client_id)
@pytest.mark.parametrize("home", [ROOT, EUROPE])
def test_every_kind_of_client_signs_in_at_both_families_of_paths(app: Flask, client: Client, home: str) -> None:
    shop = Shop(app, client, home)
    tokens = shop.sign_in()
    assert set(tokens) == {"access_token", "expires_in", "id_token", "refresh_token", "scope", "token_type"}
    assert tokens["access_token"].startswith("ory_at_")
    assert tokens["refresh_token"].startswith("ory_rt_")
    assert (tokens["expires_in"], tokens["token_type"]) == (300, "bearer")
    claims = shop.claims(tokens["id_token"])
    assert (claims["iss"], claims["aud"]) == ("http://localhost:8001", [client.client_id])


def test_the_families_share_everything(shop: Shop) -> None:
    code = shop.at(home=ROOT).code()
    tokens = shop.at(home=EUROPE).exchange(code).json
    assert shop.at(home=ROOT).userinfo(tokens["access_token"]).status_code == 200
    assert shop.at(home=EUROPE).authorize().status_code == 302


def test_north_america_has_an_issuer_and_people_of_its_own(app: Flask) -> None:
    shop = Shop(app, home=AMERICA)
    tokens = shop.sign_in(AMERICAN)
    assert shop.claims(tokens["id_token"])["iss"] == "http://localhost:8001/na/lp/idp"
    europe = shop.at(home=ROOT)
    assert europe.userinfo(tokens["access_token"]).status_code == 401
    assert error(europe.refresh(tokens["refresh_token"])) == (400, "invalid_grant")
    assert "Mobile number" in europe.authorize().text
    assert "United States" in europe.submit(europe.authorize(), "phone", phone=AMERICAN).text


def test_a_shopper_who_is_known_and_agreed_sees_no_page(shop: Shop) -> None:
    shop.sign_in()
    brought = sent_back(shop.authorize(state="another-state"))
    assert brought["state"] == "another-state"
    assert brought["code"].startswith("ory_ac_")
    assert brought["scope"].split() == shop.request()["scope"].split()


def test_another_browser_asks_for_the_login_and_not_for_consent(shop: Shop, app: Flask) -> None:
    shop.sign_in()
    elsewhere = Shop(app)
    assert sent_back(elsewhere.log_in(MOCK))["code"]


def test_not_you_leads_to_another_person(shop: Shop) -> None:
    shop.sign_in(MOCK)
    page = shop.authorize(prompt="consent")
    assert "Mock Mock" in page.text
    page = shop.submit(page, "other")
    assert "Mobile number" in page.text
    page = shop.submit(shop.submit(page, "phone", phone=ALICE), "code", code="123456")
    tokens = shop.exchange(sent_back(shop.allow(page))["code"]).json
    assert shop.userinfo(tokens["access_token"]).json["given_name"] == "Alice"


def test_an_address_with_a_query_keeps_it(shop: Shop) -> None:
    other = "https://shop.example/other?a=b"
    page = shop.log_in(redirect_uri=other)
    assert sent_back(shop.allow(page))["a"] == "b"


def test_the_code_is_good_without_the_address_but_not_with_another(shop: Shop) -> None:
    body = {"grant_type": "authorization_code", "code": shop.code()}
    assert error(shop.token(**body, redirect_uri=CALLBACK + "/")) == (400, "invalid_grant")
    assert shop.token(**body).status_code == 200
