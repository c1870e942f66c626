"""What the shop hears when a shopper ends a link, and when it hears nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest

from app.sandbox import callbacks, create_app
from app.sandbox.config import Settings

from .conftest import Api, Shop
from .purchases import german


@pytest.fixture
def told(settings: Settings, shop: Shop) -> Iterator[Api]:
    """A sandbox that knows where the shop listens."""
    app = create_app(replace(settings, webhook_url=shop.url + "/webhooks?secret=s"))
    yield Api(app)
    with app.app_context():
        callbacks.wait()


def settle(api: Api) -> None:
    with api.app.app_context():
        assert callbacks.wait()


def revoke(api: Api, token: str) -> None:
    assert api.control("POST", "customer-tokens/revoke", {"customer_token": token}).status_code == 200
    settle(api)


def test_a_shopper_who_ends_the_link_is_reported_by_its_reference(told: Api, shop: Shop) -> None:
    token = told.buy(german())["customer_token"]
    [link] = told.control("GET", "customer-tokens").json
    revoke(told, token)
    [(path, news)] = shop.received
    assert path == "/webhooks?secret=s"
    assert news["payload"] == {"customer_token_reference": link["customer_token_reference"]}
    metadata = news["metadata"]
    assert metadata["event_type"] == "identity.customer-token.state-change.revoked"
    assert metadata["event_version"] == "v2"
    assert UUID(metadata["event_id"])
    assert UUID(metadata["correlation_id"])
    assert datetime.fromisoformat(metadata["occurred_at"]).tzinfo
    assert token not in str(news)


def test_it_stands_in_the_journal_and_among_the_deliveries(told: Api, shop: Shop) -> None:
    revoke(told, told.buy(german())["customer_token"])
    assert told.control("GET", "journal").json[-1]["actor"] == "callback"
    [delivery] = told.control("GET", "callbacks").json
    assert (delivery["kind"], delivery["state"], delivery["attempts"]) == ("webhook", "arrived", 1)


def test_a_failed_delivery_is_tried_again(told: Api, shop: Shop) -> None:
    shop.answers[:] = [500]
    revoke(told, told.buy(german())["customer_token"])
    assert len(shop.received) == 2
    assert shop.received[0] == shop.received[1]


def test_ending_a_link_twice_is_reported_once(told: Api, shop: Shop) -> None:
    token = told.buy(german())["customer_token"]
    revoke(told, token)
    revoke(told, token)
    assert len(shop.received) == 1


def test_the_merchant_is_not_told_what_it_did_itself(told: Api, shop: Shop) -> None:
    token = told.buy(german())["customer_token"]
    path = "/v2/accounts/krn:partner:global:account:test:OFFLINE1/identity/customer-token/revoke"
    headers = {"Authorization": f"Basic {told.merchant.password}", "X-Klarna-Customer-Token": token}
    assert told.send("POST", path, headers=headers).status_code == 200
    settle(told)
    assert shop.received == []


@pytest.mark.parametrize(("manner", "times"), [("lost", 0), ("twice", 2), ("on", 1)])
def test_a_switch_decides_how_often_it_comes(told: Api, shop: Shop, manner: str, times: int) -> None:
    token = told.buy(german())["customer_token"]
    told.control("PATCH", "switches", {"webhooks": manner})
    revoke(told, token)
    assert len(shop.received) == times
    assert len({news["metadata"]["event_id"] for _path, news in shop.received}) <= 1


def test_without_an_address_nothing_is_sent(api: Api) -> None:
    revoke(api, api.buy(german())["customer_token"])
    assert api.control("GET", "callbacks").json == []
