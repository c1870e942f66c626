"""The Identity API: what became of a customer token, and ending its link. One account for all regions."""

import base64
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest

from app.sandbox import create_app, customer_tokens
from app.sandbox.config import RateLimits, Settings
from app.sandbox.merchants import Merchant, Region

from .conftest import AMERICA, EUROPE, Answer, Api
from .purchases import american, german

ACCOUNT = "krn:partner:global:account:test:OFFLINE1"
STRANGER = Merchant("another-shop", "klarna_test_api_another", Region.EUROPE, "Another")


def path(call: str, account: str = ACCOUNT) -> str:
    return f"/v2/accounts/{quote(account, safe='')}/identity/customer-token/{call}"


def ask(api: Api, call: str, token: str | None, *, authorization: str | None = None, **headers: str) -> Answer:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    sent["Authorization"] = f"Basic {api.merchant.password}" if authorization is None else authorization
    if token is not None:
        sent["X-Klarna-Customer-Token"] = token
    return api.send("POST", path(call), headers=sent)


def refused(answer: Answer) -> tuple[int, str]:
    """Status and type of a refusal, once its shape is right."""
    body = answer.json
    assert set(body) == {"error_id", "error_type", "error_code", "error_message"}
    assert body["error_id"] == answer.headers["Klarna-Correlation-Id"]
    assert re.fullmatch(r"[A-Z_]+", body["error_code"])
    return answer.status_code, body["error_type"]


@pytest.fixture
def token(api: Api) -> str:
    return str(api.buy(german())["customer_token"])


def reference(api: Api, token: str) -> Any:
    return ask(api, "introspect", token).json["customer_token_reference"]


def test_an_active_token_is_told_of(api: Api, token: str) -> None:
    answer = ask(api, "introspect", token)
    assert answer.status_code == 200
    body = answer.json
    assert set(body) == {"status", "scopes", "issued_at", "customer_token_reference"}
    assert body["status"] == "ACTIVE"
    assert body["scopes"] == ["payment:customer_present", "customer:login"]
    assert 1_700_000_000_000 < body["issued_at"] < 10_000_000_000_000
    assert body["customer_token_reference"] not in token
    assert token.rpartition(":")[2] not in answer.text


def test_a_revoked_token_is_gone_and_the_link_with_it(api: Api, token: str) -> None:
    known = reference(api, token)
    answer = ask(api, "revoke", token)
    assert (answer.status_code, answer.json) == (200, {"customer_token_reference": known})
    for call in ("introspect", "revoke"):
        again = ask(api, call, token)
        assert refused(again) == (410, "RESOURCE_ERROR")
        assert "has been revoked" in again.json["error_message"]
    linked = german(customer={"customer_token": token})
    assert api.recognised(api.open(linked)) is None


@pytest.mark.parametrize("call", ["introspect", "revoke"])
@pytest.mark.parametrize(("fate", "words"), [("rotate", "replaced by a newer one"), ("expire", "has expired")])
def test_a_token_out_of_use_is_not_found_and_the_words_say_why(
    api: Api, token: str, call: str, fate: str, words: str
) -> None:
    api.control("POST", f"customer-tokens/{fate}", {"customer_token": token})
    answer = ask(api, call, token)
    assert refused(answer) == (404, "RESOURCE_ERROR")
    assert words in answer.json["error_message"]


def test_a_token_nobody_has_is_not_found(api: Api) -> None:
    unknown = "krn:partner:eu1:test:identity:customer-token:" + "x" * 32
    assert refused(ask(api, "introspect", unknown)) == (404, "RESOURCE_ERROR")
    assert refused(ask(api, "revoke", "anything")) == (404, "RESOURCE_ERROR")


def test_a_token_of_another_merchant_is_refused(api: Api) -> None:
    with api.app.app_context():
        foreign = customer_tokens.issue(STRANGER, "de-approved")
    for call in ("introspect", "revoke"):
        assert refused(ask(api, call, foreign)) == (403, "ACCESS_ERROR")


def test_one_account_covers_the_tokens_of_all_its_regions(api: Api, token: str) -> None:
    overseas = api.at(AMERICA).buy(american(), "us-approved")["customer_token"]
    assert ask(api, "introspect", overseas).status_code == 200
    assert ask(api.at(AMERICA), "introspect", token).status_code == 200
    assert reference(api, overseas) != reference(api, token)


@pytest.mark.parametrize(("fate", "same_link"), [("rotate", True), ("expire", False), ("revoke", False)])
def test_the_reference_outlives_rotation_and_ends_with_the_link(
    api: Api, token: str, fate: str, same_link: bool
) -> None:
    known = reference(api, token)
    api.control("POST", f"customer-tokens/{fate}", {"customer_token": token})
    renewed = api.buy(german(customer={"customer_token": token}))["customer_token"]
    assert renewed != token
    assert (reference(api, renewed) == known) is same_link


def test_the_reference_is_another_one_for_another_person(api: Api, token: str) -> None:
    assert reference(api, api.buy(german(), "de-new-user")["customer_token"]) != reference(api, token)


def encoded(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "header",
    [f"Basic {EUROPE.password}", encoded(f"{EUROPE.username}:{EUROPE.password}"), encoded(f":{EUROPE.password}")],
)
def test_the_api_key_opens_alone_or_with_its_user(api: Api, token: str, header: str) -> None:
    assert ask(api, "introspect", token, authorization=header).status_code == 200


