"""The back office: captured, refunded, cancelled and released, once each, whatever is typed, lost or done at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import select, update

from app.shop.admin import settling
from app.shop.extensions import db, utcnow
from app.shop.orders.models import Order, OrderAction, OrderLine
from tests.shop.test_queries import counting
from tests.support.clerk import Clerk
from tests.support.openapi import assert_request, published
from tests.support.programs import STOCK, Programs
from tests.support.subscriber import letters
from tests.support.visitor import Visitor, buy

TOTAL = 3070  # two bags of coffee, and delivery
COFFEE, DELIVERY = 1290, 490
CAPTURES, REFUNDS = "/captures", "/refunds"


@pytest.fixture
def shopper(programs: Programs) -> Visitor:
    someone = Visitor(programs)
    someone.email = someone.register()
    return someone


@pytest.fixture
def clerk(programs: Programs, shopper: Visitor) -> Clerk:
    """Staff, and an order of two bags of coffee."""
    shopper.add("house-blend", 2)
    shopper.checkout().pay()
    return Clerk(programs, programs.klarna_orders()[0]["merchant_reference1"])


def sent(programs: Programs, path: str) -> list[dict[str, Any]]:
    """What Klarna made of captures or refunds."""
    return [e for e in programs.journal(path) if e["method"] == "POST"]


# --- who comes in


def test_guests_are_asked_to_sign_in_and_shoppers_find_nothing(programs: Programs, clerk: Clerk) -> None:
    guest, shopper = Visitor(programs), Visitor(programs)
    shopper.register()
    for path in ("/admin", clerk.path):
        answer = guest.http.get(programs.shop_url + path, timeout=60, allow_redirects=False)
        assert answer.status_code == 302
        assert "/login" in answer.headers["Location"]
        shopper.get(path, 404)
    for kind in ("capture", "refund", "cancel", "release", "extend", "address"):
        form = clerk.form(kind)
        guest.get("/login")
        assert "/login" in guest.send(f"{clerk.path}/{kind}", form).url
        shopper.get("/account")
        assert shopper.send(f"{clerk.path}/{kind}", form).status_code == 404
    assert clerk.actions() == []
    assert "Back office" not in shopper.get("/account").text


def test_nothing_is_done_without_the_pages_own_mark(clerk: Clerk) -> None:
    form = clerk.form("capture") | {"csrf_token": ""}
    assert clerk.post("capture", form).status_code == 400
    assert clerk.actions() == []


# --- what is done


def test_an_order_is_sent_in_parts_partly_refunded_and_its_rest_released(
    programs: Programs, clerk: Clerk, shopper: Visitor
) -> None:
    line, fee = clerk.line("house-blend"), clerk.line("delivery-standard")
    parcel: dict[str, Any] = {"company": "DHL", "number": "JD014600", "link": "https://www.dhl.de/JD014600"}
    page = clerk.do("capture", **{line: 1, fee: 0}, **parcel)
    assert "Captured." in page.text
    assert clerk.money == ("part_captured", COFFEE, 0, 0)
    clerk.do("refund", **{line: 1})
    assert clerk.money == ("part_captured", COFFEE, COFFEE, 0)
    clerk.do("release")
    assert clerk.money == ("refunded", COFFEE, COFFEE, TOTAL - COFFEE)
    assert clerk.at_klarna == ("CAPTURED", COFFEE, COFFEE, 0)
    assert programs.stock("house-blend") == STOCK - 1
    story = shopper.get(f"/orders/{clerk.number}")
    assert "JD014600" in story.text
    assert 'href="https://www.dhl.de/JD014600"' in story.markup
    assert "Refunded" in story.text
    assert "Refunded" in shopper.get("/account/orders").text
    assert not clerk.order.differs


def test_what_is_sent_fits_the_published_description(programs: Programs, clerk: Clerk) -> None:
    if not published():
        pytest.skip("no published description")
    clerk.do("address", street_address="Unter den Linden 1")
    clerk.do("capture", company="DHL", number="1")
    clerk.do("refund", **{clerk.line("house-blend"): 1})
    orders = "/ordermanagement/v1/orders/{order_id}"
    for path, method in ((CAPTURES, "POST"), (REFUNDS, "POST"), ("/customer-details", "PATCH")):
        (exchange,) = (e for e in programs.journal(path) if e["method"] == method)
        assert exchange["status"] in (201, 204)
        assert_request(method, orders + path, exchange["request"]["body"])


def test_amounts_are_of_the_stored_lines_whatever_the_catalogue_says_today(programs: Programs, clerk: Clerk) -> None:
    with programs.shop.app_context():
        db.session.execute(db.text("UPDATE price SET amount = amount + 1000"))
        db.session.commit()
    clerk.do("capture")
    (exchange,) = sent(programs, CAPTURES)
    assert exchange["request"]["body"]["captured_amount"] == TOTAL
    assert [row["total_amount"] for row in exchange["request"]["body"]["order_lines"]] == [2 * COFFEE, DELIVERY]
    assert clerk.money == ("captured", TOTAL, 0, 0)
    with programs.shop.app_context():
        db.session.execute(db.text("UPDATE price SET amount = amount - 1000"))
        db.session.commit()


def test_an_american_order_is_captured_and_refunded_without_tax_on_its_lines(programs: Programs) -> None:
    shopper = Visitor(programs)
    shopper.shop_in("US")
    buy(shopper, person="us-approved")
    clerk = Clerk(programs, programs.klarna_orders()[0]["merchant_reference1"])
    clerk.do("capture")
    clerk.do("refund", everything="1", **{clerk.line("house-blend"): 0})
    state, captured, refunded, _ = clerk.money
    assert (state, captured) == ("refunded", refunded)
    assert "tax_rate" not in sent(programs, CAPTURES)[0]["request"]["body"]["order_lines"][0]


def test_american_sales_tax_goes_along_with_the_goods(programs: Programs) -> None:
    shopper = Visitor(programs)
    shopper.shop_in("US")
    shopper.add("house-blend", 2)
    shopper.checkout().pay("us-approved")
    clerk = Clerk(programs, programs.klarna_orders()[0]["merchant_reference1"])
    bags, fee = clerk.line("house-blend"), clerk.line("delivery-standard")
    goods, delivery, tax = 2800, 590, 280  # 8.25 % of both
    assert "Sales tax" in clerk.look().text
    assert f"capture-{clerk.line('sales-tax')}" not in clerk.look().values
    clerk.do("capture", **{bags: 1, fee: 0})
    share = tax * (goods // 2) // (goods + delivery)
    assert clerk.money == ("part_captured", goods // 2 + share, 0, 0)
    clerk.do("refund", **{bags: 1})
    assert clerk.money == ("part_captured", goods // 2 + share, goods // 2 + share, 0)
    clerk.do("capture")
    assert clerk.money[:2] == ("captured", goods + delivery + tax)
    clerk.do("refund", **{bags: 1})
    clerk.do("refund", **{fee: 1})
    assert clerk.money == ("refunded", goods + delivery + tax, goods + delivery + tax, 0)
    told = [e["request"]["body"]["order_lines"][-1] for e in sent(programs, CAPTURES)]
    assert [(line["type"], line["total_amount"]) for line in told] == [("sales_tax", share), ("sales_tax", tax - share)]
    assert clerk.at_klarna == ("CAPTURED", goods + delivery + tax, goods + delivery + tax, 0)


def test_an_order_of_klarna_checkout_is_managed_with_its_own_credentials(programs: Programs) -> None:
    buyer = Visitor(programs)
    buyer.add()
    buyer.get("/klarna-checkout")
    opened = next(e for e in programs.journal("/checkout/v3/orders") if e["status"] == 201)["response"]["body"]
    programs.control("POST", "checkouts/complete", {"order_id": opened["order_id"], "person": "de-approved"})
    buyer.get(f"/klarna-checkout/confirmation/{opened['merchant_reference1']}")
    programs.wait_for_callbacks()
    programs.wait_for_background()
    clerk = Clerk(programs, opened["merchant_reference1"])
    assert "Klarna Checkout" in clerk.look().text
    clerk.do("capture")
    assert clerk.at_klarna[:2] == ("CAPTURED", clerk.order.total)


def test_a_cancelled_order_goes_back_to_the_shelf_and_is_never_charged(
    programs: Programs, clerk: Clerk, shopper: Visitor
) -> None:
    assert programs.stock("house-blend") == STOCK - 2
    clerk.do("cancel")
    assert clerk.money == ("cancelled", 0, 0, TOTAL)
    assert clerk.at_klarna[0] == "CANCELLED"
    assert programs.stock("house-blend") == STOCK
    assert "you pay nothing for it" in shopper.get(f"/orders/{clerk.number}").text
    assert "The order is cancelled." in clerk.look().text


def test_more_time_and_another_address(programs: Programs, clerk: Clerk, shopper: Visitor) -> None:
    programs.control("POST", "clock", {"advance": 24 * 3600})
    clerk.do("extend")
    first = clerk.order.authorized_until
    clerk.do("address", street_address="Unter den Linden 1", street_address2="3rd floor")
    clerk.do("address", street_address2="")
    assert not programs.klarna_orders()[0]["shipping_address"].get("street_address2")
    assert [state for _, state in clerk.actions()] == ["done"] * 3
    assert first
    assert programs.klarna_orders()[0]["shipping_address"]["street_address"] == "Unter den Linden 1"
    story = shopper.get(f"/orders/{clerk.number}").text
    assert "Unter den Linden 1" in story
    assert "Neue Schönhauser Str. 2" in story  # still billed there


# --- what is typed


@pytest.mark.parametrize("typed", ["3", "-1", "1.5", "many", "9" * 40])
def test_odd_numbers_of_pieces_are_told_and_kept(clerk: Clerk, typed: str) -> None:
    line = clerk.line("house-blend")
    page = clerk.do("capture", 422, **{line: typed}, company="DHL")
    assert page.values["capture-company"] == "DHL"
    assert page.values[f"capture-{line}"] == typed
    assert clerk.actions() == []


@pytest.mark.parametrize("typed", ["30.71", "-5", "0", "1e3", "1,234.50", "NaN", "999999999999"])
def test_odd_amounts_are_told_and_kept(clerk: Clerk, typed: str) -> None:
    clerk.do("capture")
    page = clerk.do("refund", 422, amount=typed)
    assert page.values["refund-amount"] == typed
    assert clerk.money == ("captured", TOTAL, 0, 0)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "www.dhl.de", "ftp://dhl.de/1"])
def test_a_tracking_link_is_a_web_address(clerk: Clerk, link: str) -> None:
    clerk.do("capture", 422, link=link)
    assert clerk.actions() == []


@pytest.mark.parametrize("field", ["nonce", "revision"])
@pytest.mark.parametrize("value", ["", "x", "-1", "9" * 99])
def test_a_form_without_its_marks_does_nothing(clerk: Clerk, field: str, value: str) -> None:
    clerk.do("cancel", 422, **{field: value})
    assert clerk.actions() == []


def test_lines_and_an_amount_at_once_are_refused(clerk: Clerk) -> None:
    clerk.do("capture")
    assert "not both at once" in clerk.do("refund", 422, amount="1", **{clerk.line("house-blend"): 1}).text


def test_what_is_not_allowed_is_refused_with_its_reason(clerk: Clerk) -> None:
    cancel = clerk.form("cancel")
    refund = clerk.form("refund") | {"refund-amount": "1"}
    assert "Nothing was captured" in clerk.send("refund", refund, 422).text
    clerk.do("capture")
    late = cancel | {"cancel-revision": str(clerk.order.revision)}
    assert "Part of it was captured" in clerk.send("cancel", late, 422).text
    assert clerk.actions() == [("capture", "done")]


def in_review(programs: Programs) -> Clerk:
    programs.control("PATCH", "people/de-approved", {"outcome": "pend"})
    visitor = Visitor(programs)
    visitor.add()
    status, body = (checkout := visitor.checkout()).order(checkout.approve())
    assert status == 200, body
    return Clerk(programs, programs.klarna_orders()[0]["merchant_reference1"])


def decided(programs: Programs, decision: str) -> tuple[Clerk, str]:
    """An order whose review ended, compared; and what the page says then."""
    clerk = in_review(programs)
    programs.control("POST", f"orders/{clerk.order.klarna_order_id}/decide", {"decision": decision})
    clerk.look()
    return clerk, clerk.visitor.post(f"{clerk.path}/compare", {}).text


def test_an_order_that_klarna_accepted_may_be_sent(programs: Programs) -> None:
    clerk, _ = decided(programs, "accept")
    assert clerk.order.state == "placed"
    clerk.do("capture")
    assert clerk.order.state == "captured"


def test_an_order_that_klarna_rejected_has_nothing_left_to_do(programs: Programs) -> None:
    clerk, said = decided(programs, "reject")
    assert "there is nothing to send or to charge" in said
    assert clerk.order.state == "rejected"
    assert clerk.order.released == clerk.order.total
    assert programs.stock("house-blend") == STOCK
    programs.control("POST", "clock", {"advance": 4 * 24 * 3600})
    clerk.visitor.post(f"{clerk.path}/compare", {})
    assert clerk.order.state == "rejected"
    assert clerk.order.differs == ""
    assert programs.stock("house-blend") == STOCK


def test_a_rejected_order_differs_in_nothing_while_klarna_still_has_to_cancel_it(programs: Programs) -> None:
    clerk, said = decided(programs, "reject")
    assert clerk.at_klarna[3] == clerk.order.total
    assert "Both ledgers say the same." in said


def test_an_order_in_review_is_not_captured_until_klarna_decided(programs: Programs) -> None:
    clerk = in_review(programs)
    form = {"capture-nonce": "0" * 36, "capture-revision": "0", f"capture-{clerk.line('house-blend')}": "1"}
    assert "still reviewing" in clerk.look().text
    assert "still reviewing" in clerk.send("capture", form, 422).text
    assert sent(programs, CAPTURES) == []


@pytest.mark.parametrize("lost", ["before", "after"])
@pytest.mark.parametrize("decision", ["", "reject"])
def test_an_order_that_ended_at_klarna_while_a_cancel_had_no_answer_ends_once(
    programs: Programs, lost: str, decision: str
) -> None:
    clerk = in_review(programs)
    programs.fault("POST", "*/cancel", 9, drop=lost)
    clerk.do("cancel")
    if decision and lost == "before":
        programs.control("POST", f"orders/{clerk.order.klarna_order_id}/decide", {"decision": decision})
        programs.wait_for_callbacks()
        programs.wait_for_background()
    programs.control("DELETE", "faults")
    assert "Cancelled." in clerk.ask_again().text
    state, *amounts = clerk.money
    assert state in ("cancelled", "rejected")
    assert amounts == [0, 0, clerk.order.total]
    assert clerk.actions() == [("cancel", "done")]
    assert programs.stock("house-blend") == STOCK


def test_what_klarna_stopped_stays_stopped_when_a_sent_part_is_given_back(
    programs: Programs, clerk: Clerk, shopper: Visitor
) -> None:
    line, fee = clerk.line("house-blend"), clerk.line("delivery-standard")
    clerk.do("capture", **{line: 1, fee: 0})
    programs.control("POST", f"orders/{clerk.order.klarna_order_id}/decide", {"decision": "stop"})
    programs.wait_for_callbacks()
    programs.wait_for_background()
    assert "do not send it. Release the rest." in clerk.look().text
    clerk.do("refund", amount="5")
    assert clerk.money == ("stopped", COFFEE, 500, 0)
    story = shopper.get(f"/orders/{clerk.number}").text
    assert "What is left of the order is on hold and will not be sent" in story
    assert "Part of it was sent" in story
    assert "Still to come" not in story
    assert "on its way" not in story
    clerk.do("release")
    assert clerk.money == ("captured", COFFEE, 500, TOTAL - COFFEE)
    assert not clerk.order.differs


def test_what_was_not_sent_in_time_is_released_here_too(programs: Programs, clerk: Clerk, shopper: Visitor) -> None:
    part = Clerk(programs, clerk.number)
    part.do("capture", **{part.line("house-blend"): 1, part.line("delivery-standard"): 0})
    buy(shopper)
    whole = Clerk(programs, programs.klarna_orders()[1]["merchant_reference1"])
    programs.control("POST", "clock", {"advance": 29 * 24 * 3600})
    programs.let_time_pass(timedelta(days=29))
    for _ in range(2):
        programs.shop.test_cli_runner().invoke(args=["reconcile"])
    assert part.money == ("captured", COFFEE, 0, TOTAL - COFFEE)
    assert whole.money == ("cancelled", 0, 0, whole.order.total)
    assert (part.order.differs, whole.order.differs) == ("", "")
    assert programs.stock("house-blend") == STOCK - 1
    assert "ran out before the order was sent" in shopper.get(f"/orders/{whole.number}").text
    assert letters(programs).count("cancelled") == 1


def test_a_cancellation_in_klarnas_portal_is_followed(programs: Programs, clerk: Clerk) -> None:
    config = programs.shop.config["SHOP"].klarna["EU"]
    address = f"{config.api_url}/ordermanagement/v1/orders/{clerk.order.klarna_order_id}/cancel"
    requests.post(address, auth=(config.username, config.password), timeout=60).raise_for_status()
    clerk.look()
    assert "Both ledgers say the same." in clerk.visitor.post(f"{clerk.path}/compare", {}).text
    assert clerk.money == ("cancelled", 0, 0, TOTAL)
    assert letters(programs) == ["confirmed", "cancelled"]
    assert programs.stock("house-blend") == STOCK


def test_an_unknown_order_or_action_is_not_found(clerk: Clerk) -> None:
    clerk.look()
    clerk.visitor.get("/admin/orders/M-0000-0000-0000", 404)
    for path in ("/admin/orders/M-0/capture", f"{clerk.path}/actions/1", f"{clerk.path}/explode"):
        assert clerk.visitor.send(path, {}).status_code == 404


def test_the_action_of_another_order_cannot_be_asked_again(programs: Programs, clerk: Clerk) -> None:
    clerk.do("capture")
    buy(Visitor(programs))
    other = next(o["merchant_reference1"] for o in programs.klarna_orders() if o["captured_amount"] == 0)
    with programs.shop.app_context():
        action_id = db.session.scalars(select(OrderAction.id)).one()
    clerk.look()
    assert clerk.visitor.send(f"/admin/orders/{other}/actions/{action_id}", {}).status_code == 404


# --- what is lost, and what happens at once


def test_a_capture_whose_answer_is_lost_is_asked_again_and_made_once(programs: Programs, clerk: Clerk) -> None:
    programs.fault("POST", "*/captures", 9, drop="after")
    page = clerk.do("capture")
    assert "did not answer" in page.text
    assert clerk.actions() == [("capture", "asked")]
    assert clerk.money == ("placed", 0, 0, 0)
    assert "waits for Klarna’s answer" in page.text
    programs.control("DELETE", "faults")
    assert "Captured." in clerk.ask_again().text
    assert clerk.money == ("captured", TOTAL, 0, 0)
    assert clerk.at_klarna == ("CAPTURED", TOTAL, 0, 0)
    assert len({e["request"]["headers"]["Klarna-Idempotency-Key"] for e in sent(programs, CAPTURES)}) == 1


@pytest.mark.parametrize("action", [{"drop": "before"}, {"drop": "after"}, {"status": 503}])
def test_the_reconciler_asks_again(programs: Programs, clerk: Clerk, action: dict[str, Any]) -> None:
    programs.fault("POST", "*/captures", 9, **action)
    clerk.do("capture")
    programs.control("DELETE", "faults")
    done = programs.shop.test_cli_runner().invoke(args=["reconcile"])
    assert "done" in done.output
    assert clerk.money == ("captured", TOTAL, 0, 0)
    assert clerk.at_klarna == ("CAPTURED", TOTAL, 0, 0)


@pytest.mark.parametrize(("action", "end"), [("before", ("placed", 0)), ("after", ("captured", TOTAL))])
def test_after_a_day_the_key_is_not_trusted_but_the_order_read(
    programs: Programs, clerk: Clerk, action: str, end: tuple[str, int]
) -> None:
    programs.fault("POST", "*/captures", 9, drop=action)
    clerk.do("capture")
    programs.control("DELETE", "faults")
    tried = len(sent(programs, CAPTURES))
    with programs.shop.app_context():
        db.session.execute(update(OrderAction).values(created_at=utcnow() - timedelta(days=2)))
        db.session.commit()
    clerk.ask_again()
    assert clerk.money[:2] == end
    assert len(sent(programs, CAPTURES)) == tried
    assert clerk.at_klarna[1] == end[1]


def test_while_a_call_is_under_way_nobody_else_repeats_it(programs: Programs, clerk: Clerk) -> None:
    programs.fault("POST", "*/captures", 9, drop="before")
    clerk.do("capture")
    programs.control("DELETE", "faults")
    with programs.shop.app_context():
        db.session.execute(update(OrderAction).values(asked_at=utcnow()))
        db.session.commit()
        assert list(settling.settle_all()) == []
    assert clerk.actions() == [("capture", "asked")]


def test_klarnas_refusal_is_told_with_the_number_its_support_asks_for(programs: Programs, clerk: Clerk) -> None:
    body = {
        "error_code": "CAPTURE_NOT_ALLOWED",
        "error_messages": ["Captured amount is higher than the remaining authorized amount."],
        "correlation_id": "corr-4711",
    }
    programs.fault("POST", "*/captures", 1, status=403, body=body)
    page = clerk.do("capture")
    assert "Klarna refused, and nothing was changed. Captured amount is higher" in page.text
    assert "CAPTURE_NOT_ALLOWED" in page.text
    assert "orrelation id" in page.text
    assert clerk.actions() == [("capture", "refused")]
    clerk.do("capture")
    assert clerk.money == ("captured", TOTAL, 0, 0)


def test_a_second_click_and_a_reload_do_nothing(programs: Programs, clerk: Clerk) -> None:
    form = clerk.form("capture", **{clerk.line("house-blend"): 1, clerk.line("delivery-standard"): 0})
    clerk.send("capture", form)
    assert "done once" in clerk.send("capture", form).text
    with ThreadPoolExecutor(4) as many:
        list(many.map(lambda _: clerk.post("capture", form), range(4)))
    rest = clerk.form("capture")
    clerk.send("capture", rest)
    assert "done once" in clerk.send("capture", rest).text
    assert clerk.money == ("captured", TOTAL, 0, 0)
    assert len(sent(programs, CAPTURES)) == 2


def test_a_second_click_on_what_was_refused_is_told_so(programs: Programs, clerk: Clerk) -> None:
    body = {"error_code": "CAPTURE_NOT_ALLOWED", "error_messages": ["Not this one."], "correlation_id": "corr-4711"}
    programs.fault("POST", "*/captures", 1, status=403, body=body)
    form = clerk.form("capture")
    clerk.send("capture", form)
    clerk.do("extend")
    said = clerk.send("capture", form).text
    assert "This was sent before. Klarna refused, and nothing was changed. Not this one." in said
    assert "it was done once" not in said
    assert clerk.actions() == [("capture", "refused"), ("extend", "done")]


def test_a_second_click_on_what_has_no_answer_is_told_so(programs: Programs, clerk: Clerk) -> None:
    programs.fault("POST", "*/captures", 9, drop="after")
    form = clerk.form("capture")
    clerk.send("capture", form)
    said = clerk.send("capture", form).text
    assert "This was sent before. Klarna did not answer." in said
    assert "it was done once" not in said
    programs.control("DELETE", "faults")
    clerk.ask_again()
    assert "done once" in clerk.send("capture", form).text
    assert clerk.money == ("captured", TOTAL, 0, 0)


def test_many_clicks_at_once_make_one_capture(programs: Programs, clerk: Clerk) -> None:
    form = clerk.form("capture")
    with ThreadPoolExecutor(6) as many:
        answers: list[requests.Response] = list(many.map(lambda _: clerk.post("capture", form), range(6)))
    assert {answer.status_code for answer in answers} == {200}
    assert clerk.actions() == [("capture", "done")]
    assert len(sent(programs, CAPTURES)) == 1


def test_two_clerks_at_once_take_the_rest_once(programs: Programs, clerk: Clerk) -> None:
    clerks = [clerk, Clerk(programs, clerk.number), Clerk(programs, clerk.number)]
    line = clerk.line("house-blend")
    forms = [someone.form("capture", **{line: 1}) for someone in clerks]
    with ThreadPoolExecutor(3) as many:
        answers = list(many.map(lambda pair: pair[0].post("capture", pair[1]), zip(clerks, forms, strict=True)))
    assert sorted(answer.status_code for answer in answers) == [200, 422, 422]
    assert clerk.money == ("part_captured", COFFEE + DELIVERY, 0, 0)
    assert clerk.at_klarna[1] == COFFEE + DELIVERY


def test_a_clerk_who_saw_an_older_state_looks_again(clerk: Clerk) -> None:
    line = clerk.line("house-blend")
    old = clerk.form("capture", **{line: 1})
    clerk.do("capture", **{line: 1})
    page = clerk.send("capture", old, 422)
    assert "was changed since you opened this page" in page.text
    assert clerk.money == ("part_captured", COFFEE + DELIVERY, 0, 0)


def test_a_change_made_in_klarnas_portal_is_told(programs: Programs, clerk: Clerk) -> None:
    with programs.shop.app_context():
        config = programs.shop.config["SHOP"].klarna["EU"]
    address = f"{config.api_url}/ordermanagement/v1/orders/{clerk.order.klarna_order_id}/captures"
    requests.post(
        address, json={"captured_amount": 1000}, auth=(config.username, config.password), timeout=60
    ).raise_for_status()
    clerk.look()
    page = clerk.visitor.post(f"{clerk.path}/compare", {})
    assert "The two ledgers differ." in page.text
    assert "10,00 € at Klarna" in page.text
    assert "Ledgers differ" in clerk.visitor.get("/admin").text
    refused = clerk.do("capture")
    assert "Klarna refused" in refused.text
    assert clerk.money == ("placed", 0, 0, 0)


# --- the list


def test_what_does_not_travel_is_told_as_charged_and_found_beside_what_was_sent(
    programs: Programs, clerk: Clerk
) -> None:
    with programs.shop.app_context():
        db.session.execute(update(OrderLine).values(kind="digital"))
        db.session.commit()
    said = clerk.do("capture").text
    assert "The shopper’s page says that it was charged." in said
    found = clerk.visitor.get("/admin?state=captured").text
    assert "Sent or charged" in found
    assert clerk.number in found


def test_orders_are_found_by_number_email_and_klarnas_id(programs: Programs, clerk: Clerk) -> None:
    buy(Visitor(programs))
    order = clerk.order
    for words in (clerk.number, clerk.number[2:8].lower(), order.klarna_order_id):
        page = clerk.visitor.get(f"/admin?words={words}")
        assert "1 order" in page.text
        assert clerk.number in page.text
    assert "2 orders" in clerk.visitor.get("/admin?words=EMAIL.DE").text
    assert "2 orders" in clerk.visitor.get("/admin?state=placed&way=payments").text
    assert "0 orders" in clerk.visitor.get("/admin?state=captured").text
    assert "0 orders" in clerk.visitor.get("/admin?words=%25").text
    assert "2 orders" in clerk.visitor.get("/admin?state=odd&way=odd&page=-9").text


def test_the_list_needs_as_many_queries_for_many_as_for_one(programs: Programs, clerk: Clerk) -> None:
    def queries() -> int:
        with counting(programs.shop, "/admin") as said:
            clerk.visitor.get("/admin")
        return len(said)

    programs.wait_for_background()
    one = queries()
    assert one > 0
    with programs.shop.app_context():
        first = db.session.scalars(select(Order)).one()
        columns = {c.name: getattr(first, c.name) for c in Order.__table__.columns if c.name != "id"}
        for i in range(30):
            db.session.add(Order(**columns | {"number": f"M-{i}", "klarna_order_id": f"klarna-{i}"}))
        db.session.commit()
    assert queries() == one
    assert "31 orders" in clerk.visitor.get("/admin?page=2").text


# --- the account


def test_the_demo_account_is_made_offline_only_and_never_out_of_a_shopper(programs: Programs) -> None:
    visitor = Visitor(programs)
    visitor.register("staff@example.com")
    done = programs.shop.test_cli_runner().invoke(args=["seed"])
    assert "is a shopper's account" in done.output
    visitor.get("/admin", 404)


def test_seeding_makes_the_demo_account(programs: Programs) -> None:
    programs.shop.test_cli_runner().invoke(args=["seed"])
    visitor = Visitor(programs)
    visitor.sign_in("staff@example.com", "staff-demo-password")
    assert "0 orders" in visitor.get("/admin").text
    assert "Back office" in visitor.get("/account").text
