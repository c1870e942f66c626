"""Settings come from two files and the environment; what is missing or odd is named."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from app.sandbox import config
from app.sandbox.config import BadSetting, RateLimits
from app.sandbox.merchants import Region

DEFAULTS = """
SANDBOX_URL=http://localhost:8001
SANDBOX_USERNAME=eu-user
SANDBOX_PASSWORD=eu-secret
SANDBOX_USERNAME_NA=na-user
SANDBOX_PASSWORD_NA=na-secret
SANDBOX_CHECKOUT_USERNAME=checkout-user
SANDBOX_CHECKOUT_PASSWORD=checkout-secret
SANDBOX_MERCHANT_NAME=Morrow
SANDBOX_CLIENT_ID=klarna_test_client
SANDBOX_REDIRECT_URIS=http://localhost:8000/login/klarna/callback
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".env.example").write_text(DEFAULTS)
    return tmp_path


def test_the_defaults_are_enough(root: Path) -> None:
    settings = config.load({}, root)
    assert settings.url == "http://localhost:8001"
    assert [merchant.region for merchant in settings.merchants] == [Region.EUROPE, Region.NORTH_AMERICA]
    assert settings.database == root / "instance/sandbox.sqlite3"
    assert settings.insecure_merchant_urls
    assert not settings.remote_control
    assert settings.rate_limits is RateLimits.PLAYGROUND


def test_the_projects_own_defaults_are_complete() -> None:
    assert config.load({}).merchants


def test_the_environment_goes_over_the_file_and_the_file_over_the_defaults(root: Path) -> None:
    (root / ".env").write_text("SANDBOX_MERCHANT_NAME=File\nSANDBOX_URL=http://localhost:1\n")
    settings = config.load({"SANDBOX_MERCHANT_NAME": "Environment"}, root)
    assert (settings.merchant_name, settings.url) == ("Environment", "http://localhost:1")


def test_what_belongs_to_callbacks_and_the_account_may_be_said(root: Path) -> None:
    default = config.load({}, root)
    assert (default.partner_account_id, default.webhook_url) == ("krn:partner:global:account:test:OFFLINE1", "")
    assert default.callback_delay == 5
    said = {
        "SANDBOX_PARTNER_ACCOUNT_ID": "krn:partner:global:account:test:MINE",
        "SANDBOX_WEBHOOK_URL": "http://localhost:8000/webhooks/s?a=b",
        "SANDBOX_CALLBACK_DELAY": "0.5",
    }
    settings = config.load(said, root)
    assert settings.partner_account_id == "krn:partner:global:account:test:MINE"
    assert settings.webhook_url == "http://localhost:8000/webhooks/s?a=b"
    assert settings.callback_delay == 0.5


def test_one_client_may_sign_people_in(root: Path) -> None:
    [public] = config.load({}, root).clients
    assert (public.client_id, public.is_public, public.region) == ("klarna_test_client", True, None)
    uris = "http://localhost:8000/a, https://shop.example/b?c=d"
    said = {"SANDBOX_CLIENT_SECRET": "klarna_test_api_x", "SANDBOX_REDIRECT_URIS": uris}
    settings = config.load(said | {"SANDBOX_REFRESH_TOKEN_DAYS": "90"}, root)
    [client] = settings.clients
    assert client.redirect_uris == ("http://localhost:8000/a", "https://shop.example/b?c=d")
    assert "https://shop.example/" in client.post_logout_redirect_uris
    assert (client.is_public, settings.refresh_token_days) == (False, 90)
    assert "klarna_test_api_x" not in repr(settings)


def test_the_consent_links_to_the_pages_that_are_named(root: Path) -> None:
    [without] = config.load({}, root).clients
    assert (without.policy_uri, without.terms_uri) == ("", "")
    pages = {
        "SANDBOX_POLICY_URI": "https://shop.example/privacy",
        "SANDBOX_TERMS_URI": "https://shop.example/terms#all",
    }
    [client] = config.load(pages, root).clients
    assert (client.policy_uri, client.terms_uri) == tuple(pages.values())


def test_checkout_has_one_pair_of_credentials_for_all_regions(root: Path) -> None:
    [account] = config.load({}, root).checkout_merchants
    assert (account.username, account.password) == ("checkout-user", "checkout-secret")


