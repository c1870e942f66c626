"""Parking with one click: set up, charged once, refused and repaired, removed, whatever happens in between."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.shop.extensions import db
from app.shop.markets import get as get_market
from app.shop.orders.models import Order
from app.shop.payment_tokens import charging
from app.shop.payment_tokens.models import PaymentToken
from app.shop.payment_tokens.states import Use
from app.shop.wallet import tariffs
from tests.support.clerk import Clerk
from tests.support.openapi import assert_request, published
from tests.support.parker import WALLET, click, next_charge, park, parker, repair, set_up, tickets
from tests.support.programs import Programs
from tests.support.subscriber import charges, letters, payment_tokens
from tests.support.visitor import PASSWORD, Visitor

HOUR = 320  # an hour at the market square, in German cents
CHARGE = "*/customer-token/v1/tokens/*/order"


@pytest.fixture
def visitor(programs: Programs) -> Visitor:
    return parker(programs)


def states(programs: Programs) -> list[str]:
    with programs.shop.app_context():
        return list(db.session.scalars(select(Order.state).order_by(Order.id)))


def reconcile(programs: Programs) -> None:
    programs.wait_for_background()
    done = programs.shop.test_cli_runner().invoke(args=["reconcile"])
    assert done.exit_code == 0, done.output


# --- set up, and paid


def test_it_is_set_up_for_nothing_and_told(programs: Programs) -> None:
    visitor = parker(programs)
    assert programs.klarna_orders() == []
    (token,) = payment_tokens(programs)
    assert (token["status"], token["subscription"]) == ("ACTIVE", False)
    assert letters(programs) == ["wallet"]
    assert "30 minutes in Market square for 1,60" in visitor.get(WALLET).text


def test_one_click_pays_and_the_ticket_says_until_when(programs: Programs, visitor: Visitor) -> None:
    page = park(visitor)
    (order,) = programs.klarna_orders()
    (ticket,) = tickets(programs)
    assert (order["order_amount"], order["order_lines"][0]["type"]) == (HOUR, "digital")
    assert ticket.valid_from is not None
    assert ticket.valid_until == ticket.valid_from + timedelta(hours=1)
    assert "Valid until" in page.text
    assert order["merchant_reference1"] in visitor.get("/account/orders").text
    assert "Parking, Market square, 1 hour" in visitor.get(f"/orders/{order['merchant_reference1']}").text
    assert letters(programs) == ["wallet", "confirmed"]
    (charge,) = charges(programs)
    assert charge["request"]["body"]["step_up"] == "SUPPORTED"
    assert charge["request"]["body"]["auto_capture"] is True
    if published():
        path = "/customer-token/v1/tokens/{customerToken}/order"
        assert_request("POST", path, charge["request"]["body"])


def test_in_the_united_states_sales_tax_is_a_line_of_its_own(programs: Programs) -> None:
    visitor = parker(programs, "us-approved")
    park(visitor, "B:120")
    (order,) = programs.klarna_orders()
    assert [line["type"] for line in order["order_lines"]] == ["digital", "sales_tax"]
    assert order["order_amount"] == 520 + 43
    clerk = Clerk(programs, order["merchant_reference1"])
    clerk.do("refund", **{clerk.line("parking-b-120"): 1})
    assert clerk.money == ("refunded", 563, 563, 0)
    assert "tax_rate" not in order["order_lines"][0]


def test_a_ticket_is_charged_with_klarnas_yes_and_the_back_office_refunds_it(
    programs: Programs, visitor: Visitor
) -> None:
    park(visitor)
    clerk = Clerk(programs, programs.klarna_orders()[0]["merchant_reference1"])
    assert clerk.at_klarna == ("CAPTURED", HOUR, 0, 0)
    assert clerk.money == ("captured", HOUR, 0, 0)
    assert "Nothing of it is left to capture." in clerk.look().text
    assert "Both ledgers say the same." in clerk.visitor.post(f"{clerk.path}/compare", {}).text
    for page in (visitor.get("/account/orders"), visitor.get(f"/orders/{clerk.number}")):
        assert "Charged" in page.text
        assert "Sent" not in page.text
    clerk.do("refund", **{clerk.line("parking-a-60"): 1})
    assert clerk.money == ("refunded", HOUR, HOUR, 0)
    assert clerk.at_klarna == ("CAPTURED", HOUR, HOUR, 0)
    assert letters(programs) == ["wallet", "confirmed", "refunded"]
    assert "We charged 3,20" in visitor.get(f"/orders/{clerk.number}").text
    assert "not valid any more" in visitor.get(f"{WALLET}/tickets/{tickets(programs)[0].id}").text


def test_that_klarna_charged_by_itself_is_read_back_once(programs: Programs, visitor: Visitor) -> None:
    park(visitor)
    for _ in range(2):
        programs.let_time_pass(timedelta(days=2))
        reconcile(programs)
    assert [e["status"] for e in programs.journal("/ordermanagement/v1/orders/")] == [200]
    assert Clerk(programs, programs.klarna_orders()[0]["merchant_reference1"]).order.differs == ""


def test_a_ticket_is_over_when_its_time_is_over(programs: Programs, visitor: Visitor) -> None:
    park(visitor)
    programs.let_time_pass(timedelta(minutes=61))
    page = visitor.get(f"{WALLET}/tickets/{tickets(programs)[0].id}")
    assert "Was valid until" in page.text


# --- clicked twice, lost on the way


def test_a_double_click_in_parallel_is_one_charge(programs: Programs, visitor: Visitor) -> None:
    form = click(visitor)
    with ThreadPoolExecutor(4) as many:
        answers = list(many.map(lambda _: visitor.send(f"{WALLET}/park", form), range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.url for answer in answers}) == 1
    assert len(charges(programs)) == 1
    assert states(programs) == ["captured"]


def test_a_reload_pays_nothing_again_and_a_new_page_does(programs: Programs, visitor: Visitor) -> None:
    form = click(visitor)
    for _ in range(2):
        visitor.post(f"{WALLET}/park", form)
    assert len(charges(programs)) == 1
    park(visitor, "B:30")
    assert [order["order_amount"] for order in programs.klarna_orders()] == [HOUR, 120]


@pytest.mark.parametrize("action", [{"drop": "before"}, {"drop": "after"}, {"status": 503, "body": {}}])
def test_an_answer_that_was_lost_is_asked_for_with_the_same_key(
    programs: Programs, visitor: Visitor, action: dict[str, Any]
) -> None:
    programs.fault("POST", CHARGE, 9, **action)
    page = park(visitor)
    assert "Klarna has not answered yet, so this ticket is not valid" in page.text
    assert "look there first" in park(visitor, "B:30").text
    programs.control("DELETE", "faults")
    ticket_id = tickets(programs)[0].id
    assert "Valid until" in visitor.post(f"{WALLET}/tickets/{ticket_id}/check", {}).text
    assert len(programs.klarna_orders()) == 1
    keys = {e["request"]["headers"]["Klarna-Idempotency-Key"] for e in charges(programs)}
    assert len(keys) == 1
    assert len(tickets(programs)) == 1


def test_the_reconciler_asks_and_the_time_counts_from_then(programs: Programs, visitor: Visitor) -> None:
    programs.fault("POST", CHARGE, 9, drop="after")
    park(visitor)
    programs.control("DELETE", "faults")
    programs.let_time_pass(timedelta(hours=2))
    reconcile(programs)
    assert "Valid until" in visitor.get(f"{WALLET}/tickets/{tickets(programs)[0].id}").text
    assert len(programs.klarna_orders()) == 1


def test_a_ticket_in_review_is_not_valid_before_klarna_says_yes(programs: Programs, visitor: Visitor) -> None:
    programs.control("PATCH", "people/de-approved", {"outcome": "pend"})
    assert "not valid yet" in park(visitor).text
    order_id = programs.klarna_orders()[0]["order_id"]
    programs.control("POST", f"orders/{order_id}/decide", {"decision": "accept"})
    programs.let_time_pass(timedelta(minutes=6))
    reconcile(programs)
    assert "Valid until" in visitor.get(f"{WALLET}/tickets/{tickets(programs)[0].id}").text
    clerk = Clerk(programs, programs.klarna_orders()[0]["merchant_reference1"])
    assert clerk.money == ("captured", HOUR, 0, 0)
    assert clerk.at_klarna == ("CAPTURED", HOUR, 0, 0)
    assert letters(programs) == ["wallet", "pending", "confirmed"]


def test_a_charge_that_comes_after_klarnas_yes_is_followed(programs: Programs, visitor: Visitor) -> None:
    park(visitor)
    with programs.shop.app_context():
        db.session.execute(update(Order).values(state="placed", captured=0))
        db.session.commit()
    programs.let_time_pass(timedelta(days=2))
    reconcile(programs)
    clerk = Clerk(programs, programs.klarna_orders()[0]["merchant_reference1"])
    assert clerk.money == ("captured", HOUR, 0, 0)
    assert clerk.order.differs == ""


# --- refused


def test_a_refused_click_is_told_and_the_next_may_go_through(programs: Programs, visitor: Visitor) -> None:
    next_charge(programs, next_charge="decline")
    page = park(visitor)
    assert "Nothing was charged, and this ticket is not valid." in page.text
    assert "Another try may go through" in page.text
    assert "Choose how to pay" not in page.text
    assert states(programs) == ["failed"]
    assert "Valid until" in park(visitor).text


def test_a_step_up_is_confirmed_in_klarnas_window_and_one_click_pays_again(
    programs: Programs, visitor: Visitor
) -> None:
    next_charge(programs, next_charge="step_up")
    assert "Choose how to pay" in park(visitor).text
    page = repair(visitor)
    session = programs.journal("/payments/v1/sessions")[-1]
    sent = next(
        e["request"]["body"] for e in programs.journal("/payments/v1/sessions") if "step_up_id" in str(e["request"])
    )
    assert session["status"] == 200
    assert (sent["intent"], sent["order_amount"]) == ("buy", HOUR)
    assert sent["customer"]["customer_token"] == payment_tokens(programs)[0]["token_id"]
    if published():
        assert_request("POST", "/payments/v1/sessions", sent)
    assert "Valid until" in page.finish().text
    assert states(programs) == ["failed", "captured"]
    (token,) = payment_tokens(programs)
    assert token["updated_at"] is not None
    assert "Valid until" in park(visitor, "C:30").text
    assert len(programs.klarna_orders()) == 2
    assert letters(programs) == ["wallet", "confirmed", "confirmed"]
    assert [order["captured_amount"] for order in programs.klarna_orders()] == [HOUR, 80]
    placed = programs.journal("/payments/v1/authorizations/")[-1]
    if published():
        assert_request("POST", "/payments/v1/authorizations/{authorizationToken}/order", placed["request"]["body"])


def test_a_step_up_that_is_abandoned_charges_nothing(programs: Programs, visitor: Visitor) -> None:
    next_charge(programs, next_charge="step_up")
    park(visitor)
    page = repair(visitor)
    programs.refuse(page.session_id)
    assert programs.klarna_orders() == []
    (ticket,) = tickets(programs)
    assert "this ticket is not valid" in visitor.get(f"{WALLET}/tickets/{ticket.id}").text
    assert "Valid until" in park(visitor).text


def test_a_step_up_is_not_for_a_token_that_was_ended(programs: Programs, visitor: Visitor) -> None:
    next_charge(programs, next_charge="step_up")
    park(visitor)
    page = repair(visitor)
    visitor.post(f"{WALLET}/remove", {})
    programs.wait_for_background()
    path = f"{WALLET}/tickets/{tickets(programs)[0].id}"
    assert "Choose how to pay" not in visitor.get(path).text
    assert "nothing to pay anew" in visitor.get(f"{path}/pay").text
    programs.control("POST", "clock", {"advance": 49 * 3600})
    opened = len(programs.journal("/payments/v1/sessions"))
    status, body = page.refresh(doubt="1")
    assert (status, body["error"]) == (409, "token_ended")
    assert "The permission to charge Klarna has ended. Nothing was charged" in body["message"]
    sent = [e for e in programs.journal("/payments/v1/sessions")[opened:] if e["method"] == "POST"]
    assert sent == []


def test_a_ticket_is_nothing_that_was_ordered_out_of_the_cart(programs: Programs, visitor: Visitor) -> None:
    park(visitor)
    assert "Your cart is empty" in visitor.get("/checkout").text


@pytest.mark.parametrize("lost", ["before", "after"])
def test_a_step_up_whose_answer_is_lost_pays_one_ticket(programs: Programs, visitor: Visitor, lost: str) -> None:
    next_charge(programs, next_charge="step_up")
    park(visitor)
    page = repair(visitor)
    token = page.approve()
    programs.fault("POST", "*/payments/v1/authorizations/*/order", 9, drop=lost)
    assert page.confirm(token)[0] == 200
    (ticket,) = tickets(programs)
    path = f"{WALLET}/tickets/{ticket.id}"
    assert "not answered yet" in visitor.get(path).text
    assert "nothing to pay anew" in visitor.get(f"{path}/pay").text
    programs.control("DELETE", "faults")
    assert "Valid until" in visitor.post(f"{path}/check", {}).text
    assert len(programs.klarna_orders()) == 1


def test_two_windows_repair_one_ticket_once(programs: Programs, visitor: Visitor) -> None:
    next_charge(programs, next_charge="step_up")
    park(visitor)
    page = repair(visitor)
    token = page.approve()
    with ThreadPoolExecutor(3) as many:
        answers = list(many.map(lambda _: page.confirm(token), range(3)))
    assert {status for status, _ in answers} == {200}
    assert len(programs.klarna_orders()) == 1
    assert page.confirm(token)[0] == 200
    assert states(programs) == ["failed", "captured"]


@pytest.mark.parametrize(
    ("what", "words", "then"),
    [
        ("SUSPENDED", "suspended this way of paying for now", "Klarna has suspended"),
        ("CANCELLED", "The permission to charge Klarna has ended", "Set it up once"),
    ],
)
def test_a_token_that_klarna_stopped_is_told_with_what_to_do(
    programs: Programs, visitor: Visitor, what: str, words: str, then: str
) -> None:
    next_charge(programs, status=what)
    page = park(visitor)
    assert words in page.text
    assert "Set up anew" in page.text
    assert states(programs) == ["failed"]
    assert then in visitor.get(WALLET).text


def test_a_suspended_token_that_goes_on_pays_again(programs: Programs, visitor: Visitor) -> None:
    next_charge(programs, status="SUSPENDED")
    park(visitor)
    next_charge(programs, status="ACTIVE")
    assert "Valid until" in park(visitor).text
    assert "Klarna has suspended" not in visitor.get(WALLET).text


def test_a_linking_token_is_refused_by_its_type(programs: Programs, visitor: Visitor) -> None:
    linking = "krn:partner:eu1:test:identity:customer-token:" + "a" * 32
    with programs.shop.app_context():
        db.session.execute(update(PaymentToken).values(token=linking))
        db.session.commit()
    page = park(visitor)
    assert "a payment token (token_id" in page.text
    assert linking not in page.markup
    assert charges(programs) == []
    assert states(programs) == []


def test_another_market_is_told_and_never_charged_by_this_token(programs: Programs, visitor: Visitor) -> None:
    form = click(visitor)
    visitor.shop_in("SE")
    page = visitor.get(WALLET)
    assert "One click pays in Germany" in page.text
    assert "You are shopping in Sweden, in SEK" in page.text
    assert "You changed the market meanwhile" in visitor.post(f"{WALLET}/park", form).text
    assert "not set up for this market" in visitor.post(f"{WALLET}/park", form | {"market": "SE"}).text
    assert charges(programs) == []


def test_nobody_sees_or_pays_anothers_ticket(programs: Programs, visitor: Visitor) -> None:
    next_charge(programs, next_charge="step_up")
    park(visitor)
    ticket_id = tickets(programs)[0].id
    stranger = Visitor(programs)
    stranger.register()
    for path in ("", "/pay"):
        stranger.get(f"{WALLET}/tickets/{ticket_id}{path}", 404)
    stranger.get("/")
    assert stranger.send(f"{WALLET}/tickets/{ticket_id}/check", {}).status_code == 404
    guest = Visitor(programs)
    assert "/login" in guest.http.get(f"{programs.shop_url}{WALLET}", timeout=60).url


def test_a_token_of_somebody_else_or_for_something_else_is_not_chargeable(programs: Programs, visitor: Visitor) -> None:
    with programs.shop.app_context():
        db.session.execute(update(PaymentToken).values(use="subscription"))
        db.session.commit()
    assert "Set it up once" in visitor.get(WALLET).text
    with programs.shop.app_context():
        token = db.session.scalars(select(PaymentToken)).one()
        found = tariffs.find("A", "60")
        assert found is not None
        bought = charging.Purchase(token.user_id, Use.ON_DEMAND, found.basket(get_market("DE")), "", {}, "")
        with pytest.raises(charging.NotChargeable):
            charging.open_charge(token, bought)


@pytest.mark.parametrize("choice", ["", "A", "Z:60", "A:45", "A:-60", "A:60:1", "A:" + "9" * 40])
def test_odd_choices_buy_nothing(programs: Programs, visitor: Visitor, choice: str) -> None:
    page = visitor.post(f"{WALLET}/park", click(visitor, choice))
    assert "Please choose a zone and how long. Nothing was charged." in page.text
    assert tickets(programs) == []


@pytest.mark.parametrize("nonce", ["", "x", "<script>", "a" * 37])
def test_a_form_no_page_of_ours_made_buys_nothing(programs: Programs, visitor: Visitor, nonce: str) -> None:
    visitor.post(f"{WALLET}/park", click(visitor) | {"nonce": nonce})
    assert tickets(programs) == []


# --- anew, and removed


def test_setting_up_anew_replaces_the_old_token(programs: Programs, visitor: Visitor) -> None:
    set_up(visitor).finish()
    programs.wait_for_background()
    assert [token["status"] for token in payment_tokens(programs)] == ["CANCELLED", "ACTIVE"]
    assert "Valid until" in park(visitor).text


def test_removing_cancels_the_token_at_klarna(programs: Programs, visitor: Visitor) -> None:
    park(visitor)
    form = click(visitor)
    page = visitor.post(f"{WALLET}/remove", {})
    assert "Removed." in page.text
    assert "Set it up once" in page.text
    programs.wait_for_background()
    assert [token["status"] for token in payment_tokens(programs)] == ["CANCELLED"]
    assert "not set up for this market" in visitor.post(f"{WALLET}/park", form).text
    assert len(charges(programs)) == 1
    assert "Valid" in visitor.get(WALLET).text


def test_who_deletes_the_account_is_charged_no_more(programs: Programs, visitor: Visitor) -> None:
    park(visitor)
    visitor.get("/account/delete")
    visitor.post("/account/delete", {"password": PASSWORD})
    reconcile(programs)
    assert tickets(programs) == []
    assert [token["status"] for token in payment_tokens(programs)] == ["CANCELLED"]
    assert states(programs) == ["captured"]
