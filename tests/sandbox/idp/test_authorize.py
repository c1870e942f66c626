"""What an authorization request has to be like, and where the browser goes when it is not."""

import pytest
from flask import Flask

from tests.sandbox.conftest import Api
from tests.sandbox.idp.conftest import (
    ALICE,
    AMERICA,
    CALLBACK,
    EUROPE,
    EUROPEAN,
    MOCK,
    NARROW,
    PUBLIC,
    SCOPE,
    Shop,
    sent_back,
)


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "klarna_test_client_nobody"},
        {"client_id": None},
        {"client_id": "ü\0"},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": CALLBACK + "?a=b"},
        {"redirect_uri": CALLBACK.upper()},
        {"redirect_uri": CALLBACK + "ü"},
        {"redirect_uri": None},
        {"redirect_uri": ""},
    ],
)
def test_without_a_trusted_address_nobody_is_sent_anywhere(shop: Shop, changes: dict[str, str | None]) -> None:
    answer = shop.authorize(**changes)
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert "Nothing was shared" in answer.text


def test_a_client_of_one_region_is_unknown_in_the_other(app: Flask) -> None:
    assert Shop(app, EUROPEAN).authorize().status_code == 200
    assert Shop(app, EUROPEAN, AMERICA).authorize().status_code == 400


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": "ü\n"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "  "}, "invalid_scope"),
        ({"scope": "openid profile:everything"}, "invalid_scope"),
        ({"state": "short"}, "invalid_state"),
        ({"state": None}, "invalid_state"),
        ({"prompt": "perhaps"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "٣"}, "invalid_request"),
        ({"request": "eyJ"}, "request_not_supported"),
        ({"request_uri": "https://shop.example/r"}, "request_uri_not_supported"),
        ({"code_challenge": "a" * 43}, "invalid_request"),
        ({"code_challenge": "a" * 43, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "a" * 42, "code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge_method": "S256"}, "invalid_request"),
    ],
)
def test_what_is_wrong_goes_back_to_the_shop(shop: Shop, changes: dict[str, str | None], error: str) -> None:
    brought = sent_back(shop.authorize(**changes))
    assert brought["error"] == error
    assert brought["error_description"]
    sent_state = changes.get("state", "state-of-the-shop")
    assert brought.get("state") == sent_state
    assert "code" not in brought


def test_a_parameter_comes_once(shop: Shop) -> None:
    address = f"/oauth2/auth?client_id={shop.client.client_id}&redirect_uri={CALLBACK}&response_type=code"
    answer = shop.browser.get(f"{address}&scope=openid&state=state-of-the-shop&nonce=1&nonce=2")
    assert sent_back(answer)["error"] == "invalid_request"
    answer = shop.browser.get(f"{address}&redirect_uri=https://evil.example/")
    assert answer.status_code == 400


def test_scopes_are_settled_when_a_client_is_registered(app: Flask) -> None:
    shop = Shop(app, NARROW)
    assert sent_back(shop.authorize())["error"] == "invalid_scope"
    assert shop.authorize(scope="openid profile:name").status_code == 200


def test_a_public_client_has_to_use_pkce(app: Flask) -> None:
    shop = Shop(app, PUBLIC)
    without = {"code_challenge": None, "code_challenge_method": None}
    assert sent_back(shop.authorize(**without))["error"] == "invalid_request"
    plain = {"code_challenge": shop.verifier, "code_challenge_method": "plain"}
    assert sent_back(shop.authorize(**plain))["error"] == "invalid_request"


def test_it_may_be_posted(shop: Shop) -> None:
    assert "Mobile number" in shop.browser.post("/oauth2/auth", data=shop.request()).text


def test_prompt_none_says_what_is_missing(shop: Shop, control: Api) -> None:
    page = shop.log_in()
    assert sent_back(shop.authorize(prompt="none"))["error"] == "consent_required"
    shop.allow(page)
    assert sent_back(shop.authorize(prompt="none"))["code"]
    more = f"{SCOPE} profile:date_of_birth"
    assert sent_back(shop.authorize(prompt="none", scope=more))["error"] == "consent_required"
    assert sent_back(shop.authorize(prompt="none", **{"klarna-auth-prompt": "consent"}))["error"] == "consent_required"
    control.control("PATCH", "people/de-approved", {"signed_in": False})
    assert sent_back(shop.authorize(prompt="none"))["error"] == "login_required"


