"""Holds the body of a request or an answer against the description Klarna publishes of it.

The descriptions are Klarna's and are not part of this project: the environment variable `KLARNA_OPENAPI`
names a folder that holds them under their published names. Without it the calling test is skipped, saying so;
with it a missing file is a failure. Checking is stricter than the description in one way: a field it does not
name is an error, so that an invented or misspelt name is found. What may differ stands in `ALLOWANCES`.

    assert_request("POST", "/payments/v1/sessions", body)
    assert_response("POST", "/payments/v1/authorizations/{authorizationToken}/order", 200, body)
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import ValidationError  # type: ignore[import-untyped]
from jsonschema.validators import extend  # type: ignore[import-untyped]
from openapi_schema_validator import OAS30ReadValidator, OAS30WriteValidator, oas30_format_checker

FOLDER_SETTING = "KLARNA_OPENAPI"
REASON_TO_SKIP = f"{FOLDER_SETTING} names no folder with Klarna's published API descriptions"

#: Which published file describes the paths below a prefix.
DOCUMENTS = {
    "/payments/": "klarna-payments-v1.json",
    "/customer-token/": "customer-token-v1.json",
    "/ordermanagement/": "order-management-v1.json",
    "/checkout/": "checkout-v3-kustom.yml",
}
PAYMENTS, CHECKOUT = DOCUMENTS["/payments/"], DOCUMENTS["/checkout/"]

_INTENTS = ["buy", "buy_and_link", "tokenize", "buy_and_tokenize", "buy_and_default_tokenize"]
_WHY_INTENTS = "the integration guides name buy_and_link and buy_and_default_tokenize beside the three listed"
_LOCAL_OR_HTTPS = r"^(https://|http://localhost(:[0-9]{1,5})?(/|$)).*"
_WHY_LOCALHOST = "a shop on a developer's own machine has no certificate"


@dataclass(frozen=True)
class Allowance:
    """One field where the description is left: `change` is laid over the field's own rules."""

    schema: str
    field: str
    change: dict[str, Any]
    reason: str
    document: str = PAYMENTS


ALLOWANCES = (
    Allowance("session_create", "intent", {"enum": _INTENTS}, _WHY_INTENTS),
    Allowance("session", "intent", {"enum": _INTENTS}, _WHY_INTENTS),
    Allowance("session_read", "intent", {"enum": _INTENTS}, _WHY_INTENTS),
    Allowance(
        "order",
        "customer_token",
        {"type": "string", "minLength": 1, "maxLength": 1024},
        "the account-linking guide says it comes with the order; the description has not followed",
    ),
    Allowance("merchant_urls", "confirmation", {"pattern": _LOCAL_OR_HTTPS}, _WHY_LOCALHOST),
    Allowance("merchant_urls", "notification", {"pattern": _LOCAL_OR_HTTPS}, _WHY_LOCALHOST),
    Allowance("merchant_urls", "push", {"pattern": _LOCAL_OR_HTTPS}, _WHY_LOCALHOST),
    Allowance("merchant_urls", "authorization", {"pattern": _LOCAL_OR_HTTPS}, _WHY_LOCALHOST),
    Allowance(
        "customer",
        "klarna_access_token",
        {"type": "string", "minLength": 1, "writeOnly": True},
        "the guide to Sign in with Klarna in Klarna Checkout says it; the description has not followed",
        CHECKOUT,
    ),
    Allowance(
        "address",
        "organization_name",
        {"type": "string"},
        "clients send it for companies; the description lists what it belongs to, and not the name",
        CHECKOUT,
    ),
    Allowance(
        "order",
        "recurring_description",
        {"readOnly": False},
        "marked as Klarna's own, though only the merchant can know it",
        CHECKOUT,
    ),
)
#: Refusals of Klarna Checkout stand in its description as examples only. There the list is called `error_text`; in
#: all prose, and to all clients, it is `error_messages`.
_CHECKOUT_ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["error_code", "error_messages", "correlation_id"],
    "properties": {
        "error_code": {"type": "string"},
        "error_messages": {"type": "array", "items": {"type": "string"}},
        "correlation_id": {"type": "string"},
    },
    "additionalProperties": False,
}


class DiffersFromDescription(AssertionError):
    """A body breaks the published rules; the text names each field and what is wrong with it."""


class NotDescribed(AssertionError):
    """Nothing is published about this operation, body or status."""


def assert_request(method: str, path_template: str, body: Any) -> None:
    """Fail unless `body` may be sent: types, limits, patterns, required, nothing read-only or unknown."""
    document = _document_for(path_template)
    where = f"request {method.upper()} {path_template}"
    schema = _json_schema(document, _operation(document, method, path_template).get("requestBody", {}))
    if schema is None:
        raise NotDescribed(f"{where} is described without a body")
    _hold_against(document, schema, body, _Request, where)


