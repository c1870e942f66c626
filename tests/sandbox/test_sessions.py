"""What a session takes, keeps and shows."""

from typing import Any

import pytest

from app.sandbox import sessions
from app.sandbox.api.errors import ApiError
from app.sandbox.client_tokens import UnknownClientToken

from .conftest import AMERICA, Api, refusal
from .purchases import BERLIN, american, german, line

HERE = "http://localhost:8000/klarna"


def test_a_session_is_created_with_everything_the_browser_needs(api: Api) -> None:
    answer = api.create(german())
    assert answer.status_code == 200
    assert set(answer.json) == {"session_id", "client_token", "payment_method_categories"}
    [category] = answer.json["payment_method_categories"]
    assert (category["identifier"], category["name"]) == ("klarna", "Pay with Klarna")
    assert set(category["asset_urls"]) == {"standard", "descriptive"}


def test_the_client_token_leads_to_its_session(api: Api) -> None:
    answer = api.create(german()).json
    with api.app.app_context():
        assert sessions.by_client_token(answer["client_token"]).session_id == answer["session_id"]


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "e30.e30.", "\ud800", "eyJhbGciOiJub25lIn0.e30."])
def test_anything_else_is_no_client_token(api: Api, token: str) -> None:
    with api.app.app_context(), pytest.raises(UnknownClientToken):
        sessions.by_client_token(token)


def test_a_client_token_changed_in_one_place_is_none(api: Api) -> None:
    head, claims, signature = api.create(german()).json["client_token"].split(".")
    changed = f"{head}.{claims}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
    with api.app.app_context(), pytest.raises(UnknownClientToken):
        sessions.by_client_token(changed)


def test_a_read_session_shows_what_was_said_without_secrets(api: Api) -> None:
    customer = {"customer_token": "krn:x", "national_identification_number": "1", "last_four_ssn": "1234"}
    session_id = api.open(german(customer=customer | {"date_of_birth": "1970-07-10"}, nonsense=1))
    read = api.read(session_id).json
    assert read["customer"] == {"date_of_birth": "1970-07-10"}
    assert read["status"] == "incomplete"
    assert read["order_lines"] == [line()]
    assert "nonsense" not in read
    assert "krn:x" not in str(read)


def test_an_update_replaces_what_it_names_and_checks_the_whole(api: Api) -> None:
    session_id = api.open(german(billing_address=BERLIN))
    assert api.update(session_id, {"locale": "en-DE"}).status_code == 204
    assert api.read(session_id).json["locale"] == "en-DE"
    assert api.read(session_id).json["billing_address"] == BERLIN
    assert refusal(api.update(session_id, {"order_amount": 1})) == (400, "BAD_VALUE", ["Bad value: order_amount"])
    assert api.read(session_id).json["order_amount"] == 25900


def test_a_field_that_is_null_counts_as_not_sent(api: Api) -> None:
    session_id = api.open(german(billing_address=BERLIN, shipping_address=None))
    assert api.update(session_id, {"billing_address": None}).status_code == 204
    assert api.read(session_id).json["billing_address"] == BERLIN


def test_a_completed_session_is_read_and_no_longer_changed(api: Api) -> None:
    body = german()
    session_id = api.open(body)
    api.order(api.approve(session_id), body)
    assert api.read(session_id).json["status"] == "complete"
    said = refusal(api.update(session_id, {"locale": "en-DE"}))
    assert said == (404, "SESSION_COMPLETED", ["Session has already been completed"])


def test_the_intent_stays_once_the_purchase_is_authorized(api: Api) -> None:
    session_id = api.open(german())
    assert api.update(session_id, {"intent": "buy"}).status_code == 204
    api.approve(session_id)
    assert refusal(api.update(session_id, {"intent": "buy_and_link"}))[2] == ["Bad value: intent"]
    assert api.update(session_id, {"intent": "buy"}).status_code == 204


def test_sessions_belong_to_their_merchant(api: Api) -> None:
    session_id = api.at(AMERICA).open(american())
    assert refusal(api.read(session_id)) == (404, "NOT_FOUND", ["Invalid session id"])


