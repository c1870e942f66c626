"""The checker of published descriptions finds what it should: each rule is broken once and must be reported.

Run on a small description written here; the last part runs on Klarna's own where it is at hand.
"""

from __future__ import annotations

import json
import os
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from . import openapi
from .openapi import DiffersFromDescription, NotDescribed, assert_request, assert_response

SESSIONS = "/payments/v1/sessions"
SESSION = "/payments/v1/sessions/{session_id}"


def _body(reference: str) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{reference}"}}}}


DESCRIPTION: dict[str, Any] = {
    "openapi": "3.0.0",
    "paths": {
        SESSIONS: {"post": {"requestBody": _body("thing"), "responses": {"200": _body("thing"), "400": {}}}},
        "/payments/v1/sessions/{id}": {"get": {"responses": {"200": _body("thing"), "204": {}}}},
    },
    "components": {
        "schemas": {
            "thing": {
                "type": "object",
                "required": ["country", "id", "secret"],
                "properties": {
                    "country": {"type": "string", "pattern": "^[A-Z]{2}$"},
                    "id": {"type": "string", "readOnly": True},
                    "secret": {"type": "string", "writeOnly": True},
                    "note": {"type": "string", "nullable": True, "minLength": 2, "maxLength": 4},
                    "amount": {"type": "integer", "format": "int64", "minimum": 0, "maximum": 100},
                    "kind": {"type": "string", "enum": ["a", "b"]},
                    "at": {"type": "string", "format": "date-time"},
                    "lines": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 2,
                        "items": {"$ref": "#/components/schemas/line"},
                    },
                },
            },
            "line": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
            "ErrorV2": {"type": "object", "properties": {"error_code": {"type": "string"}}},
        }
    },
}
REQUEST = {"country": "DE", "secret": "s"}
ANSWER = {"country": "DE", "id": "1"}


@pytest.fixture
def described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "klarna-payments-v1.json").write_text(json.dumps(DESCRIPTION), encoding="utf-8")
    monkeypatch.setenv("KLARNA_OPENAPI", str(tmp_path))
    return tmp_path


def test_a_right_request_and_a_right_answer_pass(described: Path) -> None:
    full = {"note": None, "amount": 100, "kind": "a", "at": "2026-01-31T10:00:00Z", "lines": [{"name": ""}]}
    assert_request("POST", SESSIONS, REQUEST | full)
    assert_response("post", SESSIONS, 200, ANSWER | full)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        pytest.param({"country": "de"}, "country", id="pattern"),
        pytest.param({"country": "DE\n"}, "country", id="pattern up to the very end"),
        pytest.param({"country": None}, "country", id="null where null is not allowed"),
        pytest.param({"note": "x"}, "note", id="too short"),
        pytest.param({"note": "xxxxx"}, "note", id="too long"),
        pytest.param({"amount": -1}, "amount", id="below the minimum"),
        pytest.param({"amount": 101}, "amount", id="above the maximum"),
        pytest.param({"amount": "1"}, "amount", id="text for a number"),
        pytest.param({"amount": 1.5}, "amount", id="fraction for a whole number"),
        pytest.param({"amount": True}, "amount", id="truth for a number"),
        pytest.param({"kind": "c"}, "kind", id="not in the list of values"),
        pytest.param({"at": "yesterday"}, "at", id="not a date"),
        pytest.param({"lines": []}, "lines", id="too few items"),
        pytest.param({"lines": [{"name": ""}] * 3}, "lines", id="too many items"),
        pytest.param({"lines": [{}]}, "lines[0]", id="missing behind a reference"),
        pytest.param({"lines": [{"name": 1}]}, "lines[0].name", id="wrong behind a reference"),
        pytest.param({"lines": [{"name": "", "nmae": ""}]}, "nmae", id="misspelt behind a reference"),
        pytest.param({"counrty": "DE"}, "counrty", id="misspelt"),
    ],
)
def test_each_broken_rule_is_found_in_requests_and_answers(described: Path, change: dict[str, Any], named: str) -> None:
    with pytest.raises(DiffersFromDescription, match=named.replace("[", r"\[")):
        assert_request("POST", SESSIONS, REQUEST | change)
    with pytest.raises(DiffersFromDescription, match=named.replace("[", r"\[")):
        assert_response("POST", SESSIONS, 200, ANSWER | change)


