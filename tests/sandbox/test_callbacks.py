"""What Klarna sends to the shop: at most three attempts, none lost by a restart."""

import time

from app.sandbox import callbacks, create_app, journal, store
from app.sandbox.callbacks.courier import Kind, queue
from app.sandbox.config import Settings

from .conftest import Api, Shop
from .purchases import german


def settle(api: Api) -> None:
    with api.app.app_context():
        assert callbacks.wait()


def test_the_shop_hears_of_an_authorization(api: Api, shop: Shop) -> None:
    session_id = api.open(german(merchant_urls={"authorization": shop.url + "/authorized?secret=s"}))
    token = api.approve(session_id)
    settle(api)
    news = {"authorization_token": token, "session_id": session_id}
    assert shop.received == [("/authorized?secret=s", news)]


def test_the_shop_hears_of_an_order_with_the_placeholders_filled(api: Api, shop: Shop) -> None:
    body = german(merchant_urls={"push": shop.url + "/push/{session.id}/{order.id}"})
    session_id = api.open(body)
    order_id = api.order(api.approve(session_id), body).json["order_id"]
    settle(api)
    assert shop.received == [(f"/push/{session_id}/{order_id}", None)]


def test_a_repeated_order_call_is_no_second_push(api: Api, shop: Shop) -> None:
    body = german(merchant_urls={"push": shop.url})
    token = api.approve(api.open(body))
    api.order(token, body)
    api.order(token, body)
    settle(api)
    assert len(shop.received) == 1


def test_an_answer_other_than_200_to_299_is_tried_again_with_growing_pauses(api: Api, shop: Shop) -> None:
    shop.answers[:] = [500, 302]
    began = time.monotonic()
    api.approve(api.open(german(merchant_urls={"authorization": shop.url})))
    settle(api)
    assert len(shop.received) == 3
    assert time.monotonic() - began >= 3
    with api.app.app_context():
        entries = [entry for entry in journal.after(0) if entry["actor"] == "callback"]
    assert [entry["status"] for entry in entries] == [500, 302, 204]


def test_nobody_at_the_address_is_given_up_after_three_attempts(api: Api) -> None:
    api.approve(api.open(german(merchant_urls={"authorization": "http://127.0.0.1:9/"})))
    settle(api)
    with api.app.app_context():
        [row] = store.connection().execute("SELECT attempts, state FROM deliveries")
        entries = [entry for entry in journal.after(0) if entry["actor"] == "callback"]
    assert tuple(row) == (3, "given up")
    assert [entry["status"] for entry in entries] == [None] * 3
    assert "ConnectionError" in entries[0]["response"]["body"]


def test_a_message_left_behind_is_sent_after_a_restart(api: Api, shop: Shop, settings: Settings) -> None:
    with api.app.app_context(), store.transaction():
        queue(Kind.AUTHORIZATION, shop.url + "/late", {"authorization_token": "t", "session_id": "s"})
    again = create_app(settings)
    with again.app_context():
        assert callbacks.wait()
    assert shop.received == [("/late", {"authorization_token": "t", "session_id": "s"})]


def test_a_reset_stops_what_is_still_to_be_sent(api: Api, shop: Shop) -> None:
    shop.answers[:] = [500, 500, 500]
    api.approve(api.open(german(merchant_urls={"authorization": shop.url})))
    while not shop.received:
        time.sleep(0.01)
    api.control("POST", "reset")
    settle(api)
    assert len(shop.received) == 1