def test_oceania_is_there_when_it_has_credentials(root: Path) -> None:
    settings = config.load({"SANDBOX_USERNAME_OC": "oc-user", "SANDBOX_PASSWORD_OC": "oc-secret"}, root)
    assert settings.merchants[-1].region is Region.OCEANIA


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SANDBOX_URL", ""),
        ("SANDBOX_URL", "localhost:8001"),
        ("SANDBOX_URL", "ftp://localhost"),
        ("SANDBOX_URL", "http://localhost:8001/klarna"),
        ("SANDBOX_URL", "http://localhost:port"),
        ("SANDBOX_URL", "http://[::1"),
        ("SANDBOX_USERNAME", ""),
        ("SANDBOX_USERNAME", "a:b"),
        ("SANDBOX_PASSWORD", " "),
        ("SANDBOX_PASSWORD_NA", ""),
        ("SANDBOX_PASSWORD_OC", "a password without its user name"),
        ("SANDBOX_CHECKOUT_USERNAME", ""),
        ("SANDBOX_CHECKOUT_USERNAME", "a:b"),
        ("SANDBOX_CHECKOUT_PASSWORD", ""),
        ("SANDBOX_MERCHANT_NAME", ""),
        ("SANDBOX_DATABASE", ".env.example/file"),
        ("SANDBOX_INSECURE_MERCHANT_URLS", "perhaps"),
        ("SANDBOX_REMOTE_CONTROL", "2"),
        ("SANDBOX_RATE_LIMITS", "fast"),
        ("SANDBOX_PARTNER_ACCOUNT_ID", "krn/partner"),
        ("SANDBOX_WEBHOOK_URL", "localhost:8000/webhooks"),
        ("SANDBOX_WEBHOOK_URL", "http://localhost:port/"),
        ("SANDBOX_WEBHOOK_URL", "http://local host/"),
        ("SANDBOX_CALLBACK_DELAY", "soon"),
        ("SANDBOX_CALLBACK_DELAY", "-1"),
        ("SANDBOX_CALLBACK_DELAY", "301"),
        ("SANDBOX_CLIENT_ID", ""),
        ("SANDBOX_CLIENT_ID", "a client"),
        ("SANDBOX_REDIRECT_URIS", ""),
        ("SANDBOX_REDIRECT_URIS", ","),
        ("SANDBOX_REDIRECT_URIS", "localhost:8000/login"),
        ("SANDBOX_REDIRECT_URIS", "http://localhost:8000/login#part"),
        ("SANDBOX_REDIRECT_URIS", "http://localhost:8000/a b"),
        ("SANDBOX_REDIRECT_URIS", "http://localhost:port/"),
        ("SANDBOX_POLICY_URI", "shop.example/privacy"),
        ("SANDBOX_TERMS_URI", "javascript:alert(1)"),
        ("SANDBOX_REFRESH_TOKEN_DAYS", "0"),
        ("SANDBOX_REFRESH_TOKEN_DAYS", "sixty"),
        ("SANDBOX_REFRESH_TOKEN_DAYS", "3651"),
    ],
)
def test_a_missing_or_odd_value_is_refused_by_name(root: Path, name: str, value: str) -> None:
    refused = "SANDBOX_USERNAME_OC" if name == "SANDBOX_PASSWORD_OC" else name
    with pytest.raises(BadSetting, match=refused):
        config.load({name: value}, root)


def test_a_key_is_made_once_and_kept_from_other_users(root: Path) -> None:
    first, second = config.load({}, root), config.load({}, root)
    kept = root / "instance" / "sandbox-secret-key"
    assert first.secret_key == second.secret_key
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_processes_that_start_at_once_share_one_key(root: Path) -> None:
    start = Barrier(16)

    def key(_: int) -> str:
        start.wait(60)
        return config.load({}, root).secret_key

    for _ in range(10):
        with ThreadPoolExecutor(16) as pool:
            assert len(set(pool.map(key, range(16)))) == 1
        (root / "instance" / "sandbox-secret-key").unlink()


def test_secrets_do_not_show_in_a_traceback(root: Path) -> None:
    settings = config.load({}, root)
    assert "eu-secret" not in repr(settings)
    assert settings.secret_key not in repr(settings)
