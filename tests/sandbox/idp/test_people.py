"""What a shop learns of whom: claims and scopes, consent, sign-up, and what can be changed about a person."""

import re

import pytest
from flask import Flask

from app.sandbox.clients import SCOPES
from tests.sandbox.conftest import Api
from tests.sandbox.idp.conftest import (
    ALICE,
    AMERICA,
    AMERICAN,
    DUTCH,
    EITHER,
    MOCK,
    NEWCOMER,
    SCOPE,
    Shop,
    error,
    sent_back,
)

PROFILE = " ".join(scope for scope in SCOPES if scope.startswith("profile:"))
BRITISH = "+447755564318"
NATIONAL = {"national_identification_number", "national_identification_number_country"}
BERLIN = {
    "street_address": "Neue Schönhauser Str. 2", "street_address2": None, "street_address_2": None,
    "postal_code": "10178", "city": "Berlin", "region": None, "country": "DE",
}  # fmt: skip


def person(control: Api, name: str) -> dict:
    return next(row for row in control.control("GET", "people").json if row["id"] == name)


def patch(control: Api, **changes: object) -> None:
    answer = control.control("PATCH", "people/de-approved", changes)
    assert answer.status_code == 200, answer.text


# --- claims


def test_everything_asked_for_is_in_userinfo_and_id_token(shop: Shop) -> None:
    tokens = shop.sign_in(scope=f"openid {PROFILE}")
    known = shop.userinfo(tokens["access_token"]).json
    assert known == {
        "sub": known["sub"],
        "given_name": "Mock", "family_name": "Mock", "name_verified": True,
        "email": "customer@email.de", "email_verified": True,
        "phone": "+4917614284340", "phone_verified": True,
        "date_of_birth": "1970-07-10", "date_of_birth_verified": True,
        "billing_address": BERLIN, "shipping_address": BERLIN,
        "country": "DE", "locale": "de-DE",
    }  # fmt: skip
    claims = shop.claims(tokens["id_token"])
    assert known.items() <= claims.items()


def test_an_id_token_is_signed_by_a_key_that_is_not_the_first_and_says_who_when_and_for_whom(shop: Shop) -> None:
    tokens = shop.sign_in(scope="openid", nonce="n-0S6_WzA2Mj")
    claims = shop.claims(tokens["id_token"])
    assert set(claims) == {"iss", "sub", "aud", "iat", "exp", "auth_time", "at_hash", "jti", "sid", "nonce"}
    assert claims["nonce"] == "n-0S6_WzA2Mj"
    assert re.fullmatch(r"krn:kuid:[0-9A-Za-z]{22}", claims["sub"])
    assert claims["exp"] == claims["iat"] + 3600


def test_without_a_nonce_none_comes_back(shop: Shop) -> None:
    assert "nonce" not in shop.claims(shop.sign_in(nonce=None)["id_token"])


def test_a_persons_name_is_the_same_for_every_client_and_after_a_reset(shop: Shop, control: Api) -> None:
    first = shop.claims(shop.sign_in()["id_token"])["sub"]
    control.control("POST", "reset")
    assert shop.at(EITHER).claims(shop.at(EITHER).sign_in()["id_token"])["sub"] == first
    other = Shop(shop.app)
    assert other.claims(other.sign_in(ALICE)["id_token"])["sub"] != first


def test_the_times_are_real_ones_however_far_ahead_the_sandbox_is(shop: Shop, control: Api) -> None:
    first = shop.claims(shop.sign_in()["id_token"])
    control.control("POST", "clock", {"advance": 100_000})
    second = shop.claims(shop.sign_in()["id_token"])
    assert second["iat"] - first["iat"] < 60
    assert second["iat"] < second["exp"]
    # The login is as old as it is by the sandbox's clock, or `max_age` would count another time than the provider.
    assert second["auth_time"] == first["auth_time"] - 100_000


@pytest.mark.parametrize(
    ("scope", "claims"),
    [
        ("profile:name", {"given_name", "family_name"}),
        ("profile:email", {"email", "email_verified"}),
        ("profile:phone", {"phone", "phone_verified"}),
        ("profile:country profile:locale", {"country", "locale"}),
        ("profile", {"given_name", "family_name", "date_of_birth", "locale"}),
        ("profile:national_id", {"national_identification_number", "national_identification_number_country"}),
        (
            "national_identification_number",
            {"national_identification_number", "national_identification_number_country"},
        ),
        ("customer:login", set()),
    ],
)
def test_a_scope_brings_its_claims(shop: Shop, scope: str, claims: set[str]) -> None:
    tokens = shop.sign_in(ALICE, scope=f"openid {scope}")
    assert set(shop.userinfo(tokens["access_token"]).json) == claims | {"sub"}


