"""Account linking: who the shopper is, from one purchase to the next. Section 1 and the link's life in section 10.

https://docs.klarna.com/payments/web-payments/additional-resources/use-cases/account-linking
"""

from __future__ import annotations

from typing import Any

import pytest

from .bodies import MISSING, american_purchase, changed, order_for, purchase
from .client import Klarna
from .expectations import CUSTOMER_TOKEN, assert_bad_value, assert_ok, seen
from .shopper import Shopper
from .stand_in import Control

STRANGERS = "krn:partner:eu1:test:identity:customer-token:" + "0" * 32


def buy(klarna: Klarna, shopper: Shopper, token: str | None = None, *, link: bool = True, **fields: Any) -> Any:
    """A `buy_and_link` purchase from start to end, with the token the shop has; returns the order's answer."""
    body = purchase(**{"intent": "buy_and_link"} | fields)
    if token is not None:
        body["customer"] = {"customer_token": token}
    session_id = klarna.open_session(body)
    return assert_ok(klarna.create_order(shopper.approve(klarna, session_id, link=link), order_for(body)))


def test_a_consenting_shopper_is_linked(klarna: Klarna, shopper: Shopper) -> None:
    token = buy(klarna, shopper)["customer_token"]
    assert CUSTOMER_TOKEN.fullmatch(token)
    assert token.startswith("krn:partner:eu1:")
    assert len(token) <= 1024


def test_a_shopper_who_opts_out_gets_the_order_and_no_token_at_all(klarna: Klarna, shopper: Shopper) -> None:
    assert "customer_token" not in buy(klarna, shopper, link=False)


@pytest.mark.parametrize("intent", ["buy", "buy_and_tokenize", MISSING])
def test_only_the_linking_intent_links(klarna: Klarna, shopper: Shopper, intent: Any) -> None:
    body = changed(purchase(), {"intent": intent})
    token = shopper.approve(klarna, klarna.open_session(body))
    assert "customer_token" not in assert_ok(klarna.create_order(token, order_for(body)))


def test_a_linked_shopper_stays_linked(klarna: Klarna, shopper: Shopper) -> None:
    first = buy(klarna, shopper)["customer_token"]
    second = buy(klarna, shopper, first)
    assert CUSTOMER_TOKEN.fullmatch(second.get("customer_token", first))
    third = buy(klarna, shopper, second.get("customer_token", first))
    assert "order_id" in third


def test_a_linked_shopper_is_recognised_and_a_stranger_is_not(klarna: Klarna, shopper: Shopper) -> None:
    token = buy(klarna, shopper)["customer_token"]
    linked = klarna.open_session(purchase(intent="buy_and_link", customer={"customer_token": token}))
    unknown = klarna.open_session(purchase(intent="buy_and_link"))
    assert shopper.is_recognised(linked)
    assert not shopper.is_recognised(unknown)


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(STRANGERS, id="of nobody"),
        pytest.param("krn:partner:eu1:live:identity:customer-token:abc", id="of another environment"),
        pytest.param("krn:customer-token:eu1:abc", id="another kind"),
        pytest.param("0b1d9815-165e-42e2-8867-35bc03789e00", id="a payment token"),
        pytest.param("nonsense", id="nonsense"),
        pytest.param("x" * 1024, id="as long as can be"),
        pytest.param("’; DROP TABLE tokens --", id="quotes"),
    ],
)
def test_a_token_that_is_not_valid_is_no_error_and_nobody_is_recognised(
    klarna: Klarna, shopper: Shopper, token: str
) -> None:
    body = purchase(intent="buy_and_link", customer={"customer_token": token})
    session_id = klarna.open_session(body)
    assert not shopper.is_recognised(session_id)
    order = assert_ok(klarna.create_order(shopper.approve(klarna, session_id), order_for(body)))
    assert CUSTOMER_TOKEN.fullmatch(order["customer_token"])
    assert order["customer_token"] != token


