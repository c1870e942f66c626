"""Somebody with two accounts of the shop, as scenarios need them: the first has a past, the second is here."""

from tests.support.presenter import Presenter
from tests.support.programs import Programs


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
