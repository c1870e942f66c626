"""Whatever is sent, the provider answers in words and breaks nowhere."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.sandbox import create_app
from app.sandbox.config import RateLimits, Settings
from tests.sandbox.conftest import EUROPE
from tests.sandbox.idp.conftest import CALLBACK, EITHER, PUBLIC, Shop

VALUES = st.one_of(
    st.text(max_size=60),
    st.sampled_from([EITHER.client_id, EITHER.secret, PUBLIC.client_id, CALLBACK, "code", "openid", "none", "consent"]),
    st.sampled_from(["authorization_code", "refresh_token", "S256", "a" * 43, "state-of-the-shop", "query"]),
)
NAMES = st.sampled_from(
    [
        *("client_id", "client_secret", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce"),
        *("prompt", "max_age", "ui_locales", "code_challenge", "code_challenge_method", "request", "request_uri"),
        *("grant_type", "code", "code_verifier", "refresh_token", "token", "token_type_hint", "klarna-auth-prompt"),
        *("id_token_hint", "post_logout_redirect_uri", "ticket", "phone", "item", "email"),
    ]
)
FORMS = st.dictionaries(NAMES, VALUES, max_size=10)
PATHS = [
    *("/oauth2/auth", "/oauth2/token", "/oauth2/revoke", "/userinfo", "/oauth2/sessions/logout"),
    *("/login/phone", "/login/code", "/login/other", "/login/account", "/login/consent", "/login/cancel"),
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder: Path = tmp_path_factory.mktemp("provider")
    chosen = Settings(
        "http://localhost:8001", (EUROPE,), folder / "sandbox.sqlite3", "k" * 48,
        rate_limits=RateLimits.OFF, clients=(EITHER, PUBLIC),
    )  # fmt: skip
    return Shop(create_app(chosen), EITHER)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(PATHS), form=FORMS, header=st.none() | st.text(st.characters(codec="latin-1"), max_size=30))
def test_nothing_breaks(shop: Shop, path: str, form: dict[str, str], header: str | None) -> None:
    headers = {"Authorization": header.replace("\n", "").replace("\r", "")} if header else {}
    for answer in (
        shop.browser.get(path, query_string=form, headers=headers),
        shop.browser.post(path, data=form, headers=headers),
    ):
        assert answer.status_code < 500, (path, form, header)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=FORMS)
def test_no_request_that_is_odd_somewhere_breaks_the_pages(shop: Shop, changes: dict[str, str]) -> None:
    """A request in order, with something odd in it."""
    answer = shop.authorize(**changes)
    assert answer.status_code in (200, 302, 400)
    if answer.status_code == 302:
        assert answer.headers["Location"].startswith("https://shop.example/")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.dictionaries(st.sampled_from(["phone", "code", "email", "city", "item"]), st.text(max_size=120)))
def test_nothing_that_is_typed_breaks_a_page(shop: Shop, typed: dict[str, str]) -> None:
    page = shop.authorize(prompt="login")
    assert shop.submit(page, "phone", **typed).status_code == 200
    page = shop.submit(shop.submit(page, "phone", phone="+491713920066"), "code", **typed | {"code": "123456"})
    for to in ("account", "consent", "code"):
        assert shop.submit(page, to, **typed).status_code == 200


def test_a_request_that_is_too_large_is_refused(shop: Shop) -> None:
    large = {"grant_type": "x" * (2 * 1024 * 1024)}
    for path in ("/oauth2/token", "/login/phone"):
        assert shop.browser.post(path, data=large).status_code == 413
