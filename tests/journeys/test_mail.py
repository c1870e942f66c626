"""The letters of the shop: written with what they tell, once, sent afterwards, and read in a demo."""

import base64
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.klarna import Region
from app.shop.admin import settling
from app.shop.checkout import finishing, reconcile
from app.shop.extensions import db
from app.shop.linking import service as linking
from app.shop.mail import sending, service
from app.shop.mail.letters import Kind, LinkLetter
from app.shop.mail.models import OutboxMail
from app.shop.orders import letters
from app.shop.orders.models import Order
from tests.support import mailbox as mailboxes
from tests.support.clerk import Clerk
from tests.support.mailbox import Mailbox, with_console, writing_to
from tests.support.main_job import free_port
from tests.support.programs import Programs
from tests.support.visitor import BERLIN, Visitor, buy

LINK = LinkLetter("Europe", True, "http://localhost/account/klarna")


@pytest.fixture
def visitor(programs: Programs) -> Visitor:
    someone = Visitor(programs)
    someone.email = someone.register()
    return someone


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mailboxes.running() as server:
        yield server


def outbox(programs: Programs) -> list[OutboxMail]:
    with programs.shop.app_context():
        return list(db.session.scalars(select(OutboxMail).order_by(OutboxMail.id)))


def kinds(programs: Programs) -> list[str]:
    return [mail.kind for mail in outbox(programs)]


def decide(programs: Programs, decision: str) -> None:
    order_id = programs.klarna_orders()[-1]["order_id"]
    programs.control("POST", f"orders/{order_id}/decide", {"decision": decision})
    programs.wait_for_callbacks()
    programs.wait_for_background()


def send(programs: Programs) -> int:
    with programs.shop.app_context():
        return sending.send_all()


def put(programs: Programs, recipient: str) -> bool:
    with programs.shop.app_context():
        written = service.about_link(recipient, LINK)
        db.session.commit()
        return written


def test_an_order_is_confirmed_in_writing(visitor: Visitor, programs: Programs) -> None:
    buy(visitor)
    (mail,) = outbox(programs)
    number = programs.klarna_orders()[0]["merchant_reference1"]
    assert (mail.kind, mail.order_number, mail.recipient) == (Kind.CONFIRMED, number, BERLIN["email"])
    assert mail.subject == f"Your order {number} is confirmed · Morrow"
    for written in (mail.text, mail.html):
        assert "17,80" in written
        assert "10178 Berlin" in written
        assert f"{programs.shop_url}/orders/{number}" in written
    assert "1 x House blend" in mail.text
    assert mail.sent_at is None


def test_whoever_finishes_an_order_it_is_told_once(visitor: Visitor, programs: Programs) -> None:
    visitor.add()
    checkout = visitor.checkout()
    token = checkout.approve()
    programs.fault("POST", "*/payments/v1/authorizations/*/order", 9, drop="after")
    checkout.order(token)
    assert kinds(programs) == []
    programs.control("DELETE", "faults")
    programs.let_attempts_rest()

    def settle(_: int) -> None:
        with programs.shop.app_context():
            list(reconcile.settle_all())

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(settle, range(4)))
    checkout.order(token)
    assert kinds(programs) == [Kind.CONFIRMED]


def test_klarna_checkouts_orders_are_told_once_too_and_a_guest_gets_no_closed_door(programs: Programs) -> None:
    guest = Visitor(programs)
    guest.add()
    guest.get("/klarna-checkout")
    opened = [e for e in programs.journal("/checkout/v3/orders") if e["method"] == "POST"][-1]
    order = {"order_id": opened["response"]["body"]["order_id"], "person": "de-approved"}
    programs.control("POST", "checkouts/complete", order)
    for _ in range(2):
        guest.get(f"/klarna-checkout/confirmation/{opened['request']['body']['merchant_reference1']}")
    (mail,) = outbox(programs)
    assert "Klarna Checkout" in mail.text
    assert "/orders/" not in mail.text + mail.html


@pytest.mark.parametrize(("decision", "then"), [("accept", Kind.CONFIRMED), ("reject", Kind.REJECTED)])
def test_a_review_is_told_when_it_begins_and_when_it_ends(
    visitor: Visitor, programs: Programs, decision: str, then: Kind
) -> None:
    programs.control("PATCH", "people/de-approved", {"outcome": "pend"})
    buy(visitor)
    assert kinds(programs) == [Kind.PENDING]
    decide(programs, decision)
    assert kinds(programs) == [Kind.PENDING, then]
    assert ("Goes to" in outbox(programs)[-1].text) == (then is Kind.CONFIRMED)