def test_a_read_only_field_is_not_asked_for_in_a_request_and_not_taken_there(described: Path) -> None:
    assert_request("POST", SESSIONS, REQUEST)
    with pytest.raises(DiffersFromDescription, match="id"):
        assert_request("POST", SESSIONS, REQUEST | {"id": "1"})


def test_a_write_only_field_is_not_asked_for_in_an_answer_and_not_taken_there(described: Path) -> None:
    assert_response("POST", SESSIONS, 200, ANSWER)
    with pytest.raises(DiffersFromDescription, match="secret"):
        assert_response("POST", SESSIONS, 200, ANSWER | {"secret": "s"})


def test_a_missing_required_field_is_found(described: Path) -> None:
    with pytest.raises(DiffersFromDescription, match="country"):
        assert_request("POST", SESSIONS, {"secret": "s"})
    with pytest.raises(DiffersFromDescription, match="'id'"):
        assert_response("POST", SESSIONS, 200, {"country": "DE"})


@pytest.mark.parametrize("body", [None, [], "text", 1], ids=["nothing", "list", "text", "number"])
def test_a_body_that_is_no_object_is_found(described: Path, body: Any) -> None:
    with pytest.raises(DiffersFromDescription):
        assert_request("POST", SESSIONS, body)


def test_names_of_path_parameters_do_not_matter(described: Path) -> None:
    assert_response("GET", SESSION, 200, ANSWER)


def test_an_answer_without_content_has_none(described: Path) -> None:
    assert_response("GET", SESSION, 204)
    with pytest.raises(DiffersFromDescription, match="carries a body"):
        assert_response("GET", SESSION, 204, {})


def test_a_refusal_listed_without_a_body_has_the_common_shape(described: Path) -> None:
    assert_response("POST", SESSIONS, 400, {"error_code": "BAD_VALUE"})
    with pytest.raises(DiffersFromDescription, match="error_code"):
        assert_response("POST", SESSIONS, 400, {"error_code": 400})


def test_what_is_not_described_is_said_to_be_so(described: Path) -> None:
    with pytest.raises(NotDescribed):
        assert_request("PUT", SESSIONS, REQUEST)
    with pytest.raises(NotDescribed):
        assert_request("GET", SESSION, REQUEST)
    with pytest.raises(NotDescribed):
        assert_response("POST", SESSIONS, 418, {})
    with pytest.raises(NotDescribed):
        assert_request("POST", "/elsewhere", REQUEST)


def test_without_a_folder_the_test_is_skipped_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KLARNA_OPENAPI", raising=False)
    assert not openapi.published()
    with pytest.raises(pytest.skip.Exception, match="KLARNA_OPENAPI"):
        assert_request("POST", SESSIONS, REQUEST)


def test_a_folder_without_the_file_is_a_failure_not_a_skip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLARNA_OPENAPI", str(tmp_path / "empty"))
    with pytest.raises(FileNotFoundError):
        assert_request("POST", SESSIONS, REQUEST)


def test_every_allowance_has_a_reason() -> None:
    assert all(allowance.reason for allowance in openapi.ALLOWANCES)


# --- on Klarna's own description

published = pytest.mark.skipif(not openapi.published(), reason=openapi.REASON_TO_SKIP)
ORDER = "/payments/v1/authorizations/{authorizationToken}/order"
LINE = {"name": "Lamp", "quantity": 1, "unit_price": 11900, "total_amount": 11900}
PURCHASE = {
    "purchase_country": "DE",
    "purchase_currency": "EUR",
    "order_amount": 11900,
    "order_lines": [LINE],
}


@published
@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"intent": "buy_and_link"}, id="intent of the linking guide"),
        pytest.param({"intent": "buy_and_default_tokenize"}, id="intent of the mixed-payment guide"),
        pytest.param({"merchant_urls": {"confirmation": "http://localhost:8000/thanks"}}, id="localhost"),
        pytest.param({"customer": {"customer_token": "krn:partner:x"}}, id="customer token in the customer"),
    ],
)
def test_what_the_guides_add_is_let_through(change: dict[str, Any]) -> None:
    assert_request("POST", SESSIONS, PURCHASE | change)


