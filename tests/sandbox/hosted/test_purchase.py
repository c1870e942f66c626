"""A shopper buys: for the first time, recognised, without linking, as somebody else, or not at all."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.sandbox.hosted import checkout
from tests.sandbox.hosted.conftest import BILLING, Klarna
from tests.sandbox.hosted.merchant import Merchant

pytestmark = pytest.mark.browser
DENIED_NUMBER, SWEDISH_NUMBER, NEW_NUMBER = "+49017610927312", "+46701740615", "+491713920066"
CLOSED = {"approved": False, "show_form": True}


def test_the_first_purchase_asks_for_number_and_code_and_links_the_account(klarna: Klarna, shop: Page) -> None:
    checkout.open_checkout(shop, klarna.session())
    window = checkout.press_buy(shop)
    checkout.log_in(window)
    expect(window.get_by_text("€259.00").first.or_(window.get_by_text("259,00 €").first)).to_be_visible()
    checkout.confirm(window)
    result = checkout.result(shop)
    assert (result["approved"], result["show_form"]) == (True, True)
    assert window.is_closed() or window.wait_for_event("close")
    assert "customer_token" in klarna.order(result["authorization_token"])


def test_the_merchants_server_is_told_as_well(klarna: Klarna, shop: Page, merchant: Merchant) -> None:
    checkout.open_checkout(shop, klarna.session())
    window = checkout.press_buy(shop)
    checkout.log_in(window)
    checkout.confirm(window)
    token = checkout.result(shop)["authorization_token"]
    assert merchant.told(1)[0]["authorization_token"] == token


def test_a_linked_shopper_confirms_at_once(klarna: Klarna, shop: Page, merchant: Merchant) -> None:
    token = checkout.linked_token(klarna, shop)
    shop.goto(merchant.url)
    checkout.open_checkout(shop, klarna.session(customer={"customer_token": token}))
    expect(shop.frame_locator("#widget iframe").get_by_text("You’re recognised. No login needed.")).to_be_visible()
    window = checkout.press_buy(shop)
    expect(window.get_by_text("Recognised as Mock Mock")).to_be_visible()
    checkout.confirm(window)
    assert klarna.order(checkout.result(shop)["authorization_token"])["customer_token"] == token


def test_nothing_of_a_purchase_is_remembered_by_the_browser(klarna: Klarna, shop: Page, merchant: Merchant) -> None:
    checkout.linked_token(klarna, shop)
    assert shop.context.cookies() == []
    shop.goto(merchant.url)
    checkout.open_checkout(shop, klarna.session())
    expect(checkout.press_buy(shop).get_by_label("Mobile number")).to_be_focused()


@pytest.mark.parametrize("ending", ["rotate", "revoke"])
def test_a_token_that_is_no_good_any_more_asks_to_log_in(
    klarna: Klarna, shop: Page, merchant: Merchant, ending: str
) -> None:
    token = checkout.linked_token(klarna, shop)
    klarna.control("POST", f"customer-tokens/{ending}", {"customer_token": token})
    shop.goto(merchant.url)
    checkout.open_checkout(shop, klarna.session(customer={"customer_token": token}))
    window = checkout.press_buy(shop)
    checkout.log_in(window)
    checkout.confirm(window)
    assert klarna.order(checkout.result(shop)["authorization_token"])["customer_token"] != token


def test_who_unticks_the_box_is_not_linked(klarna: Klarna, shop: Page) -> None:
    checkout.open_checkout(shop, klarna.session())
    window = checkout.press_buy(shop)
    checkout.log_in(window)
    window.get_by_label("Link my Klarna account to Morrow").uncheck()
    checkout.confirm(window)
    assert "customer_token" not in klarna.order(checkout.result(shop)["authorization_token"])


def test_who_unticked_the_box_is_not_asked_again_in_the_same_session(klarna: Klarna, shop: Page) -> None:
    box = "Link my Klarna account to Morrow"
    checkout.open_checkout(shop, klarna.session())
    window = checkout.press_buy(shop)
    checkout.log_in(window)
    window.get_by_label(box).uncheck()
    checkout.confirm(window)
    checkout.result(shop)
    again = checkout.press_buy(shop)
    checkout.log_in(again)
    expect(again.get_by_label(box)).not_to_be_checked()
    again.get_by_role("button", name="Not you?").click()
    checkout.log_in(again, NEW_NUMBER)
    expect(again.get_by_label(box)).to_be_checked()


def test_a_purchase_without_linking_shows_no_box(klarna: Klarna, shop: Page) -> None:
    checkout.open_checkout(shop, klarna.session(intent="buy"))
    window = checkout.press_buy(shop)
    checkout.log_in(window)
    expect(window.get_by_role("button", name="Confirm and pay")).to_be_visible()
    expect(window.get_by_role("checkbox")).to_have_count(0)


def test_not_you_leads_to_the_login_of_somebody_else(klarna: Klarna, shop: Page, merchant: Merchant) -> None:
    token = checkout.linked_token(klarna, shop)
    shop.goto(merchant.url)
    checkout.open_checkout(shop, klarna.session(customer={"customer_token": token}))
    window = checkout.press_buy(shop)
    window.get_by_role("button", name="Not you?").click()
    checkout.log_in(window, NEW_NUMBER)
    expect(window.get_by_text("Welcome to Klarna.")).to_be_visible()
    expect(window.get_by_text("Recognised as")).to_have_count(0)
    checkout.confirm(window)
    assert klarna.order(checkout.result(shop)["authorization_token"])["customer_token"] != token


def test_somebody_new_types_the_address_the_shop_did_not_send(klarna: Klarna, shop: Page) -> None:
    checkout.open_checkout(shop, klarna.session())
    window = checkout.press_buy(shop, data={})
    checkout.log_in(window, NEW_NUMBER)
    expect(window.get_by_role("heading", name="Your address")).to_be_visible()
    window.get_by_role("button", name="Continue").click()
    expect(window.get_by_text("First name is missing.")).to_be_visible()
    for label, text in [("First name", "Nina"), ("Last name", "Neu"), ("Street address", "Hauptstr. 1")]:
        window.get_by_label(label).fill(text)
    window.get_by_label("Postal code").fill("10115")
    window.get_by_label("City").fill("Berlin")
    window.get_by_role("button", name="Continue").click()
    expect(window.get_by_text("Hauptstr. 1")).to_be_visible()
    checkout.confirm(window)
    assert checkout.result(shop)["approved"] is True


def test_cancel_leaves_klarna_selectable(klarna: Klarna, shop: Page) -> None:
    checkout.open_checkout(shop, klarna.session())
    window = checkout.press_buy(shop)
    window.get_by_role("button", name="Cancel").click()
    assert checkout.result(shop) == CLOSED


def test_no_button_can_be_pressed_before_somebody_listens(klarna: Klarna, shop: Page) -> None:
    held: list[Route] = []
    checkout.open_checkout(shop, klarna.session())
    window = checkout.press_buy(shop)
    expect(window.get_by_role("button", name="Cancel")).to_be_enabled()
    window.context.route("**/static/window.js", lambda route: held.append(route))
    with window.expect_request("**/static/window.js"):
        window.get_by_role("button", name="Continue").click()
    expect(window.get_by_role("alert")).to_be_visible()
    for name in ("Use +49", "Cancel"):
        expect(window.get_by_role("button", name=name)).to_be_disabled()
    [script] = held
    script.continue_()
    window.get_by_role("button", name="Cancel").click()
    assert checkout.result(shop) == CLOSED


def test_closing_the_popup_is_cancelling(klarna: Klarna, shop: Page) -> None:
    checkout.open_checkout(shop, klarna.session())
    window = checkout.press_buy(shop)
    expect(window.get_by_label("Mobile number")).to_be_visible()
    window.close()
    assert checkout.result(shop) == CLOSED


def test_stopping_on_the_merchants_page_closes_the_popup(klarna: Klarna, shop: Page) -> None:
    checkout.open_checkout(shop, klarna.session())
    window = checkout.press_buy(shop)
    expect(window.get_by_label("Mobile number")).to_be_visible()
    expect(shop.get_by_text("Continue in Klarna’s window")).to_be_visible()
    shop.get_by_role("button", name="Stop and stay in the shop").click()
    assert checkout.result(shop) == CLOSED
    assert window.is_closed() or window.wait_for_event("close")
    expect(shop.get_by_role("dialog")).to_have_count(0)


def test_a_window_closed_right_after_the_confirmation_still_counts(klarna: Klarna, shop: Page) -> None:
    checkout.open_checkout(shop, klarna.session())
    window = checkout.press_buy(shop)
    checkout.log_in(window)
    window.context.route("**/static/window.js", lambda route: route.abort())
    checkout.confirm(window)
    expect(window.get_by_role("heading", name="Confirmed")).to_be_visible()
    window.close()
    result = checkout.result(shop)
    assert result["approved"] is True
    assert klarna.order(result["authorization_token"])["order_id"]


def test_a_blocked_popup_becomes_an_overlay(klarna: Klarna, shop: Page) -> None:
    shop.evaluate("window.open = () => null")
    checkout.open_checkout(shop, klarna.session())
    checkout.prepare(shop)
    shop.get_by_role("button", name="Pay with Klarna").click()
    window = shop.frame_locator("dialog iframe")
    checkout.log_in(window)
    checkout.confirm(window)
    assert checkout.result(shop)["approved"] is True
    expect(shop.get_by_role("dialog")).to_have_count(0)
    shown = [name for name, _ in shop.evaluate("shop.events") if name.startswith("fullscreen")]
    assert shown == ["fullscreenOverlayShown", "fullscreenOverlayHidden"]


def test_the_overlay_can_be_cancelled(klarna: Klarna, shop: Page) -> None:
    shop.evaluate("window.open = () => null")
    checkout.open_checkout(shop, klarna.session())
    checkout.prepare(shop)
    shop.get_by_role("button", name="Pay with Klarna").click()
    shop.frame_locator("dialog iframe").get_by_role("button", name="Cancel").click()
    assert checkout.result(shop) == CLOSED


def test_the_wrong_code_is_refused_and_can_be_mended(klarna: Klarna, shop: Page) -> None:
    checkout.open_checkout(shop, klarna.session())
    window = checkout.press_buy(shop)
    checkout.log_in(window, code="999999")
    expect(window.get_by_role("alert")).to_contain_text("Wrong code")
    expect(window.get_by_label("Code")).to_be_focused()
    checkout.enter_code(window, "12345")
    expect(window.get_by_role("alert")).to_contain_text("six digits")
    checkout.enter_code(window, "000000")
    expect(window.get_by_role("button", name="Confirm and pay")).to_be_visible()


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("+49 170 0000000", "knows nobody"),
        (SWEDISH_NUMBER, "account in Sweden"),
        ("customer@email.de", "no mobile number"),
        ("", "Enter your mobile number"),
    ],
)
def test_a_number_that_does_not_work_is_kept_and_explained(klarna: Klarna, shop: Page, number: str, words: str) -> None:
    checkout.open_checkout(shop, klarna.session())
    window = checkout.press_buy(shop)
    window.get_by_label("Mobile number").fill(number)
    window.get_by_role("button", name="Continue").click()
    expect(window.get_by_role("alert")).to_contain_text(words)
    expect(window.get_by_label("Mobile number")).to_have_value(number)
    expect(window.get_by_label("Mobile number")).to_be_focused()


def test_the_hint_fills_in_the_number(klarna: Klarna, shop: Page) -> None:
    checkout.open_checkout(shop, klarna.session())
    window = checkout.press_buy(shop)
    window.get_by_role("button", name="Use +49").click()
    window.get_by_role("button", name="Continue").click()
    window.get_by_role("button", name="Use 123456").click()
    window.get_by_role("button", name="Continue").click()
    expect(window.get_by_text("Logged in as Mock Mock")).to_be_visible()


@pytest.mark.parametrize("button", [True, False])
def test_a_refusal_is_final_however_the_window_is_left(klarna: Klarna, shop: Page, button: bool) -> None:
    checkout.open_checkout(shop, klarna.session())
    window = checkout.press_buy(shop)
    checkout.log_in(window, DENIED_NUMBER)
    checkout.confirm(window)
    expect(window.get_by_role("heading", name="This purchase can’t be paid with Klarna")).to_be_focused()
    expect(window.get_by_text("Nothing was charged.")).to_be_visible()
    if button:
        window.get_by_role("button", name="Close").click()
    else:
        window.close()
    assert checkout.result(shop) == {"approved": False, "show_form": False}


def test_the_billed_address_of_a_denied_person_is_refused_too(klarna: Klarna, shop: Page) -> None:
    checkout.open_checkout(shop, klarna.session())
    window = checkout.press_buy(shop, {"billing_address": {**BILLING, "email": "customer+denied@email.de"}})
    checkout.log_in(window)
    checkout.confirm(window)
    expect(window.get_by_text("Nothing was charged.")).to_be_visible()


def test_a_decision_may_change_while_the_window_is_open(klarna: Klarna, shop: Page) -> None:
    checkout.open_checkout(shop, klarna.session())
    window = checkout.press_buy(shop)
    checkout.log_in(window)
    klarna.control("PATCH", "people/de-approved", {"decision": "refuse"})
    checkout.confirm(window)
    expect(window.get_by_text("Nothing was charged.")).to_be_visible()


def test_a_field_to_mend_closes_the_window_and_names_the_field(klarna: Klarna, shop: Page) -> None:
    checkout.open_checkout(shop, klarna.session())
    checkout.press_buy(shop, {"billing_address": {**BILLING, "postal_code": "much too long"}})
    result = checkout.result(shop)
    assert result == {**CLOSED, "error": {"invalid_fields": ["billing_address.postal_code"]}}
    window = checkout.press_buy(shop)
    expect(window.get_by_label("Mobile number")).to_be_visible()


def test_a_purchase_changed_under_the_window_is_shown_again(klarna: Klarna, shop: Page) -> None:
    session = klarna.session()
    checkout.open_checkout(shop, session)
    window = checkout.press_buy(shop)
    checkout.log_in(window)
    expect(window.get_by_role("button", name="Confirm and pay")).to_be_visible()
    line = {"name": "Book", "quantity": 1, "unit_price": 1070, "total_amount": 1070}
    line |= {"tax_rate": 700, "total_tax_amount": 70}
    change = {"order_amount": 1070, "order_tax_amount": 70, "order_lines": [line]}
    klarna.post(f"/payments/v1/sessions/{session['session_id']}", change)
    checkout.confirm(window)
    expect(window.get_by_role("alert")).to_contain_text("The purchase has changed.")
    expect(window.get_by_text("Book")).to_be_visible()
    checkout.confirm(window)
    assert klarna.order(checkout.result(shop)["authorization_token"], **change)["order_id"]


def test_a_double_click_gives_one_authorization(klarna: Klarna, shop: Page) -> None:
    checkout.open_checkout(shop, klarna.session())
    window = checkout.press_buy(shop)
    checkout.log_in(window)
    form = window.locator("form", has=window.get_by_role("button", name="Confirm and pay"))
    fields = form.evaluate("(form) => Object.fromEntries(new FormData(form))")
    answers = [
        window.request.post(f"{klarna.url}/kp/window/confirm", form=fields).text().split("authorization_token")[1][:60]
        for _ in range(2)
    ]
    assert answers[0] == answers[1]
    window.get_by_role("button", name="Confirm and pay").dblclick()
    assert checkout.result(shop)["approved"] is True
    assert len(klarna.control("GET", "callbacks")) == 1


def test_pressing_twice_opens_one_window_and_answers_both(klarna: Klarna, shop: Page) -> None:
    checkout.open_checkout(shop, klarna.session())
    window = checkout.press_buy(shop)
    shop.evaluate("Klarna.Payments.authorize({}, undefined, (result) => shop.results.push(result))")
    checkout.log_in(window)
    assert len(shop.context.pages) == 2
    checkout.confirm(window)
    assert checkout.result(shop, 1) == checkout.result(shop, 2)


def test_a_session_that_is_over_ends_the_window_in_words(klarna: Klarna, shop: Page) -> None:
    checkout.open_checkout(shop, klarna.session())
    window = checkout.press_buy(shop)
    window.get_by_label("Mobile number").fill("+4917614284340")
    klarna.control("POST", "clock", {"advance": 49 * 3600})
    window.get_by_role("button", name="Continue").click()
    expect(window.get_by_role("heading", name="This window has ended")).to_be_visible()
    window.get_by_role("button", name="Close").click()
    assert checkout.result(shop) == CLOSED


def test_names_of_goods_are_text(klarna: Klarna, shop: Page) -> None:
    checkout.open_checkout(shop, klarna.session())
    window = checkout.press_buy(shop)
    checkout.log_in(window)
    expect(window.get_by_text("<b>Shade</b> & Co")).to_be_visible()


def test_the_redirect_leads_to_the_confirmation_page(klarna: Klarna, shop: Page, merchant: Merchant) -> None:
    checkout.open_checkout(shop, klarna.session())
    window = checkout.press_buy(shop)
    checkout.log_in(window)
    checkout.confirm(window)
    order = klarna.order(checkout.result(shop)["authorization_token"])
    shop.goto(order["redirect_url"])
    assert shop.url == f"{merchant.url}/confirmation"
    shop.goto(f"{klarna.url}/payments/redirect/nothing")
    expect(shop.get_by_role("heading", name="There is no such order here")).to_be_visible()
