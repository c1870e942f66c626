"""The other browser: a link makes it the demo account of a scenario, and nothing else can be done with that link."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.shop.accounts import service as accounts
from app.shop.console.invitations import Invitation, Invitations
from app.shop.console.personas import PASSWORD as EVERYBODYS
from tests.support.presenter import Presenter
from tests.support.programs import Programs
from tests.support.visitor import Page, Visitor

LINK = re.compile(r'href="(/demo/elsewhere/[^"]+)"')
OVER = "This link is over"


def prepared(demo: Programs, scenario_id: str = "other-browser") -> tuple[Presenter, str, str]:
    """Somebody in a scenario, the link on its card, and the account it is for."""
    presenter = Presenter(demo)
    card = presenter.start(scenario_id).text
    (link,), (email, *_more) = LINK.findall(card), re.findall(r"demo-[0-9a-f]{16}@example\.com", card)
    return presenter, link, email


def is_nobody(visitor: Visitor) -> bool:
    answer = visitor.http.get(f"{visitor.programs.shop_url}/account", allow_redirects=False, timeout=60)
    return answer.status_code == 302


def last_session(demo: Programs) -> dict[str, Any]:
    """The body by which the newest payment session was opened."""
    body: dict[str, Any] = [e for e in demo.journal("/payments/v1/sessions") if e["method"] == "POST"][-1]["request"][
        "body"
    ]
    return body


def test_two_clicks_make_a_browser_without_cookies_the_account_and_klarna_knows_it_by_its_token(demo: Programs) -> None:
    _presenter, link, email = prepared(demo)
    elsewhere = Visitor(demo)
    assert email in elsewhere.get(link).text
    assert "House blend" in elsewhere.post(link, {}).text
    assert email in elsewhere.get("/account").text
    checkout = elsewhere.checkout()
    assert last_session(demo)["customer"]["customer_token"] in demo.stored_tokens()
    assert demo.recognised(checkout.session_id) == "de-approved"
    assert "Thank you" in checkout.pay().text


def test_without_a_link_to_klarna_the_other_browser_is_a_stranger_there(demo: Programs) -> None:
    _presenter, link, _email = prepared(demo, "first-purchase")
    elsewhere = Visitor(demo)
    elsewhere.get(link)
    elsewhere.post(link, {})
    assert demo.recognised(elsewhere.checkout().session_id) is None


def test_it_shops_in_the_scenarios_market(demo: Programs) -> None:
    _presenter, link, _email = prepared(demo, "other-region")
    elsewhere = Visitor(demo)
    elsewhere.get(link)
    assert "$" in elsewhere.post(link, {}).text


def test_a_link_changes_nothing_before_the_button_is_pressed_here(demo: Programs) -> None:
    _presenter, link, email = prepared(demo)
    elsewhere, forger = Visitor(demo), Visitor(demo)
    for _ in range(2):
        elsewhere.get(link)
    assert is_nobody(elsewhere)
    for token in ("", "made-up"):
        elsewhere.send(link, {"csrf_token": token})
        assert is_nobody(elsewhere)
    forger.get("/")
    elsewhere.send(link, {"csrf_token": forger.csrf})
    assert is_nobody(elsewhere)
    elsewhere.get(link)
    elsewhere.post(link, {})
    assert email in elsewhere.get("/account").text


def test_it_works_once(demo: Programs) -> None:
    _presenter, link, _email = prepared(demo)
    first, second = Visitor(demo), Visitor(demo)
    for visitor in (first, second):
        visitor.get(link)
    first.post(link, {})
    assert OVER in second.post(link, {}, 410).text
    assert is_nobody(second)
    assert OVER in Visitor(demo).get(link, 410).text


def test_a_page_that_is_loaded_again_has_a_fresh_link(demo: Programs) -> None:
    presenter, link, email = prepared(demo)
    elsewhere = Visitor(demo)
    elsewhere.get(link)
    elsewhere.post(link, {})
    (again,) = LINK.findall(presenter.get("/cart").markup)
    assert email in Visitor(demo).get(again).text


@pytest.mark.parametrize("odd", ["x", "a.b.c", "%00", "é", "W10.abc.def", "x" * 4000])
def test_what_is_no_link_is_answered_in_words(demo: Programs, odd: str) -> None:
    visitor = Visitor(demo)
    visitor.get("/cart")
    for answer in (
        visitor.http.get(f"{demo.shop_url}/demo/elsewhere/{odd}", timeout=60),
        visitor.send(f"/demo/elsewhere/{odd}", {}),
    ):
        assert answer.status_code in (400, 410)
        assert is_nobody(visitor)


def test_a_changed_link_is_none(demo: Programs) -> None:
    _presenter, link, _email = prepared(demo)
    visitor = Visitor(demo)
    page = visitor.get(link)
    sealed = link.rpartition("/")[2]
    other = "a" if sealed[-10] != "a" else "b"
    for odd in (sealed[1:], sealed[:-10] + other + sealed[-9:], sealed.replace(".", "", 1), sealed.swapcase()):
        assert OVER in Page(visitor.send(f"/demo/elsewhere/{odd}", {"csrf_token": page.values["csrf_token"]}).text).text
        assert is_nobody(visitor)


@pytest.fixture
def invitations(demo: Programs) -> Iterator[dict[str, Any]]:
    """Where the shop keeps its links, as it was before afterwards."""
    kept = demo.shop.extensions["invitations"]
    yield demo.shop.extensions
    demo.shop.extensions["invitations"] = kept


@pytest.mark.parametrize("lasts", [-1, 600], ids=["too old", "of a process that ended"])
def test_a_link_of_before_is_over(demo: Programs, invitations: dict[str, Any], lasts: int) -> None:
    invitations["invitations"] = Invitations(lasts)
    _presenter, link, _email = prepared(demo)
    if lasts > 0:
        invitations["invitations"] = Invitations()
    visitor = Visitor(demo)
    assert OVER in visitor.get(link, 410).text
    assert OVER in visitor.post(link, {}, 410).text
    assert is_nobody(visitor)


def test_no_ordinary_account_is_reached_even_with_the_shops_own_seal(demo: Programs) -> None:
    owner = Visitor(demo)
    email = owner.register()
    with demo.shop.app_context():
        accounts.keep_staff("staff@example.com", "the till is by the door")
    for whom in (email, "staff@example.com", "nobody@example.com"):
        sealed = demo.shop.extensions["invitations"].sealed(Invitation(whom, "DE"))
        visitor = Visitor(demo)
        visitor.get(f"/demo/elsewhere/{sealed}")
        assert OVER in visitor.post(f"/demo/elsewhere/{sealed}", {}, 410).text
        assert is_nobody(visitor)


def test_a_browser_in_no_scenario_and_an_ordinary_account_have_no_link(demo: Programs) -> None:
    visitor = Visitor(demo)
    visitor.register()
    for path in ("/cart", "/account", "/demo/phone"):
        assert not LINK.findall(visitor.get(path).markup)
    assert "As the demo account" not in visitor.get("/demo/phone").text


def test_a_demo_account_whose_password_was_changed_is_its_owners(demo: Programs) -> None:
    presenter, link, _email = prepared(demo)
    presenter.get("/account/password")
    presenter.post("/account/password", {"current": EVERYBODYS, "password": "mine and nobody else's"})
    visitor = Visitor(demo)
    visitor.get(link)
    assert OVER in visitor.post(link, {}, 410).text
    assert is_nobody(visitor)


def test_whoever_was_signed_in_is_told_and_signed_out(demo: Programs) -> None:
    _presenter, link, email = prepared(demo)
    somebody = Visitor(demo)
    before = somebody.register()
    somebody.add("paper-filters")
    somebody.sign_out()
    somebody.get("/login")
    somebody.post("/login", {"email": before, "password": "correct horse battery", "remember": "y"})
    assert f"{before} is signed in, and is signed out by this." in somebody.get(link).text
    assert before in somebody.get("/account").text
    somebody.get(link)
    cart = somebody.post(link, {}).text
    assert "Paper filters" not in cart
    assert "shop_remember" not in somebody.http.cookies
    assert email in somebody.get("/account").text


def test_the_browser_of_the_scenario_itself_is_told_to_use_another_one(demo: Programs) -> None:
    presenter, link, _email = prepared(demo)
    page = presenter.get(link)
    assert "open it in a private window" in page.text
    assert '<button class="button">Sign in here' not in page.markup


def test_with_live_keys_there_are_no_such_links(demo: Programs) -> None:
    presenter, link, _email = prepared(demo)
    settings = demo.shop.config["SHOP"]
    visitor = Visitor(demo)
    visitor.get(link)
    demo.shop.config["SHOP"] = replace(settings, environment="live")
    try:
        visitor.get(link, 404)
        assert visitor.send(link, {}).status_code == 404
        assert is_nobody(visitor)
        assert not LINK.findall(presenter.get("/cart").markup)
    finally:
        demo.shop.config["SHOP"] = settings


def test_where_the_console_is_off_there_is_no_such_page(demo: Programs, programs: Programs) -> None:
    _presenter, link, _email = prepared(demo)
    visitor = Visitor(programs)
    visitor.get("/cart")
    visitor.get(link, 404)
    assert visitor.send(link, {}).status_code == 404
    assert "invitations" not in programs.shop.extensions


def test_a_phone_takes_the_account_by_its_code(demo: Programs) -> None:
    presenter, _link, email = prepared(demo)
    assert f"QR code that signs in as {email}" in presenter.get("/demo/phone").markup


def test_the_link_is_not_in_the_timeline(demo: Programs) -> None:
    presenter, link, _email = prepared(demo)
    presenter.get(link)
    elsewhere = Presenter(demo)
    elsewhere.get(link)
    elsewhere.post(link, {})
    secret = link.rpartition("/")[2]
    assert secret not in presenter.everything() + elsewhere.everything()
