"""Addresses Klarna calls or sends the shopper to: section 4.2, and the placeholders in them."""

from __future__ import annotations

from typing import Any

import pytest

from .bodies import changed, order_for, purchase
from .client import Klarna
from .expectations import assert_bad_value, assert_ok, seen
from .shopper import Shopper
from .stand_in import Control

FIELDS = ("confirmation", "notification", "push", "authorization")
SHOP = "https://shop.example/"


def with_url(field: str, url: Any) -> dict[str, Any]:
    return changed(purchase(), {f"merchant_urls.{field}": url})


@pytest.mark.parametrize("field", FIELDS)
def test_an_address_has_at_most_2000_characters(klarna: Klarna, field: str) -> None:
    assert_ok(klarna.create_session(with_url(field, SHOP.ljust(2000, "x"))))
    assert_bad_value(klarna.create_session(with_url(field, SHOP.ljust(2001, "x"))), f"merchant_urls.{field}")


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://shop.example/", id="not encrypted"),
        pytest.param("ftp://shop.example/", id="another scheme"),
        pytest.param("shop.example/thanks", id="no scheme"),
        pytest.param("/thanks", id="path only"),
        pytest.param("", id="empty"),
        pytest.param(" https://shop.example/", id="leading blank"),
        pytest.param("http://localhost.example/", id="only looks local"),
        pytest.param("javascript:alert(1)", id="script"),
    ],
)
def test_an_address_is_https(klarna: Klarna, field: str, url: str) -> None:
    assert_bad_value(klarna.create_session(with_url(field, url)), f"merchant_urls.{field}")


@pytest.mark.parametrize("url", ["http://localhost:8000/x", "http://127.0.0.1:8000/x", "http://localhost/x"])
def test_a_shop_on_the_same_machine_needs_no_certificate(klarna: Klarna, control: Control, url: str) -> None:
    for field in FIELDS:
        assert_ok(klarna.create_session(with_url(field, url)))


def test_the_push_address_differs_from_the_confirmation_page(klarna: Klarna) -> None:
    same = {"merchant_urls": {"confirmation": SHOP, "push": SHOP}}
    assert_bad_value(klarna.create_session(purchase() | same), "merchant_urls.push")


@pytest.mark.parametrize("url", ["morrow://", "morrow://return/here", "com.example.app://checkout?from=klarna&to=1"])
def test_an_apps_return_address_has_the_apps_scheme(klarna: Klarna, url: str) -> None:
    assert_ok(klarna.create_session(with_url("app_return_url", url)))


@pytest.mark.parametrize(
    "url",
    [
        pytest.param(SHOP, id="https"),
        pytest.param("HTTPS://shop.example/", id="https in capitals"),
        pytest.param("http://localhost:8000/", id="http"),
        pytest.param("return", id="no scheme"),
        pytest.param("1app://return", id="scheme that begins with a digit"),
        pytest.param("morrow:return", id="no slashes"),
        pytest.param("morrow://a b", id="blank"),
        pytest.param("morrow://return/<b>", id="sign that does not belong in a path"),
        pytest.param("morrow://return#there", id="fragment"),
        pytest.param("", id="empty"),
    ],
)
def test_an_apps_return_address_is_of_the_apps_own_scheme_and_plain(klarna: Klarna, url: str) -> None:
    assert_bad_value(klarna.create_session(with_url("app_return_url", url)), "merchant_urls.app_return_url")


def test_an_address_may_hold_placeholders(klarna: Klarna) -> None:
    url = SHOP + "?session={session.id}&order={order.id}"
    for field in ("confirmation", "notification", "push"):
        assert_ok(klarna.create_session(with_url(field, url)))


def test_the_redirect_leads_to_the_confirmation_page_with_its_placeholders_filled(
    klarna: Klarna, shopper: Shopper
) -> None:
    body = with_url("confirmation", SHOP + "thanks?session={session.id}&order={order.id}")
    session_id = klarna.open_session(body)
    order = assert_ok(klarna.create_order(shopper.approve(klarna, session_id), order_for(body)))
    answer = shopper.visit(order["redirect_url"])
    assert answer.status_code == 302, seen(answer)
    expected = f"{SHOP}thanks?session={session_id}&order={order['order_id']}"
    assert answer.headers["Location"] == expected
