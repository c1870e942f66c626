"""How the scenarios after the purchase are played."""

from playwright.sync_api import expect

from app.shop.accounts import service as accounts
from tests.browser.shopper import Shopper, confirm, log_in
from tests.scenarios.players import paid_without_login, plays, reads
from tests.support.clerk import EMAIL, PASSWORD
from tests.support.patience import until
from tests.support.programs import Programs


@plays("pending")
def pending(shopper: Shopper, demo: Programs) -> None:
    paid_without_login(shopper)
    expect(shopper.page.get_by_text("Klarna is having a closer look at the payment")).to_be_visible()
    order = demo.klarna_orders()[-1]
    reads(shopper, f"/orders/{order['merchant_reference1']}", "In review at Klarna")
    demo.control("POST", f"orders/{order['order_id']}/decide", {"decision": "accept"})
    demo.wait_for_callbacks()
    demo.wait_for_background()
    shopper.open(f"/orders/{order['merchant_reference1']}")
    shopper.sees(f"Order {order['merchant_reference1']}")
    expect(shopper.page.get_by_text("Paid with Klarna").first).to_be_visible()


def decided_at_klarna(shopper: Shopper, demo: Programs, word: str) -> str:
    """The newest order is decided on Klarna's side; its number."""
    number = str(demo.klarna_orders()[-1]["merchant_reference1"])
    console = shopper.context.new_page()
    console.goto(shopper.page.get_by_role("link", name="Klarna’s side", exact=True).get_attribute("href") or "")
    console.get_by_role("button", name=f"{word} order {number}", exact=True).click()
    until(lambda: demo.klarna_orders()[-1]["fraud_status"] == "REJECTED")
    demo.wait_for_callbacks()
    demo.wait_for_background()
    return number


@plays("stopped")
def stopped(shopper: Shopper, demo: Programs) -> None:
    paid_without_login(shopper)
    number = decided_at_klarna(shopper, demo, "Stop")
    reads(shopper, "/demo/outbox", f"Your order {number} is on hold")
    reads(shopper, f"/orders/{number}", "On hold, payment stopped", "will not be sent")


@plays("rejected")
def rejected(shopper: Shopper, demo: Programs) -> None:
    paid_without_login(shopper)
    number = decided_at_klarna(shopper, demo, "Reject")
    reads(shopper, "/demo/outbox", f"Your order {number} was not approved")
    reads(shopper, f"/orders/{number}", "Nothing was charged, and nothing will be sent")
    shopper.press("Order again")
    expect(shopper.page.get_by_role("link", name="House blend").first).to_be_visible()


@plays("ship-and-refund")
def ship_and_refund(shopper: Shopper, demo: Programs) -> None:
    number = demo.klarna_orders()[-1]["merchant_reference1"]
    with demo.shop.app_context():
        accounts.keep_staff(EMAIL, PASSWORD)
    clerk = Shopper(shopper.browser, shopper.shop_url)
    clerk.open("/login")
    clerk.fill("Email", EMAIL)
    clerk.fill("Password", PASSWORD)
    clerk.press("Sign in")
    expect(clerk.page.get_by_role("button", name="Sign out")).to_be_attached()
    clerk.open(f"/admin/orders/{number}")
    capture = clerk.page.get_by_role("region", name="Capture", exact=True)
    capture.get_by_role("button", name="Capture", exact=True).click()
    expect(clerk.page.get_by_text("Captured. The shopper’s page says")).to_be_visible()
    refund = clerk.page.get_by_role("region", name="Refund", exact=True)
    refund.get_by_label("Pieces of Stoneware mug").fill("1")
    refund.get_by_role("button", name="Refund", exact=True).click()
    expect(clerk.page.get_by_text("Refunded.")).to_be_visible()
    clerk.leave()
    reads(shopper, f"/orders/{number}", "back to you")


@plays("unlink")
def unlink(shopper: Shopper, demo: Programs) -> None:
    shopper.press("Unlink Klarna")
    expect(shopper.page.get_by_text("Your Klarna account is unlinked")).to_be_visible()
    demo.wait_for_background()
    assert demo.control("GET", "customer-tokens")[-1]["status"] == "revoked"
    expect(shopper.page.get_by_role("button", name="Unlink Klarna")).to_have_count(0)


@plays("subscribe")
def subscribe(shopper: Shopper, demo: Programs) -> None:
    shopper.press("Subscribe")
    shopper.sees_klarna_ready()
    with shopper.page.expect_popup() as opened:
        shopper.press("Subscribe with Klarna")
    confirm(opened.value)
    shopper.sees("Your subscriptions")
    expect(shopper.page.get_by_text("Active", exact=True)).to_be_visible()
    expect(shopper.page.get_by_text("Next deliveries", exact=True)).to_be_visible()
    reads(shopper, "/demo/stored", "Payment token")


@plays("renewal-refused")
def renewal_refused(shopper: Shopper, demo: Programs) -> None:
    expect(shopper.page.get_by_text("Klarna did not approve this payment.")).to_be_visible()
    shopper.page.get_by_role("link", name="Pay again with Klarna").click()
    shopper.sees_klarna_ready()
    with shopper.page.expect_popup() as opened:
        shopper.press("Pay again with Klarna")
    log_in(opened.value)
    confirm(opened.value)
    shopper.sees("Your subscriptions")
    expect(shopper.page.get_by_text("Active", exact=True)).to_be_visible()


def one_click_is_set_up(shopper: Shopper) -> None:
    shopper.page.get_by_role("link", name="Set up pay with one click").click()
    shopper.sees_klarna_ready()
    with shopper.page.expect_popup() as opened:
        shopper.press("Set up with Klarna")
    confirm(opened.value)
    shopper.sees("Park now")


def park(shopper: Shopper) -> None:
    shopper.open("/account/wallet")
    shopper.page.get_by_role("button", name="1 hour in Market square").click()
    shopper.sees("Parking ticket")


@plays("one-click-parking")
def one_click_parking(shopper: Shopper, demo: Programs) -> None:
    one_click_is_set_up(shopper)
    park(shopper)
    expect(shopper.page.get_by_text("Valid until")).to_be_visible()


@plays("parking-step-up")
def parking_step_up(shopper: Shopper, demo: Programs) -> None:
    one_click_is_set_up(shopper)
    console = shopper.context.new_page()
    console.goto(shopper.page.get_by_role("link", name="Klarna’s side", exact=True).get_attribute("href") or "")
    console.get_by_role("button", name="Step up next charge").last.click()
    until(lambda: demo.control("GET", "payment-tokens")[-1]["next_charge"] == "step_up")
    park(shopper)
    shopper.page.get_by_role("link", name="Choose how to pay").click()
    shopper.sees_klarna_ready()
    window = shopper.pay()
    expect(window.get_by_text("Recognised as")).to_be_visible()
    confirm(window)
    expect(shopper.page.get_by_text("Valid until")).to_be_visible()
    park(shopper)
    expect(shopper.page.get_by_text("Valid until")).to_be_visible()


@plays("parking-refused")
def parking_refused(shopper: Shopper, demo: Programs) -> None:
    one_click_is_set_up(shopper)
    park(shopper)
    expect(shopper.page.get_by_role("main").get_by_text("Another try may go through")).to_be_visible()
    park(shopper)
    expect(shopper.page.get_by_text("Valid until")).to_be_visible()
