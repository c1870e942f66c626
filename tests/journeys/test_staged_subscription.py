"""A subscription that a scenario begins: one bag is paid, the second one was refused, and the shopper can mend it."""

from tests.support.presenter import Presenter
from tests.support.programs import Programs
from tests.support.subscriber import charges, pay_again, renewals, subscription


def test_the_first_renewal_came_early_and_was_refused(demo: Programs) -> None:
    presenter = Presenter(demo)
    assert "Klarna did not approve this payment." in presenter.start("renewal-refused").text
    assert [renewal.state for renewal in renewals(demo)] == ["charged", "waiting"]
    assert [charge["status"] for charge in charges(demo)] == [403]
    assert len(demo.klarna_orders()) == 1


def test_it_is_paid_anew_as_any_other(demo: Programs) -> None:
    presenter = Presenter(demo)
    presenter.start("renewal-refused")
    pay_again(presenter).finish()
    assert [renewal.state for renewal in renewals(demo)] == ["charged", "charged"]
    assert subscription(demo).state == "active"