def test_addresses_have_a_second_line_and_a_region_where_there_is_one(app: Flask) -> None:
    british = Shop(app)
    address = british.userinfo(british.sign_in(BRITISH)["access_token"]).json["billing_address"]
    assert (address["street_address2"], address["street_address_2"]) == ("Apt. 214", "Apt. 214")
    american = Shop(app, home=AMERICA)
    address = american.userinfo(american.sign_in(AMERICAN)["access_token"]).json["billing_address"]
    assert (address["region"], address["country"]) == ("NY", "US")


def test_somebody_from_elsewhere_signs_in_in_europe(shop: Shop) -> None:
    tokens = shop.sign_in(DUTCH, scope="openid profile:country profile:phone")
    assert shop.userinfo(tokens["access_token"]).json["country"] == "NL"


# --- consent


def test_optional_items_can_be_switched_off_and_are_not_asked_again(shop: Shop, control: Api) -> None:
    scope = f"{SCOPE} profile:date_of_birth profile:shipping_address"
    page = shop.log_in(scope=scope)
    offered = re.findall(r'type="checkbox" value="([^"]+)"', page.text)
    assert offered == ["Date of birth", "Billing address", "Delivery address"]
    brought = sent_back(shop.submit(page, "consent", item=["Delivery address"]))
    assert not {"profile:date_of_birth", "profile:billing_address"} & set(brought["scope"].split())
    tokens = shop.exchange(brought["code"]).json
    known = shop.userinfo(tokens["access_token"]).json
    assert "shipping_address" in known
    assert not {"date_of_birth", "billing_address"} & set(known)
    assert sent_back(shop.authorize(scope=scope))["scope"] == brought["scope"]
    [consent] = person(control, "de-approved")["consents"]
    assert set(consent["declined"]) == {"profile:date_of_birth", "profile:billing_address"}
    assert consent["client_id"] == shop.client.client_id


def test_what_is_needed_cannot_be_switched_off(shop: Shop) -> None:
    brought = sent_back(shop.submit(shop.log_in(), "consent", item=[]))
    assert {"profile:name", "profile:email", "profile:phone"} <= set(brought["scope"].split())


def test_more_scopes_are_asked_for_and_less_are_not(shop: Shop) -> None:
    shop.sign_in(scope="openid profile:name")
    page = shop.authorize(scope="openid profile:name profile:email")
    assert "Allow" in page.text
    shop.allow(page)
    assert shop.authorize(scope="openid profile:email").status_code == 302


def test_each_client_is_agreed_to_by_itself(shop: Shop) -> None:
    shop.sign_in()
    assert "Allow" in shop.at(EITHER).authorize().text


def test_somebody_who_denies_comes_back_with_an_error_and_is_asked_again(shop: Shop, control: Api) -> None:
    brought = sent_back(shop.submit(shop.log_in(), "cancel"))
    assert (brought["error"], brought["state"]) == ("access_denied", "state-of-the-shop")
    assert person(control, "de-approved")["consents"] == []
    assert "Allow" in shop.authorize().text


def test_the_page_links_to_the_shops_terms_where_they_are_known(shop: Shop) -> None:
    page = shop.log_in().text
    assert 'href="https://shop.example/privacy"' in page
    assert 'href="https://shop.example/terms"' in page
    assert "Privacy policy" not in shop.at(EITHER).authorize().text


def test_a_withdrawn_consent_ends_the_tokens_and_is_asked_for_again(shop: Shop, control: Api) -> None:
    tokens = shop.sign_in()
    code = shop.code()
    patch(control, consents=[])
    assert shop.userinfo(tokens["access_token"]).status_code == 401
    assert error(shop.refresh(tokens["refresh_token"])) == (400, "invalid_grant")
    assert error(shop.exchange(code)) == (400, "invalid_grant")
    assert person(control, "de-approved")["consents"] == []
    assert "Allow" in shop.authorize().text


# --- sign-up


ACCOUNT = {
    "email": "new@email.de", "given_name": "Test", "family_name": "Person-de", "street_address": "Teststr. 1",
    "postal_code": "10115", "city": "Berlin",
}  # fmt: skip


def test_somebody_new_opens_an_account_and_then_agrees(shop: Shop, control: Api) -> None:
    page = shop.log_in(NEWCOMER)
    assert 'value="customer+new_user@email.de"' in page.text
    page = shop.submit(page, "account", **ACCOUNT)
    known = shop.userinfo(shop.exchange(sent_back(shop.allow(page))["code"]).json["access_token"]).json
    assert (known["given_name"], known["email"], known["email_verified"]) == ("Test", "new@email.de", False)
    assert known["billing_address"]["street_address"] == "Teststr. 1"
    assert shop.authorize().status_code == 302
    assert person(control, "de-new-user")["given_name"] is not None
    control.control("POST", "reset")
    assert person(control, "de-new-user")["given_name"] is None


