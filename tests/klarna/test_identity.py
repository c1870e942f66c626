"""The Identity API's client on the wire."""

from typing import Any

import pytest

from app.klarna import errors
from app.klarna.config import IdentityConfig
from app.klarna.identity import Identity, Introspection, TokenStatus

from .wire import Seen, Wire

TOKEN = "krn:partner:eu1:test:identity:customer-token:abc"
ACTIVE = {"status": "ACTIVE", "scopes": ["customer:login"], "issued_at": 1, "customer_token_reference": "ref-1"}
UNKNOWN = {"error_type": "RESOURCE_ERROR", "error_code": "CUSTOMER_TOKEN_NOT_FOUND", "error_message": "No such token"}


@pytest.fixture
def identity(wire: Wire, seen: Seen) -> Identity:
    return Identity(IdentityConfig(wire.url, "key", "krn:partner:global:account:test:X"), seen)


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (200, ACTIVE, Introspection(TokenStatus.ACTIVE, "ref-1")),
        (200, {"status": "REVOKED"}, Introspection(TokenStatus.REVOKED)),
        (200, {}, Introspection(TokenStatus.REVOKED)),
        (404, UNKNOWN, Introspection(TokenStatus.UNKNOWN)),
        (410, {}, Introspection(TokenStatus.REVOKED)),
    ],
)
def test_every_state_is_an_answer(identity: Identity, wire: Wire, status: int, body: dict, told: Introspection) -> None:
    wire.answer(status, body)
    assert identity.introspect(TOKEN) == told


@pytest.mark.parametrize("said", [{}, "", "<h1>Not Found</h1>", ["nothing"], {"message": "no Route matched"}])
def test_a_404_that_is_not_in_klarnas_words_is_about_the_path(identity: Identity, wire: Wire, said: Any) -> None:
    wire.answer(404, said)
    with pytest.raises(errors.KlarnaFailed):
        identity.introspect(TOKEN)


@pytest.mark.parametrize("status", [200, 404, 410])
def test_what_is_gone_needs_no_revoking(identity: Identity, wire: Wire, status: int) -> None:
    wire.answer(status, {})
    identity.revoke(TOKEN)


@pytest.mark.parametrize(
    ("status", "kind"), [(401, errors.NotAuthenticated), (403, errors.Forbidden), (503, errors.KlarnaFailed)]
)
def test_what_is_no_answer_is_raised(
    identity: Identity, wire: Wire, status: int, kind: type[errors.KlarnaError]
) -> None:
    wire.answer(status, {})
    with pytest.raises(kind):
        identity.revoke(TOKEN)


def test_the_token_travels_in_a_header_and_stands_in_no_address(identity: Identity, wire: Wire, seen: Seen) -> None:
    wire.answer(200, ACTIVE)
    identity.introspect(TOKEN)
    (asked,) = wire.asked
    assert asked["headers"]["X-Klarna-Customer-Token"] == TOKEN
    assert TOKEN not in asked["path"]
    assert asked["path"].startswith("/v2/accounts/krn%3Apartner%3Aglobal%3Aaccount%3Atest%3AX/identity/")
    assert TOKEN not in repr(seen)
