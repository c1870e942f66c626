"""Charges without the shopper: once for each period, from wherever the command runs, and whatever Klarna says."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from app.klarna.customer_tokens import PaymentToken as Chargeable
from app.shop import create_app
from app.shop.accounts.models import User
from app.shop.catalogue.models import Price
from app.shop.extensions import db, utcnow
from app.shop.orders.models import Order
from app.shop.payment_tokens import charging, signals
from app.shop.payment_tokens.models import EndedToken, PaymentToken, TokenCharge, TokenSignup
from app.shop.payment_tokens.service import keep
from app.shop.payment_tokens.states import Use
from app.shop.subscriptions import service
from app.shop.subscriptions.models import Subscription
from tests.contract.stand_in import StandIn
from tests.support.clerk import Clerk
from tests.support.programs import Programs, shop_environment
from tests.support.subscriber import (
    INDEX,
    charges,
    decide,
    last_letter,
    letters,
    pay_again,
    payment_tokens,
    reconcile,
    renew,
    renewals,
    subscribed,
    subscription,
    tokens,
)
from tests.support.visitor import PASSWORD, Visitor

ROOT = Path(__file__).resolve().parents[2]
CHARGE_CALL = "*/customer-token/v1/tokens/*/order"
LINKING_TOKEN = "krn:partner:eu1:test:identity:customer-token:" + "a" * 32


@pytest.fixture
def shopper(programs: Programs) -> Visitor:
    """Somebody whose first bag was bought, and whose next ones come every week."""
    return subscribed(programs, rhythm="week")


def states(programs: Programs) -> list[str]:
    return [renewal.state for renewal in renewals(programs)]


def command_in_a_process(programs: Programs, days: int) -> "subprocess.Popen[str]":
    """The command as another machine would run it: a process of its own, the same database and keys."""
    right = programs.shop.config["SHOP"]
    same = {"SECRET_KEY": right.secret_key, "TOKEN_KEYS": ",".join(right.token_keys)}
    told = shop_environment(ROOT, StandIn(programs.klarna.app, programs.klarna.url), programs.shop_url)
    told |= same | {"DATABASE_URL": right.database_url}
    line = [sys.executable, "-m", "flask", "--app", "app", "renew-subscriptions", "--days", str(days)]
    return subprocess.Popen(line, cwd=ROOT, env={**os.environ, **told}, stdout=subprocess.PIPE, text=True)


# --- once


def test_each_period_is_charged_once_however_often_the_command_runs(programs: Programs, shopper: Visitor) -> None:
    for days in ("6", "8", "8", "15", "15", "8"):
        renew(programs, "--days", days)
    assert len(charges(programs)) == 2
    assert [(r.period, r.state) for r in renewals(programs)] == [(0, "charged"), (1, "charged"), (2, "charged")]
    assert subscription(programs).next_period == 3
    assert programs.stock("house-blend") == 47
    assert letters(programs)[2:] == ["charged", "charged"]


def test_three_processes_at_once_charge_once(programs: Programs, shopper: Visitor) -> None:
    programs.fault("POST", CHARGE_CALL, 3, delay=0.5)
    running = [command_in_a_process(programs, 8) for _ in range(3)]
    said = [process.communicate(timeout=120)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert sum("Charged" in lines for lines in said) == 1
    assert len(charges(programs)) == 1
    assert len(programs.klarna_orders()) == 2


def test_a_year_without_the_command_is_one_bag(programs: Programs, shopper: Visitor) -> None:
    renew(programs, "--days", "365")
    assert len(charges(programs)) == 1
    assert [renewal.period for renewal in renewals(programs)] == [0, 52]
    assert renew(programs, "--days", "365") == []
    assert "Next deliveries" in shopper.get(INDEX).text


def test_an_exact_moment_may_be_named(programs: Programs, shopper: Visitor) -> None:
    due = subscription(programs).next_at
    assert renew(programs, "--at", (due - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M")) == []
    assert len(renew(programs, "--at", (due + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M"))) == 1


@pytest.mark.parametrize("odd", [("--at", "tomorrow"), ("--at", "9999-12-31T00:00"), ("--days", "-1")])
def test_an_odd_moment_is_refused_in_words(programs: Programs, shopper: Visitor, odd: tuple[str, str]) -> None:
    done = programs.shop.test_cli_runner().invoke(args=["renew-subscriptions", *odd])
    assert done.exit_code == 2
    assert charges(programs) == []


def test_with_live_keys_time_does_not_move(programs: Programs, shopper: Visitor) -> None:
    live = create_app(replace(programs.shop.config["SHOP"], environment="live"))
    done = live.test_cli_runner().invoke(args=["renew-subscriptions", "--days", "8"])
    assert done.exit_code == 2
    assert "live keys" in done.stderr
    assert charges(programs) == []


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_lost_answer_is_asked_for_again_with_the_same_key_and_body(
    programs: Programs, shopper: Visitor, drop: str
) -> None:
    programs.fault("POST", CHARGE_CALL, 9, drop=drop)
    (line,) = renew(programs, "--days", "8")
    assert "Klarna is being asked" in line
    assert "Klarna is being asked" in shopper.get(INDEX).text
    programs.control("DELETE", "faults")
    assert renew(programs, "--days", "8") == []
    reconcile(programs)
    sent = charges(programs)
    assert len({e["request"]["headers"]["Klarna-Idempotency-Key"] for e in sent}) == 1
    assert len({str(e["request"]["body"]) for e in sent}) == 1
    assert len(programs.klarna_orders()) == 2
    assert states(programs) == ["charged", "charged"]
    assert letters(programs)[-1] == "charged"


def test_a_refused_second_try_is_no_verdict_on_the_first(programs: Programs, shopper: Visitor) -> None:
    programs.fault("POST", CHARGE_CALL, 1, drop="after")
    programs.fault("POST", CHARGE_CALL, 1, status=403, body={"error_code": "PAYMENT_METHOD_FAILED"})
    renew(programs, "--days", "8")
    assert subscription(programs).state == "active"
    reconcile(programs)
    assert states(programs) == ["charged", "charged"]
    assert len(programs.klarna_orders()) == 2


@pytest.mark.parametrize(
    ("minutes", "status", "code"), [(2, 409, "CONFLICT"), (0, 403, "PAYMENT_METHOD_FAILED")], ids=["conflict", "early"]
)
def test_a_no_to_a_repeat_is_no_verdict_while_the_first_may_be_at_work(
    programs: Programs, shopper: Visitor, minutes: int, status: int, code: str
) -> None:
    programs.fault("POST", CHARGE_CALL, 9, drop="after")
    renew(programs, "--days", "8")
    programs.control("DELETE", "faults")
    programs.let_time_pass(timedelta(minutes=minutes))
    programs.fault("POST", CHARGE_CALL, 1, status=status, body={"error_code": code})
    reconcile(programs)
    assert states(programs) == ["charged", "charging"]
    reconcile(programs)
    assert states(programs) == ["charged", "charged"]
    assert len(programs.klarna_orders()) == 2


def test_our_own_bad_credentials_are_no_verdict_either(programs: Programs, shopper: Visitor) -> None:
    programs.fault("POST", CHARGE_CALL, 1, status=401, body={})
    renew(programs, "--days", "8")
    reconcile(programs)
    assert states(programs) == ["charged", "charged"]
    assert "charge_failed" not in letters(programs)


def test_an_answer_lost_for_a_day_is_not_asked_for_again(programs: Programs, shopper: Visitor) -> None:
    programs.fault("POST", CHARGE_CALL, 9, drop="after")
    renew(programs, "--days", "8")
    programs.control("DELETE", "faults")
    asked = len(charges(programs))
    with programs.shop.app_context():
        db.session.execute(update(TokenCharge).values(created_at=utcnow() - timedelta(hours=24)))
        db.session.commit()
    reconcile(programs)
    assert len(charges(programs)) == asked
    renew(programs, "--days", "15")
    assert states(programs) == ["charged", "charging", "charged"]


# --- an order like any other


def test_a_renewal_is_an_order_of_the_account_and_of_the_back_office(programs: Programs, shopper: Visitor) -> None:
    renew(programs, "--days", "8")
    number = renewals(programs)[-1].order_number
    assert "Your subscription ordered this for you" in shopper.get(f"/orders/{number}").text
    assert number in shopper.get("/account/orders").text
    clerk = Clerk(programs, number)
    clerk.do("capture")
    clerk.do("refund", **{clerk.line("house-blend"): 1})
    assert clerk.money == ("refunded", 1290, 1290, 0)
    assert clerk.at_klarna == ("CAPTURED", 1290, 1290, 0)
    assert number in clerk.visitor.get("/admin?way=subscription").text
    assert number not in clerk.visitor.get("/admin?way=payments").text


def test_a_renewal_is_told_as_ordered_first_and_as_sent_when_it_is(programs: Programs, shopper: Visitor) -> None:
    renew(programs, "--days", "8")
    ordered = last_letter(programs)
    assert "Your coffee is ordered." in ordered
    assert "on its way" not in ordered
    assert "Klarna approved 12,90" in ordered
    assert "we charged" not in ordered
    Clerk(programs, renewals(programs)[-1].order_number).do("capture")
    assert "and charged 12,90" in last_letter(programs)
    assert letters(programs)[-2:] == ["charged", "shipped"]


def test_a_renewal_is_nothing_that_was_ordered_out_of_the_cart(programs: Programs, shopper: Visitor) -> None:
    renew(programs, "--days", "8")
    assert "Your cart is empty" in shopper.get("/checkout").text


def test_the_price_of_the_sign_up_holds(programs: Programs, shopper: Visitor) -> None:
    with programs.shop.app_context():
        db.session.execute(update(Price).where(Price.amount == 1290, Price.currency == "EUR").values(amount=9900))
        db.session.commit()
    renew(programs, "--days", "8")
    assert programs.klarna_orders()[-1]["order_amount"] == 1290


def test_sold_out_is_left_out_told_and_not_charged(programs: Programs, shopper: Visitor) -> None:
    programs.set_stock("house-blend", 0)
    (line,) = renew(programs, "--days", "8")
    assert "sold out" in line
    assert charges(programs) == []
    assert letters(programs)[-1] == "skipped"
    assert "Skipped, sold out" in shopper.get(INDEX).text
    programs.set_stock("house-blend", 5)
    assert renew(programs, "--days", "8") == []
    renew(programs, "--days", "15")
    assert states(programs) == ["charged", "skipped", "charged"]


def test_in_review_the_period_counts_and_the_review_decides_the_order(programs: Programs, shopper: Visitor) -> None:
    programs.control("PATCH", "people/de-approved", {"outcome": "pend"})
    renew(programs, "--days", "8")
    assert (states(programs)[-1], letters(programs)[-1]) == ("charged", "pending")
    order = programs.klarna_orders()[-1]
    programs.control("POST", f"orders/{order['order_id']}/decide", {"decision": "reject"})
    reconcile(programs)
    assert "not approved" in shopper.get(f"/orders/{renewals(programs)[-1].order_number}").text
    assert subscription(programs).state == "active"
    assert renew(programs, "--days", "8") == []


# --- refused


def test_declined_it_is_tried_again_and_goes_on_when_it_is_paid(programs: Programs, shopper: Visitor) -> None:
    decide(programs, next_charge="decline")
    renew(programs, "--days", "8")
    page = shopper.get(INDEX)
    assert "Payment failed" in page.text
    assert "Klarna did not approve this payment" in page.text
    assert "Klarna did not let us charge it" in page.text
    assert letters(programs)[-1] == "charge_failed"
    assert "We try again on" in last_letter(programs)
    assert programs.stock("house-blend") == 49
    assert renew(programs, "--days", "8") == []
    (line,) = renew(programs, "--days", "10")
    assert line.endswith("Charged")
    keys = {e["request"]["headers"]["Klarna-Idempotency-Key"] for e in charges(programs)}
    assert len(keys) == 2
    assert subscription(programs).state == "active"
    assert states(programs) == ["charged", "charged"]


def test_declined_every_time_it_ends_and_the_permission_with_it(programs: Programs, shopper: Visitor) -> None:
    for days in ("8", "10", "12", "14"):
        decide(programs, next_charge="decline")
        renew(programs, "--days", days)
    assert len(charges(programs)) == 4
    assert (subscription(programs).state, states(programs)) == ("ended", ["charged", "given_up"])
    assert letters(programs)[2:] == ["charge_failed"] * 3 + ["subscription_ended"]
    assert payment_tokens(programs)[0]["status"] == "CANCELLED"
    assert "Ended" in shopper.get(INDEX).text
    assert renew(programs, "--days", "400") == []


def test_declined_it_has_a_day_before_the_next_try_however_late_the_command_runs(
    programs: Programs, shopper: Visitor
) -> None:
    for days in ("8", "30", "30", "31"):
        decide(programs, next_charge="decline")
        renew(programs, "--days", days)
    assert len(charges(programs)) == 3


def test_the_shopper_who_is_wanted_has_all_the_days_from_then(programs: Programs, shopper: Visitor) -> None:
    decide(programs, next_charge="decline")
    renew(programs, "--days", "8")
    decide(programs, next_charge="step_up")
    renew(programs, "--days", "13")
    assert renew(programs, "--days", "17") == []
    assert subscription(programs).needs_payment


def test_paid_anew_while_it_is_being_ended_no_permission_is_left(programs: Programs, shopper: Visitor) -> None:
    with programs.shop.app_context():
        ending = db.session.query(Subscription).one()
        pay_again(shopper).finish()
        service.cancel(ending)
    programs.wait_for_background()
    assert [token["status"] for token in payment_tokens(programs)] == ["CANCELLED", "CANCELLED"]


def test_ended_while_it_is_being_paid_anew_no_permission_is_left(programs: Programs, shopper: Visitor) -> None:
    page = pay_again(shopper)
    with programs.shop.app_context():
        going_on = db.session.query(Subscription).one()
        signup = db.session.get_one(TokenSignup, page.attempt)
        shopper.post(f"{INDEX}/{going_on.id}/cancel", {})
        programs.wait_for_background()
        kept = keep(going_on.user_id, "DE", Use.SUBSCRIPTION, Chargeable("a" * 36), "House blend")
        signals.stored.send(signup, token=kept)
        db.session.commit()
    assert tokens(programs) == [("cancelled", ""), ("cancelled", "")]


def test_paid_again_what_was_owed_goes_out_at_once(programs: Programs, shopper: Visitor) -> None:
    decide(programs, next_charge="decline")
    renew(programs, "--days", "8")
    page = pay_again(shopper)
    assert "Pay again with Klarna" in page.page.text
    page.finish()
    assert subscription(programs).state == "active"
    assert states(programs) == ["charged", "charged"]
    assert [token["status"] for token in payment_tokens(programs)] == ["CANCELLED", "ACTIVE"]
    assert letters(programs)[-1] == "charged"


def test_paid_again_while_klarna_loses_its_answers(programs: Programs, shopper: Visitor) -> None:
    decide(programs, next_charge="decline")
    renew(programs, "--days", "8")
    page = pay_again(shopper)
    token = page.approve()
    programs.fault("POST", "*/customer-token", 9, drop="after")
    assert page.confirm(token)[0] == 200
    programs.control("DELETE", "faults")
    reconcile(programs)
    assert states(programs) == ["charged", "charged"]
    assert len(programs.klarna_orders()) == 2


def test_suspended_at_klarna_it_is_tried_again(programs: Programs, shopper: Visitor) -> None:
    decide(programs, status="SUSPENDED")
    renew(programs, "--days", "8")
    assert tokens(programs)[0][0] == "suspended"
    assert "suspended" in shopper.get(INDEX).text
    decide(programs, status="ACTIVE")
    renew(programs, "--days", "10")
    assert (subscription(programs).state, tokens(programs)[0][0]) == ("active", "active")


def test_cancelled_at_klarna_the_shopper_is_asked_and_nothing_is_tried_again(
    programs: Programs, shopper: Visitor
) -> None:
    decide(programs, status="CANCELLED")
    renew(programs, "--days", "8")
    assert tokens(programs) == [("cancelled", "")]
    page = shopper.get(INDEX)
    assert "Please let us charge Klarna anew by" in page.text
    assert "Please let us charge Klarna anew" in last_letter(programs)
    assert renew(programs, "--days", "12") == []
    pay_again(shopper).finish()
    assert subscription(programs).state == "active"
    assert states(programs) == ["charged", "charged"]


def test_cancelled_at_klarna_and_nobody_cares_it_ends(programs: Programs, shopper: Visitor) -> None:
    decide(programs, status="CANCELLED")
    renew(programs, "--days", "8")
    (line,) = renew(programs, "--days", "14")
    assert line.endswith("Not charged")
    assert subscription(programs).state == "ended"
    assert len(charges(programs)) == 1


def test_a_step_up_is_for_the_shopper_to_make(programs: Programs, shopper: Visitor) -> None:
    decide(programs, next_charge="step_up")
    renew(programs, "--days", "8")
    assert "choose a way of paying anew" in shopper.get(INDEX).text
    assert subscription(programs).needs_payment
    assert "step_up" not in charges(programs)[0]["request"]["body"]


@pytest.mark.parametrize(
    ("status", "code"),
    [(404, "TOKEN_NOT_FOUND"), (403, "TOKEN_FORBIDDEN"), (403, "PAYMENT_METHOD_CURRENCY_MISMATCH")],
)
def test_a_foreign_token_or_currency_asks_the_shopper_anew(
    programs: Programs, shopper: Visitor, status: int, code: str
) -> None:
    programs.fault("POST", CHARGE_CALL, 1, status=status, body={"error_code": code})
    renew(programs, "--days", "8")
    assert subscription(programs).needs_payment
    assert states(programs) == ["charged", "waiting"]
    pay_again(shopper).finish()
    assert states(programs) == ["charged", "charged"]


def test_a_mistake_of_ours_is_not_told_and_costs_no_try(programs: Programs, shopper: Visitor) -> None:
    programs.fault("POST", CHARGE_CALL, 1, status=400, body={"error_code": "BAD_VALUE"})
    renew(programs, "--days", "8")
    assert subscription(programs).state == "active"
    assert "charge_failed" not in letters(programs)
    assert renew(programs, "--days", "8") == []
    renew(programs, "--days", "9")
    assert states(programs) == ["charged", "charged"]


def test_paused_while_something_waits_nothing_is_charged(programs: Programs, shopper: Visitor) -> None:
    programs.fault("POST", CHARGE_CALL, 1, status=400, body={"error_code": "BAD_VALUE"})
    renew(programs, "--days", "8")
    shopper.get(INDEX)
    shopper.post(f"{INDEX}/{subscription(programs).id}/pause", {})
    assert renew(programs, "--days", "9") == []
    assert (subscription(programs).state, states(programs)) == ("paused", ["charged", "given_up"])


def test_ended_while_klarna_is_asked_a_no_changes_nothing(programs: Programs, shopper: Visitor) -> None:
    programs.fault("POST", CHARGE_CALL, 9, drop="before")
    renew(programs, "--days", "8")
    programs.control("DELETE", "faults")
    shopper.get(INDEX)
    shopper.post(f"{INDEX}/{subscription(programs).id}/cancel", {})
    programs.wait_for_background()
    programs.let_time_pass(timedelta(minutes=2))
    reconcile(programs)
    assert (subscription(programs).state, states(programs)) == ("ended", ["charged", "given_up"])
    assert letters(programs)[-1] == "subscription_ended"
    assert programs.stock("house-blend") == 49


@pytest.mark.parametrize("how", ["the subscription", "the account"])
def test_a_charge_that_was_lost_is_not_made_after_everything_was_ended(
    programs: Programs, shopper: Visitor, how: str
) -> None:
    programs.fault("POST", CHARGE_CALL, 9, drop="before")
    programs.fault("PATCH", "*/customer-token/v1/tokens/*/status", 9, status=503, body={})
    renew(programs, "--days", "8")
    if how == "the account":
        shopper.get("/account/delete")
        shopper.post("/account/delete", {"password": PASSWORD})
    else:
        shopper.get(INDEX)
        shopper.post(f"{INDEX}/{subscription(programs).id}/cancel", {})
    reconcile(programs)
    assert len(programs.klarna_orders()) == 1
    programs.control("DELETE", "faults")
    programs.let_time_pass(timedelta(minutes=2))
    with programs.shop.app_context():
        db.session.execute(update(EndedToken).values(due_at=utcnow() + timedelta(hours=5)))
        db.session.commit()
    assert programs.shop.test_cli_runner().invoke(args=["reconcile"]).exit_code == 0
    assert payment_tokens(programs)[0]["status"] == "CANCELLED"
    assert len(programs.klarna_orders()) == 1
    assert [order.state for order in orders(programs)] == ["placed", "failed"]


def test_a_token_klarna_does_not_know_is_kept_for_better_days(programs: Programs, shopper: Visitor) -> None:
    programs.fault("POST", CHARGE_CALL, 1, status=404, body={"error_code": "TOKEN_NOT_FOUND"})
    programs.fault("GET", "*/customer-token/v1/tokens/*", 1, status=404, body={"error_code": "NOT_FOUND"})
    renew(programs, "--days", "8")
    reconcile(programs)
    assert tokens(programs) == [("active", payment_tokens(programs)[0]["token_id"])]


# --- the wrong token


def put_token(programs: Programs, **values: object) -> None:
    """The stored token is another, as after a defect or a restored backup."""
    with programs.shop.app_context():
        db.session.execute(update(PaymentToken).values(**values))
        db.session.commit()


def test_a_linking_token_is_never_charged(programs: Programs, shopper: Visitor) -> None:
    put_token(programs, token=LINKING_TOKEN)
    renew(programs, "--days", "8")
    assert charges(programs) == []
    assert subscription(programs).needs_payment
    assert [order.total for order in orders(programs)] == [1290]


def test_it_is_said_which_kind_of_token_was_wanted_and_which_was_given(programs: Programs, shopper: Visitor) -> None:
    put_token(programs, token=LINKING_TOKEN)
    with programs.shop.app_context():
        token = db.session.query(PaymentToken).one()
        basket = db.session.query(Subscription).one().basket
        bought = charging.Purchase(token.user_id, Use.SUBSCRIPTION, basket, "a@example.com", {}, "said")
        with pytest.raises(charging.NotChargeable) as refused:
            charging.open_charge(token, bought)
    assert "customer_token of account linking was given" in str(refused.value)
    assert "a payment token (token_id" in str(refused.value)
    assert LINKING_TOKEN not in str(refused.value)


def test_a_token_never_pays_for_somebody_else(programs: Programs, shopper: Visitor) -> None:
    other = Visitor(programs)
    email = other.register()
    with programs.shop.app_context():
        other_id = db.session.query(User.id).filter_by(email=email).scalar()
        db.session.execute(update(Subscription).values(user_id=other_id))
        db.session.commit()
    renew(programs, "--days", "8")
    assert charges(programs) == []
    assert subscription(programs).needs_payment


@pytest.mark.parametrize("wrong", [{"use": "on_demand"}, {"market": "SE"}])
def test_a_token_for_something_else_is_not_charged(
    programs: Programs, shopper: Visitor, wrong: dict[str, object]
) -> None:
    put_token(programs, **wrong)
    renew(programs, "--days", "8")
    assert charges(programs) == []
    assert subscription(programs).needs_payment


def orders(programs: Programs) -> list[Order]:
    with programs.shop.app_context():
        return list(db.session.query(Order).order_by(Order.id))


def test_the_account_goes_while_an_answer_is_outstanding(programs: Programs, shopper: Visitor) -> None:
    programs.fault("POST", CHARGE_CALL, 9, drop="after")
    renew(programs, "--days", "8")
    programs.control("DELETE", "faults")
    shopper.get("/account/delete")
    shopper.post("/account/delete", {"password": "correct horse battery"})
    reconcile(programs)
    assert [order.state for order in orders(programs)] == ["placed", "placed"]
    assert len(programs.klarna_orders()) == 2
    assert payment_tokens(programs)[0]["status"] == "CANCELLED"