@published
@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"intent": "sell"}, id="unknown intent"),
        pytest.param({"merchant_urls": {"confirmation": "http://shop.example/"}}, id="http elsewhere"),
        pytest.param({"merchant_urls": {"push": "http://localhost.example/"}}, id="not really localhost"),
        pytest.param({"customer_token": "krn:partner:x"}, id="customer token beside the customer"),
        pytest.param({"merchant_reference1": "x" * 256}, id="long reference"),
        pytest.param({"order_lines": [LINE | {"tax_rate": 10001}]}, id="impossible tax rate"),
        pytest.param({"order_lines": []}, id="no line"),
        pytest.param({"locale": "german"}, id="no locale"),
        pytest.param({"status": "complete"}, id="read-only"),
    ],
)
def test_what_klarna_refuses_is_found(change: dict[str, Any]) -> None:
    with pytest.raises(DiffersFromDescription):
        assert_request("POST", SESSIONS, deepcopy(PURCHASE) | change)


CHECKOUT = "/checkout/v3/orders"
CHECKOUT_ORDER = {
    "purchase_country": "DE",
    "purchase_currency": "EUR",
    "locale": "en-DE",
    "order_amount": 11900,
    "order_tax_amount": 1900,
    "order_lines": [LINE | {"tax_rate": 1900, "total_tax_amount": 1900}],
}


@published
def test_a_description_in_yaml_is_read_with_allowances_of_its_own() -> None:
    assert_request("POST", CHECKOUT, CHECKOUT_ORDER | {"customer": {"klarna_access_token": "ory_at_1"}})
    assert_response("POST", CHECKOUT, 201, CHECKOUT_ORDER | {"order_id": "1", "html_snippet": ""})
    assert_response("POST", CHECKOUT + "/{order_id}/abort", 200, CHECKOUT_ORDER)
    refusal = {"error_code": "BAD_VALUE", "error_messages": ["Bad value: locale"], "correlation_id": "1"}
    assert_response("POST", CHECKOUT, 400, refusal)
    for wrong in (
        {"customer": {"customer_token": "krn:partner:x"}},
        {"customer_token": "krn:partner:x"},
        {"merchant_urls": {"authorization": "https://shop.example/"}},
        {"order_id": "1"},
        {"locale": "german"},
    ):
        with pytest.raises(DiffersFromDescription):
            assert_request("POST", CHECKOUT, CHECKOUT_ORDER | wrong)
    with pytest.raises(DiffersFromDescription, match="klarna_access_token"):
        assert_response("GET", CHECKOUT + "/{id}", 200, CHECKOUT_ORDER | {"customer": {"klarna_access_token": "x"}})
    with pytest.raises(DiffersFromDescription, match="error_text"):
        assert_response("POST", CHECKOUT, 400, refusal | {"error_text": []})


@published
def test_an_order_may_bring_a_customer_token_and_nothing_invented() -> None:
    assert_response("POST", ORDER, 200, {"order_id": "1", "customer_token": "krn:partner:x"})
    with pytest.raises(DiffersFromDescription, match="'order_id' is a required"):
        assert_response("POST", ORDER, 200, {})
    with pytest.raises(DiffersFromDescription, match="customer_token"):
        assert_response("POST", ORDER, 200, {"order_id": "1", "customer_token": None})
    with pytest.raises(DiffersFromDescription, match="token_id"):
        assert_response("POST", ORDER, 200, {"order_id": "1", "token_id": "2"})


@published
@pytest.mark.parametrize("name", openapi.DOCUMENTS.values())
def test_every_reference_of_a_published_description_resolves(name: str) -> None:
    text = (Path(os.environ["KLARNA_OPENAPI"]) / name).read_text(encoding="utf-8")
    components = yaml.safe_load(text)["components"]
    known = {f"#/components/{kind}/{each}" for kind, those in components.items() for each in those}
    assert set(re.findall(r"""\$ref["']?:\s*["']([^"']+)""", text)) <= known