@pytest.mark.parametrize(
    "header", ["", "Basic wrong", f"Bearer {EUROPE.password}", encoded(f"other:{EUROPE.password}")]
)
def test_anything_else_does_not(api: Api, token: str, header: str) -> None:
    assert refused(ask(api, "introspect", token, authorization=header)) == (401, "ACCESS_ERROR")


@pytest.mark.parametrize("call", ["introspect", "revoke"])
def test_another_account_is_refused(api: Api, token: str, call: str) -> None:
    sent = {"Authorization": f"Basic {EUROPE.password}", "X-Klarna-Customer-Token": token}
    answer = api.send("POST", path(call, "krn:partner:global:account:test:OTHER"), headers=sent)
    assert refused(answer) == (403, "ACCESS_ERROR")
    assert ask(api, "introspect", token).status_code == 200


@pytest.mark.parametrize("token", [None, "", " ", "k" * 1025])
def test_the_token_has_to_be_there_and_no_longer_than_1024(api: Api, token: str | None) -> None:
    answer = ask(api, "introspect", token)
    assert refused(answer) == (400, "INPUT_ERROR")
    assert "X-Klarna-Customer-Token" in answer.json["error_message"]


def test_another_kind_of_token_is_named(api: Api) -> None:
    body = german(intent="buy_and_tokenize")
    authorization = api.approve(api.open(body))
    wish = {
        "purchase_country": "DE", "purchase_currency": "EUR", "locale": "de-DE",
        "description": "Box", "intended_use": "SUBSCRIPTION",
    }  # fmt: skip
    payment = api.call("POST", f"authorizations/{authorization}/customer-token", wish).json["token_id"]
    client_token = api.create(german()).json["client_token"]
    for sent, named in (
        (payment, "A payment token (token_id) was sent"),
        (authorization, "An authorization_token was sent"),
        ("0b1d9815-165e-42e2-8867-35bc03789e00", "A UUID, such as a payment token"),
        (client_token, "A JWT, such as an access_token"),
        ("ory_rt_abc", "A refresh_token of Sign in with Klarna"),
        ("krn:customer-token:eu1:abc", "A customer token of the Klarna Network"),
        (ACCOUNT, "A partner account id"),
        (EUROPE.password, "An API key"),
    ):
        for call in ("introspect", "revoke"):
            answer = ask(api, call, sent)
            assert refused(answer) == (400, "INPUT_ERROR")
            assert named in answer.json["error_message"]
            assert "a customer_token of account linking" in answer.json["error_message"]


def test_the_partners_own_correlation_id_comes_back(api: Api, token: str) -> None:
    for answer in (
        ask(api, "introspect", token, Partner_Correlation_Id="order17"),
        ask(api, "introspect", "unknown", Partner_Correlation_Id="order17"),
        ask(api, "introspect", token, authorization="", Partner_Correlation_Id="order17"),
    ):
        assert answer.headers["Partner-Correlation-Id"] == "order17"
        assert answer.headers["Klarna-Correlation-Id"]
    assert "Partner-Correlation-Id" not in ask(api, "introspect", token).headers


@pytest.mark.parametrize("sent", ["x" * 256, "a b", "a\tb", "é"])
def test_a_correlation_id_that_is_not_plain_is_refused(api: Api, token: str, sent: str) -> None:
    assert refused(ask(api, "introspect", token, Partner_Correlation_Id=sent)) == (400, "INPUT_ERROR")


def test_what_leads_nowhere_is_refused_in_the_same_shape(api: Api) -> None:
    assert refused(api.send("GET", path("introspect"))) == (405, "INPUT_ERROR")
    assert refused(api.send("POST", path("exists"))) == (404, "RESOURCE_ERROR")


def test_calls_count_as_everything_else(settings: Settings) -> None:
    api = Api(create_app(replace(settings, rate_limits=RateLimits.PLAYGROUND)))
    answer = ask(api, "introspect", "unknown")
    assert answer.headers["X-Ratelimit-Limit"] == "50, 50;w=1"


def test_calls_stand_in_the_journal_as_the_merchants(api: Api, token: str) -> None:
    ask(api, "revoke", token)
    entry = api.control("GET", "journal").json[-1]
    assert (entry["actor"], entry["status"]) == ("merchant", 200)
    assert entry["request"]["headers"]["X-Klarna-Customer-Token"] == token
    assert token not in entry["path"]


def test_a_repeated_revocation_with_one_key_is_answered_as_the_first(api: Api, token: str) -> None:
    first = ask(api, "revoke", token, Idempotency_Key="k")
    again = ask(api, "revoke", token, Idempotency_Key="k")
    assert (again.status_code, again.json) == (200, first.json)


def test_of_revocations_at_the_same_moment_one_succeeds(api: Api, token: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = pool.map(lambda _number: ask(api, "revoke", token).status_code, range(6))
    assert sorted(answers) == [200] + [410] * 5


def test_an_inactive_merchant_is_told_so(api: Api, token: str) -> None:
    api.control("PATCH", "switches", {"inactive_regions": ["eu"]})
    assert refused(ask(api, "introspect", token)) == (403, "ACCESS_ERROR")


def test_faults_meet_these_calls_too(api: Api, token: str) -> None:
    api.control("POST", "faults", {"path": "*/identity/*", "action": {"status": 503}})
    assert ask(api, "revoke", token).status_code == 503
    assert ask(api, "introspect", token).status_code == 200