def test_the_end_of_a_link_is_told_to_its_owner(visitor: Visitor, programs: Programs) -> None:
    buy(visitor)
    visitor.get("/account/klarna")
    visitor.post("/account/klarna/unlink", {"region": "EU"})
    mail = outbox(programs)[-1]
    assert (mail.kind, mail.recipient, mail.order_number) == (Kind.UNLINKED, visitor.email, None)
    assert "You ended the link" in mail.text
    visitor.post("/account/klarna/unlink", {"region": "EU"})
    assert kinds(programs).count(Kind.UNLINKED) == 1


PARCEL = {"company": "DHL", "number": "JD014600", "link": "https://www.dhl.de/JD014600"}


@pytest.fixture
def clerk(programs: Programs, visitor: Visitor) -> Clerk:
    """Staff, and an order of two bags of coffee: 12.90 each, and 4.90 for delivery."""
    visitor.add("house-blend", 2)
    visitor.checkout().pay()
    return Clerk(programs, programs.klarna_orders()[0]["merchant_reference1"])


def test_each_parcel_is_told_with_what_is_in_it_and_how_it_travels(programs: Programs, clerk: Clerk) -> None:
    klarna_number = programs.klarna_orders()[0]["order_id"]
    clerk.do("capture", **{clerk.line("house-blend"): 1, clerk.line("delivery-standard"): 0}, **PARCEL)
    clerk.do("capture")
    first, second = outbox(programs)[1:]
    assert (first.kind, first.recipient, second.kind) == (Kind.SHIPPED, BERLIN["email"], Kind.SHIPPED)
    assert first.subject == f"Your order {clerk.number} is on its way · Morrow"
    for written in (first.text, first.html):
        assert "12,90" in written
        assert "4,90" not in written
        assert "DHL" in written
        assert PARCEL["number"] in written
        assert PARCEL["link"] in written
        assert "The rest follows" in written
        assert "Klarna" in written
        assert klarna_number in written
    assert "1 x House blend: 12,90" in first.text
    assert "Charged: 12,90" in first.text
    for written in (second.text, second.html):
        assert "17,80" in written
        assert "4,90" in written
        assert "Tracking" not in written
        assert "The rest follows" not in written


def test_each_refund_is_told_with_its_lines_or_its_amount(programs: Programs, clerk: Clerk) -> None:
    clerk.do("capture")
    clerk.do("refund", **{clerk.line("house-blend"): 1})
    clerk.do("refund", amount="2.50")
    by_line, by_amount = outbox(programs)[2:]
    assert (by_line.kind, by_amount.kind) == (Kind.REFUNDED, Kind.REFUNDED)
    assert by_line.subject == f"Money back for your order {clerk.number} · Morrow"
    assert "1 x House blend: 12,90" in by_line.text
    assert "Given back: 12,90" in by_line.text
    assert "Goes to" not in by_line.text
    assert "House blend" not in by_amount.text
    assert "Given back: 2,50" in by_amount.text


@pytest.mark.parametrize("kind", ["capture", "refund"])
def test_what_was_sent_or_given_back_is_told_once_however_the_answer_arrives(
    programs: Programs, clerk: Clerk, kind: str
) -> None:
    if kind == "refund":
        clerk.do("capture")
    before = kinds(programs)
    said = {"everything": "1"} if kind == "refund" else {}
    form = clerk.form(kind, **said)
    programs.fault("POST", f"*/{kind}s", 9, drop="after")
    clerk.send(kind, form)
    assert kinds(programs) == before
    programs.control("DELETE", "faults")

    def settle(_: int) -> None:
        with programs.shop.app_context():
            list(settling.settle_all())

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(settle, range(4)))
    clerk.send(kind, form)
    assert kinds(programs) == [*before, Kind.SHIPPED if kind == "capture" else Kind.REFUNDED]


def test_what_klarna_refused_is_not_told(programs: Programs, clerk: Clerk) -> None:
    programs.fault("POST", "*/captures", 1, status=403, body={"error_code": "CAPTURE_NOT_ALLOWED"})
    clerk.do("capture")
    assert kinds(programs) == [Kind.CONFIRMED]


def test_a_cancelled_order_is_told_once_and_promises_nothing(programs: Programs, clerk: Clerk) -> None:
    form = clerk.form("cancel")
    for _ in range(2):
        clerk.send("cancel", form)
    assert kinds(programs) == [Kind.CONFIRMED, Kind.CANCELLED]
    mail = outbox(programs)[-1]
    assert mail.subject == f"Your order {clerk.number} is cancelled · Morrow"
    for written in (mail.text, mail.html):
        assert "Nothing was charged" in written
        assert "Goes to" not in written
        assert "30,70" in written


