"""Every setting of the shop: read here, once, and refused by name when missing or odd.

Defaults stand in ``.env.example``; ``.env`` and then the environment override them. Secrets that nobody set
are made once and kept in ``instance/`` - offline only.
"""

import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import unquote, urlsplit

from cryptography.fernet import Fernet
from dotenv import dotenv_values

from app.klarna.config import IdentityConfig, KlarnaConfig, Region

from . import setting_kinds as kinds
from .setting_kinds import SettingsError

ROOT = Path(__file__).resolve().parents[2]
INSTANCE = ROOT / "instance"

# https://docs.klarna.com/api/api-urls/
KLARNA_HOSTS = {
    "playground": {
        "KLARNA_API_URL": "https://api.playground.klarna.com",
        "KLARNA_API_URL_NA": "https://api-na.playground.klarna.com",
        "KLARNA_API_URL_OC": "https://api-oc.playground.klarna.com",
        "KLARNA_CHECKOUT_URL": "https://api.playground.kustom.co",
        "KLARNA_ISSUER": "https://login.playground.klarna.com",
        "KLARNA_ISSUER_NA": "https://login.playground.klarna.com/na/lp/idp",
    },
    "live": {
        "KLARNA_API_URL": "https://api.klarna.com",
        "KLARNA_API_URL_NA": "https://api-na.klarna.com",
        "KLARNA_API_URL_OC": "https://api-oc.klarna.com",
        "KLARNA_CHECKOUT_URL": "https://api.kustom.co",
        "KLARNA_ISSUER": "https://login.klarna.com",
        "KLARNA_ISSUER_NA": "https://login.klarna.com/na/lp/idp",
    },
}
# What the shop needs to know somebody, to fill in a checkout, and to have Klarna recognise them there.
# https://docs.klarna.com/conversion-boosters/sign-in-with-klarna/integrate-sign-in-with-klarna/openidconnect/
SIGN_IN_SCOPES = (
    "openid offline_access customer:login profile:name profile:email profile:phone profile:date_of_birth "
    "profile:billing_address profile:shipping_address profile:country profile:locale"
)
# Read from captured snippets; nothing is documented. KLARNA_CHECKOUT_HOSTS says otherwise.
CHECKOUT_HOSTS = "https://*.kustom.co https://*.klarna.com https://*.klarnacdn.net https://*.klarnaevt.com"
KLARNA_SDK = "https://x.klarnacdn.net/kp/lib/v1/api.js"
REGION_SUFFIXES = {Region.EU: "", Region.NA: "_NA", Region.OC: "_OC"}


@dataclass(frozen=True)
class SignInConfig:
    """Sign in with Klarna in one region. An empty secret is a public client. Patience in seconds."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    auth_method: str
    scope: str
    refresh_token_life: timedelta
    connect_timeout: float = 2.0
    read_timeout: float = 4.0


@dataclass(frozen=True)
class MailConfig:
    """The server letters leave by, and whom they come from. ``tls`` is from the start; else when it is offered."""

    host: str
    port: int
    tls: bool
    username: str
    password: str = field(repr=False)
    sender: str


@dataclass(frozen=True)
class Settings:
    """What the shop runs with. Secrets are left out of its text form."""

    environment: str
    klarna: Mapping[Region, KlarnaConfig] = field(repr=False)
    identity: IdentityConfig | None
    sign_in: Mapping[Region, SignInConfig] = field(repr=False)
    checkout: KlarnaConfig | None
    checkout_hosts: str
    webhook_secret: str = field(repr=False)
    mail: MailConfig | None
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
    staff_password: str = field(repr=False)
    retry_days: tuple[int, ...]

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
    environment = kinds.one_of(values, "KLARNA_ENVIRONMENT", ("offline", "playground", "live"))
    offline = environment == "offline"
    made = _made_secrets() if offline else {}
    return Settings(
        environment=environment,
        klarna=_klarna(values),
        identity=_identity(values),
        sign_in=_sign_in(values),
        checkout=_checkout(values),
        checkout_hosts=_checkout_hosts(values),
        webhook_secret=values.get("KLARNA_WEBHOOK_SECRET", ""),
        mail=_mail(values),
        sdk_url=kinds.url(values, "KLARNA_SDK_URL"),
        console_url=kinds.url(values, "KLARNA_CONSOLE_URL", optional=True),
        shop_url=_shop_url(values),
        shop_name=kinds.required(values, "SHOP_NAME"),
        console=kinds.one_of(values, "SHOP_CONSOLE", ("0", "1"), "0") == "1",
        secret_key=kinds.secret_key(values.get("SECRET_KEY") or made.get("SECRET_KEY", "")),
        token_keys=kinds.token_keys(values.get("TOKEN_KEYS") or made.get("TOKEN_KEYS", "")),
        database_url=kinds.database_url(values, f"sqlite:///{INSTANCE / 'shop.sqlite3'}"),
        ratelimit_storage_uri=kinds.ratelimit_storage(values),
        trusted_proxies=int(kinds.one_of(values, "TRUSTED_PROXIES", ("0", "1", "2", "3"), "0")),
        staff_password=kinds.staff_password(values) if offline else "",
        retry_days=kinds.days(values, "SUBSCRIPTION_RETRY_DAYS", "1,3,5"),
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
            address = kinds.url(values, f"KLARNA_API_URL{suffix}")
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
        name: kinds.path(values, f"KLARNA_IDENTITY_{name.upper()}")
        for name in ("introspect_path", "revoke_path")
        if values.get(f"KLARNA_IDENTITY_{name.upper()}")
    }
    return IdentityConfig(
        kinds.url(values, "KLARNA_IDENTITY_URL").rstrip("/"),
        kinds.required(values, "KLARNA_IDENTITY_API_KEY"),
        kinds.required(values, "KLARNA_PARTNER_ACCOUNT_ID"),
        **paths,
    )


def _checkout(values: Mapping[str, str]) -> KlarnaConfig | None:
    """Klarna Checkout, today Kustom's: one address and credentials of its own for all regions; none, and it is off."""
    username, password = values.get("KLARNA_CHECKOUT_USERNAME"), values.get("KLARNA_CHECKOUT_PASSWORD")
    if not username and not password:
        return None
    if not username or not password:
        missing = "PASSWORD" if username else "USERNAME"
        raise SettingsError(f"KLARNA_CHECKOUT_{missing} is missing: user name and password come in pairs.")
    return KlarnaConfig(kinds.url(values, "KLARNA_CHECKOUT_URL").rstrip("/"), username, password)


