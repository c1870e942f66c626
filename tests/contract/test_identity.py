"""The Identity API of the Klarna Network: introspect and revoke a customer token. Section 7.

https://docs.klarna.com/api/kn/klarna-product-api-identity/klarna-product-api-identity-v2-r7
Open to partners of the Klarna Network, with credentials of their own: it runs on the stand-in only.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
import requests

from .bodies import order_for, purchase
from .client import Klarna, basic
from .expectations import assert_ok, correlation_id, seen
from .shopper import Shopper
from .stand_in import PARTNER_ACCOUNT, Control

TYPES = {"ACCESS_ERROR", "TECHNICAL_ERROR", "RESOURCE_ERROR", "INPUT_ERROR"}


def ask(klarna: Klarna, operation: str, token: str | None, **how: Any) -> requests.Response:
    path = f"/v2/accounts/{quote(PARTNER_ACCOUNT, safe='')}/identity/customer-token/{operation}"
    headers = how.pop("headers", {}) | ({} if token is None else {"X-Klarna-Customer-Token": token})
    return klarna.call("POST", path, headers=headers, **how)


def assert_network_error(answer: requests.Response, status: int, kind: str) -> str:
    """The error's message, once the body is as the Klarna Network writes it."""
    assert answer.status_code == status, seen(answer)
    correlation_id(answer)
    body = answer.json()
    assert {"error_id", "error_type", "error_code", "error_message"} <= set(body), seen(answer)
    assert body["error_type"] in TYPES
    assert body["error_type"] == kind, seen(answer)
    return str(body["error_message"])


@pytest.fixture
def token(klarna: Klarna, shopper: Shopper, control: Control) -> str:
    body = purchase(intent="buy_and_link")
    answer = klarna.create_order(shopper.approve(klarna, klarna.open_session(body)), order_for(body))
    return str(assert_ok(answer)["customer_token"])


@pytest.mark.parametrize("form", ["key alone", "user name and key"])
def test_a_linked_shoppers_token_is_active(klarna: Klarna, token: str, form: str) -> None:
    access = klarna.access
    header = f"Basic {access.password}" if form == "key alone" else basic(access.username, access.password)
    body = assert_ok(ask(klarna, "introspect", token, authorization=header))
    assert body["status"] == "ACTIVE"
    assert set(body["scopes"]) == {"payment:customer_present", "customer:login"}
    assert isinstance(body["issued_at"], int)
    assert body["issued_at"] > 10**12, "milliseconds"
    assert body["customer_token_reference"]


def test_a_revoked_token_is_gone_and_recognises_nobody(klarna: Klarna, shopper: Shopper, token: str) -> None:
    reference = assert_ok(ask(klarna, "introspect", token))["customer_token_reference"]
    assert assert_ok(ask(klarna, "revoke", token)) == {"customer_token_reference": reference}
    for operation in ("introspect", "revoke"):
        assert "has been revoked" in assert_network_error(ask(klarna, operation, token), 410, "RESOURCE_ERROR")
    linked = purchase(intent="buy_and_link", customer={"customer_token": token})
    assert not shopper.is_recognised(klarna.open_session(linked))


@pytest.mark.parametrize("operation", ["introspect", "revoke"])
def test_a_token_that_does_not_exist_is_not_found(klarna: Klarna, control: Control, operation: str) -> None:
    unknown = "krn:partner:eu1:test:identity:customer-token:" + "0" * 32
    assert_network_error(ask(klarna, operation, unknown), 404, "RESOURCE_ERROR")


def test_the_reference_stays_when_the_token_rotates(
    klarna: Klarna, shopper: Shopper, control: Control, token: str
) -> None:
    reference = assert_ok(ask(klarna, "introspect", token))["customer_token_reference"]
    control.rotate(token)
    assert_network_error(ask(klarna, "introspect", token), 404, "RESOURCE_ERROR")
    body = purchase(intent="buy_and_link", customer={"customer_token": token})
    answer = klarna.create_order(shopper.approve(klarna, klarna.open_session(body)), order_for(body))
    new = assert_ok(answer)["customer_token"]
    assert new != token
    assert assert_ok(ask(klarna, "introspect", new))["customer_token_reference"] == reference


@pytest.mark.parametrize("token", [None, "k" * 1025], ids=["missing", "too long"])
def test_the_token_is_required_and_has_at_most_1024_characters(
    klarna: Klarna, control: Control, token: str | None
) -> None:
    assert_network_error(ask(klarna, "introspect", token), 400, "INPUT_ERROR")


def test_without_credentials_nothing_is_told(klarna: Klarna, token: str) -> None:
    assert_network_error(ask(klarna, "introspect", token, authorization=None), 401, "ACCESS_ERROR")


def test_the_partners_correlation_id_is_echoed(klarna: Klarna, token: str) -> None:
    answer = ask(klarna, "introspect", token, headers={"Partner-Correlation-Id": "abc123"})
    assert answer.headers["Partner-Correlation-Id"] == "abc123"