def test_prompt_login_asks_for_it_again(shop: Shop) -> None:
    first = shop.claims(shop.sign_in()["id_token"])
    assert "Mobile number" in shop.authorize(prompt="login").text
    second = shop.exchange(sent_back(shop.log_in(prompt="login"))["code"]).json
    assert shop.claims(second["id_token"])["sid"] != first["sid"]


@pytest.mark.parametrize("changes", [{"prompt": "consent"}, {"klarna-auth-prompt": "consent"}])
def test_consent_is_asked_for_again_on_request(shop: Shop, changes: dict[str, str | None]) -> None:
    shop.sign_in()
    page = shop.authorize(**changes)
    assert "Allow" in page.text
    assert sent_back(shop.allow(page))["code"]


def test_a_login_may_be_too_old_for_a_request(shop: Shop, control: Api) -> None:
    shop.sign_in()
    control.control("POST", "clock", {"advance": 600})
    assert shop.authorize(max_age="1200").status_code == 302
    assert "Mobile number" in shop.authorize(max_age="300").text


def test_a_browser_forgets_a_login_after_thirty_days(shop: Shop, control: Api) -> None:
    shop.sign_in()
    control.control("POST", "clock", {"advance": 30 * 24 * 3600 - 60})
    assert shop.authorize().status_code == 302
    control.control("POST", "clock", {"advance": 60})
    assert "Mobile number" in shop.authorize().text


def test_a_form_is_good_in_its_own_browser_only(shop: Shop, app: Flask) -> None:
    page = shop.log_in()
    stranger = Shop(app)
    stranger.authorize()
    assert stranger.submit(page, "consent").status_code == 410
    assert stranger.submit(page, "cancel").status_code == 410
    cookieless = app.test_client(use_cookies=False).post("/login/phone", data={"ticket": "x"})
    assert cookieless.status_code == 410
    assert "cookie" in cookieless.text


def test_a_form_is_good_in_its_own_region_only(shop: Shop) -> None:
    page = shop.authorize()
    assert shop.at(home=AMERICA).submit(page, "phone", phone="+13106683312").status_code == 410
    assert shop.at(home=EUROPE).submit(page, "phone", phone=MOCK).status_code == 200


def test_a_form_is_good_for_half_an_hour(shop: Shop, control: Api) -> None:
    page = shop.authorize()
    control.control("POST", "clock", {"advance": 1801})
    assert shop.submit(page, "phone", phone=MOCK).status_code == 410


def test_several_tabs_get_through_each_by_itself(shop: Shop) -> None:
    tabs = [shop.authorize(state=f"state-of-tab-{number}") for number in range(3)]
    pages = []
    for tab in tabs:
        pages.append(shop.submit(shop.submit(tab, "phone", phone=MOCK), "code", code="123456"))
    brought = [sent_back(shop.allow(page)) for page in pages]
    assert [back["state"] for back in brought] == ["state-of-tab-0", "state-of-tab-1", "state-of-tab-2"]
    assert all(shop.exchange(back["code"]).status_code == 200 for back in brought)


def test_a_login_as_somebody_else_in_another_tab_ends_the_first(shop: Shop) -> None:
    page, other = shop.log_in(), shop.authorize(prompt="login")
    shop.submit(shop.submit(other, "phone", phone=ALICE), "code", code="123456")
    assert "Mobile number" in shop.submit(page, "consent").text


def test_who_is_signed_out_meanwhile_begins_again(shop: Shop, control: Api) -> None:
    page = shop.log_in()
    control.control("PATCH", "people/de-approved", {"signed_in": False})
    assert "Mobile number" in shop.submit(page, "consent").text


def test_nobody_gets_in_without_the_code(shop: Shop) -> None:
    page = shop.submit(shop.authorize(), "phone", phone=MOCK)
    for to in ("consent", "account"):
        assert "Mobile number" in shop.submit(page, to).text
    for code in ("999999", "12345", "abcdef", ""):
        assert 'role="alert"' in shop.submit(page, "code", code=code).text
    assert "Mobile number" in shop.authorize().text