def _mail(values: Mapping[str, str]) -> MailConfig | None:
    """Without a server letters stay in the outbox."""
    if not values.get("MAIL_URL"):
        return None
    parts = kinds.mail_server(values, "MAIL_URL")
    tls = parts.scheme == "smtps"
    return MailConfig(
        host=parts.hostname or "",
        port=parts.port or (465 if tls else 587),
        tls=tls,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        sender=kinds.sender(values, "MAIL_FROM"),
    )


def _checkout_hosts(values: Mapping[str, str]) -> str:
    """What a page with Klarna Checkout's frame has to let in; offline it all comes from one place."""
    parts = urlsplit(values.get("KLARNA_CHECKOUT_URL", ""))
    offline = values.get("KLARNA_ENVIRONMENT") == "offline"
    return values.get("KLARNA_CHECKOUT_HOSTS") or (f"{parts.scheme}://{parts.netloc}" if offline else CHECKOUT_HOSTS)


def _sign_in(values: Mapping[str, str]) -> dict[Region, SignInConfig]:
    """A region without a client of its own signs in at Europe's issuer; without any client there is no button."""
    found = {region: config for region in Region if (config := _sign_in_of(values, REGION_SUFFIXES[region]))}
    return {region: found.get(region, found[Region.EU]) for region in Region} if Region.EU in found else found


def _sign_in_of(values: Mapping[str, str], suffix: str) -> SignInConfig | None:
    client_id, secret = values.get(f"KLARNA_CLIENT_ID{suffix}"), values.get(f"KLARNA_CLIENT_SECRET{suffix}", "")
    if not client_id:
        if secret:
            raise SettingsError(f"KLARNA_CLIENT_ID{suffix} is missing: there is a secret without it.")
        return None
    method = kinds.one_of(
        values, "KLARNA_CLIENT_AUTH", ("client_secret_basic", "client_secret_post"), "client_secret_basic"
    )
    return SignInConfig(
        issuer=kinds.url(values, f"KLARNA_ISSUER{suffix}").rstrip("/"),
        client_id=client_id,
        client_secret=secret,
        auth_method=method if secret else "none",
        scope=kinds.scopes(values, "KLARNA_SIGN_IN_SCOPES", SIGN_IN_SCOPES),
        refresh_token_life=timedelta(days=kinds.number(values, "KLARNA_REFRESH_TOKEN_DAYS", 60, most=365)),
    )


def _shop_url(values: Mapping[str, str]) -> str:
    address = kinds.url(values, "SHOP_URL").rstrip("/")
    parts = urlsplit(address)
    if parts.path or parts.query or parts.fragment:
        raise SettingsError(f"SHOP_URL is {address!r}; it has to be scheme, host and port alone.")
    return address


def _made_secrets() -> dict[str, str]:
    """Secrets of an offline shop, made at the first start and kept: tokens must survive a restart."""
    path = INSTANCE / "shop-secrets.json"
    INSTANCE.mkdir(exist_ok=True)
    if not path.exists():
        made = {"SECRET_KEY": secrets.token_urlsafe(48), "TOKEN_KEYS": Fernet.generate_key().decode()}
        # Under its name when it is whole, and the first one's only: other processes may start at the same moment.
        with NamedTemporaryFile("w", dir=INSTANCE) as file, suppress(FileExistsError):
            json.dump(made, file)
            file.flush()
            os.link(file.name, path)
    return dict(json.loads(path.read_text()))