def test_an_order_that_klarna_stops_is_told(programs: Programs, clerk: Clerk) -> None:
    decide(programs, "stop")
    assert kinds(programs) == [Kind.CONFIRMED, Kind.STOPPED]
    mail = outbox(programs)[-1]
    assert mail.subject == f"Your order {clerk.number} is on hold · Morrow"
    for written in (mail.text, mail.html):
        assert "nothing more of it is sent or charged" in written
        assert programs.klarna_orders()[0]["order_id"] in written


def test_letters_of_two_parcels_are_two_for_a_mailbox(programs: Programs, clerk: Clerk, mailbox: Mailbox) -> None:
    with writing_to(programs, mailbox.port):
        clerk.do("capture", **{clerk.line("house-blend"): 1})
        clerk.do("capture")
        programs.wait_for_background()
        send(programs)
    assert len({letter["Message-ID"] for letter in mailbox.letters}) == len(mailbox.letters) == 3


def test_the_newest_letters_are_kept_and_those_that_may_still_leave(programs: Programs) -> None:
    put(programs, "old@email.de")
    programs.let_time_pass(timedelta(days=4))
    put(programs, "waiting@email.de")
    with programs.shop.app_context():
        for _ in range(sending.KEPT):
            service.about_link("new@email.de", LINK)
        db.session.commit()
        assert sending.forget_old() == 1
        assert sending.forget_old() == 0
    assert [mail.recipient for mail in outbox(programs)][:2] == ["waiting@email.de", "new@email.de"]


def test_no_letter_holds_a_token_or_a_secret(visitor: Visitor, programs: Programs) -> None:
    buy(visitor)
    (token,) = programs.stored_tokens()
    urls = programs.journal("/payments/v1/sessions")[0]["request"]["body"]["merchant_urls"]
    secret = urls["authorization"].rsplit("/", 1)[1]
    visitor.get("/account/klarna")
    visitor.post("/account/klarna/unlink", {"region": "EU"})
    for mail in outbox(programs):
        assert token not in mail.text + mail.html
        assert secret not in mail.text + mail.html


def test_what_does_not_happen_is_not_told(programs: Programs) -> None:
    with programs.shop.app_context():
        assert service.about_link("customer@email.de", LINK)
        db.session.rollback()
    assert outbox(programs) == []


ODD = [
    "",
    "nobody",
    "a@b",
    "two@email.de, three@email.de",
    "x@email.de\r\nBcc: y@email.de",
    "x@email.de\n",
    "\x00@email.de",
]


@pytest.mark.parametrize("address", ODD, ids=repr)
def test_an_odd_address_costs_a_letter_and_nothing_else(programs: Programs, address: str) -> None:
    assert not put(programs, address)
    assert outbox(programs) == []


def test_no_header_breaks_out_of_its_line(programs: Programs, mailbox: Mailbox) -> None:
    put(programs, "customer@email.de")
    with programs.shop.app_context():
        db.session.scalars(select(OutboxMail)).one().subject = "Hello\r\nBcc: everybody@email.de"
        db.session.commit()
    with writing_to(programs, mailbox.port):
        assert send(programs) == 0
    assert mailbox.received == []


def test_letters_leave_by_the_mail_server(visitor: Visitor, programs: Programs, mailbox: Mailbox) -> None:
    with writing_to(programs, mailbox.port, "user", "pass word"):
        buy(visitor)
        programs.wait_for_background()
        assert send(programs) == 0  # it left already
    (letter,) = mailbox.letters
    assert letter["To"] == BERLIN["email"]
    assert letter["From"] == "Morrow <orders@shop.example>"
    assert "is confirmed" in letter["Subject"]
    parts = [part.get_content_type() for part in letter.walk()]
    assert parts == ["multipart/alternative", "text/plain", "text/html"]
    body = letter.get_body(("plain",))
    assert body is not None
    assert "17,80" in body.get_content()
    assert base64.b64decode(mailbox.logins[0].split()[-1]) == b"\x00user\x00pass word"
    assert outbox(programs)[0].sent_at is not None


@pytest.mark.parametrize("read_by", ["clerk", "reconciler"])
def test_the_letter_of_an_end_that_is_found_at_klarna_leaves_at_once(
    visitor: Visitor, programs: Programs, mailbox: Mailbox, read_by: str
) -> None:
    buy(visitor)
    clerk = Clerk(programs, programs.klarna_orders()[0]["merchant_reference1"])
    programs.control("POST", "clock", {"advance": 29 * 24 * 3600})
    programs.let_time_pass(timedelta(days=29))
    with writing_to(programs, mailbox.port):
        if read_by == "clerk":
            clerk.look()
            clerk.visitor.post(f"{clerk.path}/compare", {})
            programs.wait_for_background()
        else:
            programs.shop.test_cli_runner().invoke(args=["reconcile"])
    (letter,) = mailbox.letters
    assert "is cancelled" in letter["Subject"]


