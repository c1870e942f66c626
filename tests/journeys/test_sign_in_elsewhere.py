"""The same sign-in at a provider that is not ours: oidc-provider-mock, another hand's reading of OpenID Connect."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
from oidc_provider_mock import User, run_server_in_thread

from app.klarna import Region
from app.shop.extensions import db
from app.shop.signin import vault
from app.shop.signin.models import KlarnaIdentity
from tests.support import forger as forging
from tests.support.programs import Programs
from tests.support.visitor import PASSWORD, Page, Visitor

ALICE = User(
    sub="alice",
    claims={
        "email": "alice@example.com",
        "email_verified": True,
        "given_name": "Alice",
        "family_name": "Test",
        "phone": "+4917614284340",
        "billing_address": {"street_address": "Street 1", "postal_code": "10178", "city": "Berlin", "country": "DE"},
    },
)
BOB = User(sub="bob", claims={"email": "bob@example.com", "email_verified": False})
NAMELESS = User(sub="nameless", claims={})
# It takes no public clients; those sign in at our own in `test_sign_in_clients`.
CLIENTS: list[dict[str, Any]] = [
    {"client_secret": "secret", "auth_method": "client_secret_basic"},
    {"client_secret": "secret", "auth_method": "client_secret_post"},
]


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with run_server_in_thread(user_claims=(ALICE, BOB, NAMELESS), require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture(params=CLIENTS, ids=[client["auth_method"] for client in CLIENTS])
def elsewhere(programs: Programs, issuer: str, request: pytest.FixtureRequest) -> Iterator[Programs]:
    """The shop signing in there, as each kind of client."""
    sign_in = forging.config(issuer, scope="openid profile email", **request.param)
    with forging.signing_in_at(programs, sign_in):
        yield programs


def sign_in(visitor: Visitor, sub: str, action: str = "", **query: str) -> requests.Response:
    """Through the provider's own form, back to the shop."""
    form = visitor.http.get(f"{visitor.programs.shop_url}/login/klarna", params=query, timeout=60)
    if form.url.startswith(visitor.programs.shop_url):
        return form
    said = {"action": action} if action else {"sub": sub}
    return visitor.http.post(form.url, data=said, timeout=60)


def who(visitor: Visitor) -> str:
    answer = visitor.http.get(visitor.programs.shop_url + "/account", timeout=60)
    found = re.search(r"Signed in as (\S+)", Page(answer.text).text) if "/account" in answer.url else None
    return found[1] if found else ""


def test_a_new_person_and_the_same_person_again(elsewhere: Programs) -> None:
    visitor = Visitor(elsewhere)
    page = sign_in(visitor, "alice", next="/cart")
    assert page.url == f"{elsewhere.shop_url}/cart", page.text[:2000]
    assert who(visitor) == "alice@example.com"
    assert visitor.get("/account").values["given_name"] == "Alice"
    again = Visitor(elsewhere)
    sign_in(again, "alice")
    assert who(again) == "alice@example.com"
    assert elsewhere.accounts() == ["alice@example.com"]


def test_an_account_with_that_email_asks_for_its_password(elsewhere: Programs) -> None:
    Visitor(elsewhere).register("alice@example.com")
    visitor = Visitor(elsewhere)
    assert "Is this your account?" in sign_in(visitor, "alice").text
    visitor.get("/login/klarna/connect")
    visitor.post("/login/klarna/connect", {"password": PASSWORD})
    assert who(visitor) == "alice@example.com"


def test_an_unverified_email_matches_nobody(elsewhere: Programs) -> None:
    Visitor(elsewhere).register("bob@example.com")
    visitor = Visitor(elsewhere)
    assert "has not verified" in sign_in(visitor, "bob").text
    assert who(visitor) == ""


def test_without_an_email_one_is_asked_for(elsewhere: Programs) -> None:
    visitor = Visitor(elsewhere)
    assert "did not tell us an email" in sign_in(visitor, "nameless").text
    visitor.get("/login/klarna/connect")
    visitor.post("/login/klarna/email", {"email": "me@example.com"})
    assert who(visitor) == "me@example.com"


def test_denied_there_signs_nobody_in(elsewhere: Programs) -> None:
    visitor = Visitor(elsewhere)
    page = sign_in(visitor, "alice", action="deny")
    assert page.status_code in (200, 400)
    assert "<h1>" in page.text
    assert who(visitor) == ""
    assert elsewhere.accounts() == []


def test_disconnected_and_connected_again(elsewhere: Programs) -> None:
    visitor = Visitor(elsewhere)
    sign_in(visitor, "alice")
    visitor.get("/account/password")
    visitor.post("/account/password", {"password": PASSWORD})
    visitor.get("/account/klarna")
    visitor.post(
        "/login/klarna/disconnect", {"identity": elsewhere.identity("alice@example.com").id, "password": PASSWORD}
    )
    assert "Connect Klarna to this account?" in sign_in(visitor, "alice").text
    visitor.get("/login/klarna/connect")
    visitor.post("/login/klarna/connect", {"password": PASSWORD})
    assert elsewhere.sign_in_events("alice@example.com")[-1] in ("connected", "filled")


@pytest.mark.parametrize("elsewhere", [CLIENTS[0]], indirect=True)  # its refresh knows the Basic header only
def test_a_stale_access_token_is_refreshed_there_too(elsewhere: Programs) -> None:
    visitor = Visitor(elsewhere)
    sign_in(visitor, "alice")
    before = elsewhere.identity("alice@example.com")
    elsewhere.let_time_pass(timedelta(hours=2))
    with elsewhere.shop.app_context():
        user_id = db.session.query(KlarnaIdentity).one().user_id
        db.session.commit()
        token = vault.access_token_for(user_id, Region.EU)
    assert token not in ("", before.access_token)
    assert elsewhere.identity("alice@example.com").access_token == token
