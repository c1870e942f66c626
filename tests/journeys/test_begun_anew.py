"""Klarna's sample customer is new to the shop again where a scenario needs it, and nobody else is."""

from dataclasses import replace

import pytest

from app.shop.console import renewal
from app.shop.console.personas import EMAILS
from app.shop.console.personas import PASSWORD as DEMO_PASSWORD
from app.shop.console.scenarios import MOCK
from tests.support.klarna_login import KlarnaLogin
from tests.support.patience import until
from tests.support.presenter import Presenter
from tests.support.programs import Programs
from tests.support.visitor import PASSWORD, Page

EMAIL = EMAILS["DE"]


def signed_up(demo: Programs) -> Page:
    """The scenario, played once by somebody."""
    presenter = Presenter(demo)
    presenter.start("sign-up")
    login = KlarnaLogin(presenter)
    page = login.go(next="/account")
    assert login.screens == ["phone", "code", "consent"]
    return Page(page.text)


def connected(demo: Programs, email: str, password: str) -> Presenter:
    """Somebody with a password whose account Klarna's sample customer opens, too."""
    presenter = Presenter(demo)
    presenter.get("/register")
    presenter.post("/register", {"email": email, "password": password})
    KlarnaLogin(presenter).go()
    presenter.get("/login/klarna/connect")
    presenter.post("/login/klarna/connect", {"password": password})
    assert demo.identity(email)
    return presenter


def test_a_sign_up_is_one_each_time(demo: Programs) -> None:
    for _ in range(2):
        assert "Your account is ready" in signed_up(demo).text
        assert demo.sign_in_events(EMAIL)[0] == "created"
    assert demo.accounts().count(EMAIL) == 1


def test_the_account_of_the_last_time_takes_leave_at_klarna_too(demo: Programs) -> None:
    signed_up(demo)
    Presenter(demo).start("sign-up")
    assert EMAIL not in demo.accounts()
    until(lambda: demo.journal("/oauth2/revoke"))


def test_a_purchase_that_was_left_unfinished_is_nobodys_now(demo: Programs) -> None:
    Presenter(demo).start("kco-tab-closed")
    (opened,) = (e for e in demo.journal("/checkout/v3/orders") if e["status"] == 201)
    demo.control("POST", "checkouts/complete", {"order_id": opened["response"]["body"]["order_id"], "person": MOCK})
    assert Presenter(demo).start("kco-signed-in").url == f"{demo.shop_url}/klarna-checkout"


def test_an_account_with_a_password_is_left_alone(demo: Programs) -> None:
    connected(demo, EMAIL, PASSWORD)
    Presenter(demo).start("sign-up")
    assert demo.has_password(EMAIL)
    assert demo.identity(EMAIL)


def test_an_account_with_the_demos_password_is_disconnected_and_stays(demo: Programs) -> None:
    connected(demo, "demo-shopper@example.com", DEMO_PASSWORD)
    assert "Your account is ready" in signed_up(demo).text
    assert "demo-shopper@example.com" in demo.accounts()
    assert demo.sign_in_events("demo-shopper@example.com")[-1] == "disconnected"


@pytest.mark.parametrize("environment", ["playground", "live"])
def test_with_real_klarna_nobody_begins_anew(demo: Programs, environment: str) -> None:
    signed_up(demo)
    settings = demo.shop.config["SHOP"]
    demo.shop.config["SHOP"] = replace(settings, environment=environment)
    try:
        with demo.shop.app_context():
            renewal.begin_anew(EMAIL, "+4917614284340")
    finally:
        demo.shop.config["SHOP"] = settings
    assert demo.identity(EMAIL)