REFUSED: list[tuple[dict[str, Any], list[str]]] = [
    ({"purchase_country": "FRA"}, ["purchase_country"]),
    ({"purchase_country": "US"}, ["purchase_country"]),
    ({"purchase_currency": "SEK"}, ["purchase_currency"]),
    ({"locale": "sv-SE"}, ["locale"]),
    ({"locale": "sv-SE", "purchase_currency": "SEK"}, ["locale", "purchase_currency"]),
    ({"intent": "rent"}, ["intent"]),
    ({"order_lines": []}, ["order_lines"]),
    ({"order_lines": [1]}, ["order_lines[0]"]),
    ({"order_amount": "25900"}, ["order_amount"]),
    ({"order_amount": True}, ["order_amount"]),
    ({"order_amount": 25900.0}, ["order_amount"]),
    ({"order_amount": -1}, ["order_amount"]),
    ({"order_amount": 10**30}, ["order_amount"]),
    ({"order_lines": [line(name="")]}, ["order_lines[0].name"]),
    ({"order_lines": [line(name="x" * 256, quantity=-1)]}, ["order_lines[0].name", "order_lines[0].quantity"]),
    ({"order_lines": [line(unit_price=200_000_001)]}, ["order_lines[0].unit_price"]),
    ({"order_lines": [line(tax_rate=10_001)]}, ["order_lines[0].tax_rate"]),
    ({"order_lines": [line(subscription={"name": "x"})]},
     ["order_lines[0].subscription.interval", "order_lines[0].subscription.interval_count"]),
    ({"customer_token": "krn:partner:eu1:test:identity:customer-token:x"}, ["customer_token"]),
    ({"customer": {"customer_token": 1}}, ["customer.customer_token"]),
    ({"customer": {"date_of_birth": "1970-02-30"}}, ["customer.date_of_birth"]),
    ({"billing_address": {"given_name": "A"}}, ["billing_address.given_name"]),
    ({"billing_address": {"family_name": "12"}}, ["billing_address.family_name"]),
    ({"billing_address": {"email": "nobody"}}, ["billing_address.email"]),
    ({"billing_address": {"phone": "call me"}}, ["billing_address.phone"]),
    ({"billing_address": {"postal_code": "12345678901"}}, ["billing_address.postal_code"]),
    ({"billing_address": {"country": "US", "street_address": "509 Amsterdam Ave"}}, ["billing_address.region"]),
    ({"shipping_address": "Berlin"}, ["shipping_address"]),
    ({"merchant_urls": {"push": "http://shop.example/"}}, ["merchant_urls.push"]),
    ({"merchant_urls": {"push": HERE, "confirmation": HERE}}, ["merchant_urls.push"]),
    ({"merchant_urls": {"authorization": "http://localhost.shop.example/"}}, ["merchant_urls.authorization"]),
    ({"merchant_urls": {"authorization": "https://"}}, ["merchant_urls.authorization"]),
    ({"merchant_urls": {"authorization": "https://[oh/"}}, ["merchant_urls.authorization"]),
    ({"merchant_urls": {"app_return_url": "HTTPS://shop.example"}}, ["merchant_urls.app_return_url"]),
    ({"attachment": {"body": "{}"}}, ["attachment.content_type"]),
    ({"attachment": {"body": "{", "content_type": "x"}}, ["attachment.body"]),
    ({"options": {"color_text": "red"}}, ["options.color_text"]),
    ({"merchant_reference1": "ä" * 256}, ["merchant_reference1"]),
]  # fmt: skip


@pytest.mark.parametrize(("change", "paths"), REFUSED, ids=lambda value: str(value)[:60])
def test_what_is_wrong_is_refused_by_path(api: Api, change: dict[str, Any], paths: list[str]) -> None:
    said = refusal(api.create(german(**change)))
    assert said == (400, "BAD_VALUE", [f"Bad value: {path}" for path in paths])


@pytest.mark.parametrize("name", ["purchase_country", "purchase_currency", "order_amount", "order_lines"])
def test_four_fields_have_to_be_there(api: Api, name: str) -> None:
    body = german()
    del body[name]
    assert refusal(api.create(body))[2] == [f"Bad value: {name}"]


def test_lengths_count_characters(api: Api) -> None:
    assert api.create(german(merchant_reference1="ä" * 255)).status_code == 200


def test_a_browser_may_change_the_purchase_but_not_who_is_called_or_known(api: Api) -> None:
    answer = api.create(german(merchant_urls={"authorization": HERE})).json
    token = api.buy(german())["customer_token"]
    with api.app.app_context():
        session = sessions.merge_from_browser(
            sessions.by_client_token(answer["client_token"]),
            {
                "billing_address": BERLIN,
                "merchant_urls": {"authorization": "https://thief.example/"},
                "customer": {"customer_token": token, "date_of_birth": "1970-07-10"},
                "intent": "buy",
            },
        )
    assert session.request["billing_address"] == BERLIN
    assert session.request["merchant_urls"] == {"authorization": HERE}
    assert session.request["customer"] == {"date_of_birth": "1970-07-10"}
    assert (session.intent, session.recognised) == ("buy_and_link", None)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"billing_address": {"email": "nobody"}}, "Bad value: billing_address.email"),
        ({"billing_address": {"city": "a\0b"}}, "Bad value: billing_address.city"),
        ({"billing_address": {"city": "\ud800"}}, "Bad value: billing_address.city"),
    ],
)
def test_a_browsers_bad_value_is_named_and_changes_nothing(api: Api, data: dict[str, Any], message: str) -> None:
    answer = api.create(german()).json
    with api.app.app_context():
        session = sessions.by_client_token(answer["client_token"])
        with pytest.raises(ApiError) as refused:
            sessions.merge_from_browser(session, data)
    assert refused.value.messages == [message]
    assert "billing_address" not in api.read(answer["session_id"]).json
