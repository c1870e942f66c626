"""A call to Klarna as a command for a terminal: credentials and secrets are shell variables, never values. Pure."""

import json
import re
import shlex
from typing import Any

from app.klarna.redaction import MASK

from .entries import Fact

# The settings an account's address and credentials stand in.
SETTINGS = {
    "KLARNA": ("KLARNA_API_URL", "KLARNA_USERNAME", "KLARNA_PASSWORD"),
    "KLARNA_NA": ("KLARNA_API_URL_NA", "KLARNA_USERNAME_NA", "KLARNA_PASSWORD_NA"),
    "KLARNA_OC": ("KLARNA_API_URL_OC", "KLARNA_USERNAME_OC", "KLARNA_PASSWORD_OC"),
    "KLARNA_CHECKOUT": ("KLARNA_CHECKOUT_URL", "KLARNA_CHECKOUT_USERNAME", "KLARNA_CHECKOUT_PASSWORD"),
    "KLARNA_IDENTITY": ("KLARNA_IDENTITY_URL", "", "KLARNA_IDENTITY_API_KEY"),
    "KLARNA_ISSUER": ("KLARNA_ISSUER", "KLARNA_CLIENT_ID", "KLARNA_CLIENT_SECRET"),
}
# A path without its secret, by what stands before it.
PATH_SECRETS = {"authorizations": "AUTHORIZATION_TOKEN", "tokens": "TOKEN_ID"}
# Around the name of a variable until the text is quoted: no character, so it means nothing in anybody's text.
MARK = "\ufdd0"


def as_curl(fact: Fact) -> str:
    """The command, one option a line; empty for what is no call to Klarna."""
    if fact.account not in SETTINGS:
        return ""
    url, username, password = SETTINGS[fact.account]
    parts = [f"curl -X {fact.method} {_quoted(_variable(url) + _path(fact.path))}"]
    parts.append(f"-u {_quoted((_variable(username) if username else '') + ':' + _variable(password))}")
    parts += [f"-H {shlex.quote(header)}" for header in _headers(fact)]
    if fact.account == "KLARNA_IDENTITY":
        parts.append("-H " + _quoted("X-Klarna-Customer-Token: " + _variable("customer_token")))
    if fact.request:
        parts += _body(fact)
    return " \\\n  ".join(parts)


def _headers(fact: Fact) -> list[str]:
    is_form = fact.account == "KLARNA_ISSUER"
    found = ["Content-Type: application/json"] if fact.request and not is_form else []
    return found + ([f"Klarna-Idempotency-Key: {fact.idempotency_key}"] if fact.idempotency_key else [])


def _body(fact: Fact) -> list[str]:
    told = _with_variables(fact.request)
    if fact.account == "KLARNA_ISSUER":
        return [f"--data-urlencode {_quoted(f'{name}={value}')}" for name, value in told.items()]
    return [f"--data {_quoted(json.dumps(told, indent=2, ensure_ascii=False))}"]


def _path(path: str) -> str:
    segments = path.split("/")
    for i, segment in enumerate(segments):
        if segment == MASK:
            segments[i] = _variable(PATH_SECRETS.get(segments[i - 1], "SECRET"))
    return "/".join(segments)


def _with_variables(value: Any, name: str = "") -> Any:
    """Whatever is masked as a shell variable of its field's name."""
    if isinstance(value, dict):
        return {key: _with_variables(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [_with_variables(part, name) for part in value]
    return value.replace(MARK, "").replace(MASK, _variable(name)) if isinstance(value, str) else value


def _variable(name: str) -> str:
    return MARK + re.sub(r"^(?=\d)|[^A-Z0-9_]", "_", name.upper()) + MARK


def _quoted(text: str) -> str:
    """For the shell: variables are read, and nothing else is."""
    literal, *others = text.split(MARK)
    parts = [shlex.quote(literal)] if literal else []
    for variable, following in zip(others[::2], others[1::2], strict=True):
        parts += [f'"${variable}"', *([shlex.quote(following)] if following else [])]
    return "".join(parts) or "''"
