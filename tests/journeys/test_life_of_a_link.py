"""What may happen to a link over the years; each test is one situation, over the wire, from both sides."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from sqlalchemy import delete, func, select

from app.shop.accounts.models import User
from app.shop.checkout import reconcile
from app.shop.extensions import db
from app.shop.linking.models import IdentityTask, KlarnaAccount
from tests.support.patience import until
from tests.support.programs import WEBHOOK_SECRET, Programs
from tests.support.visitor import BERLIN, PASSWORD, Visitor, buy
from tests.support.wire import meanwhile

UNKNOWN = "krn:partner:eu1:test:identity:customer-token:" + "0" * 32


@pytest.fixture
def linked(programs: Programs) -> Visitor:
    """Somebody who has bought once, and linked."""
    visitor = Visitor(programs)
    visitor.email = visitor.register()
    buy(visitor)
    programs.wait_for_background()
    return visitor


def control(programs: Programs, verb: str) -> None:
    (token,) = programs.stored_tokens()
    programs.control("POST", f"customer-tokens/{verb}", {"customer_token": token})


def last_session(programs: Programs) -> dict:
    return [e["request"]["body"] for e in programs.journal("/payments/v1/sessions") if e["method"] == "POST"][-1]


def test_a_rotated_token_is_replaced_and_told_as_rotated(programs: Programs, linked: Visitor) -> None:
    before = programs.stored_tokens()
    control(programs, "rotate")
    buy(linked)
    programs.wait_for_background()
    assert programs.stored_tokens() != before
    assert programs.events(linked.email) == ["linked", "rotated"]


@pytest.mark.parametrize("how", ["unknown", "expire", "revoke"])
def test_a_worthless_token_is_no_error_and_is_renewed(programs: Programs, linked: Visitor, how: str) -> None:
    if how == "unknown":
        programs.put_token(UNKNOWN)
    elif how == "expire":
        control(programs, "expire")
    else:
        programs.control("PATCH", "switches", {"webhooks": "lost"})
        control(programs, "revoke")
        programs.wait_for_callbacks()
    before = programs.stored_tokens()
    linked.add()
    checkout = linked.checkout()
    assert last_session(programs)["customer"] == {"customer_token": before[0]}
    assert programs.recognised(checkout.session_id) is None
    checkout.pay()
    programs.wait_for_background()
    assert programs.stored_tokens() != before
    assert programs.events(linked.email)[-1] == "renewed"


def test_a_revoked_link_is_dropped_when_klarna_says_so_by_webhook(programs: Programs, linked: Visitor) -> None:
    control(programs, "revoke")
    programs.wait_for_callbacks()
    programs.wait_for_background()
    assert programs.stored_tokens() == []
    assert programs.events(linked.email) == ["linked", "revoked"]


def test_a_webhook_finds_its_link_among_many_of_unknown_reference(programs: Programs) -> None:
    with programs.shop.app_context():
        others = [User(email=f"other{number}@example.com") for number in range(100)]
        db.session.add_all(others)
        db.session.flush()
        db.session.add_all(KlarnaAccount(user_id=other.id, region="EU", customer_token=UNKNOWN) for other in others)
        db.session.commit()
    visitor = Visitor(programs)
    email = visitor.register()
    buy(visitor)
    programs.wait_for_background()
    programs.control("POST", "customer-tokens/revoke", {"customer_token": programs.stored_tokens()[-1]})
    programs.wait_for_callbacks()
    programs.wait_for_background()
    assert programs.events(email) == ["linked", "revoked"]


def test_a_revoked_link_is_dropped_after_an_order_that_opted_out(programs: Programs, linked: Visitor) -> None:
    programs.control("PATCH", "switches", {"webhooks": "lost"})
    control(programs, "revoke")
    programs.wait_for_callbacks()
    assert "Thank you" in buy(linked, link=False).text
    programs.wait_for_background()
    assert programs.stored_tokens() == []
    assert programs.events(linked.email) == ["linked", "kept", "revoked"]


@pytest.mark.parametrize("why", ["rotated", "not known to Klarna", "no such path"])
def test_a_link_klarna_does_not_know_is_kept_after_an_order_that_opted_out(
    programs: Programs, linked: Visitor, why: str
) -> None:
    if why == "rotated":
        control(programs, "rotate")
    elif why == "no such path":
        programs.fault("POST", "*/introspect", 1, status=404, body="<h1>Not Found</h1>")
    else:
        programs.put_token(UNKNOWN)
    before = programs.stored_tokens()
    assert "Thank you" in buy(linked, link=False).text
    programs.wait_for_background()
    assert programs.stored_tokens() == before
    assert programs.events(linked.email) == ["linked", "kept"]
    buy(linked)
    assert programs.stored_tokens() != before or why == "no such path"


def test_a_wrong_path_tells_nothing_of_a_fresh_link(programs: Programs) -> None:
    programs.fault("POST", "*/introspect", 1, status=404, body={})
    visitor = Visitor(programs)
    email = visitor.register()
    buy(visitor)
    programs.wait_for_background()
    assert programs.events(email) == ["linked"]
    assert len(programs.stored_tokens()) == 1


def test_a_forged_webhook_drops_nothing(programs: Programs, linked: Visitor) -> None:
    before = programs.stored_tokens()
    sent = {
        "metadata": {"event_type": "identity.customer-token.state-change.revoked", "event_version": "v2"},
        "payload": {"customer_token_reference": ""},
    }
    url = f"{programs.shop_url}/klarna/callbacks/webhooks"
    assert requests.post(f"{url}/wrong", json=sent, timeout=60).status_code == 404
    assert requests.post(f"{url}/{WEBHOOK_SECRET}", json=sent, timeout=60).status_code == 204
    assert requests.post(f"{url}/{WEBHOOK_SECRET}", data=b"nonsense", timeout=60).status_code == 400
    programs.wait_for_background()
    assert programs.stored_tokens() == before


def test_opted_out_last_time_is_asked_again(programs: Programs) -> None:
    visitor = Visitor(programs)
    email = visitor.register()
    buy(visitor, link=False)
    buy(visitor, link=True)
    assert programs.events(email) == ["declined", "linked"]
    assert last_session(programs)["intent"] == "buy_and_link"


def test_another_klarna_account_of_the_same_shopper_replaces_the_link(programs: Programs, linked: Visitor) -> None:
    before = programs.stored_tokens()
    linked.add()
    checkout = linked.checkout()
    assert programs.recognised(checkout.session_id) == "de-approved"
    assert "Thank you" in checkout.pay(person="de-new-user").text
    programs.wait_for_background()
    assert programs.stored_tokens() != before
    assert programs.events(linked.email)[-1] == "switched"


def test_two_shop_accounts_of_one_klarna_account_keep_to_themselves(programs: Programs, linked: Visitor) -> None:
    other = Visitor(programs)
    other_email = other.register()
    buy(other)
    assert programs.events(other_email) == ["linked"]
    assert len(programs.stored_tokens()) == 2
    other.get("/account/klarna")
    other.post("/account/klarna/unlink", {"region": "EU"})
    assert programs.events(linked.email) == ["linked"]
    assert len(programs.stored_tokens()) == 1


def test_one_account_in_two_browsers_at_once_keeps_the_answer_that_was_asked_for_last(
    programs: Programs, linked: Visitor
) -> None:
    second = Visitor(programs)
    second.sign_in(linked.email)
    linked.add("paper-filters")
    page = linked.checkout()
    token = page.approve()
    with meanwhile(programs, f"/authorizations/{token}/order", lambda: buy(second, person="de-new-user")):
        assert page.order(token)[0] == 200
    programs.wait_for_background()
    assert len(programs.klarna_orders()) == 3
    assert programs.events(linked.email) == ["linked", "switched", "outdated"]
    people = {link["customer_token"]: link["person"] for link in programs.control("GET", "customer-tokens")}
    assert [people[token] for token in programs.stored_tokens()] == ["de-new-user"]


def test_unlinking_one_of_two_accounts_leaves_the_other_its_link(programs: Programs, linked: Visitor) -> None:
    other = Visitor(programs)
    other.register()
    buy(other)
    programs.wait_for_background()
    other.get("/account/klarna")
    other.post("/account/klarna/unlink", {"region": "EU"})
    programs.wait_for_background()
    linked.add()
    assert programs.recognised(linked.checkout().session_id) == "de-approved"


def test_unlinking_revokes_at_klarna_in_the_background(programs: Programs, linked: Visitor) -> None:
    (token,) = programs.stored_tokens()
    linked.get("/account/klarna")
    linked.post("/account/klarna/unlink", {"region": "EU"})
    assert programs.stored_tokens() == []
    programs.wait_for_background()
    links = {link["customer_token"]: link["status"] for link in programs.control("GET", "customer-tokens")}
    assert links[token] == "revoked"
    linked.add()
    assert programs.recognised(linked.checkout().session_id) is None


def test_a_failing_revocation_is_repeated_and_never_brings_the_link_back(programs: Programs, linked: Visitor) -> None:
    programs.fault("POST", "*/revoke", 5, status=503, body={})
    linked.get("/account/klarna")
    linked.post("/account/klarna/unlink", {"region": "EU"})
    programs.wait_for_background()
    assert waiting_questions(programs) == 1
    assert programs.stored_tokens() == []
    programs.control("DELETE", "faults")
    programs.let_questions_be_due()
    run_reconcile(programs)
    assert waiting_questions(programs) == 0
    assert [link["status"] for link in programs.control("GET", "customer-tokens")] == ["revoked"]


def test_one_odd_question_does_not_hold_up_the_next(programs: Programs, linked: Visitor) -> None:
    programs.fault("POST", "*/revoke", 3, status=503, body={})
    linked.get("/account/klarna")
    linked.post("/account/klarna/unlink", {"region": "EU"})
    programs.wait_for_background()
    with programs.shop.app_context():
        odd = IdentityTask(question="of a newer release", customer_token=UNKNOWN, region="EU", id=0)
        db.session.add(odd)
        db.session.commit()
    programs.let_questions_be_due()
    run_reconcile(programs)
    assert waiting_questions(programs) == 1
    assert [link["status"] for link in programs.control("GET", "customer-tokens")] == ["revoked"]


def test_a_question_somebody_else_answered_meanwhile_is_no_trouble(
    programs: Programs, linked: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    def answered() -> None:
        with programs.shop.app_context():
            db.session.execute(delete(IdentityTask))
            db.session.commit()

    with meanwhile(programs, "/revoke", answered):
        linked.get("/account/klarna")
        linked.post("/account/klarna/unlink", {"region": "EU"})
        programs.wait_for_background()
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []


@pytest.mark.parametrize("status", [404, 410])
def test_revoking_what_is_gone_is_success(programs: Programs, linked: Visitor, status: int) -> None:
    programs.fault("POST", "*/revoke", 1, status=status, body={})
    linked.get("/account/klarna")
    linked.post("/account/klarna/unlink", {"region": "EU"})
    programs.wait_for_background()
    assert waiting_questions(programs) == 0


def test_deleting_the_account_ends_the_link_and_keeps_the_order(programs: Programs, linked: Visitor) -> None:
    linked.get("/account/delete")
    assert "not your password" in linked.post("/account/delete", {"password": "wrong"}, status=422).text
    assert "account is deleted" in linked.post("/account/delete", {"password": PASSWORD}).text
    run_reconcile(programs)
    assert programs.stored_tokens() == []
    assert [link["status"] for link in programs.control("GET", "customer-tokens")] == ["revoked"]
    assert len(programs.klarna_orders()) == 1
    linked.get("/login")
    linked.post("/login", {"email": linked.email, "password": PASSWORD}, status=422)


def test_a_link_that_comes_after_its_account_was_deleted_is_ended(programs: Programs) -> None:
    visitor = Visitor(programs)
    visitor.register()
    visitor.add()
    checkout = visitor.checkout()
    token = checkout.approve()
    programs.fault("POST", "*/authorizations/*/order", 3, drop="after")
    assert checkout.order(token)[0] == 200
    visitor.get("/account/delete")
    visitor.post("/account/delete", {"password": PASSWORD})
    programs.let_attempts_rest()
    run_reconcile(programs)
    programs.wait_for_background()
    assert programs.stored_tokens() == []
    assert [link["status"] for link in programs.control("GET", "customer-tokens")] == ["revoked"]


def test_a_session_klarna_let_go_is_replaced_on_the_same_page(programs: Programs, linked: Visitor) -> None:
    linked.add()
    before = linked.checkout()
    programs.control("POST", "clock", {"advance": 49 * 3600})
    status, body = linked.call("/checkout/refresh", {"doubt": "1", "attempt": before.attempt})
    assert status == 200
    assert body["attempt"] != before.attempt
    again = linked.checkout()
    assert again.attempt == body["attempt"]
    assert "Thank you" in again.pay().text


def test_a_session_that_lives_is_not_replaced_for_a_doubt(programs: Programs, linked: Visitor) -> None:
    linked.add()
    before = linked.checkout()
    _, body = linked.call("/checkout/refresh", {"doubt": "1"})
    assert body["attempt"] == before.attempt


def test_an_update_of_a_session_klarna_let_go_opens_another(programs: Programs, linked: Visitor) -> None:
    linked.add()
    before = linked.checkout()
    programs.control("POST", "clock", {"advance": 49 * 3600})
    linked.add("paper-filters")
    after = linked.checkout()
    assert after.attempt != before.attempt
    assert "Thank you" in after.pay().text


def test_an_update_whose_answer_was_lost_is_made_good_when_the_cart_is_as_before(
    programs: Programs, linked: Visitor
) -> None:
    linked.add()
    before = linked.checkout()
    linked.add("paper-filters")
    programs.fault("POST", "*/payments/v1/sessions/*", 3, drop="after")
    assert not linked.get("/checkout").data.get("attempt")
    programs.control("DELETE", "faults")
    linked.post("/cart/update", {"product": "paper-filters", "quantity": 0})
    after = linked.checkout()
    assert (after.attempt, after.version) == (before.attempt, before.version)
    assert "Thank you" in after.pay().text
    assert programs.klarna_orders()[-1]["order_amount"] == programs.klarna_orders()[0]["order_amount"]


def test_an_old_approval_is_to_be_given_again_and_the_cart_is_kept(programs: Programs, linked: Visitor) -> None:
    linked.add()
    checkout = linked.checkout()
    token = checkout.approve()
    programs.wait_for_callbacks()
    programs.control("POST", "clock", {"advance": 61 * 60})
    status, body = checkout.order(token)
    assert (status, body["error"]) == (409, "expired")
    assert "confirm again" in body["message"]
    assert "House blend" in linked.get("/cart").text
    assert "Thank you" in linked.checkout().pay().text
    assert len(programs.klarna_orders()) == 2


def test_a_cart_changed_after_the_approval_cancels_it_at_klarna(programs: Programs, linked: Visitor) -> None:
    linked.add()
    checkout = linked.checkout()
    token = checkout.approve()
    programs.wait_for_callbacks()
    linked.add("paper-filters")
    linked.get("/checkout")
    cancelled = [e for e in programs.journal(f"/authorizations/{token}") if e["method"] == "DELETE"]
    assert [e["status"] for e in cancelled] == [204]
    assert checkout.order(token)[1]["error"] == "cart_changed"
    assert len(programs.klarna_orders()) == 1


@pytest.mark.parametrize("who", ["page", "callback"])
def test_an_approval_of_a_checkout_given_up_before_is_cancelled(programs: Programs, linked: Visitor, who: str) -> None:
    programs.control("PATCH", "switches", {"authorization_callback": "lost"})
    linked.add()
    checkout = linked.checkout()
    token = checkout.approve()
    linked.get("/account/klarna")
    linked.post("/account/klarna/unlink", {"region": "EU"})
    assert linked.checkout().attempt != checkout.attempt
    if who == "page":
        assert checkout.order(token)[1]["error"] == "cart_changed"
    else:
        programs.control("POST", "callbacks/resend", {"session_id": checkout.session_id})
        programs.wait_for_callbacks()
        programs.wait_for_background()
    assert programs.cancelled() == [token]
    assert len(programs.klarna_orders()) == 1


def test_a_false_callback_of_a_checkout_given_up_cancels_nobodys_approval(programs: Programs, linked: Visitor) -> None:
    linked.add()
    old = linked.checkout()
    linked.get("/account/klarna")
    linked.post("/account/klarna/unlink", {"region": "EU"})
    checkout = linked.checkout()
    token = checkout.approve()
    programs.wait_for_callbacks()
    programs.control("POST", "callbacks/forge", {"session_id": old.session_id, "authorization_token": token})
    programs.wait_for_callbacks()
    programs.wait_for_background()
    assert programs.cancelled() == []
    assert checkout.order(token)[0] == 200


CALLBACKS = ["on", "twice", "burst", "delayed", "lost"]


@pytest.mark.parametrize("mode", CALLBACKS)
@pytest.mark.parametrize("who", ["page first", "callback first", "both", "callback only"])
def test_page_and_callback_in_any_order_make_one_order(
    programs: Programs, linked: Visitor, mode: str, who: str
) -> None:
    programs.control("PATCH", "switches", {"authorization_callback": mode})
    linked.add()
    checkout = linked.checkout()
    token = checkout.approve()
    if who != "page first":
        programs.wait_for_callbacks()
    if who != "callback only":
        assert checkout.order(token)[0] == 200
    programs.wait_for_callbacks()
    if who == "both":
        assert checkout.order(token)[0] == 200
    programs.let_attempts_rest()
    run_reconcile(programs)
    assert len(programs.klarna_orders()) == 2
    assert len(linked.get("/account/orders").markup.split("M-")) > 1


@pytest.mark.parametrize("given_up", [False, True], ids=["open", "given up"])
def test_a_callback_is_answered_before_klarna_is_asked(programs: Programs, linked: Visitor, given_up: bool) -> None:
    """Klarna says nothing until it has its own answer. Who waits for that first has to ask a second time."""

    def answered() -> object:
        return [e for e in programs.journal(checkout.attempt, actor="callback") if e["status"] == 204]

    linked.add()
    checkout = linked.checkout()
    if given_up:
        linked.get("/account/klarna")
        linked.post("/account/klarna/unlink", {"region": "EU"})
        linked.get("/checkout")
    with meanwhile(programs, f"/sessions/{checkout.session_id}", lambda: until(answered)):
        if given_up:
            programs.approve(checkout.session_id)
        else:
            checkout.approve()
        programs.wait_for_callbacks()
        programs.wait_for_background()
    assert answered()
    programs.klarna.calls.wait()
    assert len([e for e in programs.journal(f"/sessions/{checkout.session_id}") if e["method"] == "GET"]) <= 1


def test_a_forged_callback_makes_no_order_and_harms_nobody(programs: Programs, linked: Visitor) -> None:
    linked.add()
    checkout = linked.checkout()
    checkout.details(BERLIN)
    programs.control("POST", "callbacks/forge", {"session_id": checkout.session_id})
    programs.wait_for_callbacks()
    programs.let_attempts_rest()
    run_reconcile(programs)
    assert len(programs.klarna_orders()) == 1
    attempt = checkout.attempt
    assert (again := linked.checkout()).attempt == attempt
    assert "Thank you" in again.pay().text


@pytest.mark.parametrize("late", ["invented", "older"])
def test_a_false_callback_after_the_approval_does_not_cost_the_order(
    programs: Programs, linked: Visitor, late: str
) -> None:
    linked.add()
    checkout = linked.checkout()
    older = {"authorization_token": checkout.approve()} if late == "older" else {}
    checkout.approve(person="de-new-user")
    programs.wait_for_callbacks()
    programs.control("POST", "callbacks/forge", {"session_id": checkout.session_id, **older})
    programs.wait_for_callbacks()
    programs.let_attempts_rest()
    run_reconcile(programs)
    assert len(programs.klarna_orders()) == 2
    assert "Thank you" in linked.get("/checkout").text


def test_coming_back_after_a_false_callback_finds_the_order(programs: Programs, linked: Visitor) -> None:
    linked.add()
    checkout = linked.checkout()
    checkout.approve()
    programs.wait_for_callbacks()
    programs.control("POST", "callbacks/forge", {"session_id": checkout.session_id})
    programs.wait_for_callbacks()
    assert "Thank you" in linked.get("/checkout").text


def test_an_approval_that_waits_for_klarna_is_not_given_up(programs: Programs, linked: Visitor) -> None:
    linked.add()
    linked.checkout().approve()
    programs.wait_for_callbacks()
    programs.fault("GET", "*/payments/v1/sessions/*", 99, status=503, body={})
    page = linked.get("/checkout")
    assert "the order you confirmed is not placed yet" in page.text
    assert "cannot be reached right now. Your cart is kept" not in page.text
    programs.let_attempts_rest()
    run_reconcile(programs)
    assert len(programs.klarna_orders()) == 1
    programs.control("DELETE", "faults")
    programs.let_attempts_rest()
    run_reconcile(programs)
    assert len(programs.klarna_orders()) == 2


def test_coming_back_to_the_checkout_finds_the_order(programs: Programs, linked: Visitor) -> None:
    linked.add()
    linked.checkout().approve()
    programs.wait_for_callbacks()
    assert "Thank you" in linked.get("/checkout").text
    assert len(programs.klarna_orders()) == 2


def test_a_lost_redirect_leaves_the_order_in_the_account(programs: Programs, linked: Visitor) -> None:
    linked.add()
    checkout = linked.checkout()
    checkout.order(checkout.approve())
    number = programs.klarna_orders()[-1]["merchant_reference1"]
    assert number in linked.get("/account/orders").text
    assert "Thank you" in linked.get("/checkout").text


@pytest.mark.parametrize(
    ("action", "orders"),
    [({"drop": "after"}, 2), ({"drop": "before"}, 1), ({"status": 500, "body": {}}, 1), ({"delay": 2}, 2)],
    ids=["answer lost", "question lost", "500", "too slow"],
)
def test_an_unanswered_create_order_ends_in_one_order_or_none(
    programs: Programs, linked: Visitor, action: dict, orders: int
) -> None:
    linked.add()
    checkout = linked.checkout()
    token = checkout.approve()
    programs.fault("POST", "*/authorizations/*/order", 3, **action)
    with programs.impatient():
        status, body = checkout.order(token)
    assert status == 200, body
    assert "confirming your payment" in linked.get(body["redirect"].removeprefix(programs.shop_url)).text
    programs.klarna.calls.wait()
    assert len(programs.klarna_orders()) == orders
    programs.control("DELETE", "faults")
    programs.let_attempts_rest()
    run_reconcile(programs)
    assert len(programs.klarna_orders()) == 2
    assert "Thank you" in linked.get(body["redirect"].removeprefix(programs.shop_url)).text


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        (403, "REJECTED", "rejected"),
        (403, "INVALID_OPERATION", "refused"),
        (404, "NOT_FOUND", "expired"),
        (409, "BAD_VALUE", "mismatch"),
        (400, "BAD_VALUE", "misconfigured"),
        (401, "", "misconfigured"),
    ],
)
def test_a_refused_create_order_is_told_and_the_approval_discarded(
    programs: Programs, linked: Visitor, status: int, code: str, told: str
) -> None:
    linked.add()
    checkout = linked.checkout()
    token = checkout.approve()
    programs.fault("POST", "*/authorizations/*/order", 1, status=status, body={"error_code": code})
    answer, body = checkout.order(token)
    assert (answer, body["error"], body["renew"]) == (409, told, True)
    assert "othing was charged" in body["message"]
    assert programs.cancelled() == [token]
    assert checkout.order(token)[1]["error"] == "cart_changed"
    programs.wait_for_callbacks()
    programs.let_attempts_rest()
    run_reconcile(programs)
    assert len(programs.klarna_orders()) == 1
    assert programs.stock("house-blend") == 49
    assert "Thank you" in linked.checkout().pay().text


def test_a_refused_repetition_does_not_hide_the_order_of_the_first_call(programs: Programs, linked: Visitor) -> None:
    """The answer of the first call was lost, and Klarna will not repeat it: the shop must not say "nothing charged"."""
    linked.add()
    checkout = linked.checkout()
    token = checkout.approve()
    programs.fault("POST", "*/authorizations/*/order", 3, drop="after")
    _, body = checkout.order(token)
    programs.fault("POST", "*/authorizations/*/order", 1, status=403, body={"error_code": "INVALID_OPERATION"})
    programs.let_attempts_rest()
    run_reconcile(programs)
    assert "confirming your payment" in linked.get(body["redirect"].removeprefix(programs.shop_url)).text
    programs.let_attempts_rest()
    run_reconcile(programs)
    assert "Thank you" in linked.get(body["redirect"].removeprefix(programs.shop_url)).text


def test_two_hundred_posts_of_one_approval_are_one_order(programs: Programs, linked: Visitor) -> None:
    linked.add()
    checkout = linked.checkout()
    token = checkout.approve()
    programs.wait_for_callbacks()
    callback = next(e for e in programs.journal(actor="callback") if checkout.attempt in e["path"])

    def post(number: int) -> int:
        if number % 2:
            return checkout.order(token)[0]
        return requests.post(callback["path"], json=callback["request"]["body"], timeout=60).status_code

    with ThreadPoolExecutor(40) as threads:
        answers = set(threads.map(post, range(200)))
    assert answers <= {200, 204}
    programs.wait_for_background()
    assert len(programs.klarna_orders()) == 2
    placed = list(programs.journal(f"/authorizations/{token}/order"))
    assert len(placed) == 1
    assert programs.stock("house-blend") == 48


def waiting_questions(programs: Programs) -> int:
    with programs.shop.app_context():
        return db.session.scalar(select(func.count()).select_from(IdentityTask)) or 0


def run_reconcile(programs: Programs) -> None:
    programs.wait_for_background()
    with programs.shop.app_context():
        list(reconcile.settle_all())
