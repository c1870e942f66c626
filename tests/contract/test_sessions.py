"""Opening, reading and changing a session: sections 4.1, 4.4 and 4.5.

https://docs.klarna.com/api/payments/ and
https://docs.klarna.com/payments/web-payments/integrate-with-klarna-payments/integrate-via-sdk/step-1-initiate-a-payment/
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from .bodies import ADDRESS, MISSING, changed, line, order_for, purchase
from .client import NOBODY, Klarna
from .expectations import assert_bad_value, assert_ok, assert_refused, is_uuid
from .shopper import Shopper
from .stand_in import Control

HOURS = 3600
INTENTS = ("buy", "buy_and_link", "tokenize", "buy_and_tokenize", "buy_and_default_tokenize")
CATEGORIES = {
    "klarna",
    "pay_later",
    "pay_now",
    "pay_over_time",
    "direct_bank_transfer",
    "direct_debit",
}


@pytest.mark.parametrize("intent", [*INTENTS, MISSING], ids=[*INTENTS, "none given"])
def test_a_new_session_brings_its_id_a_client_token_and_categories(klarna: Klarna, intent: Any) -> None:
    body = assert_ok(klarna.create_session(changed(purchase(), {"intent": intent})))
    assert set(body) == {"session_id", "client_token", "payment_method_categories"}
    assert is_uuid(body["session_id"])
    assert body["client_token"].count(".") == 2
    assert len(body["client_token"]) <= 4096
    for category in body["payment_method_categories"]:
        assert set(category) == {"identifier", "name", "asset_urls"}
        assert category["identifier"] in CATEGORIES
        assert category["name"]
        assert set(category["asset_urls"]) == {"standard", "descriptive"}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"locale": MISSING}, id="no locale"),
        pytest.param({"order_tax_amount": MISSING}, id="no order tax"),
        pytest.param({"customer": {}}, id="empty customer"),
        pytest.param({"billing_address": ADDRESS, "shipping_address": ADDRESS}, id="addresses"),
        pytest.param({"acquiring_channel": "TELESALES"}, id="acquiring channel"),
        pytest.param({"custom_payment_method_ids": ["promo"]}, id="promotion codes"),
        pytest.param({"options": {"color_border": "#0a0B0c", "radius_border": "5px"}}, id="colours"),
        pytest.param(
            {"attachment": {"content_type": "application/vnd.klarna.internal.emd-v2+json", "body": "{}"}},
            id="attachment",
        ),
        pytest.param(
            {"order_lines[0].subscription": {"name": "Box", "interval": "MONTH", "interval_count": 1}},
            id="subscription",
        ),
        pytest.param({"order_lines[0].product_identifiers": {"brand": "Acme"}}, id="product identifiers"),
    ],
)
def test_what_is_optional_may_be_there_or_not(klarna: Klarna, changes: dict[str, Any]) -> None:
    assert_ok(klarna.create_session(changed(purchase(), changes)))


def test_what_only_klarna_writes_is_ignored_when_sent(klarna: Klarna) -> None:
    own = {
        "status": "complete",
        "client_token": "mine",
        "authorization_token": "mine",
        "expires_at": "2000-01-01T00:00:00Z",
        "payment_method_categories": [],
    }
    created = assert_ok(klarna.create_session(purchase() | own))
    assert created["client_token"] != "mine"
    read = assert_ok(klarna.read_session(created["session_id"]))
    assert read["status"] == "incomplete"
    assert read.get("authorization_token") != "mine"
    assert not read["expires_at"].startswith("2000")


def test_reading_gives_back_what_was_sent(klarna: Klarna) -> None:
    sent = purchase(
        billing_address=ADDRESS,
        merchant_reference1="A-1",
        merchant_reference2="B-2",
        merchant_data='{"cart": 7}',
        merchant_urls={"confirmation": "https://shop.example/thanks/{session.id}"},
    )
    read = assert_ok(klarna.read_session(klarna.open_session(sent)))
    for field in ("purchase_country", "purchase_currency", "locale", "order_amount", "order_tax_amount"):
        assert read[field] == sent[field]
    assert read["intent"] == "buy"
    assert read["status"] == "incomplete"
    assert read["merchant_reference1"] == "A-1"
    assert read["merchant_data"] == '{"cart": 7}'
    assert len(read["order_lines"]) == 1
    assert sent["order_lines"][0].items() <= read["order_lines"][0].items()
    assert "authorization_token" not in read


def test_reading_says_when_the_session_ends(klarna: Klarna) -> None:
    body = assert_ok(klarna.read_session(klarna.open_session(purchase())))
    assert datetime.fromisoformat(body["expires_at"].replace("Z", "+00:00")).tzinfo is not None


def test_reading_never_shows_the_customer_token_or_national_numbers(klarna: Klarna) -> None:
    secrets = {
        "customer_token": "krn:partner:eu1:test:identity:customer-token:" + "S" * 32,
        "national_identification_number": "194103219202",
        "last_four_ssn": "9876",
    }
    session_id = klarna.open_session(purchase(intent="buy_and_link", customer={"title": "Herr"} | secrets))
    answer = klarna.read_session(session_id)
    customer = assert_ok(answer).get("customer", {})
    assert not set(secrets) & set(customer)
    assert "S" * 32 not in answer.text
    assert "194103219202" not in answer.text


def test_after_approval_reading_shows_the_authorization_token(klarna: Klarna, shopper: Shopper) -> None:
    session_id = klarna.open_session(purchase())
    token = shopper.approve(klarna, session_id)
    assert assert_ok(klarna.read_session(session_id))["authorization_token"] == token


def test_an_update_answers_204_and_is_merged(klarna: Klarna) -> None:
    session_id = klarna.open_session(purchase(merchant_reference1="A-1"))
    bigger = line(23800, 3800)
    change = {"order_lines": [bigger], "order_amount": 23800, "order_tax_amount": 3800, "locale": "en-DE"}
    assert_ok(klarna.update_session(session_id, change), 204)
    read = assert_ok(klarna.read_session(session_id))
    assert (read["order_amount"], read["locale"]) == (23800, "en-DE")
    assert (read["merchant_reference1"], read["purchase_country"]) == ("A-1", "DE")


def test_an_empty_update_changes_nothing(klarna: Klarna) -> None:
    session_id = klarna.open_session(purchase())
    before = assert_ok(klarna.read_session(session_id))
    assert_ok(klarna.update_session(session_id, {}), 204)
    assert assert_ok(klarna.read_session(session_id)) == before


@pytest.mark.parametrize(
    ("change", "path"),
    [
        pytest.param({"order_amount": 12000}, "order_amount", id="amount without its lines"),
        pytest.param({"order_lines": [line(23800, 3800)], "order_tax_amount": 3800}, "order_amount", id="lines alone"),
        pytest.param({"order_tax_amount": 1905}, "order_tax_amount", id="tax off"),
        pytest.param({"locale": "sv-SE"}, "locale", id="locale of another country"),
        pytest.param({"purchase_currency": "SEK"}, "purchase_currency", id="currency of another country"),
        pytest.param({"order_lines": []}, "order_lines", id="no lines"),
        pytest.param({"merchant_reference1": "x" * 256}, "merchant_reference1", id="too long"),
        pytest.param({"order_lines": [line(name="")]}, "order_lines[0].name", id="line without a name"),
    ],
)
def test_an_update_is_judged_by_what_it_leads_to_and_a_refused_one_changes_nothing(
    klarna: Klarna, change: dict[str, Any], path: str
) -> None:
    session_id = klarna.open_session(purchase())
    before = assert_ok(klarna.read_session(session_id))
    assert_bad_value(klarna.update_session(session_id, change), path)
    assert assert_ok(klarna.read_session(session_id)) == before


@pytest.mark.parametrize("session_id", [NOBODY, "nonsense", "%00", "a%2Fb"])
def test_an_unknown_session_is_not_found(klarna: Klarna, session_id: str) -> None:
    known_form = session_id.count("-") == 4
    for answer in (klarna.read_session(session_id), klarna.update_session(session_id, {})):
        assert_refused(answer, 404, "NOT_FOUND", "Invalid session id" if known_form else None)


def test_a_session_of_one_region_is_unknown_in_another(klarna: Klarna, north_america: Klarna) -> None:
    session_id = klarna.open_session(purchase())
    assert_refused(north_america.read_session(session_id), 404, "NOT_FOUND", "Invalid session id")
    assert_refused(north_america.update_session(session_id, {}), 404, "NOT_FOUND", "Invalid session id")


def test_a_session_is_open_for_48_hours_and_then_unknown(klarna: Klarna, control: Control) -> None:
    session_id = klarna.open_session(purchase())
    ends = datetime.fromisoformat(assert_ok(klarna.read_session(session_id))["expires_at"].replace("Z", "+00:00"))
    assert abs(ends - control.now() - timedelta(hours=48)) < timedelta(minutes=1)
    control.advance(48 * HOURS - 30)
    assert_ok(klarna.read_session(session_id))
    assert_ok(klarna.update_session(session_id, {"merchant_reference1": "late"}), 204)
    control.advance(60)
    assert_refused(klarna.read_session(session_id), 404, "NOT_FOUND", "Invalid session id")
    assert_refused(klarna.update_session(session_id, {}), 404, "NOT_FOUND", "Invalid session id")


def test_the_intent_stays_once_a_purchase_is_approved(klarna: Klarna, shopper: Shopper) -> None:
    session_id = klarna.open_session(purchase())
    shopper.approve(klarna, session_id)
    assert_refused(klarna.update_session(session_id, {"intent": "buy_and_tokenize"}), 400, "BAD_VALUE")
    assert assert_ok(klarna.read_session(session_id))["intent"] == "buy"


def test_a_session_with_an_order_is_complete_and_closed(klarna: Klarna, shopper: Shopper) -> None:
    body = purchase()
    session_id = klarna.open_session(body)
    token = shopper.approve(klarna, session_id)
    assert_ok(klarna.create_order(token, order_for(body)))
    assert assert_ok(klarna.read_session(session_id))["status"] == "complete"
    late = klarna.update_session(session_id, {"merchant_reference1": "late"})
    assert_refused(late, 404, "SESSION_COMPLETED", "Session has already been completed")
