"""The start page shows and changes the sandbox, and shows no secret."""

from typing import Any

import pytest
import requests
from playwright.sync_api import Page, Route, expect

from app.sandbox.control import switchboard
from app.sandbox.hosted import start
from app.sandbox.people import Outcome
from tests.sandbox.hosted import checkout
from tests.sandbox.hosted.conftest import ACCOUNTS, Klarna
from tests.sandbox.hosted.merchant import Merchant

pytestmark = pytest.mark.browser


def reset(page: Page) -> None:
    """Both steps of it."""
    page.get_by_role("button", name="Reset everything").click()
    page.get_by_role("dialog").get_by_role("button", name="Yes, forget it all").click()


def test_a_link_can_be_rotated_and_is_never_shown_raw(klarna: Klarna, shop: Page) -> None:
    token = checkout.linked_token(klarna, shop)
    shop.goto(klarna.url)
    card = shop.locator("[data-links] li")
    expect(card.get_by_text("Mock Mock, customer@email.de")).to_be_visible()
    card.get_by_role("button", name="Rotate").click()
    expect(shop.get_by_role("status")).to_contain_text("rotated")
    expect(card.get_by_text("rotated", exact=True)).to_be_visible()
    assert token not in shop.content()
    assert token.rpartition(":")[2] not in shop.content()


def test_a_link_can_be_revoked(klarna: Klarna, shop: Page) -> None:
    checkout.linked_token(klarna, shop)
    shop.goto(klarna.url)
    shop.locator("[data-links] li").get_by_role("button", name="Revoke").click()
    expect(shop.locator("[data-links] li").get_by_text("revoked", exact=True)).to_be_visible()


def test_a_token_can_expire(klarna: Klarna, shop: Page) -> None:
    checkout.linked_token(klarna, shop)
    shop.goto(klarna.url)
    shop.locator("[data-links] li").get_by_role("button", name="Expire").click()
    expect(shop.locator("[data-links] li").get_by_text("expired", exact=True)).to_be_visible()


def test_what_is_being_pressed_is_not_replaced_before_it_is_let_go(klarna: Klarna, shop: Page) -> None:
    checkout.linked_token(klarna, shop)
    shop.goto(klarna.url)
    shop.get_by_role("button", name="Revoke").hover()
    shop.mouse.down()
    shop.evaluate("import('/static/start/page.js').then(({ find, redraw }) => { redraw(find('links'), []) })")
    shop.mouse.up()
    expect(shop.get_by_role("status")).to_contain_text("was revoked")


def test_nothing_can_be_pressed_or_chosen_before_the_page_listens(klarna: Klarna, shop: Page) -> None:
    held: list[Route] = []
    shop.route("**/static/start.js", lambda route: held.append(route))
    with shop.expect_request("**/static/start.js"):
        shop.goto(klarna.url, wait_until="commit")
    expect(shop.get_by_role("heading", name="What it does, and what it does not")).to_be_visible()
    dead = shop.locator("main button:disabled, main select:disabled").filter(visible=True)
    expect(dead).not_to_have_count(0)
    expect(shop.locator("main button:enabled, main select:enabled").filter(visible=True)).to_have_count(0)
    [script] = held
    script.continue_()
    shop.get_by_role("button", name="Forward 1 hour").click()
    expect(shop.get_by_role("status")).to_contain_text("1 hour ahead")
    expect(dead).to_have_count(0)


def test_what_becomes_of_a_persons_purchases_is_chosen(klarna: Klarna, shop: Page) -> None:
    shop.goto(klarna.url)
    select = shop.get_by_label("Purchases of customer@email.se")
    for label, outcome in (("Refused", "refuse"), ("Order pending", "pend"), ("Approved", "approve")):
        select.focus()
        select.select_option(label=label)
        expect(shop.get_by_role("status")).to_contain_text(f"customer@email.se from now on: {label.lower()}")
        expect(select).to_be_focused()
        people = {person["id"]: person["outcome"] for person in klarna.control("GET", "people")}
        assert people["se-approved"] == outcome


def test_what_a_person_tells_at_a_sign_in_is_chosen(klarna: Klarna, shop: Page) -> None:
    shop.goto(klarna.url)
    select = shop.get_by_label("Sign-ins of customer@email.se")
    chosen = {
        "E-mail not verified": (False, []),
        "Tells no address": (True, ["billing_address", "shipping_address"]),
        "Tells all at a sign-in": (True, []),
    }
    for label, account in chosen.items():
        select.select_option(label=label)
        expect(shop.get_by_role("status")).to_contain_text(f"customer@email.se from now on: {label.lower()}")
        (person,) = (row for row in klarna.control("GET", "people") if row["id"] == "se-approved")
        assert (person["email_verified"], person["withheld"]) == account
    shop.reload()
    expect(select.locator("option:checked")).to_have_text("Tells all at a sign-in")