def test_a_rotated_token_is_no_error_and_the_order_brings_the_new_one(
    klarna: Klarna, shopper: Shopper, control: Control
) -> None:
    old = buy(klarna, shopper)["customer_token"]
    control.rotate(old)
    new = buy(klarna, shopper, old)["customer_token"]
    assert new != old
    assert control.status_of(old) == "rotated"
    assert control.status_of(new) == "active"


def test_an_expired_token_is_no_error_and_the_order_brings_a_new_one(
    klarna: Klarna, shopper: Shopper, control: Control
) -> None:
    old = buy(klarna, shopper)["customer_token"]
    control.expire(old)
    body = purchase(intent="buy_and_link", customer={"customer_token": old})
    assert not shopper.is_recognised(klarna.open_session(body))
    assert buy(klarna, shopper, old)["customer_token"] != old


def test_a_token_may_change_with_every_order_and_the_newest_is_the_true_one(
    klarna: Klarna, shopper: Shopper, control: Control
) -> None:
    tokens = [buy(klarna, shopper)["customer_token"]]
    control.rotate_always(True)
    try:
        tokens += [buy(klarna, shopper, tokens[0])["customer_token"]]
        tokens += [buy(klarna, shopper, tokens[1])["customer_token"]]
    finally:
        control.rotate_always(False)
    assert len(set(tokens)) == 3
    assert [control.status_of(token) for token in tokens] == ["rotated", "rotated", "active"]


def test_a_revoked_token_recognises_nobody_and_a_new_consent_brings_a_new_one(
    klarna: Klarna, shopper: Shopper, control: Control
) -> None:
    old = buy(klarna, shopper)["customer_token"]
    control.revoke(old)
    body = purchase(intent="buy_and_link", customer={"customer_token": old})
    assert not shopper.is_recognised(klarna.open_session(body))
    new = buy(klarna, shopper, old)["customer_token"]
    assert CUSTOMER_TOKEN.fullmatch(new)
    assert new != old
    assert control.status_of(old) == "revoked"


def test_after_a_revocation_opting_out_brings_none(klarna: Klarna, shopper: Shopper, control: Control) -> None:
    old = buy(klarna, shopper)["customer_token"]
    control.revoke(old)
    assert "customer_token" not in buy(klarna, shopper, old, link=False)


def test_a_token_of_one_region_recognises_nobody_in_another(
    klarna: Klarna, north_america: Klarna, shopper: Shopper
) -> None:
    european = buy(klarna, shopper)["customer_token"]
    body = american_purchase(intent="buy_and_link", customer={"customer_token": european})
    session_id = north_america.open_session(body)
    assert not shopper.is_recognised(session_id)
    order = assert_ok(north_america.create_order(shopper.approve(north_america, session_id), order_for(body)))
    assert order["customer_token"] != european
    assert order["customer_token"].startswith("krn:partner:us1:")


def test_a_token_beside_the_customer_links_nobody(klarna: Klarna, shopper: Shopper) -> None:
    """Its place is inside `customer`; elsewhere it is refused or ignored, and certainly not obeyed."""
    token = buy(klarna, shopper)["customer_token"]
    answer = klarna.create_session(purchase(intent="buy_and_link", customer_token=token))
    if answer.status_code == 400:
        assert_bad_value(answer, "customer_token")
    else:
        assert not shopper.is_recognised(assert_ok(answer)["session_id"])


def test_a_token_may_come_with_an_update(klarna: Klarna, shopper: Shopper) -> None:
    token = buy(klarna, shopper)["customer_token"]
    session_id = klarna.open_session(purchase(intent="buy_and_link"))
    assert_ok(klarna.update_session(session_id, {"customer": {"customer_token": token}}), 204)
    assert shopper.is_recognised(session_id)
    read = klarna.read_session(session_id)
    assert token not in read.text, seen(read)
