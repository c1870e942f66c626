"""Every setting of the shop: read here, once, and refused by name when missing or odd.

Defaults stand in ``.env.example``; ``.env`` and then the environment override them. Secrets that nobody set
are made once and kept in ``instance/`` - offline only.
"""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from dotenv import dotenv_values
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from app.klarna.config import IdentityConfig, KlarnaConfig, Region

ROOT = Path(__file__).resolve().parents[2]
INSTANCE = ROOT / "instance"

# https://docs.klarna.com/api/api-urls/
KLARNA_HOSTS = {
    "playground": {
        "KLARNA_API_URL": "https://api.playground.klarna.com",
        "KLARNA_API_URL_NA": "https://api-na.playground.klarna.com",
        "KLARNA_API_URL_OC": "https://api-oc.playground.klarna.com",
    },
    "live": {
        "KLARNA_API_URL": "https://api.klarna.com",
        "KLARNA_API_URL_NA": "https://api-na.klarna.com",
        "KLARNA_API_URL_OC": "https://api-oc.klarna.com",
    },
}
KLARNA_SDK = "https://x.klarnacdn.net/kp/lib/v1/api.js"
REGION_SUFFIXES = {Region.EU: "", Region.NA: "_NA", Region.OC: "_OC"}


class SettingsError(Exception):
    """A setting is missing or cannot be meant. The text names it and says what is wanted."""


@dataclass(frozen=True)
class Settings:
    """What the shop runs with. Secrets are left out of its text form."""

    environment: str
    klarna: Mapping[Region, KlarnaConfig] = field(repr=False)
    identity: IdentityConfig | None
    webhook_secret: str = field(repr=False)
    sdk_url: str
    console_url: str
    shop_url: str
    shop_name: str
    console: bool
    secret_key: str = field(repr=False)
    token_keys: tuple[str, ...] = field(repr=False)
    database_url: str = field(repr=False)
    ratelimit_storage_uri: str
    trusted_proxies: int

    @property
    def offline(self) -> bool:
        return self.environment == "offline"

    @property
    def secure(self) -> bool:
        return self.shop_url.startswith("https://")

    @property
    def sdk_origin(self) -> str:
        parts = urlsplit(self.sdk_url)
        return f"{parts.scheme}://{parts.netloc}"


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises :class:`SettingsError`, naming the setting at fault."""
    values = _values(os.environ if environ is None else environ)
    environment = _one_of(values, "KLARNA_ENVIRONMENT", ("offline", "playground", "live"))
    offline = environment == "offline"
    made = _made_secrets() if offline else {}
    return Settings(
        environment=environment,
        klarna=_klarna(values),
        identity=_identity(values),
        webhook_secret=values.get("KLARNA_WEBHOOK_SECRET", ""),
        sdk_url=_url(values, "KLARNA_SDK_URL"),
        console_url=_url(values, "KLARNA_CONSOLE_URL", optional=True),
        shop_url=_shop_url(values),
        shop_name=_required(values, "SHOP_NAME"),
        console=_one_of(values, "SHOP_CONSOLE", ("0", "1"), "0") == "1",
        secret_key=_secret_key(values.get("SECRET_KEY") or made.get("SECRET_KEY", "")),
        token_keys=_token_keys(values.get("TOKEN_KEYS") or made.get("TOKEN_KEYS", "")),
        database_url=_database_url(values),
        ratelimit_storage_uri=_ratelimit_storage(values),
        trusted_proxies=int(_one_of(values, "TRUSTED_PROXIES", ("0", "1", "2", "3"), "0")),
    )


def _values(environ: Mapping[str, str]) -> dict[str, str]:
    """All layers as one: the offline defaults hold offline only, Klarna's own addresses elsewhere."""
    said = {k: v for k, v in dotenv_values(ROOT / ".env").items() if v is not None} | dict(environ)
    defaults = {k: v or "" for k, v in dotenv_values(ROOT / ".env.example").items()}
    environment = said.get("KLARNA_ENVIRONMENT") or defaults.get("KLARNA_ENVIRONMENT", "")
    if environment in KLARNA_HOSTS:
        defaults = {k: v for k, v in defaults.items() if not k.startswith("KLARNA_")}
        defaults |= {"KLARNA_SDK_URL": KLARNA_SDK} | KLARNA_HOSTS[environment]
    return {k: v.strip() for k, v in (defaults | said).items()}