@pytest.mark.parametrize(
    ("label", "choice", "name", "value"),
    [
        ("Authorization callback", "Five at once", "authorization_callback", "burst"),
        ("Order notification", "Sent twice", "notification_callback", "twice"),
        ("Webhooks", "Lost", "webhooks", "lost"),
        ("Customer tokens", "Change with every order", "rotate_on_every_order", "on"),
    ],
)
def test_a_switch_is_set_and_a_reset_sets_it_back(
    klarna: Klarna, shop: Page, label: str, choice: str, name: str, value: str
) -> None:
    before = klarna.control("GET", "switches")
    shop.goto(klarna.url)
    select = shop.get_by_label(label, exact=True)
    expect(select).to_have_value(before[name])
    select.select_option(label=choice)
    expect(shop.get_by_role("status")).to_contain_text(f"{label}: {choice.lower()}")
    assert klarna.control("GET", "switches") == before | {name: value}
    reset(shop)
    expect(select).to_have_value(before[name])


def test_the_page_offers_every_word_of_its_switches_and_every_outcome() -> None:
    for name, _label, choices, _means in start.SWITCHES:
        assert {value for value, _words in choices} == set(switchboard.SWITCHES[name].choices)
    assert {value for value, _words, _means in start.OUTCOMES} == set(Outcome)


@pytest.mark.parametrize(
    ("button", "action", "words"),
    [
        ("Next create order answers 503", "status", "answered 503"),
        ("Answer of create order is lost", "drop", "answer lost"),
        ("Sessions are slow (8 s)", "delay", "8 s slower"),
    ],
)
def test_a_fault_is_set_up_and_forgotten(klarna: Klarna, shop: Page, button: str, action: str, words: str) -> None:
    shop.goto(klarna.url)
    shop.get_by_role("button", name=button).click()
    expect(shop.locator("[data-faults]").get_by_text(words)).to_be_visible()
    [fault] = klarna.control("GET", "faults")
    assert set(fault["action"]) >= {action}
    shop.get_by_role("button", name="Forget faults").click()
    expect(shop.get_by_text("No fault is waiting for a call.")).to_be_visible()
    assert klarna.control("GET", "faults") == []


def test_the_next_order_meets_the_fault_and_the_one_after_it_does_not(klarna: Klarna, shop: Page) -> None:
    shop.goto(klarna.url)
    shop.get_by_role("button", name="Next create order answers 503").click()
    expect(shop.locator("[data-faults] li")).to_have_count(1)
    address = f"{klarna.url}/payments/v1/authorizations/{'0' * 8}/order"
    auth = (ACCOUNTS[0].username, ACCOUNTS[0].password)
    assert [requests.post(address, json={}, auth=auth, timeout=60).status_code for _ in range(2)] == [503, 404]


def test_a_callback_is_sent_again_and_forged(klarna: Klarna, shop: Page, merchant: Merchant) -> None:
    checkout.linked_token(klarna, shop)
    token = checkout.result(shop)["authorization_token"]
    shop.goto(klarna.url)
    callbacks = shop.locator("[data-callbacks] li")
    expect(callbacks).to_have_count(1)
    assert token not in callbacks.inner_text()
    merchant.told(1)
    shop.get_by_role("button", name="Send again").click()
    expect(callbacks).to_have_count(2)
    merchant.told(2)  # what is sent does not wait for what was sent before
    shop.get_by_role("button", name="Forge", exact=True).click()
    expect(callbacks.get_by_text("Forged: authorization callback")).to_be_visible()
    assert [news["authorization_token"] == token for news in merchant.told(3)] == [True, True, False]


def pending_order(klarna: Klarna, shop: Page, **more: object) -> dict[str, Any]:
    """An order under review, and the start page."""
    klarna.control("PATCH", "people/de-approved", {"outcome": "pend"})
    checkout.open_checkout(shop, klarna.session())
    window = checkout.press_buy(shop)
    checkout.log_in(window)
    checkout.confirm(window)
    order = klarna.order(checkout.result(shop)["authorization_token"], merchant_reference1="A-1", **more)
    shop.goto(klarna.url)
    return order


@pytest.mark.parametrize(
    ("button", "fraud_status", "shown", "gone"),
    [("Accept", "ACCEPTED", "authorized", "pending"), ("Reject", "REJECTED", "rejected", "authorized")],
)
def test_a_pending_order_is_decided(
    klarna: Klarna, shop: Page, merchant: Merchant, button: str, fraud_status: str, shown: str, gone: str
) -> None:
    notification = {"notification": f"{klarna.merchant_url}/decided"}
    order = pending_order(klarna, shop, merchant_urls=notification)
    card = shop.locator("[data-orders] li")
    expect(card.get_by_text("A-1, €259.00")).to_be_visible()
    expect(card.get_by_text("pending", exact=True)).to_be_visible()
    expect(card.get_by_text("authorized", exact=True)).to_be_hidden()
    shop.get_by_role("button", name=f"{button} order A-1").click()
    expect(shop.get_by_role("status")).to_contain_text(f"Order A-1 was {button.lower()}ed")
    expect(card.get_by_text(shown, exact=True)).to_be_visible()
    expect(card.get_by_text(gone, exact=True)).to_be_hidden()
    expect(shop.get_by_role("button", name="Accept order A-1")).to_be_hidden()
    [seen] = klarna.control("GET", "orders")
    assert (seen["order_id"], seen["fraud_status"]) == (order["order_id"], fraud_status)
    told = shop.locator("[data-callbacks] li").filter(has_text="Notification: order")
    expect(told.get_by_text(f"Order {order['order_id'][:8]}…")).to_be_visible()


