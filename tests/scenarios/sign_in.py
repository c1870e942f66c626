"""How the scenarios of Sign in with Klarna are played."""

from playwright.sync_api import expect

from app.shop.console.personas import EMAILS
from app.shop.console.personas import PASSWORD as DEMO_PASSWORD
from tests.browser.shopper import PHONE, Shopper, log_in
from tests.scenarios.players import paid_with_login, paid_without_login, plays, reads
from tests.support.klarna_login import STOCKHOLM_PHONE
from tests.support.programs import Programs
from tests.support.visitor import new_email


def continue_with_klarna(shopper: Shopper) -> None:
    """The link of the page, as far as Klarna."""
    shopper.page.get_by_role("main").get_by_role("link", name="Continue with Klarna", exact=True).first.click()


def allow(shopper: Shopper, phone: str = PHONE, answer: str = "Allow") -> None:
    """Number, code and consent at Klarna."""
    log_in(shopper.page, phone)
    shopper.press(answer)


def is_signed_in(shopper: Shopper) -> None:
    expect(shopper.page.get_by_role("button", name="Sign out")).to_be_attached()


@plays("sign-up")
def sign_up(shopper: Shopper, demo: Programs) -> None:
    continue_with_klarna(shopper)
    allow(shopper)
    expect(shopper.page.get_by_text("Welcome! Your account is ready")).to_be_visible()
    reads(shopper, "/account", "Neue Schönhauser Str. 2")


@plays("password-once")
def password_once(shopper: Shopper, demo: Programs) -> None:
    continue_with_klarna(shopper)
    allow(shopper, STOCKHOLM_PHONE)
    shopper.sees("Is this your account?")
    shopper.fill("Password", DEMO_PASSWORD)
    shopper.press("Connect accounts")
    expect(shopper.page.get_by_text("Klarna is connected to this account")).to_be_visible()
    shopper.press("Sign out")
    shopper.open("/login")
    continue_with_klarna(shopper)
    is_signed_in(shopper)
    assert demo.has_password(EMAILS["SE"])


@plays("email-unverified")
def email_unverified(shopper: Shopper, demo: Programs) -> None:
    before = demo.accounts()
    continue_with_klarna(shopper)
    allow(shopper, STOCKHOLM_PHONE)
    expect(shopper.page.get_by_role("main").get_by_text("Klarna has not verified")).to_be_visible()
    expect(shopper.page.get_by_label("Password", exact=True)).to_have_count(0)
    goes_on_as(shopper, new_email())
    assert len(demo.accounts()) == len(before) + 1


@plays("email-withheld")
def email_withheld(shopper: Shopper, demo: Programs) -> None:
    continue_with_klarna(shopper)
    allow(shopper)
    expect(shopper.page.get_by_role("main").get_by_text("Klarna did not tell us an email")).to_be_visible()
    goes_on_as(shopper, new_email())
    reads(shopper, "/account", "Neue Schönhauser Str. 2")


def goes_on_as(shopper: Shopper, email: str) -> None:
    """Answer the question for an e-mail."""
    shopper.fill("Email", email)
    shopper.press("Create my account")
    is_signed_in(shopper)


@plays("another-account")
def another_account(shopper: Shopper, demo: Programs) -> None:
    continue_with_klarna(shopper)
    shopper.sees("Which account is yours?")
    shopper.page.get_by_role("button", name="Stay signed in as").click()
    expect(shopper.page.get_by_text("Nothing was connected; everything is as it was.")).to_be_visible()
    reads(shopper, "/account", "demo-")


@plays("denied")
def denied(shopper: Shopper, demo: Programs) -> None:
    before = demo.accounts()
    continue_with_klarna(shopper)
    allow(shopper, answer="Deny")
    shopper.sees("You stopped at Klarna")
    shopper.page.get_by_role("link", name="Sign in with a password").click()
    shopper.sees("Welcome back")
    assert demo.accounts() == before


@plays("guest-to-account")
def guest_to_account(shopper: Shopper, demo: Programs) -> None:
    shopper.sees_klarna_ready()
    shopper.type_address(email=EMAILS["DE"])
    paid_with_login(shopper)
    number = demo.klarna_orders()[-1]["merchant_reference1"]
    continue_with_klarna(shopper)
    allow(shopper)
    expect(shopper.page.get_by_text(f"Order {number} is in your account now.")).to_be_visible()
    reads(shopper, "/account/orders", number)


@plays("issuer-down")
def issuer_down(shopper: Shopper, demo: Programs) -> None:
    continue_with_klarna(shopper)
    allow(shopper)
    shopper.sees("Klarna’s sign-in does not answer")
    continue_with_klarna(shopper)
    is_signed_in(shopper)


@plays("signed-in")
def signed_in(shopper: Shopper, demo: Programs) -> None:
    paid_without_login(shopper)


@plays("sign-in-over")
def sign_in_over(shopper: Shopper, demo: Programs) -> None:
    paid_with_login(shopper)
