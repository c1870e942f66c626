"""Subscribing to coffee: the sign-up, what may go wrong in it, and what its owner does with it afterwards."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet

from app.klarna import Region
from app.shop import create_app
from app.shop.config import Settings
from tests.support.openapi import assert_request, assert_response
from tests.support.programs import Programs
from tests.support.subscriber import (
    INDEX,
    charges,
    letters,
    pay_again,
    payment_tokens,
    reconcile,
    renew,
    renewals,
    sign_up,
    subscribed,
    subscription,
    tokens,
)
from tests.support.visitor import BERLIN, PASSWORD, Visitor

TOKEN_CALL = "*/authorizations/*/customer-token"
ORDER_CALL = "*/authorizations/*/order"


@pytest.fixture
def visitor(programs: Programs) -> Visitor:
    someone = Visitor(programs)
    someone.email = someone.register()
    return someone


# --- signing up


def test_the_first_bag_is_bought_and_the_permission_kept(programs: Programs, visitor: Visitor) -> None:
    page = sign_up(visitor, quantity=2).finish()
    (order,) = programs.klarna_orders()
    assert order["order_amount"] == 2 * 1290
    assert order["merchant_reference1"] in page.text
    assert "2 bags every month" in page.text
    assert [token["status"] for token in payment_tokens(programs)] == ["ACTIVE"]
    assert payment_tokens(programs)[0]["subscription"] is True
    assert programs.stock("house-blend") == 48
    assert letters(programs) == ["confirmed", "subscribed"]


def test_a_trial_makes_no_order_and_is_charged_when_it_is_over(programs: Programs) -> None:
    subscribed(programs, start="trial")
    assert programs.klarna_orders() == []
    assert programs.stock("house-blend") == 50
    assert renew(programs, "--days", "13") == []
    (line,) = renew(programs, "--days", "15")
    assert line.endswith(": Charged")
    assert [order["order_amount"] for order in programs.klarna_orders()] == [1290]
    assert [renewal.period for renewal in renewals(programs)] == [0]


def test_klarna_is_told_how_often_it_comes(programs: Programs) -> None:
    subscribed(programs, rhythm="week")
    renew(programs, "--days", "8")
    told = {"name": "House blend", "interval": "WEEK", "interval_count": 1}
    session = programs.journal("/payments/v1/sessions")[0]["request"]["body"]
    assert session["intent"] == "buy_and_tokenize"
    for body in (session, charges(programs)[0]["request"]["body"]):
        assert [line.get("subscription") for line in body["order_lines"]] == [told, None]


def test_a_guest_is_asked_to_sign_in_first(programs: Programs) -> None:
    guest = Visitor(programs)
    page = guest.get("/subscribe/house-blend?rhythm=week&start=now&quantity=1")
    assert "Please sign in" in page.text
    assert "Password" in page.text
    guest.get(INDEX)
    assert programs.journal("/payments/") == []


@pytest.mark.parametrize(
    "query", ["", "rhythm=day&quantity=1", *(f"rhythm=week&quantity={n}" for n in ("0", "11", "x"))]
)
def test_what_cannot_be_meant_is_told_where_it_came_from(programs: Programs, visitor: Visitor, query: str) -> None:
    assert "Please choose how often" in visitor.get(f"/subscribe/house-blend?{query}").text
    assert programs.journal("/payments/") == []


def test_what_does_not_come_by_itself_cannot_be_subscribed_to(visitor: Visitor) -> None:
    visitor.get("/subscribe/stoneware-mug?rhythm=week&quantity=1", 404)
    visitor.get("/subscribe/nothing?rhythm=week&quantity=1", 404)


def test_a_page_seen_twice_costs_one_session(programs: Programs, visitor: Visitor) -> None:
    assert sign_up(visitor).attempt == sign_up(visitor).attempt
    assert sign_up(visitor).attempt != sign_up(visitor, "week").attempt
    assert len(programs.journal("/payments/v1/sessions")) == 2


def test_confirmed_ten_times_at_once_is_one_order_one_token_one_subscription(
    programs: Programs, visitor: Visitor
) -> None:
    page = sign_up(visitor)
    token = page.approve()
    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(lambda _: page.confirm(token)[0], range(10)))
    assert set(answers) == {200}
    assert len(programs.klarna_orders()) == 1
    assert len(payment_tokens(programs)) == 1
    assert subscription(programs).next_period == 1


@pytest.mark.parametrize("token", ["", "x", "../../../orders", "é" * 20, "00000000-0000-4000-8000-000000000000"])
def test_an_approval_of_something_else_begins_nothing(programs: Programs, visitor: Visitor, token: str) -> None:
    page = sign_up(visitor, start="trial")
    page.approve()
    status, body = page.confirm(token)
    assert (status, body["error"]) == (400, "odd_token")
    assert "Nothing was charged" in body["message"]
    assert payment_tokens(programs) == []
    again = sign_up(visitor, start="trial")
    assert again.attempt != page.attempt
    again.finish()
    assert len(payment_tokens(programs)) == 1


def test_somebody_elses_page_is_nobodys(programs: Programs, visitor: Visitor) -> None:
    page = sign_up(visitor)
    token = page.approve()
    other = Visitor(programs)
    other.register()
    other.get("/")
    page.visitor = other
    assert page.confirm(token)[0] == 403
    assert page.details(BERLIN)[0] == 403
    assert page.refresh()[0] == 403
    other.get(f"/payment-tokens/{page.attempt}", 404)
    assert payment_tokens(programs) == []


def test_who_signs_out_meanwhile_begins_nothing(programs: Programs, visitor: Visitor) -> None:
    page = sign_up(visitor)
    token = page.approve()
    visitor.sign_out()
    visitor.get("/")
    status, body = page.confirm(token)
    assert (status, body["error"]) == (403, "not_yours")
    assert programs.klarna_orders() == []


@pytest.mark.parametrize(
    ("who", "confirms"),
    [("nobody", True), ("nobody", False), ("somebody else", True), ("somebody else", False), ("the same", False)],
)
def test_what_was_said_not_to_begin_never_begins(
    programs: Programs, visitor: Visitor, who: str, confirms: bool
) -> None:
    page = sign_up(visitor)
    token = page.approve()
    programs.wait_for_callbacks()
    visitor.sign_out()
    if who == "somebody else":
        visitor.register()
    if who == "the same":
        visitor.sign_in(visitor.email)
    visitor.get("/")
    if confirms:
        said = page.confirm(token)[1]["message"]
    else:
        said = visitor.get(f"/payment-tokens/interrupted/{page.attempt}").text
    assert "Nothing was charged and nothing has begun." in said
    reconcile(programs)
    assert programs.klarna_orders() == payment_tokens(programs) == []


def test_signing_out_too_late_names_the_order(programs: Programs, visitor: Visitor) -> None:
    page = sign_up(visitor)
    token = page.approve()
    assert page.confirm(token)[0] == 200
    number = programs.klarna_orders()[0]["merchant_reference1"]
    visitor.sign_out()
    visitor.get("/")
    assert f"Your order {number} is with Klarna" in visitor.get(f"/payment-tokens/interrupted/{page.attempt}").text
    assert page.confirm(token)[1]["error"] == "has_ended"
    assert len(programs.klarna_orders()) == len(payment_tokens(programs)) == 1


def test_a_stale_page_is_refused_before_klarna_is_asked(programs: Programs, visitor: Visitor) -> None:
    page = sign_up(visitor)
    status, body = page.confirm(page.approve(), version="0" * 20)
    assert (status, body["error"], body["renew"]) == (409, "changed", True)
    status, body = page.refresh()
    assert status == 200
    assert body["attempt"] != page.attempt
    assert programs.klarna_orders() == []


def test_without_an_address_nothing_is_confirmed(programs: Programs, visitor: Visitor) -> None:
    page = sign_up(visitor)
    status, body = page.details(BERLIN | {"postal_code": "nowhere"})
    assert (status, list(body["fields"])) == (422, ["postal_code"])
    status, body = page.confirm(programs.approve(page.session_id))
    assert (status, body["error"]) == (422, "details_missing")
    assert payment_tokens(programs) == []


def test_sold_out_between_page_and_approval(programs: Programs, visitor: Visitor) -> None:
    page = sign_up(visitor)
    token = page.approve()
    programs.set_stock("house-blend", 0)
    status, body = page.confirm(token)
    assert (status, body["error"]) == (409, "sold_out")
    assert programs.klarna_orders() == payment_tokens(programs) == []
    assert "DELETE" in [e["method"] for e in programs.journal("/authorizations/")]


def test_refused_by_klarna_nothing_has_begun_and_the_shelf_is_full(programs: Programs, visitor: Visitor) -> None:
    page = sign_up(visitor)
    token = page.approve()
    programs.control("PATCH", "people/de-approved", {"outcome": "reject_order"})
    status, body = page.confirm(token)
    assert (status, body["error"]) == (409, "rejected")
    assert programs.stock("house-blend") == 50
    assert "No subscription yet" in visitor.get(INDEX).text
    reconcile(programs)
    assert payment_tokens(programs) == []


def test_a_first_order_in_review_begins_it_all_the_same(programs: Programs, visitor: Visitor) -> None:
    programs.control("PATCH", "people/de-approved", {"outcome": "pend"})
    sign_up(visitor).finish()
    assert subscription(programs).state == "active"
    assert letters(programs) == ["pending", "subscribed"]
    programs.control("POST", f"orders/{programs.klarna_orders()[0]['order_id']}/decide", {"decision": "accept"})
    programs.wait_for_callbacks()
    reconcile(programs)
    assert "Paid with Klarna" in visitor.get(f"/orders/{renewals(programs)[0].order_number}").text


def test_an_old_session_is_replaced_in_the_same_page(programs: Programs, visitor: Visitor) -> None:
    page = sign_up(visitor)
    programs.control("POST", "clock", {"advance": 49 * 3600})
    status, body = page.refresh(doubt="1")
    assert status == 200
    assert body["attempt"] != page.attempt
    page.attempt, page.version = body["attempt"], body["version"]
    page.finish()
    assert subscription(programs).state == "active"


def test_klarna_down_is_said_and_nothing_is_written_twice(programs: Programs, visitor: Visitor) -> None:
    programs.fault("POST", "*/payments/v1/sessions", 9, status=503, body={})
    path = "/subscribe/house-blend?rhythm=week&start=now&quantity=1"
    assert "Klarna does not answer right now" in visitor.get(path).text
    programs.control("DELETE", "faults")
    sign_up(visitor, "week").finish()
    assert len(programs.klarna_orders()) == 1


# --- lost answers


@pytest.mark.parametrize("drop", ["before", "after"])
@pytest.mark.parametrize("call", [ORDER_CALL, TOKEN_CALL])
def test_a_lost_answer_is_asked_for_again_and_everything_happens_once(
    programs: Programs, visitor: Visitor, drop: str, call: str
) -> None:
    page = sign_up(visitor)
    token = page.approve()
    programs.fault("POST", call, 9, drop=drop)
    assert page.confirm(token)[0] == 200
    programs.control("DELETE", "faults")
    reconcile(programs)
    assert len(programs.klarna_orders()) == 1
    assert len(payment_tokens(programs)) == 1
    assert subscription(programs).state == "active"
    assert "Active" in visitor.get(INDEX).text


@pytest.mark.parametrize("status", [400, 401, 404, 409])
@pytest.mark.parametrize("when", ["in one call", "in a later one"])
def test_a_no_to_a_repeat_leaves_the_token_to_be_found(
    programs: Programs, visitor: Visitor, when: str, status: int
) -> None:
    page = sign_up(visitor)
    token = page.approve()
    programs.fault("POST", TOKEN_CALL, 1 if when == "in one call" else 9, drop="after")
    no = {"status": status, "body": {"error_code": "NO"}}
    if when == "in one call":
        programs.fault("POST", TOKEN_CALL, 1, **no)
    assert page.confirm(token)[0] == 200
    if when == "in a later one":
        programs.control("DELETE", "faults")
        programs.fault("POST", TOKEN_CALL, 1, **no)
        reconcile(programs)
    assert "No subscription yet" in visitor.get(INDEX).text
    reconcile(programs)
    assert subscription(programs).state == "active"
    assert len(payment_tokens(programs)) == len(programs.klarna_orders()) == 1


def test_a_no_to_a_repeat_counts_when_the_approval_is_over(programs: Programs, visitor: Visitor) -> None:
    page = sign_up(visitor)
    token = page.approve()
    programs.fault("POST", TOKEN_CALL, 9, drop="before")
    page.confirm(token)
    programs.control("DELETE", "faults")
    programs.let_time_pass(timedelta(minutes=70))
    programs.fault("POST", TOKEN_CALL, 1, status=404, body={"error_code": "NOT_FOUND"})
    reconcile(programs)
    assert "no permission to charge for more" in visitor.get(f"/payment-tokens/{page.attempt}").text


def test_a_browser_that_never_comes_back_has_its_subscription_all_the_same(
    programs: Programs, visitor: Visitor
) -> None:
    sign_up(visitor, start="trial").approve()
    programs.wait_for_callbacks()
    reconcile(programs)
    assert subscription(programs).state == "active"
    assert len(payment_tokens(programs)) == 1


def test_with_the_callback_lost_too_the_session_still_tells(programs: Programs, visitor: Visitor) -> None:
    programs.control("PATCH", "switches", {"authorization_callback": "lost"})
    sign_up(visitor, start="trial").approve()
    reconcile(programs)
    assert subscription(programs).state == "active"


def test_an_order_without_a_token_stays_an_order(programs: Programs, visitor: Visitor) -> None:
    page = sign_up(visitor)
    token = page.approve()
    programs.fault("POST", TOKEN_CALL, 1, status=400, body={"error_code": "BAD_REQUEST"})
    status, body = page.confirm(token)
    assert status == 200
    landed = visitor.http.get(body["redirect"], timeout=60).text
    assert "no permission to charge for more" in landed
    assert len(programs.klarna_orders()) == 1
    assert "No subscription yet" in visitor.get(INDEX).text


def test_confirmed_again_an_order_without_a_token_is_found_and_not_bought_twice(
    programs: Programs, visitor: Visitor
) -> None:
    page = sign_up(visitor)
    token = page.approve()
    programs.fault("POST", TOKEN_CALL, 1, status=400, body={"error_code": "BAD_REQUEST"})
    told = page.confirm(token)
    assert page.confirm(token) == page.confirm(token, version="0" * 20) == told
    assert page.refresh()[1]["error"] == "has_ended"
    assert len(programs.klarna_orders()) == 1


# --- looked after


def test_paused_nothing_is_charged_and_resumed_it_goes_on_with_the_next_date(programs: Programs) -> None:
    visitor = subscribed(programs, rhythm="week")
    path = f"{INDEX}/{subscription(programs).id}"
    assert "Paused" in visitor.post(f"{path}/pause", {}).text
    assert renew(programs, "--days", "30") == []
    assert "Resume" in visitor.get(INDEX).text
    visitor.post(f"{path}/resume", {})
    assert subscription(programs).state == "active"
    renew(programs, "--days", "8")
    assert len(charges(programs)) == 1


def test_what_was_missed_in_a_pause_is_not_made_up_for(programs: Programs) -> None:
    visitor = subscribed(programs, rhythm="week")
    path = f"{INDEX}/{subscription(programs).id}"
    visitor.post(f"{path}/pause", {})
    programs.let_time_pass(timedelta(days=30))
    visitor.post(f"{path}/resume", {})
    assert renew(programs) == []
    assert subscription(programs).next_period == 5


def test_rhythm_quantity_and_address_change_from_the_next_delivery_on(programs: Programs) -> None:
    visitor = subscribed(programs, rhythm="month")
    path, before = f"{INDEX}/{subscription(programs).id}", subscription(programs).next_at
    visitor.post(f"{path}/rhythm", {"rhythm": "week", "quantity": "3"})
    visitor.post(f"{path}/address", BERLIN | {"street_address": "Unter den Linden 1"})
    changed = subscription(programs)
    assert (changed.next_at, changed.rhythm, changed.quantity) == (before, "week", 3)
    renew(programs, "--days", "32")
    body = charges(programs)[0]["request"]["body"]
    assert body["order_amount"] == 3 * 1290
    assert body["shipping_address"]["street_address"] == "Unter den Linden 1"
    assert (subscription(programs).next_at - before).days == 7


@pytest.mark.parametrize("typed", [{"rhythm": "day", "quantity": "1"}, {"rhythm": "week", "quantity": "99"}, {}])
def test_an_odd_change_is_told_and_changes_nothing(programs: Programs, typed: dict[str, str]) -> None:
    visitor = subscribed(programs)
    page = visitor.post(f"{INDEX}/{subscription(programs).id}/rhythm", typed, status=422)
    assert "Please check" in page.text
    assert (subscription(programs).rhythm, subscription(programs).quantity) == ("month", 1)


def test_it_does_not_move_abroad(programs: Programs) -> None:
    visitor = subscribed(programs)
    abroad = BERLIN | {"country": "SE", "postal_code": "114 60"}
    visitor.post(f"{INDEX}/{subscription(programs).id}/address", abroad, status=422)
    assert subscription(programs).address["country"] == "DE"


def test_ended_the_permission_ends_at_klarna_too(programs: Programs) -> None:
    visitor = subscribed(programs)
    path = f"{INDEX}/{subscription(programs).id}"
    assert "Ended" in visitor.post(f"{path}/cancel", {}).text
    programs.wait_for_background()
    assert [token["status"] for token in payment_tokens(programs)] == ["CANCELLED"]
    assert tokens(programs) == [("cancelled", "")]
    assert renew(programs, "--days", "400") == []
    assert "ended already" in visitor.post(f"{path}/cancel", {}).text
    assert letters(programs).count("subscription_ended") == 1
    assert "has ended" in visitor.get(f"{path}/payment").text


def test_ended_while_klarna_is_down_it_is_told_later(programs: Programs) -> None:
    visitor = subscribed(programs)
    programs.fault("PATCH", "*/customer-token/v1/tokens/*/status", 9, status=503, body={})
    visitor.post(f"{INDEX}/{subscription(programs).id}/cancel", {})
    programs.wait_for_background()
    assert tokens(programs) == [("cancelled", "")]
    assert payment_tokens(programs)[0]["status"] == "ACTIVE"
    programs.control("DELETE", "faults")
    reconcile(programs)
    assert payment_tokens(programs)[0]["status"] == "CANCELLED"


def test_a_token_that_klarna_never_ends_is_not_forgotten(programs: Programs, caplog: pytest.LogCaptureFixture) -> None:
    visitor = subscribed(programs)
    programs.fault("PATCH", "*/customer-token/v1/tokens/*/status", 99, status=503, body={})
    visitor.post(f"{INDEX}/{subscription(programs).id}/cancel", {})
    programs.wait_for_background()
    for _ in range(5):
        reconcile(programs)
    assert "lives on at Klarna" in caplog.text
    programs.control("DELETE", "faults")
    reconcile(programs)
    assert payment_tokens(programs)[0]["status"] == "CANCELLED"


def test_a_region_that_was_taken_out_of_the_settings_stops_nobody(
    programs: Programs, caplog: pytest.LogCaptureFixture
) -> None:
    visitor = subscribed(programs)
    programs.fault("PATCH", "*/customer-token/v1/tokens/*/status", 9, status=503, body={})
    visitor.post(f"{INDEX}/{subscription(programs).id}/cancel", {})
    sign_up(visitor).finish()
    programs.control("PATCH", "switches", {"authorization_callback": "lost"})
    sign_up(visitor, "week").approve()
    programs.wait_for_background()
    right: Settings = programs.shop.config["SHOP"]
    america = dict(right.klarna)
    del america[Region.EU]
    reconcile(replace(programs, shop=create_app(replace(right, klarna=america))))
    for what in ("could not be cancelled", "could not be looked at"):
        assert what in caplog.text
    programs.control("DELETE", "faults")
    reconcile(programs)
    assert len(programs.klarna_orders()) == 3
    assert [token["status"] for token in payment_tokens(programs)] == ["CANCELLED", "ACTIVE", "ACTIVE"]


def test_an_account_that_goes_takes_the_permission_with_it(programs: Programs) -> None:
    visitor = subscribed(programs)
    visitor.get("/account/delete")
    visitor.post("/account/delete", {"password": PASSWORD})
    reconcile(programs)
    assert payment_tokens(programs)[0]["status"] == "CANCELLED"
    assert tokens(programs) == []
    assert renew(programs, "--days", "400") == []


@pytest.mark.parametrize("late", ["invented", "older"])
def test_a_false_callback_after_the_approval_does_not_cost_the_subscription(
    programs: Programs, visitor: Visitor, late: str
) -> None:
    page = sign_up(visitor)
    older = {"authorization_token": page.approve()} if late == "older" else {}
    page.approve("de-new-user")
    programs.wait_for_callbacks()
    programs.control("POST", "callbacks/forge", {"session_id": page.session_id, **older})
    programs.wait_for_callbacks()
    reconcile(programs)
    assert len(programs.klarna_orders()) == 1
    assert [token["status"] for token in payment_tokens(programs)] == ["ACTIVE"]


def test_an_invented_callback_alone_begins_nothing_and_harms_nobody(programs: Programs, visitor: Visitor) -> None:
    page = sign_up(visitor)
    page.details(BERLIN)
    programs.control("POST", "callbacks/forge", {"session_id": page.session_id})
    programs.wait_for_callbacks()
    reconcile(programs)
    assert programs.klarna_orders() == []
    page.finish()
    assert len(programs.klarna_orders()) == 1


def test_somebody_elses_approval_is_not_cancelled_by_whoever_brings_it(programs: Programs, visitor: Visitor) -> None:
    mine = sign_up(visitor)
    approval = mine.approve()
    other = Visitor(programs)
    other.register()
    assert sign_up(other).confirm(approval)[0] == 400
    status, body = mine.confirm(approval)
    assert (status, len(programs.klarna_orders())) == (200, 1), body


def test_a_page_whose_session_is_over_spends_nobodys_approval(programs: Programs, visitor: Visitor) -> None:
    over = sign_up(visitor)
    over.details(BERLIN)
    programs.control("POST", "clock", {"advance": 49 * 3600})
    other = Visitor(programs)
    other.register()
    fresh = sign_up(other)
    approval = fresh.approve()
    assert over.confirm(approval)[0] == 409
    assert (programs.klarna_orders(), payment_tokens(programs)) == ([], [])
    assert fresh.confirm(approval)[0] == 200


def test_an_account_that_goes_takes_what_it_approved_with_it(programs: Programs, visitor: Visitor) -> None:
    sign_up(visitor).approve()
    programs.wait_for_callbacks()
    visitor.get("/account/delete")
    visitor.post("/account/delete", {"password": PASSWORD})
    reconcile(programs)
    assert programs.klarna_orders() == payment_tokens(programs) == []
    assert programs.stock("house-blend") == 50
    assert "DELETE" in [e["method"] for e in programs.journal("/authorizations/")]


def test_nobody_looks_after_somebody_elses(programs: Programs) -> None:
    subscribed(programs)
    path = f"{INDEX}/{subscription(programs).id}"
    other = Visitor(programs)
    other.register()
    other.get("/")
    for action in ("pause", "resume", "cancel", "rhythm", "address"):
        other.post(f"{path}/{action}", {"rhythm": "week", "quantity": "1"}, status=404)
    other.get(f"{path}/payment", 404)
    assert subscription(programs).state == "active"


def test_another_way_of_paying_replaces_the_permission(programs: Programs) -> None:
    visitor = subscribed(programs)
    pay_again(visitor).finish()
    programs.wait_for_background()
    assert [token["status"] for token in payment_tokens(programs)] == ["CANCELLED", "ACTIVE"]
    renew(programs, "--days", "32")
    assert payment_tokens(programs)[-1]["token_id"] in charges(programs)[0]["path"]


def test_it_is_looked_after_in_whatever_market_one_shops(programs: Programs) -> None:
    visitor = subscribed(programs)
    visitor.shop_in("US")
    assert "€12.90" in visitor.get(INDEX).text
    assert "€12.90" in pay_again(visitor).page.text
    pay_again(visitor).finish()
    assert [token["purchase_currency"] for token in payment_tokens(programs)] == ["EUR", "EUR"]


@pytest.mark.parametrize("odd", ["0", "-1", "99999999999999999999", "x"])
def test_an_odd_number_is_nobodys(programs: Programs, visitor: Visitor, odd: str) -> None:
    visitor.get(f"{INDEX}/{odd}/payment", 404)
    visitor.post(f"{INDEX}/{odd}/pause", {}, status=404)


# --- kept and shown


def test_the_secret_is_shown_nowhere_and_follows_the_keys(programs: Programs) -> None:
    visitor = subscribed(programs)
    secret = payment_tokens(programs)[0]["token_id"]
    for page in (INDEX, "/account/klarna", "/account/orders"):
        assert secret not in visitor.get(page).markup
    right: Settings = programs.shop.config["SHOP"]
    new = Fernet.generate_key().decode()
    both = create_app(replace(right, token_keys=(new, *right.token_keys)))
    assert both.test_cli_runner().invoke(args=["rotate-keys"]).exit_code == 0
    only_new = replace(programs, shop=create_app(replace(right, token_keys=(new,))))
    assert tokens(only_new) == [("active", secret)]
    assert tokens(programs) == [("active", "")]


def test_all_that_is_sent_and_answered_fits_the_published_description(programs: Programs) -> None:
    visitor = subscribed(programs, start="trial")
    renew(programs, "--days", "15")
    decide_decline_and_again(programs)
    visitor.post(f"{INDEX}/{subscription(programs).id}/cancel", {})
    programs.wait_for_background()
    seen = set()
    for exchange in [*programs.journal("/payments/v1/"), *programs.journal("/customer-token/v1/")]:
        seen.add(check(exchange))
    assert len(seen) >= 5


def test_an_american_pays_sales_tax_on_top(programs: Programs) -> None:
    visitor = Visitor(programs)
    visitor.register()
    visitor.shop_in("US")
    sign_up(visitor).finish("us-approved")
    renew(programs, "--days", "32")
    assert [order["order_amount"] for order in programs.klarna_orders()] == [1400 + 116] * 2


TOKENS = "/customer-token/v1/tokens/{customerToken}"
AUTHORIZATIONS = "/payments/v1/authorizations/{authorizationToken}"


def decide_decline_and_again(programs: Programs) -> None:
    """A refused charge, and a read of the token."""
    programs.control("POST", f"payment-tokens/{payment_tokens(programs)[-1]['token_id']}", {"next_charge": "decline"})
    renew(programs, "--days", "50")
    reconcile(programs)


def check(exchange: dict) -> str:
    method, path = exchange["method"], exchange["path"].split("?")[0]
    template = path
    for prefix, wanted in (("/customer-token/v1/tokens/", TOKENS), ("/payments/v1/authorizations/", AUTHORIZATIONS)):
        if path.startswith(prefix):
            rest = path.removeprefix(prefix).partition("/")[2]
            template = wanted + (f"/{rest}" if rest else "")
    if path.startswith("/payments/v1/sessions/"):
        template = "/payments/v1/sessions/{session_id}"
    if exchange["request"]["body"]:
        assert_request(method, template, exchange["request"]["body"])
    if exchange["response"]["body"]:
        assert_response(method, template, exchange["status"], exchange["response"]["body"])
    return f"{method} {template}"