def test_an_address_that_klarna_knew_stays_verified(shop: Shop) -> None:
    page = shop.submit(shop.log_in(NEWCOMER), "account", **ACCOUNT | {"email": "customer+new_user@email.de"})
    tokens = shop.exchange(sent_back(shop.allow(page))["code"]).json
    assert shop.claims(tokens["id_token"])["email_verified"] is True


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"city": " "}, "City is missing."),
        ({"email": "no address"}, "E-mail is not accepted."),
        ({"email": "customer@email.de"}, "E-mail is not accepted."),
        ({"given_name": "X"}, "First name is not accepted."),
        ({"street_address": "x" * 100}, "Street address is not accepted."),
    ],
)
def test_what_is_wrong_in_a_sign_up_is_said_and_the_rest_kept(shop: Shop, changes: dict[str, str], words: str) -> None:
    page = shop.submit(shop.log_in(NEWCOMER), "account", **ACCOUNT | changes)
    assert words in page.text
    assert 'value="10115"' in page.text


def test_an_american_says_the_state(app: Flask) -> None:
    shop = Shop(app, home=AMERICA)
    page = shop.submit(shop.log_in("+13105550134"), "account", **ACCOUNT)
    assert "State or region is missing." in page.text


def test_an_unfinished_sign_up_is_gone_on_with(shop: Shop) -> None:
    shop.log_in(NEWCOMER)
    assert sent_back(shop.authorize(prompt="none"))["error"] == "interaction_required"
    page = shop.authorize()
    assert "Create your Klarna account" in page.text
    assert "Create your Klarna account" in shop.submit(page, "consent").text


def test_an_account_cannot_be_overwritten_by_a_sign_up(shop: Shop) -> None:
    page = shop.log_in(MOCK)
    tokens = shop.exchange(sent_back(shop.allow(shop.submit(page, "account", **ACCOUNT)))["code"]).json
    assert shop.claims(tokens["id_token"])["given_name"] == "Mock"


# --- what can be changed about a person


def test_an_unverified_address_and_withheld_claims(shop: Shop, control: Api) -> None:
    patch(control, email_verified=False, withheld=["phone", "date_of_birth"])
    known = shop.userinfo(shop.sign_in(scope=f"openid {PROFILE}")["access_token"]).json
    assert known["email_verified"] is False
    assert not {"phone", "phone_verified", "date_of_birth", "date_of_birth_verified"} & set(known)
    patch(control, email_verified=True, withheld=[])
    assert "phone" in shop.userinfo(shop.sign_in(scope=f"openid {PROFILE}")["access_token"]).json


def test_userinfo_tells_a_changed_address_at_once(shop: Shop, control: Api) -> None:
    token = shop.sign_in()["access_token"]
    sub = shop.userinfo(token).json["sub"]
    patch(control, email="Someone.Else@email.de")
    assert shop.userinfo(token).json["email"] == "Someone.Else@email.de"
    assert shop.userinfo(token).json["sub"] == sub


def test_people_say_what_they_agreed_to_and_where_they_are_logged_in(shop: Shop, control: Api) -> None:
    fresh = person(control, "de-approved")
    assert (fresh["consents"], fresh["signed_in"], fresh["email_verified"], fresh["withheld"]) == ([], 0, True, [])
    shop.sign_in()
    Shop(shop.app).sign_in()
    assert person(control, "de-approved")["signed_in"] == 2
    patch(control, signed_in=False)
    assert person(control, "de-approved")["signed_in"] == 0
    assert len(person(control, "de-approved")["consents"]) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"unknown": 1},
        {"email": "nothing"},
        {"email": ""},
        {"email": 1},
        {"email": "customer@email.se"},
        {"email_verified": "no"},
        {"withheld": "phone"},
        {"withheld": ["sub"]},
        {"withheld": [{}]},
        {"consents": ["x"]},
        {"consents": None},
        {"signed_in": True},
        {"signed_in": 0},
        {"email": "good@email.de", "email_verified": 1},
    ],
)
def test_changes_that_make_no_sense_change_nothing(control: Api, changes: dict[str, object]) -> None:
    before = person(control, "de-approved")
    answer = control.control("PATCH", "people/de-approved", changes)
    assert answer.status_code == 400
    assert answer.json["error"]
    assert person(control, "de-approved") == before


def test_a_changed_person_needs_to_exist(control: Api) -> None:
    assert control.control("PATCH", "people/nobody", {"email_verified": False}).status_code == 404
