"""Settings are refused by name."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from cryptography.fernet import Fernet

from app.klarna.config import Region
from app.shop import config
from app.shop.config import SettingsError, load_settings

KEYS = {"SECRET_KEY": "x" * 40, "TOKEN_KEYS": Fernet.generate_key().decode()}
PLAYGROUND = {
    "KLARNA_ENVIRONMENT": "playground",
    "SHOP_URL": "https://shop.example",
    "KLARNA_USERNAME": "user",
    "KLARNA_PASSWORD": "klarna_test_api_x",
} | KEYS


IDENTITY = {
    "KLARNA_IDENTITY_URL": "https://k.example",
    "KLARNA_IDENTITY_API_KEY": "key",
    "KLARNA_PARTNER_ACCOUNT_ID": "krn:x",
}


def test_paths_of_the_identity_api_can_be_changed() -> None:
    path = "/v3/{partner_account_id}/end"
    settings = load_settings(PLAYGROUND | IDENTITY | {"KLARNA_IDENTITY_REVOKE_PATH": path})
    assert settings.identity is not None
    assert settings.identity.revoke_path == path


def test_postgresql_may_be_written_in_any_of_its_ways() -> None:
    for url in ("postgres://u@h/d", "postgresql://u@h/d", "postgresql+psycopg://u@h/d"):
        assert load_settings(PLAYGROUND | {"DATABASE_URL": url}).database_url == "postgresql+psycopg://u@h/d"


def test_processes_that_start_at_once_share_the_secrets_one_of_them_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "INSTANCE", tmp_path)
    start = Barrier(16)

    def secrets(_: int) -> tuple[str, tuple[str, ...]]:
        start.wait(60)
        settings = load_settings({})
        return settings.secret_key, settings.token_keys

    for _ in range(10):
        with ThreadPoolExecutor(16) as pool:
            assert len(set(pool.map(secrets, range(16)))) == 1
        (kept,) = tmp_path.iterdir()
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        kept.unlink()


def test_offline_needs_nothing_and_offers_two_regions() -> None:
    settings = load_settings({})
    assert settings.offline
    assert set(settings.klarna) == {Region.EU, Region.NA}


def test_playground_picks_klarnas_own_addresses() -> None:
    settings = load_settings(PLAYGROUND)
    assert settings.klarna[Region.EU].api_url == "https://api.playground.klarna.com"
    assert settings.sdk_url == "https://x.klarnacdn.net/kp/lib/v1/api.js"
    assert set(settings.klarna) == {Region.EU}
    assert settings.console_url == ""
    assert settings.secure


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"KLARNA_ENVIRONMENT": "moon"}, "KLARNA_ENVIRONMENT"),
        ({"KLARNA_PASSWORD": ""}, "KLARNA_PASSWORD"),
        ({"KLARNA_USERNAME": "", "KLARNA_PASSWORD": ""}, "KLARNA_USERNAME"),
        ({"KLARNA_USERNAME_NA": "user"}, "KLARNA_PASSWORD_NA"),
        ({"KLARNA_SDK_URL": "klarna"}, "KLARNA_SDK_URL"),
        ({"SHOP_URL": "http://shop.example"}, "SHOP_URL"),
        ({"SHOP_URL": ""}, "SHOP_URL"),
        ({"SHOP_URL": "https://shop.example:port"}, "SHOP_URL"),
        ({"SHOP_URL": "https://["}, "SHOP_URL"),
        ({"SHOP_URL": "https://shop.example/path"}, "SHOP_URL"),
        ({"SHOP_URL": "https://shop.example?a=b"}, "SHOP_URL"),
        ({"KLARNA_API_URL": "http://api.klarna.example"}, "KLARNA_API_URL"),
        ({"KLARNA_IDENTITY_URL": "https://k.example"}, "KLARNA_IDENTITY_API_KEY"),
        ({"KLARNA_IDENTITY_URL": "https://k.example", "KLARNA_IDENTITY_API_KEY": "k"}, "KLARNA_PARTNER_ACCOUNT_ID"),
        (IDENTITY | {"KLARNA_IDENTITY_REVOKE_PATH": "/revoke"}, "KLARNA_IDENTITY_REVOKE_PATH"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        ({"RATELIMIT_STORAGE_URI": "foo://"}, "RATELIMIT_STORAGE_URI"),
        ({"TRUSTED_PROXIES": "many"}, "TRUSTED_PROXIES"),
        ({"SHOP_NAME": ""}, "SHOP_NAME"),
        ({"SHOP_CONSOLE": "maybe"}, "SHOP_CONSOLE"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"TOKEN_KEYS": ""}, "TOKEN_KEYS"),
        ({"TOKEN_KEYS": "nonsense"}, "TOKEN_KEYS"),
    ],
)
def test_a_setting_at_fault_is_named(changed: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        load_settings(PLAYGROUND | changed)


def test_secrets_are_not_in_the_text_form() -> None:
    text = repr(load_settings(PLAYGROUND))
    assert not any(secret in text for secret in (*KEYS.values(), "klarna_test_api_x"))


def test_a_mail_server_is_an_address_and_its_password_may_hold_anything() -> None:
    said = {"MAIL_URL": "smtps://me%40shop.example:p%2Fw@mail.example", "MAIL_FROM": "Morrow <orders@shop.example>"}
    mail = load_settings(PLAYGROUND | said).mail
    assert mail is not None
    assert (mail.host, mail.port, mail.tls) == ("mail.example", 465, True)
    assert (mail.username, mail.password) == ("me@shop.example", "p/w")
    assert "p/w" not in repr(mail)
    assert load_settings({"MAIL_URL": "smtp://localhost:1025", "MAIL_FROM": "a@b.example"}).mail is not None
    assert load_settings({}).mail is None


@pytest.mark.parametrize(
    "url", ["mail.example", "http://mail.example", "smtp://", "smtp://u@h", "smtp://h:x", "smtp://h/p", "smtp://["]
)
def test_an_odd_mail_server_is_refused_by_name(url: str) -> None:
    with pytest.raises(SettingsError, match="MAIL_URL"):
        load_settings(PLAYGROUND | {"MAIL_URL": url, "MAIL_FROM": "a@b.example"})


@pytest.mark.parametrize("sender", ["", "nobody", "a@b\nBcc: c@d", "@b"])
def test_letters_have_to_come_from_somebody(sender: str) -> None:
    with pytest.raises(SettingsError, match="MAIL_FROM"):
        load_settings(PLAYGROUND | {"MAIL_URL": "smtp://mail.example", "MAIL_FROM": sender})


def test_the_days_of_retries_are_read() -> None:
    assert load_settings(PLAYGROUND).retry_days == (1, 3, 5)
    assert load_settings(PLAYGROUND | {"SUBSCRIPTION_RETRY_DAYS": "2, 7"}).retry_days == (2, 7)


@pytest.mark.parametrize("days", ["x", "1,,2", "3,1", "2,2", "0", "-1", "91", "1.5", "٣"])
def test_odd_days_of_retries_are_refused_by_name(days: str) -> None:
    with pytest.raises(SettingsError, match="SUBSCRIPTION_RETRY_DAYS"):
        load_settings(PLAYGROUND | {"SUBSCRIPTION_RETRY_DAYS": days})
