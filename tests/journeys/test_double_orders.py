"""What must never become two orders, or an order nobody knows of."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from app.klarna import Region
from app.shop import create_app
from tests.support.programs import Programs
from tests.support.visitor import Checkout, Visitor


@pytest.fixture
def visitor(programs: Programs) -> Visitor:
    visitor = Visitor(programs)
    visitor.email = visitor.register()
    visitor.add()
    return visitor


def reconcile(programs: Programs) -> None:
    programs.let_attempts_rest()
    done = programs.shop.test_cli_runner().invoke(args=["reconcile"])
    assert done.exit_code == 0, done.output


def unanswered(programs: Programs, checkout: Checkout) -> str:
    """Pay, and lose every answer of Klarna; where the page is sent."""
    token = checkout.approve()
    programs.fault("POST", "*/authorizations/*/order", 3, drop="after")
    status, body = checkout.order(token)
    assert status == 200
    return str(body["redirect"])


def test_an_unclear_order_leaves_nothing_to_buy_again(programs: Programs, visitor: Visitor) -> None:
    unanswered(programs, visitor.checkout())
    assert "confirming your payment" in visitor.get("/checkout").text
    assert visitor.call("/checkout/refresh", {})[1]["redirect"]
    reconcile(programs)
    assert "Thank you" in visitor.get("/checkout").text
    assert len(programs.klarna_orders()) == 1


def test_one_cart_paid_in_two_browsers_at_once_is_one_order(programs: Programs, visitor: Visitor) -> None:
    second = Visitor(programs)
    second.sign_in(visitor.email)
    pages = [visitor.checkout(), second.checkout()]
    tokens = [page.approve() for page in pages]
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda pair: pair[0].order(pair[1]), zip(pages, tokens, strict=True)))
    assert sorted(status for status, _ in answers) == [200, 409]
    reconcile(programs)
    assert len(programs.klarna_orders()) == 1
    assert programs.stock("house-blend") == 49


@pytest.mark.parametrize(
    ("status", "code"),
    [(403, "INVALID_OPERATION"), (404, "SESSION_COMPLETED"), (401, ""), (408, ""), (409, "BAD_VALUE")],
)
def test_a_refused_second_try_is_no_verdict_on_the_first(
    programs: Programs, visitor: Visitor, status: int, code: str
) -> None:
    checkout = visitor.checkout()
    token = checkout.approve()
    programs.fault("POST", "*/authorizations/*/order", 1, drop="after")
    programs.fault("POST", "*/authorizations/*/order", 1, status=status, body={"error_code": code})
    answer, body = checkout.order(token)
    assert answer == 200, body
    assert len(programs.klarna_orders()) == 1
    reconcile(programs)
    assert "Thank you" in visitor.get(body["redirect"].removeprefix(programs.shop_url)).text
    assert len(programs.stored_tokens()) == 1
    assert len(programs.klarna_orders()) == 1


def test_a_refusal_puts_the_goods_back_on_the_shelf_and_into_the_cart(programs: Programs, visitor: Visitor) -> None:
    checkout = visitor.checkout()
    token = checkout.approve()
    programs.control("PATCH", "people/de-approved", {"outcome": "reject_order"})
    assert checkout.order(token)[1]["error"] == "rejected"
    assert programs.stock("house-blend") == 50
    assert "House blend" in visitor.get("/cart").text


def test_two_tabs_that_retry_at_once_share_one_session(programs: Programs, visitor: Visitor) -> None:
    programs.fault("POST", "*/payments/v1/sessions", 3, status=503, body={})
    visitor.get("/checkout")
    programs.control("DELETE", "faults")
    programs.fault("POST", "*/payments/v1/sessions", 1, delay=0.7)
    with ThreadPoolExecutor(2) as threads:
        tabs = list(threads.map(lambda _: visitor.call("/checkout/refresh", {}), range(2)))
    assert {status for status, _ in tabs} == {200}
    assert len({body["attempt"] for _, body in tabs}) == 1
    assert "Thank you" in visitor.checkout().pay().text
    reconcile(programs)
    assert len(programs.klarna_orders()) == 1


def test_what_was_said_to_be_sold_out_is_never_charged_later(programs: Programs, visitor: Visitor) -> None:
    checkout = visitor.checkout()
    token = checkout.approve()
    programs.set_stock("house-blend", 0)
    programs.fault("DELETE", "*/authorizations/*", 9, status=503, body={})
    assert checkout.order(token)[1]["error"] == "sold_out"
    programs.wait_for_callbacks()
    programs.set_stock("house-blend", 5)
    reconcile(programs)
    assert programs.klarna_orders() == []


def test_a_guest_who_registers_while_paying_is_not_charged_behind_their_back(programs: Programs) -> None:
    guest = Visitor(programs)
    guest.add()
    checkout = guest.checkout()
    token = checkout.approve()
    programs.wait_for_callbacks()
    guest.register()
    guest.get("/cart")
    status, body = checkout.order(token)
    assert (status, body["error"]) == (403, "not_yours")
    reconcile(programs)
    assert programs.klarna_orders() == []


def test_page_and_callback_both_lost_is_found_by_reading_the_session(programs: Programs, visitor: Visitor) -> None:
    programs.control("PATCH", "switches", {"authorization_callback": "lost"})
    visitor.checkout().approve()
    reconcile(programs)
    assert len(programs.klarna_orders()) == 1
    assert "Thank you" in visitor.get("/checkout").text


def test_one_unreadable_row_does_not_hold_up_the_next(programs: Programs, visitor: Visitor) -> None:
    unanswered(programs, visitor.checkout())
    other = Visitor(programs)
    other.register()
    other.add()
    unanswered(programs, other.checkout())
    programs.spoil_oldest_attempt()
    reconcile(programs)
    assert "Thank you" in other.get("/checkout").text


def test_a_region_taken_out_of_the_settings_holds_nobody_else_up(programs: Programs, visitor: Visitor) -> None:
    programs.control("PATCH", "switches", {"authorization_callback": "lost"})
    visitor.checkout().approve()
    american = Visitor(programs)
    american.register()
    american.shop_in("US")
    american.add()
    american.checkout().approve(person="us-approved")
    programs.let_attempts_rest()
    right = programs.shop.config["SHOP"]
    shop = create_app(replace(right, klarna={Region.NA: right.klarna[Region.NA]}))
    done = shop.test_cli_runner().invoke(args=["reconcile"])
    assert done.exit_code == 0, done.output
    assert [order["purchase_country"] for order in programs.klarna_orders()] == ["US"]


def test_unlinking_in_another_tab_is_not_undone_by_an_order(programs: Programs, visitor: Visitor) -> None:
    visitor.checkout().pay()
    visitor.add()
    checkout = visitor.checkout()
    token = checkout.approve()
    visitor.get("/account/klarna")
    visitor.post("/account/klarna/unlink", {"region": "EU"})
    status, body = checkout.order(token)
    assert status == 200, body
    assert programs.stored_tokens() == []
    assert programs.events(visitor.email)[-1] == "unwanted"


def test_a_no_to_a_session_is_not_kept_for_the_next_try(programs: Programs, visitor: Visitor) -> None:
    programs.fault("POST", "*/payments/v1/sessions", 1, status=403, body={"error_code": "MERCHANT_INACTIVE"})
    visitor.get("/checkout")
    assert visitor.call("/checkout/refresh", {})[0] == 200


def test_tokens_are_in_no_log_even_when_the_line_breaks(programs: Programs, visitor: Visitor, caplog) -> None:
    caplog.set_level("DEBUG", logger="app")
    checkout = visitor.checkout()
    token = checkout.approve()
    programs.fault("POST", "*/authorizations/*/order", 2, drop="before")
    assert checkout.order(token)[0] == 200
    said = "\n".join(r.getMessage() for r in caplog.records if not r.name.startswith("werkzeug"))
    assert token not in said
    assert programs.stored_tokens()[0] not in said


def test_a_late_answer_does_not_replace_a_newer_token(programs: Programs, visitor: Visitor) -> None:
    first = visitor.checkout()
    unanswered(programs, first)
    second = Visitor(programs)
    second.sign_in(visitor.email)
    second.add("paper-filters")
    second.checkout().pay(person="de-new-user")
    newest = programs.stored_tokens()
    reconcile(programs)
    assert len(programs.klarna_orders()) == 2
    assert programs.stored_tokens() == newest
    assert programs.events(visitor.email) == ["linked", "outdated"]


def test_signing_out_while_paying_ends_the_checkout_and_says_so(programs: Programs, visitor: Visitor) -> None:
    checkout = visitor.checkout()
    checkout.approve()
    programs.wait_for_callbacks()
    visitor.sign_out()
    page = visitor.get(f"/checkout/interrupted/{checkout.attempt}")
    assert "Nothing was charged. Your cart is kept in your account: sign in to go on." in page.text
    assert "Your cart is empty" not in page.text
    reconcile(programs)
    assert programs.klarna_orders() == []


def test_somebody_else_signed_in_while_paying_is_not_asked_to_pay(programs: Programs, visitor: Visitor) -> None:
    checkout = visitor.checkout()
    visitor.sign_out()
    visitor.register()
    page = visitor.get(f"/checkout/interrupted/{checkout.attempt}")
    assert "Nothing was charged" in page.text
    assert "pay again" not in page.text
    visitor.add()
    assert "Please pay again." in visitor.get(f"/checkout/interrupted/{checkout.attempt}").text


def test_signing_out_too_late_names_the_order(programs: Programs, visitor: Visitor) -> None:
    checkout = visitor.checkout()
    checkout.order(checkout.approve())
    number = programs.klarna_orders()[0]["merchant_reference1"]
    visitor.sign_out()
    assert f"Your order {number} is with Klarna" in visitor.get(f"/checkout/interrupted/{checkout.attempt}").text
    assert len(programs.klarna_orders()) == 1


@pytest.mark.parametrize("given_up", [False, True], ids=["the page asks first", "the background was quicker"])
def test_a_cart_that_another_browser_ordered_leads_to_that_order(
    programs: Programs, visitor: Visitor, given_up: bool
) -> None:
    second = Visitor(programs)
    second.sign_in(visitor.email)
    late = second.checkout()
    token = late.approve()
    visitor.checkout().pay()
    number = programs.klarna_orders()[0]["merchant_reference1"]
    if given_up:
        programs.wait_for_callbacks()
        reconcile(programs)
    status, body = late.order(token)
    assert (status, body["error"]) == (409, "cart_changed")
    assert "ordered or emptied in another window" in body["message"]
    page = second.get("/checkout")
    assert "ordered already" in page.text
    assert number in page.text
    assert len(programs.klarna_orders()) == 1


@pytest.mark.parametrize("attempt", ["unknown", "0" * 32, "<script>"])
def test_an_interrupted_checkout_nobody_knows(programs: Programs, visitor: Visitor, attempt: str) -> None:
    page = visitor.get(f"/checkout/interrupted/{attempt}")
    assert "Nothing was charged" in page.text