def test_an_accepted_order_is_stopped_and_shown_with_its_money(klarna: Klarna, shop: Page) -> None:
    order_id = pending_order(klarna, shop)["order_id"]
    klarna.control("POST", f"orders/{order_id}/decide", {"decision": "accept"})
    klarna.post(f"/ordermanagement/v1/orders/{order_id}/captures", {"captured_amount": 5900})
    klarna.post(f"/ordermanagement/v1/orders/{order_id}/refunds", {"refunded_amount": 900})
    shop.reload()
    card = shop.locator("[data-orders] li")
    for told in ("€59.00 captured", "€9.00 refunded", "€200.00 left until", "part captured"):
        expect(card.get_by_text(told)).to_be_visible()
    shop.get_by_role("button", name="Stop order A-1").click()
    expect(card.get_by_text("rejected", exact=True)).to_be_visible()


def test_without_orders_the_page_says_so(klarna: Klarna, shop: Page) -> None:
    shop.goto(klarna.url)
    expect(shop.get_by_text("Nothing was bought yet.")).to_be_visible()


def test_the_clock_goes_forward_and_a_reset_brings_it_back(klarna: Klarna, shop: Page) -> None:
    shop.goto(klarna.url)
    shop.get_by_role("button", name="Forward 48 hours").click()
    expect(shop.get_by_role("status")).to_contain_text("2 days")
    assert klarna.control("GET", "clock")["offset"] == 48 * 3600
    reset(shop)
    expect(shop.get_by_role("status")).to_contain_text("as at the beginning")
    assert klarna.control("GET", "clock")["offset"] == 0


def test_the_journal_leaves_secrets_out(klarna: Klarna, shop: Page) -> None:
    checkout.linked_token(klarna, shop)
    authorization = checkout.result(shop)["authorization_token"]
    shop.goto(klarna.url)
    journal = shop.locator("[data-journal]")
    expect(journal.get_by_text("/order")).to_be_visible()
    assert authorization not in journal.inner_text()


def test_what_cannot_be_done_is_said(klarna: Klarna, shop: Page) -> None:
    shop.goto(klarna.url)
    shop.route("**/_sandbox/reset", lambda route: route.fulfill(status=503))
    reset(shop)
    expect(shop.get_by_role("status")).to_contain_text("did not work")


def test_the_clock_goes_forward_by_any_number_of_hours(klarna: Klarna, shop: Page) -> None:
    shop.goto(klarna.url)
    hours, forward = shop.get_by_label("Or by"), shop.get_by_role("button", name="Forward", exact=True)
    forward.click()
    expect(shop.get_by_role("status")).to_contain_text("a number above zero")
    hours.fill("1.5")
    forward.click()
    expect(shop.get_by_role("status")).to_contain_text("90 minutes")
    shop.get_by_role("button", name="Forward 61 days").click()
    expect(shop.get_by_role("status")).to_contain_text("61 days")
    assert klarna.control("GET", "clock")["offset"] == 5400 + 61 * 24 * 3600


def test_a_reset_is_asked_about(klarna: Klarna, shop: Page) -> None:
    klarna.control("POST", "clock", {"advance": 60})
    shop.goto(klarna.url)
    shop.get_by_role("button", name="Reset everything").click()
    shop.get_by_role("dialog").get_by_role("button", name="Keep it").click()
    expect(shop.get_by_role("dialog")).to_be_hidden()
    assert klarna.control("GET", "clock")["offset"] == 60


def test_a_refresh_says_that_it_was_done_and_words_can_be_closed(klarna: Klarna, shop: Page) -> None:
    shop.goto(klarna.url)
    shop.get_by_role("button", name="Refresh").click()
    expect(shop.get_by_role("status")).to_contain_text("This page shows what there was at")
    shop.get_by_role("button", name="Close this message").click()
    expect(shop.get_by_role("status")).to_have_text("")


def test_of_a_long_list_the_rest_is_one_click_away(klarna: Klarna, shop: Page) -> None:
    for _ in range(25):
        klarna.session()
    shop.goto(klarna.url)
    entries = shop.locator("[data-journal] li")
    expect(entries).to_have_count(20)
    shop.get_by_role("button", name="Show more of Journal").click()
    expect(entries).to_have_count(25)
    expect(shop.get_by_role("button", name="Show more of Journal")).to_be_hidden()