def assert_response(method: str, path_template: str, status: int, body: Any = None) -> None:
    """Fail unless `body` is what an answer with `status` may hold. An empty body is `None` (or nothing)."""
    document = _document_for(path_template)
    where = f"answer {status} of {method.upper()} {path_template}"
    described = _operation(document, method, path_template).get("responses", {}).get(str(status))
    if described is None:
        raise NotDescribed(f"{where} is not described")
    if status == 204:
        if body not in (None, "", b""):
            raise DiffersFromDescription(f"{where} carries a body: {body!r}")
        return
    schema = _json_schema(document, described) or _error_schema(document, status)
    if schema is None and body not in (None, "", b""):
        raise NotDescribed(f"{where} is described without a body")
    if schema is not None:
        _hold_against(document, schema, body, _Answer, where)


def published() -> bool:
    """Whether there is something to check against, for a test that only wants to check in passing."""
    return bool(os.environ.get(FOLDER_SETTING))


# --- finding the description


def _document_for(path_template: str) -> dict[str, Any]:
    folder = os.environ.get(FOLDER_SETTING)
    if not folder:
        pytest.skip(REASON_TO_SKIP)
    for prefix, name in DOCUMENTS.items():
        if path_template.startswith(prefix):
            return _load(Path(folder) / name)
    raise NotDescribed(f"no published description covers {path_template}")


@lru_cache(maxsize=32)
def _load(file: Path) -> dict[str, Any]:
    text = file.read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.safe_load(text) if file.suffix == ".yml" else json.loads(text)
    schemas = document.get("components", {}).get("schemas", {})
    if file.name == CHECKOUT:
        schemas["ErrorV2"] = _CHECKOUT_ERROR
    for allowance in ALLOWANCES:
        if allowance.schema in schemas and allowance.document == file.name:
            fields = schemas[allowance.schema].setdefault("properties", {})
            fields[allowance.field] = fields.get(allowance.field, {}) | allowance.change
    for schema in schemas.values():
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
    return document


def _operation(document: dict[str, Any], method: str, path_template: str) -> dict[str, Any]:
    wanted = _nameless(path_template)
    for template, operations in document.get("paths", {}).items():
        if _nameless(template) == wanted and method.lower() in operations:
            found: dict[str, Any] = operations[method.lower()]
            return found
    raise NotDescribed(f"{method.upper()} {path_template} is not described")


def _nameless(template: str) -> str:
    """`/a/{session_id}` and `/a/{id}` are one path."""
    return re.sub(r"\{[^}]*\}", "{}", template)


def _json_schema(document: dict[str, Any], described: dict[str, Any]) -> dict[str, Any] | None:
    """The body's rules; a body may be described by name, and one answer is described for any kind of content."""
    name = described.get("$ref", "").rpartition("/")[2]
    content = (document["components"]["requestBodies"][name] if name else described).get("content", {})
    found: dict[str, Any] | None = (content.get("application/json") or content.get("*/*") or {}).get("schema")
    return found


def _error_schema(document: dict[str, Any], status: int) -> dict[str, Any] | None:
    """Most refusals are listed without a body; they all have the one shape that is described once."""
    has_one = "ErrorV2" in document.get("components", {}).get("schemas", {})
    return {"$ref": "#/components/schemas/ErrorV2"} if status >= 400 and has_one else None


# --- checking


def _whole_pattern(validator: Any, pattern: str, instance: Any, schema: dict[str, Any]) -> Iterator[ValidationError]:
    """`$` means the very end, as in the regular expressions the descriptions are written in."""
    strict = re.sub(r"(?<!\\)\$", r"\\Z", pattern)
    if validator.is_type(instance, "string") and re.search(strict, instance) is None:
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


_Request = extend(OAS30WriteValidator, {"pattern": _whole_pattern})
_Answer = extend(OAS30ReadValidator, {"pattern": _whole_pattern})


def _hold_against(
    document: dict[str, Any], schema: dict[str, Any], body: Any, validator_class: Any, where: str
) -> None:
    rules = {"components": document.get("components", {}), "allOf": [schema]}
    validator = validator_class(rules, format_checker=oas30_format_checker)
    errors = validator.iter_errors(body)
    faults = sorted({f"{_dotted(error.absolute_path)}: {error.message}" for error in errors})
    if faults:
        raise DiffersFromDescription("\n  ".join([f"{where} differs from Klarna's description:", *faults]))


def _dotted(path: Any) -> str:
    """`order_lines[0].name`, as Klarna writes it."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.lstrip(".") or "(whole body)"
