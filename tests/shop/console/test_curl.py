"""A call as a command: what a shell makes of it is the call, and no secret stands in it."""

import json
import subprocess
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.klarna.redaction import MASK
from app.shop.console.curl import SETTINGS, as_curl
from app.shop.console.entries import Fact, Kind

NASTY = """a'b"c`id`$(id)$HOME!x\\ \\u001f*?;&|<>\n\t#~{}é € 𝄞"""
TYPED = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=20)


def call(**more: Any) -> Fact:
    said = {"method": "POST", "path": "/payments/v1/sessions", "account": "KLARNA"}
    return Fact(Kind.API, "create session", **(said | more))


def read_by_a_shell(command: str, **variables: str) -> list[str]:
    """The arguments curl would get."""
    show = f"curl() {{ printf '%s\\0' \"$@\"; }}\n{command}"
    done = subprocess.run(["bash", "-u", "-c", show], env=variables, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode().split("\0")[:-1]


def after(arguments: list[str], option: str) -> list[str]:
    return [value for name, value in pairwise(arguments) if name == option]


ACCOUNT = {"KLARNA_API_URL": "https://api.example", "KLARNA_USERNAME": "merchant", "KLARNA_PASSWORD": "it's $secret"}


def test_address_and_credentials_come_from_the_settings() -> None:
    command = as_curl(call(request={"order_amount": 1290}, idempotency_key="key-1"))
    arguments = read_by_a_shell(command, **ACCOUNT)
    assert arguments[:3] == ["-X", "POST", "https://api.example/payments/v1/sessions"]
    assert after(arguments, "-u") == ["merchant:it's $secret"]
    assert after(arguments, "-H") == ["Content-Type: application/json", "Klarna-Idempotency-Key: key-1"]


def test_a_masked_value_is_a_variable_of_its_fields_name() -> None:
    body = {"customer": {"customer_token": MASK}, "tags": [MASK]}
    arguments = read_by_a_shell(as_curl(call(request=body)), **ACCOUNT, CUSTOMER_TOKEN="krn:1", TAGS="x")
    (sent,) = after(arguments, "--data")
    assert json.loads(sent) == {"customer": {"customer_token": "krn:1"}, "tags": ["x"]}


def test_a_masked_part_of_a_value_is_a_variable_too() -> None:
    body = {"merchant_urls": {"notification": f"https://shop.example/klarna/callbacks/webhooks/{MASK}"}}
    arguments = read_by_a_shell(as_curl(call(request=body)), **ACCOUNT, NOTIFICATION="x")
    assert after(arguments, "--data")[0].endswith('/klarna/callbacks/webhooks/x"\n  }\n}')


def test_a_token_in_the_path_is_a_variable() -> None:
    command = as_curl(call(path=f"/payments/v1/authorizations/{MASK}/order"))
    arguments = read_by_a_shell(command, **ACCOUNT, AUTHORIZATION_TOKEN="abc")
    assert arguments[2] == "https://api.example/payments/v1/authorizations/abc/order"


def test_a_form_is_encoded_by_curl() -> None:
    body = {"grant_type": "refresh_token", "refresh_token": MASK, "scope": "openid a&b"}
    told = {"KLARNA_ISSUER": "https://login.example", "KLARNA_CLIENT_ID": "id", "KLARNA_CLIENT_SECRET": "s"}
    command = as_curl(call(account="KLARNA_ISSUER", path="/oauth2/token", request=body))
    arguments = read_by_a_shell(command, **told, REFRESH_TOKEN="a+b")
    fields = dict(field.split("=", 1) for field in after(arguments, "--data-urlencode"))
    assert fields == {"grant_type": "refresh_token", "refresh_token": "a+b", "scope": "openid a&b"}


def test_the_identity_api_takes_the_token_as_a_header() -> None:
    told = {"KLARNA_IDENTITY_URL": "https://api.example", "KLARNA_IDENTITY_API_KEY": "key"}
    command = as_curl(call(account="KLARNA_IDENTITY", path="/v2/introspect"))
    arguments = read_by_a_shell(command, **told, CUSTOMER_TOKEN="krn:1")
    assert after(arguments, "-u") == [":key"]
    assert after(arguments, "-H") == ["X-Klarna-Customer-Token: krn:1"]


def test_nasty_characters_arrive_as_they_are() -> None:
    arguments = read_by_a_shell(as_curl(call(request={"given_name": NASTY, "token": MASK})), **ACCOUNT, TOKEN="t")
    assert json.loads(after(arguments, "--data")[0]) == {"given_name": NASTY, "token": "t"}


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(TYPED, TYPED | st.lists(TYPED, max_size=2), min_size=1, max_size=3))
def test_whatever_was_typed_arrives_as_it_is(body: dict[str, Any]) -> None:
    arguments = read_by_a_shell(as_curl(call(request=body)), **ACCOUNT)
    assert json.loads(after(arguments, "--data")[0]) == body


@pytest.mark.parametrize("account", sorted(SETTINGS))
def test_every_account_has_its_variables(account: str) -> None:
    command = as_curl(call(account=account))
    assert all(f'"${name}"' in command for name in SETTINGS[account] if name)


def test_what_is_no_call_to_klarna_is_no_command() -> None:
    assert as_curl(Fact(Kind.PAGE, "GET /cart", method="GET", path="/cart")) == ""
