"""How pending orders are decided, by hand and by the clock, and what the shop is told."""

from typing import Any

import pytest

from app.sandbox import callbacks, clock, create_app
from app.sandbox.config import Settings

from ..conftest import AMERICA, Api, Shop
from ..purchases import BERLIN, american, german
from .conftest import DAY, HOUR, MINUTE, NEW_YORK, Desk


def notified(shop: Shop) -> dict[str, str]:
    return {"notification": shop.url + "/decided?secret=s"}


@pytest.mark.parametrize(
    ("decision", "event_type", "fraud_status"),
    [
        ("accept", "FRAUD_RISK_ACCEPTED", "ACCEPTED"),
        ("reject", "FRAUD_RISK_REJECTED", "REJECTED"),
        ("stop", "FRAUD_RISK_STOPPED", "REJECTED"),
    ],
)
def test_a_decision_is_told_to_the_shop_and_can_be_read(
    desk: Desk, shop: Shop, decision: str, event_type: str, fraud_status: str
) -> None:
    shop.answers[:] = [200]
    order_id = desk.pending(merchant_urls=notified(shop))
    assert desk.decide(order_id, decision).json["fraud_status"] == fraud_status
    assert shop.received == [("/decided?secret=s", {"order_id": order_id, "event_type": event_type})]
    assert desk.read(order_id)["fraud_status"] == fraud_status


def test_an_order_is_decided_once_and_stopped_even_then(desk: Desk, shop: Shop) -> None:
    shop.answers[:] = [200, 200]
    order_id = desk.pending(merchant_urls=notified(shop))
    desk.decide(order_id, "accept")
    for again in ("accept", "reject"):
        answer = desk.decide(order_id, again)
        assert (answer.status_code, answer.json["error"]) == (400, "the order is accepted already")
    assert desk.decide(order_id, "stop").status_code == 200
    assert [news["event_type"] for _path, news in shop.received] == ["FRAUD_RISK_ACCEPTED", "FRAUD_RISK_STOPPED"]


def test_what_cannot_be_decided_is_said(desk: Desk) -> None:
    order_id = desk.bought()
    assert desk.decide(order_id, "accept").status_code == 400
    assert desk.decide(order_id, "perhaps").status_code == 400
    assert desk.decide("nobody", "accept").status_code == 404
    desk.call("POST", order_id, "/cancel")
    assert desk.decide(order_id, "stop").json["error"] == "the order is cancelled"


@pytest.mark.parametrize(
    ("word", "minutes", "fraud_status"),
    [("accept", "05", "ACCEPTED"), ("reject", "99", "REJECTED"), ("ACCEPT", "01", "ACCEPTED")],
)
def test_an_e_mail_address_has_the_order_decided_after_so_many_minutes(
    api: Api, shop: Shop, word: str, minutes: str, fraud_status: str
) -> None:
    desk, shop.answers[:] = Desk(api.at(AMERICA)), [200]
    billed = NEW_YORK | {"email": f"customer+pend-{word}-{minutes}@email.us"}
    order_id = desk.api.buy(american(billing_address=billed, merchant_urls=notified(shop)), "us-approved")["order_id"]
    assert desk.read(order_id)["fraud_status"] == "PENDING"
    desk.advance(int(minutes) * MINUTE - 30)
    assert desk.read(order_id)["fraud_status"] == "PENDING"
    assert shop.received == []
    desk.advance(MINUTE)
    assert desk.read(order_id)["fraud_status"] == fraud_status
    assert len(shop.received) == 1


def test_no_minutes_are_none(api: Api, shop: Shop) -> None:
    desk, shop.answers[:] = Desk(api.at(AMERICA)), [200]
    billed = NEW_YORK | {"email": "customer+pend-reject-00@email.us"}
    placed = desk.api.buy(american(billing_address=billed, merchant_urls=notified(shop)), "us-approved")
    desk.settle()
    assert placed["fraud_status"] == "PENDING"
    assert desk.read(placed["order_id"])["fraud_status"] == "REJECTED"
    assert len(shop.received) == 1


def test_that_address_means_nothing_in_other_countries(desk: Desk) -> None:
    billed = BERLIN | {"email": "customer+pend-accept-05@email.de"}
    assert desk.api.buy(german(billing_address=billed))["fraud_status"] == "ACCEPTED"


def test_nobody_deciding_it_is_accepted_after_24_hours(desk: Desk, shop: Shop) -> None:
    shop.answers[:] = [200]
    order_id = desk.pending(merchant_urls=notified(shop))
    desk.advance(DAY - MINUTE)
    assert desk.read(order_id)["fraud_status"] == "PENDING"
    desk.advance(2 * MINUTE)
    assert desk.read(order_id)["fraud_status"] == "ACCEPTED"
    assert len(shop.received) == 1


def test_a_decision_by_hand_comes_before_the_clocks(desk: Desk, shop: Shop) -> None:
    shop.answers[:] = [200, 200]
    order_id = desk.pending(merchant_urls=notified(shop))
    desk.decide(order_id, "reject")
    desk.advance(2 * DAY)
    assert desk.read(order_id)["fraud_status"] == "REJECTED"
    assert desk.read(order_id)["status"] == "CANCELLED"
    assert len(shop.received) == 1


def test_nobody_is_told_of_an_order_cancelled_meanwhile(desk: Desk, shop: Shop) -> None:
    order_id = desk.pending(merchant_urls=notified(shop))
    desk.call("POST", order_id, "/cancel")
    desk.advance(2 * DAY)
    assert desk.read(order_id)["status"] == "CANCELLED"
    assert shop.received == []


