"""What a setting may look like. Each function reads one and refuses it by name; none reads the environment."""

from collections.abc import Mapping
from email.utils import parseaddr
from urllib.parse import SplitResult, urlsplit

from click import ClickException
from cryptography.fernet import Fernet
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError


class SettingsError(ClickException):
    """A setting is missing or cannot be meant. The text names it and says what is wanted; a command ends with it."""


def path(values: Mapping[str, str], name: str) -> str:
    if not values[name].startswith("/") or "{partner_account_id}" not in values[name]:
        raise SettingsError(f"{name} has to begin with / and to hold {{partner_account_id}}.")
    return values[name]


def required(values: Mapping[str, str], name: str) -> str:
    if not values.get(name):
        raise SettingsError(f"{name} is missing.")
    return values[name]


def one_of(values: Mapping[str, str], name: str, allowed: tuple[str, ...], default: str = "") -> str:
    value = values.get(name) or default
    if value not in allowed:
        raise SettingsError(f"{name} is {value!r}; it has to be one of: {', '.join(allowed)}.")
    return value


def url(values: Mapping[str, str], name: str, optional: bool = False) -> str:
    value = values.get(name, "")
    if optional and not value:
        return ""
    if not value.startswith(("http://", "https://")) or not _has_host(value):
        raise SettingsError(f"{name} is {value!r}; it has to be an http or https address.")
    if values.get("KLARNA_ENVIRONMENT") != "offline" and not value.startswith("https://"):
        raise SettingsError(f"{name} is {value!r}; outside offline it has to be an https address.")
    return value


def _has_host(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def number(values: Mapping[str, str], name: str, default: int, most: int) -> int:
    """A whole number from 1 to ``most``."""
    given = values.get(name) or str(default)
    if not given.isascii() or not given.isdigit() or not 1 <= int(given) <= most:
        raise SettingsError(f"{name} is {given!r}; it has to be a whole number from 1 to {most}.")
    return int(given)


def days(values: Mapping[str, str], name: str, default: str) -> tuple[int, ...]:
    """Days that follow each other, separated by commas: one at least, each later than the one before, 90 at most."""
    given = (values.get(name) or default).replace(" ", "").split(",")
    if not all(part.isascii() and part.isdigit() for part in given):
        raise SettingsError(f"{name} is {values.get(name)!r}; it has to be whole numbers like 1,3,5.")
    found = tuple(int(part) for part in given)
    if list(found) != sorted(set(found)) or not 1 <= found[0] <= found[-1] <= 90:
        raise SettingsError(
            f"{name} is {values.get(name)!r}; each day from 1 to 90 has to be later than the one before."
        )
    return found


def staff_password(values: Mapping[str, str]) -> str:
    """The password of the back office's demo account; empty where there is to be none."""
    given = values.get("SHOP_STAFF_PASSWORD", "")
    if given and not 8 <= len(given) <= 200:
        raise SettingsError("SHOP_STAFF_PASSWORD has to have 8 to 200 characters, or none: then there is no account.")
    return given


def scopes(values: Mapping[str, str], name: str, default: str) -> str:
    """OpenID scopes, separated by spaces."""
    given = " ".join((values.get(name) or default).split())
    if "openid" not in given.split():
        raise SettingsError(f"{name} has to hold openid; without it nobody can be told apart.")
    return given


def database_url(values: Mapping[str, str], default: str) -> str:
    given = values.get("DATABASE_URL") or default
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


def ratelimit_storage(values: Mapping[str, str]) -> str:
    given = required(values, "RATELIMIT_STORAGE_URI")
    if not given.startswith(("memory://", "redis://", "rediss://")):
        raise SettingsError("RATELIMIT_STORAGE_URI has to begin with memory://, redis:// or rediss://.")
    return given


def mail_server(values: Mapping[str, str], name: str) -> SplitResult:
    """An address like ``smtps://user:password@host:port``; what is special in user or password is percent-encoded."""
    wanted = f"{name} has to be smtp://host or smtps://user:password@host:port"
    try:
        parts = urlsplit(values[name])
        odd = parts.port == 0
    except ValueError as unreadable:
        raise SettingsError(f"{wanted}.") from unreadable
    if odd or parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise SettingsError(f"{wanted}.")
    if bool(parts.username) != bool(parts.password):
        raise SettingsError(f"{wanted}: user and password come in pairs.")
    return parts


def sender(values: Mapping[str, str], name: str) -> str:
    """An address letters come from, with a name before it or without."""
    given = required(values, name)
    local, _, domain = parseaddr(given)[1].rpartition("@")
    if not local or not domain or not given.isprintable() or not given.isascii():
        raise SettingsError(f"{name} has to be an address, like Morrow <orders@shop.example>.")
    return given


def secret_key(value: str) -> str:
    if len(value) < 32:
        raise SettingsError("SECRET_KEY has to be at least 32 characters; it signs the cookies.")
    return value


def token_keys(value: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in value.split(",") if key.strip())
    if not keys:
        raise SettingsError("TOKEN_KEYS is missing: comma-separated Fernet keys, the first encrypts.")
    for key in keys:
        try:
            Fernet(key)
        except ValueError as odd:
            raise SettingsError("TOKEN_KEYS holds something that is no Fernet key (32 bytes, base64).") from odd
    return keys
