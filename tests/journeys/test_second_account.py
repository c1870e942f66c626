"""Somebody with two accounts of the shop, as scenarios need them: the first has a past, the second is here."""

from app.shop.console.personas import EMAILS
from app.shop.console.personas import PASSWORD as DEMO_PASSWORD
from tests.support.klarna_login import STOCKHOLM_PHONE, KlarnaLogin
from tests.support.presenter import Presenter
from tests.support.programs import Programs
from tests.support.visitor import Page


def test_the_second_account_is_new_and_the_first_one_linked(demo: Programs) -> None:
    presenter = Presenter(demo)
    page = presenter.start("two-accounts").text
    first, second = demo.accounts()
    assert second in page
    assert first not in page
    assert demo.events(first) == ["linked"]
    assert demo.events(second) == []
    assert second in presenter.get("/account").text
    cart = presenter.get("/cart").text
    assert "House blend" in cart
    assert "Stoneware mug" not in cart


def test_what_the_first_account_stored_is_not_sent_for_the_second(demo: Programs) -> None:
    presenter = Presenter(demo)
    presenter.start("two-accounts")
    (token,) = demo.stored_tokens()
    sent = str([e["request"]["body"] for e in demo.journal("/payments/v1/sessions") if e["method"] == "POST"])
    assert token not in sent
    presenter.checkout().pay()
    assert demo.events(demo.accounts()[1]) == ["linked"]


def test_klarnas_customer_opens_the_first_account_and_the_second_one_is_here(demo: Programs) -> None:
    presenter = Presenter(demo)
    presenter.start("another-account")
    first, second = demo.accounts()
    assert first == EMAILS["DE"]
    assert demo.identity(first)
    assert second in presenter.get("/account").text


def test_who_holds_the_email_is_asked_for_the_password_on_the_card_each_time(demo: Programs) -> None:
    for _ in range(2):
        presenter = Presenter(demo)
        assert EMAILS["SE"] in presenter.start("password-once").text
        asked = KlarnaLogin(presenter, STOCKHOLM_PHONE).go()
        presenter.csrf = Page(asked.text).values["csrf_token"]
        assert "Is this your account?" in asked.text
        assert EMAILS["SE"] in presenter.post("/login/klarna/connect", {"password": DEMO_PASSWORD}).text
    assert demo.accounts() == [EMAILS["SE"]]


def test_an_account_with_a_password_of_its_own_is_not_played_with(demo: Programs) -> None:
    Presenter(demo).register(EMAILS["SE"])
    presenter = Presenter(demo)
    presenter.get("/demo")
    presenter.post("/demo/start/password-once", {})
    assert "It has to be deleted first." in presenter.get("/demo/ready").text
    assert demo.has_password(EMAILS["SE"])