def _klarna(values: Mapping[str, str]) -> dict[Region, KlarnaConfig]:
    """A region counts when it has credentials; half of them is a mistake, none at all too."""
    regions = {}
    for region, suffix in REGION_SUFFIXES.items():
        username, password = values.get(f"KLARNA_USERNAME{suffix}"), values.get(f"KLARNA_PASSWORD{suffix}")
        if username and password:
            address = _url(values, f"KLARNA_API_URL{suffix}")
            regions[region] = KlarnaConfig(address.rstrip("/"), username, password)
        elif username or password:
            missing = "PASSWORD" if username else "USERNAME"
            raise SettingsError(f"KLARNA_{missing}{suffix} is missing: user name and password come in pairs.")
    if not regions:
        raise SettingsError("KLARNA_USERNAME and KLARNA_PASSWORD are missing: Klarna's portal shows them as a pair.")
    return regions


def _identity(values: Mapping[str, str]) -> IdentityConfig | None:
    """The Identity API, where the merchant has it: the shop can do without, it then only forgets."""
    if not values.get("KLARNA_IDENTITY_URL"):
        return None
    paths = {
        name: _path(values, f"KLARNA_IDENTITY_{name.upper()}")
        for name in ("introspect_path", "revoke_path")
        if values.get(f"KLARNA_IDENTITY_{name.upper()}")
    }
    return IdentityConfig(
        _url(values, "KLARNA_IDENTITY_URL").rstrip("/"),
        _required(values, "KLARNA_IDENTITY_API_KEY"),
        _required(values, "KLARNA_PARTNER_ACCOUNT_ID"),
        **paths,
    )


def _path(values: Mapping[str, str], name: str) -> str:
    if not values[name].startswith("/") or "{partner_account_id}" not in values[name]:
        raise SettingsError(f"{name} has to begin with / and to hold {{partner_account_id}}.")
    return values[name]


def _required(values: Mapping[str, str], name: str) -> str:
    if not values.get(name):
        raise SettingsError(f"{name} is missing.")
    return values[name]


def _one_of(values: Mapping[str, str], name: str, allowed: tuple[str, ...], default: str = "") -> str:
    value = values.get(name) or default
    if value not in allowed:
        raise SettingsError(f"{name} is {value!r}; it has to be one of: {', '.join(allowed)}.")
    return value


def _url(values: Mapping[str, str], name: str, optional: bool = False) -> str:
    value = values.get(name, "")
    if optional and not value:
        return ""
    if not value.startswith(("http://", "https://")) or not urlsplit(value).netloc:
        raise SettingsError(f"{name} is {value!r}; it has to be an http or https address.")
    if values.get("KLARNA_ENVIRONMENT") != "offline" and not value.startswith("https://"):
        raise SettingsError(f"{name} is {value!r}; outside offline it has to be an https address.")
    return value


def _database_url(values: Mapping[str, str]) -> str:
    given = values.get("DATABASE_URL") or f"sqlite:///{INSTANCE / 'shop.sqlite3'}"
    for short in ("postgres://", "postgresql://"):
        if given.startswith(short):
            given = "postgresql+psycopg://" + given.removeprefix(short)
    if not given.startswith(("sqlite:", "postgresql+psycopg:")):
        raise SettingsError("DATABASE_URL has to begin with sqlite:/// or postgresql+psycopg://.")
    try:
        make_url(given)
    except ArgumentError as odd:
        raise SettingsError("DATABASE_URL is no address of a database.") from odd
    return given


def _ratelimit_storage(values: Mapping[str, str]) -> str:
    given = _required(values, "RATELIMIT_STORAGE_URI")
    if not given.startswith(("memory://", "redis://", "rediss://")):
        raise SettingsError("RATELIMIT_STORAGE_URI has to begin with memory://, redis:// or rediss://.")
    return given


def _shop_url(values: Mapping[str, str]) -> str:
    url = _url(values, "SHOP_URL").rstrip("/")
    if urlsplit(url).path or urlsplit(url).query or urlsplit(url).fragment:
        raise SettingsError(f"SHOP_URL is {url!r}; it has to be scheme, host and port alone.")
    return url


def _secret_key(value: str) -> str:
    if len(value) < 32:
        raise SettingsError("SECRET_KEY has to be at least 32 characters; it signs the cookies.")
    return value


def _token_keys(value: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in value.split(",") if key.strip())
    if not keys:
        raise SettingsError("TOKEN_KEYS is missing: comma-separated Fernet keys, the first encrypts.")
    for key in keys:
        try:
            Fernet(key)
        except ValueError as odd:
            raise SettingsError("TOKEN_KEYS holds something that is no Fernet key (32 bytes, base64).") from odd
    return keys


def _made_secrets() -> dict[str, str]:
    """Secrets of an offline shop, made at the first start and kept: tokens must survive a restart."""
    path = INSTANCE / "shop-secrets.json"
    INSTANCE.mkdir(exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return dict(json.loads(path.read_text()))
    made = {"SECRET_KEY": secrets.token_urlsafe(48), "TOKEN_KEYS": Fernet.generate_key().decode()}
    with os.fdopen(descriptor, "w") as file:
        json.dump(made, file)
    return made
