"""The sandbox's settings: the only place that reads the environment.

``.env.example`` holds the defaults, ``.env`` and then the environment go over them. A value that is missing
or makes no sense stops the start, with the setting's name in the message.
"""

import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import urlsplit

from click import ClickException
from dotenv import dotenv_values
from flask import current_app

from .clients import Client
from .merchants import Merchant, Region

PARTNER_ACCOUNT_ID = "krn:partner:global:account:test:OFFLINE1"
LONGEST_DELAY = 300.0  # seconds
MOST_DAYS = 3650
ROOT = Path(__file__).resolve().parents[2]
_SUFFIXES = {Region.EUROPE: "", Region.NORTH_AMERICA: "_NA", Region.OCEANIA: "_OC"}
_SWITCH = dict.fromkeys(("on", "true", "yes", "1"), True) | dict.fromkeys(("off", "false", "no", "0"), False)


class BadSetting(ClickException):
    """A setting is missing or odd; the message names it, and a command ends with it."""


class RateLimits(StrEnum):
    """Whose numbers the rate limiter counts against."""

    PLAYGROUND = "playground"
    LIVE = "live"
    OFF = "off"


@dataclass(frozen=True)
class Settings:
    """Everything that can be chosen about a sandbox."""

    url: str
    merchants: tuple[Merchant, ...]
    database: Path
    secret_key: str = field(repr=False)
    merchant_name: str = "Morrow"
    insecure_merchant_urls: bool = True
    rate_limits: RateLimits = RateLimits.PLAYGROUND
    remote_control: bool = False
    partner_account_id: str = PARTNER_ACCOUNT_ID
    webhook_url: str = ""
    callback_delay: float = 5.0  # seconds, when the switch says that callbacks are late
    callback_patience: float = 2.0  # seconds to connect, and as many to wait for the answer
    clients: tuple[Client, ...] = ()
    refresh_token_days: int = 60
    checkout_merchants: tuple[Merchant, ...] = ()


def current() -> Settings:
    """The settings of the running application."""
    settings: Settings = current_app.config["SANDBOX_SETTINGS"]
    return settings


def load(environ: Mapping[str, str] | None = None, root: Path = ROOT) -> Settings:
    """Read the settings; raises BadSetting."""
    files = {**dotenv_values(root / ".env.example"), **dotenv_values(root / ".env")}
    values = {name: value or "" for name, value in files.items()}
    values |= os.environ if environ is None else environ
    name = _required(values, "SANDBOX_MERCHANT_NAME")
    return Settings(
        url=_address(values, "SANDBOX_URL"),
        merchants=_merchants(values, name),
        database=_database(root / (values.get("SANDBOX_DATABASE") or "instance/sandbox.sqlite3")),
        secret_key=values.get("SANDBOX_SECRET_KEY") or _kept_secret(root / "instance" / "sandbox-secret-key"),
        merchant_name=name,
        insecure_merchant_urls=_switch(values, "SANDBOX_INSECURE_MERCHANT_URLS", default=True),
        rate_limits=_rate_limits(values, "SANDBOX_RATE_LIMITS"),
        remote_control=_switch(values, "SANDBOX_REMOTE_CONTROL", default=False),
        partner_account_id=_partner_account(values, "SANDBOX_PARTNER_ACCOUNT_ID"),
        webhook_url=_webhook(values, "SANDBOX_WEBHOOK_URL"),
        callback_delay=_seconds(values, "SANDBOX_CALLBACK_DELAY", default=5.0),
        clients=(_client(values, name),),
        refresh_token_days=_days(values, "SANDBOX_REFRESH_TOKEN_DAYS", default=60),
        checkout_merchants=(_checkout_merchant(values, name),),
    )


def _required(values: Mapping[str, str], name: str) -> str:
    value = values.get(name, "").strip()
    if not value:
        raise BadSetting(f"{name} is missing: set it in the environment or in .env")
    return value