def test_a_year_at_once_takes_things_in_their_order(api: Api, desk: Desk, shop: Shop) -> None:
    accepted = desk.pending(merchant_urls=notified(shop))
    billed = NEW_YORK | {"email": "customer+pend-reject-10@email.us"}
    american_desk = Desk(api.at(AMERICA))
    rejected = american_desk.api.buy(american(billing_address=billed), "us-approved")["order_id"]
    desk.advance(365 * DAY)
    old, gone = desk.read(accepted), american_desk.read(rejected)
    assert (old["status"], old["fraud_status"]) == ("EXPIRED", "ACCEPTED")
    assert (gone["status"], gone["fraud_status"]) == ("CANCELLED", "REJECTED")


def test_a_review_that_ended_while_the_sandbox_was_down_is_caught_up(
    desk: Desk, shop: Shop, settings: Settings
) -> None:
    shop.answers[:] = [200]
    order_id = desk.pending(merchant_urls=notified(shop))
    with desk.api.app.app_context():
        clock.advance(DAY + MINUTE)
    again = create_app(settings)
    with again.app_context():
        assert callbacks.wait()
    assert shop.received[0][1]["order_id"] == order_id


# --- how the notification is delivered


def waiting(desk: Desk) -> dict[str, Any]:
    [delivery] = [row for row in desk.api.control("GET", "callbacks").json if row["kind"] == "notification"]
    found: dict[str, Any] = delivery
    return found


@pytest.mark.parametrize("answer", [204, 201, 302, 404, 500])
def test_an_answer_other_than_200_is_asked_again_every_ten_minutes(desk: Desk, shop: Shop, answer: int) -> None:
    shop.answers[:] = [answer, answer, 200]
    order_id = desk.pending(merchant_urls=notified(shop))
    desk.decide(order_id, "accept")
    assert (waiting(desk)["state"], waiting(desk)["attempts"]) == ("waiting", 1)
    desk.advance(9 * MINUTE)
    assert len(shop.received) == 1
    for attempts in (2, 3):
        desk.advance(10 * MINUTE)
        assert len(shop.received) == attempts
    assert (waiting(desk)["state"], waiting(desk)["order_id"]) == ("arrived", order_id)
    desk.advance(DAY)
    assert len(shop.received) == 3


def test_after_24_hours_nobody_is_asked_any_more(desk: Desk, shop: Shop) -> None:
    shop.answers[:] = [500] * 5
    desk.decide(desk.pending(merchant_urls=notified(shop)), "accept")
    desk.advance(23 * HOUR)
    assert waiting(desk)["state"] == "waiting"
    desk.advance(2 * HOUR)
    assert (waiting(desk)["state"], len(shop.received)) == ("given up", 3)
    desk.advance(DAY)
    assert len(shop.received) == 3


@pytest.mark.parametrize(("manner", "times"), [("on", 1), ("lost", 0), ("twice", 2), ("burst", 5)])
def test_a_switch_decides_how_often_it_comes(desk: Desk, shop: Shop, manner: str, times: int) -> None:
    shop.answers[:] = [200] * 5
    desk.api.control("PATCH", "switches", {"notification_callback": manner})
    order_id = desk.pending(merchant_urls=notified(shop))
    desk.decide(order_id, "accept")
    expected = {"order_id": order_id, "event_type": "FRAUD_RISK_ACCEPTED"}
    assert [news for _path, news in shop.received] == [expected] * times


def test_a_lost_one_can_be_sent_after_all(desk: Desk, shop: Shop) -> None:
    shop.answers[:] = [200]
    desk.api.control("PATCH", "switches", {"notification_callback": "lost"})
    order_id = desk.pending(merchant_urls=notified(shop))
    desk.decide(order_id, "accept")
    assert desk.api.control("POST", "callbacks/resend", {"order_id": order_id}).status_code == 200
    desk.settle()
    assert shop.received[0][1] == {"order_id": order_id, "event_type": "FRAUD_RISK_ACCEPTED"}


def test_a_forged_one_says_what_is_not_true(desk: Desk, shop: Shop) -> None:
    shop.answers[:] = [200]
    order_id = desk.pending(merchant_urls=notified(shop))
    forged = {"order_id": order_id, "event_type": "FRAUD_RISK_ACCEPTED"}
    assert desk.api.control("POST", "callbacks/forge", forged).json["forged"] is True
    desk.settle()
    assert shop.received[0][1] == forged
    assert desk.read(order_id)["fraud_status"] == "PENDING"
    assert desk.api.control("POST", "callbacks/resend", {"order_id": order_id}).status_code == 404


def test_what_cannot_be_sent_is_refused_in_words(desk: Desk) -> None:
    order_id = desk.bought()
    for call, body, status in (
        ("forge", {"order_id": order_id, "event_type": "FRAUD_RISK_ACCEPTED"}, 404),
        ("forge", {"order_id": order_id, "event_type": "WAR"}, 400),
        ("forge", {"order_id": "nobody", "event_type": "FRAUD_RISK_ACCEPTED"}, 404),
        ("forge", {"order_id": 7, "event_type": "FRAUD_RISK_ACCEPTED"}, 400),
        ("resend", {"order_id": order_id}, 404),
        ("resend", {"order_id": None}, 400),
    ):
        answer = desk.api.control("POST", f"callbacks/{call}", body)
        assert answer.status_code == status, answer.text
        assert answer.json["error"]
