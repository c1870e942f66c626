"""Whoever signed in is recognised in a purchase by the access token the merchant sends, and by nothing else."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.sandbox import create_app, store
from app.sandbox.config import Settings
from app.sandbox.idp import access_tokens
from tests.sandbox.conftest import AMERICA as AMERICAN_MERCHANT
from tests.sandbox.conftest import EUROPE, Answer, Api
from tests.sandbox.idp.conftest import ALICE, AMERICA, AMERICAN, EUROPEAN, Shop
from tests.sandbox.purchases import american, german


def buyer(token: Any, **others: Any) -> dict[str, Any]:
    return german(customer={"klarna_access_token": token, **others})


@pytest.mark.parametrize("scope", ["customer:login", "payment:request:create"])
def test_who_signed_in_is_recognised(shop: Shop, control: Api, scope: str) -> None:
    token = shop.sign_in(scope=f"openid {scope}")["access_token"]
    assert control.recognised(control.open(buyer(token))) == "de-approved"


def test_a_session_learns_it_later_too(shop: Shop, control: Api) -> None:
    session_id = control.open(german())
    token = shop.sign_in()["access_token"]
    assert control.update(session_id, {"customer": {"klarna_access_token": token}}).status_code == 204
    assert control.recognised(session_id) == "de-approved"
    assert control.update(session_id, {"locale": "en-DE"}).status_code == 204
    assert control.recognised(session_id) == "de-approved"


def test_a_purchase_by_a_recognised_shopper_can_be_linked(shop: Shop, control: Api) -> None:
    bought = control.buy(buyer(shop.sign_in()["access_token"]))
    assert bought["customer_token"].startswith("krn:partner:")


def expired(shop: Shop, control: Api, token: str) -> None:
    control.control("POST", "clock", {"advance": 300})


def revoked(shop: Shop, control: Api, token: str) -> None:
    shop.revoke(token)


def withdrawn(shop: Shop, control: Api, token: str) -> None:
    control.control("PATCH", "people/de-approved", {"consents": []})


@pytest.mark.parametrize("fate", [expired, revoked, withdrawn])
def test_a_token_that_is_no_longer_good_is_ignored(
    shop: Shop, control: Api, fate: Callable[[Shop, Api, str], None]
) -> None:
    token = shop.sign_in()["access_token"]
    fate(shop, control, token)
    assert control.recognised(control.open(buyer(token))) is None


def test_a_token_without_a_scope_about_purchases_is_for_signing_in_only(shop: Shop, control: Api) -> None:
    token = shop.sign_in(scope="openid profile:name")["access_token"]
    assert control.recognised(control.open(buyer(token))) is None


def test_other_tokens_are_ignored(shop: Shop, control: Api) -> None:
    tokens = shop.sign_in()
    for value in (tokens["refresh_token"], tokens["id_token"], "ory_at_nothing", "", None):
        assert control.recognised(control.open(buyer(value))) is None


def test_a_token_is_good_in_its_own_region(app: Flask, control: Api) -> None:
    token = Shop(app, home=AMERICA).sign_in(AMERICAN)["access_token"]
    assert control.recognised(control.open(buyer(token))) is None
    there = control.at(AMERICAN_MERCHANT)
    session_id = there.open(american(customer={"klarna_access_token": token}))
    assert there.recognised(session_id) == "us-approved"


def test_a_client_that_is_registered_no_longer_recognises_nobody(app: Flask, settings: Settings) -> None:
    token = Shop(app, EUROPEAN).sign_in()["access_token"]
    without = create_app(replace(settings, clients=tuple(c for c in settings.clients if c != EUROPEAN)))
    api = Api(without)
    assert api.recognised(api.open(buyer(token))) is None


def test_a_customer_token_goes_over_an_access_token(shop: Shop, control: Api) -> None:
    linked = control.buy(german())["customer_token"]
    alice = Shop(shop.app).sign_in(ALICE)["access_token"]
    session_id = control.open(buyer(alice, customer_token=linked))
    assert control.recognised(session_id) == "de-approved"
    control.update(session_id, {"customer": {"klarna_access_token": alice}})
    assert control.recognised(session_id) == "de-approved"
    control.control("POST", "customer-tokens/revoke", {"customer_token": linked})
    assert control.recognised(control.open(buyer(alice, customer_token=linked))) == "se-approved"


def test_a_token_of_nobody_takes_an_earlier_recognition_by_access_token_away(shop: Shop, control: Api) -> None:
    session_id = control.open(buyer(shop.sign_in()["access_token"]))
    control.update(session_id, {"customer": {"klarna_access_token": "ory_at_nothing"}})
    assert control.recognised(session_id) is None


def test_the_token_is_read_nowhere(shop: Shop, control: Api) -> None:
    token = shop.sign_in()["access_token"]
    session_id = control.open(buyer(token, date_of_birth="1970-07-10"))
    answer = control.read(session_id)
    assert token not in answer.text
    assert answer.json["customer"] == {"date_of_birth": "1970-07-10"}
    with control.app.app_context():
        rows = store.connection().execute("SELECT * FROM sessions").fetchall()
    assert not [row for row in rows if token in str(tuple(row))]


def test_it_is_text_like_the_other_token(control: Api) -> None:
    assert control.create(buyer(1)).status_code == 400


def test_a_login_in_the_same_browser_recognises_nobody_in_a_purchase(shop: Shop, control: Api) -> None:
    shop.sign_in()
    body = control.create(german(merchant_urls={"confirmation": "https://shop.example/"})).json
    headers = {"Authorization": f"Bearer {body['client_token']}", "Origin": "https://shop.example"}
    answer: Answer = shop.browser.post("/kp/v1/authorize", json={}, headers=headers)
    assert "Mobile number" in shop.browser.post("/kp/window/open", data=answer.json).text


def test_a_checkout_learns_what_the_shopper_agreed_to(app: Flask, shop: Shop) -> None:
    token = shop.sign_in(scope="openid customer:login profile:email")["access_token"]
    with app.app_context():
        found = access_tokens.recognise(EUROPE, token)
        assert found is not None
        assert (found.person, found.client_id) == ("de-approved", shop.client.client_id)
        assert found.claims == {"email": "customer@email.de", "email_verified": True}
        assert access_tokens.recognise(EUROPE, None) is None