def _database(path: Path) -> Path:
    """A file that can be written; made if it is not there."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.open("ab").close()
    except OSError as odd:
        raise BadSetting(f"SANDBOX_DATABASE: {path} cannot be written: {odd.strerror}") from odd
    return path


def _address(values: Mapping[str, str], name: str) -> str:
    value = _required(values, name).rstrip("/")
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise BadSetting(f"{name} is not an address: {error}") from error
    plain = not (parts.path or parts.query or parts.fragment or parts.username)
    if parts.scheme not in ("http", "https") or not parts.hostname or not plain or port == 0:
        raise BadSetting(f"{name} has to look like http://localhost:8001, without a path")
    return value


def _partner_account(values: Mapping[str, str], name: str) -> str:
    """One account holds the merchant accounts of all regions. Its id stands in addresses as one part of the path."""
    value = values.get(name, "").strip() or PARTNER_ACCOUNT_ID
    if not re.fullmatch(r"[A-Za-z0-9:_.-]{1,255}", value):
        raise BadSetting(f"{name} has to look like {PARTNER_ACCOUNT_ID}")
    return value


def _webhook(values: Mapping[str, str], name: str) -> str:
    """Where the merchant hears of revoked links; empty: nowhere."""
    value = values.get(name, "").strip()
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if value and (not good or re.search(r"\s", value)):
        raise BadSetting(f"{name} has to be an address such as http://localhost:8000/webhooks, or empty")
    return value


def _seconds(values: Mapping[str, str], name: str, default: float) -> float:
    value = values.get(name, "").strip() or str(default)
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]+)?", value) or float(value) > LONGEST_DELAY:
        raise BadSetting(f"{name} has to be a number of seconds, at most {LONGEST_DELAY:.0f}, not {value!r}")
    return float(value)


def _merchants(values: Mapping[str, str], name: str) -> tuple[Merchant, ...]:
    found = (_merchant(values, region, name) for region in Region)
    return tuple(merchant for merchant in found if merchant)


def _merchant(values: Mapping[str, str], region: Region, name: str) -> Merchant | None:
    """Oceania may be left out; for Europe and North America credentials have to be there."""
    username, password = f"SANDBOX_USERNAME{_SUFFIXES[region]}", f"SANDBOX_PASSWORD{_SUFFIXES[region]}"
    if region is Region.OCEANIA and not values.get(username) and not values.get(password):
        return None
    return Merchant(_username(values, username), _required(values, password), region, name)


def _checkout_merchant(values: Mapping[str, str], name: str) -> Merchant:
    """Klarna Checkout has one address, which is Europe's here, and one pair of credentials for all regions."""
    username = _username(values, "SANDBOX_CHECKOUT_USERNAME")
    return Merchant(username, _required(values, "SANDBOX_CHECKOUT_PASSWORD"), Region.EUROPE, name)


def _username(values: Mapping[str, str], name: str) -> str:
    value = _required(values, name)
    if ":" in value:
        raise BadSetting(f"{name} must not hold a colon: HTTP Basic ends the user name there")
    return value


def _client(values: Mapping[str, str], name: str) -> Client:
    """The one client of Sign in with Klarna, for all regions. Without a secret it is a public one."""
    client_id = _required(values, "SANDBOX_CLIENT_ID")
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,255}", client_id):
        raise BadSetting("SANDBOX_CLIENT_ID has to be letters, digits, dots, dashes and underscores")
    redirect_uris = _redirect_uris(values, "SANDBOX_REDIRECT_URIS")
    fronts = [f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, redirect_uris)]
    return Client(
        client_id,
        redirect_uris,
        secret=values.get("SANDBOX_CLIENT_SECRET", "").strip(),
        name=name,
        post_logout_redirect_uris=tuple(dict.fromkeys(uri for front in fronts for uri in (front, f"{front}/"))),
        policy_uri=_page(values, "SANDBOX_POLICY_URI"),
        terms_uri=_page(values, "SANDBOX_TERMS_URI"),
    )


def _redirect_uris(values: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Addresses that end a sign-in. They are compared letter by letter, so nothing is changed about them."""
    uris = tuple(filter(None, (part.strip() for part in _required(values, name).split(","))))
    if not all(_is_address(uri) and "#" not in uri for uri in uris):
        raise BadSetting(f"{name} has to be addresses such as http://localhost:8000/login/klarna/callback")
    if not uris:
        raise BadSetting(f"{name} names no address")
    return uris


def _page(values: Mapping[str, str], name: str) -> str:
    """A page of the shop that the consent links to; empty for none."""
    uri = values.get(name, "").strip()
    if uri and not _is_address(uri):
        raise BadSetting(f"{name} has to be an address such as http://localhost:8000/terms")
    return uri


def _is_address(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return good and re.fullmatch(r"[!-~]+", uri) is not None


def _days(values: Mapping[str, str], name: str, default: int) -> int:
    value = values.get(name, "").strip() or str(default)
    if not re.fullmatch(r"[0-9]{1,4}", value) or not 1 <= int(value) <= MOST_DAYS:
        raise BadSetting(f"{name} has to be a number of days from 1 to {MOST_DAYS}, not {value!r}")
    return int(value)


def _switch(values: Mapping[str, str], name: str, default: bool) -> bool:
    value = values.get(name, "").strip().lower()
    if value and value not in _SWITCH:
        raise BadSetting(f"{name} has to be on or off, not {value!r}")
    return _SWITCH[value] if value else default


def _rate_limits(values: Mapping[str, str], name: str) -> RateLimits:
    value = values.get(name, "").strip().lower() or RateLimits.PLAYGROUND
    if value not in set(RateLimits):
        raise BadSetting(f"{name} has to be one of {', '.join(RateLimits)}, not {value!r}")
    return RateLimits(value)


def _kept_secret(path: Path) -> str:
    """A key made once and kept, so that client tokens survive a restart."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Under its name when it is whole: another process may look for it at the same moment.
        with NamedTemporaryFile("w", dir=path.parent) as file, suppress(FileExistsError):
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.link(file.name, path)
    value = path.read_text().strip()
    if len(value) < 32:
        raise BadSetting(f"SANDBOX_SECRET_KEY is empty, and instance/{path.name} holds no key: delete that file")
    return value
