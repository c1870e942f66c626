"""Who may ask: section 2.2 (https://docs.klarna.com/api/authentication/) and 2.3, the correlation id."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .bodies import MISSING, changed, purchase
from .client import NOBODY, SESSIONS, Access, Klarna, basic
from .expectations import assert_ok, assert_unauthorized, correlation_id


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(lambda access: basic(access.username, access.password), id="user name and password"),
        pytest.param(lambda access: f"Basic {access.password}", id="the key alone, as it is"),
        pytest.param(lambda access: basic("", access.password), id="the user name left out"),
    ],
)
def test_each_documented_form_of_credentials_is_taken(klarna: Klarna, header: Callable[[Access], str]) -> None:
    assert_ok(klarna.create_session(purchase(), authorization=header(klarna.access)))


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(lambda access: None, id="none"),
        pytest.param(lambda access: basic(access.username, "wrong"), id="wrong password"),
        pytest.param(lambda access: basic(access.username, ""), id="empty password"),
        pytest.param(lambda access: basic(NOBODY, access.password), id="user name of another key"),
        pytest.param(lambda access: basic(access.password, access.username), id="the two swapped"),
        pytest.param(lambda access: basic(access.username, access.password + " "), id="trailing blank"),
        pytest.param(lambda access: f"Basic {access.password}x", id="wrong key alone"),
        pytest.param(lambda access: f"Basic {access.username}", id="user name alone"),
        pytest.param(lambda access: f"Bearer {access.password}", id="another scheme"),
        pytest.param(lambda access: "Basic", id="scheme only"),
        pytest.param(lambda access: "Basic %%%", id="not base64"),
        pytest.param(lambda access: "Basic /////w==", id="not text"),
    ],
)
def test_anything_else_is_unauthorized_in_a_shape_of_its_own(
    klarna: Klarna, header: Callable[[Access], str | None]
) -> None:
    assert_unauthorized(klarna.create_session(purchase(), authorization=header(klarna.access)))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("POST", SESSIONS, id="create session"),
        pytest.param("GET", f"{SESSIONS}/{NOBODY}", id="read session"),
        pytest.param("POST", f"{SESSIONS}/{NOBODY}", id="update session"),
        pytest.param("POST", f"/payments/v1/authorizations/{NOBODY}/order", id="create order"),
        pytest.param("DELETE", f"/payments/v1/authorizations/{NOBODY}", id="cancel authorization"),
        pytest.param("POST", f"/payments/v1/authorizations/{NOBODY}/customer-token", id="customer token"),
    ],
)
def test_every_operation_asks_who_is_there_before_it_looks_at_the_rest(klarna: Klarna, method: str, path: str) -> None:
    assert_unauthorized(klarna.call(method, path, data=b"{not json", authorization=None))


def test_credentials_of_one_region_do_not_open_another(klarna: Klarna, north_america: Klarna) -> None:
    foreign = basic(klarna.access.username, klarna.access.password)
    assert_unauthorized(north_america.create_session(purchase(), authorization=foreign))
    foreign = basic(north_america.access.username, north_america.access.password)
    assert_unauthorized(klarna.create_session(purchase(), authorization=foreign))


def test_every_answer_has_a_correlation_id_of_its_own(klarna: Klarna) -> None:
    session_id = klarna.open_session(purchase())
    answers = [
        klarna.read_session(session_id),
        klarna.update_session(session_id, {"merchant_reference1": "A-1"}),
        klarna.create_session(changed(purchase(), {"order_amount": MISSING})),
        klarna.read_session(NOBODY),
        klarna.create_order(NOBODY, {}),
        klarna.create_session(purchase(), authorization=None),
        klarna.call("GET", "/payments/v1/nowhere"),
        klarna.call("PUT", SESSIONS, {}),
        klarna.create_session(None, data=b"{"),
    ]
    assert len({correlation_id(answer) for answer in answers}) == len(answers)