def test_two_processes_send_a_letter_once(programs: Programs, mailbox: Mailbox) -> None:
    for _ in range(3):
        put(programs, "customer@email.de")
    with writing_to(programs, mailbox.port), ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(lambda _: send(programs), range(6))) == 3
    assert len(mailbox.received) == 3


def test_a_server_that_is_away_is_tried_again_with_patience(programs: Programs, mailbox: Mailbox) -> None:
    put(programs, "customer@email.de")
    with writing_to(programs, free_port()):
        assert send(programs) == 0
    with writing_to(programs, mailbox.port):
        assert send(programs) == 0  # not yet due
        programs.let_time_pass(timedelta(minutes=2))
        with programs.shop.app_context():
            assert list(sending.settle_all()) == ["1 letters sent"]
    assert len(mailbox.received) == 1


def test_a_letter_nobody_takes_is_given_up(programs: Programs, mailbox: Mailbox) -> None:
    mailbox.answer = "550 no such person"
    put(programs, "customer@email.de")
    with writing_to(programs, mailbox.port):
        for _ in range(8):
            send(programs)
            programs.let_time_pass(timedelta(hours=7))
    (mail,) = outbox(programs)
    assert mail.attempts == len(sending.PAUSES) + 1
    assert mail.sent_at is None


def test_old_news_do_not_leave_when_a_server_is_set_at_last(programs: Programs, mailbox: Mailbox) -> None:
    put(programs, "customer@email.de")
    programs.let_time_pass(timedelta(days=4))
    with writing_to(programs, mailbox.port):
        assert send(programs) == 0


def test_the_outbox_is_there_in_a_demo_only(visitor: Visitor, programs: Programs) -> None:
    buy(visitor)
    (mail,) = outbox(programs)
    for path in ("/demo/outbox", f"/demo/outbox/{mail.id}", f"/demo/outbox/{mail.id}/letter"):
        visitor.get(path, 404)
    assert "/demo/outbox" not in visitor.get("/").markup
    with with_console(programs):
        assert mail.subject in visitor.get("/demo/outbox").text
        assert "1 x House blend" in visitor.get(f"/demo/outbox/{mail.id}").text
        drawn = visitor.http.get(f"{programs.shop_url}/demo/outbox/{mail.id}/letter", timeout=60)
        assert "script-src" not in drawn.headers["Content-Security-Policy"]
        assert drawn.headers["Content-Security-Policy"].startswith("default-src 'none'")
        visitor.get("/demo/outbox/999999", 404)
        assert "/demo/outbox" in visitor.get("/").markup


def test_what_a_shopper_is_called_is_text_in_a_letter(visitor: Visitor, programs: Programs) -> None:
    visitor.add()
    checkout = visitor.checkout()
    crooked = BERLIN | {"given_name": "<script>alert(1)</script>"}
    status, body = checkout.details(crooked)
    assert status == 200, body
    programs.browser_data(checkout.session_id, body["billing_address"])
    checkout.order(programs.approve(checkout.session_id, "de-approved"))
    (mail,) = outbox(programs)
    assert "<script>" not in mail.html
    assert "&lt;script&gt;" in mail.html


def test_an_order_is_finished_whatever_its_address_is(visitor: Visitor, programs: Programs) -> None:
    visitor.add()
    checkout = visitor.checkout()
    token = checkout.approve()
    programs.fault("POST", "*/payments/v1/authorizations/*/order", 9, drop="after")
    checkout.order(token)
    with programs.shop.app_context():
        db.session.scalars(select(Order)).one().email = "nobody at all"
        db.session.commit()
    programs.control("DELETE", "faults")
    programs.let_attempts_rest()
    with programs.shop.app_context():
        list(reconcile.settle_all())
        assert db.session.scalars(select(Order.state)).one() == "placed"
    assert outbox(programs) == []


def test_a_link_that_ended_at_klarna_is_told(visitor: Visitor, programs: Programs) -> None:
    buy(visitor)
    (token,) = programs.stored_tokens()
    programs.wait_for_background()
    programs.control("POST", "customer-tokens/revoke", {"customer_token": token})
    programs.wait_for_callbacks()
    programs.wait_for_background()
    assert programs.stored_tokens() == []
    assert "was ended at Klarna" in outbox(programs)[-1].text


def test_names_used_here_are_the_shops(programs: Programs) -> None:
    told = {*finishing.LETTERS.values(), *letters.OF_ACTIONS.values()}
    assert told < set(Kind)
    assert set(linking.REGION_NAMES) == set(Region)
