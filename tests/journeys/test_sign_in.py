"""Sign in with Klarna: whose account it opens, what it fills in, and how it ends. Both programs, nothing patched."""

import re
from datetime import timedelta
from html import unescape
from threading import Thread

import pytest
from sqlalchemy import delete, text

from app.klarna import Region
from app.shop.extensions import db
from app.shop.signin import endings, vault
from app.shop.signin.models import EndedSignIn
from tests.support.klarna_login import BERLIN_PHONE, LONDON_PHONE, NEW_YORK_PHONE, STOCKHOLM_PHONE, KlarnaLogin
from tests.support.programs import Programs
from tests.support.visitor import BERLIN, PASSWORD, Page, Visitor, buy, new_email
from tests.support.wire import meanwhile

BERLIN_EMAIL = "customer@email.de"


def signed_in(programs: Programs, phone: str = BERLIN_PHONE, **query: str) -> Visitor:
    visitor = Visitor(programs)
    page = KlarnaLogin(visitor, phone).go(**query)
    assert page.status_code == 200, page.text[:500]
    return visitor


def who(visitor: Visitor) -> str:
    """Whom the shop says is signed in; nobody is an empty text."""
    answer = visitor.http.get(visitor.programs.shop_url + "/account", timeout=60)
    return Page(answer.text).text.split("Signed in as ")[1].split()[0] if "/account" in answer.url else ""


# --- whose account


def test_a_new_person_has_an_account_and_lands_where_they_came_from(programs: Programs) -> None:
    visitor = Visitor(programs)
    login = KlarnaLogin(visitor)
    page = login.go(next="/products/house-blend")
    assert page.url == f"{programs.shop_url}/products/house-blend"
    assert login.screens == ["phone", "code", "consent"]
    assert who(visitor) == BERLIN_EMAIL
    assert programs.sign_in_events(BERLIN_EMAIL) == ["created", "filled"]


@pytest.mark.parametrize(
    ("market", "number"),
    [("DE", BERLIN_PHONE), ("SE", STOCKHOLM_PHONE), ("GB", LONDON_PHONE), ("US", NEW_YORK_PHONE)],
)
def test_klarnas_pages_know_the_market_of_the_shopper(programs: Programs, market: str, number: str) -> None:
    visitor = Visitor(programs)
    visitor.shop_in(market)
    assert number in "".join(KlarnaLogin(visitor).start().text.split())


def test_a_known_person_sees_no_screen_and_has_one_account(programs: Programs) -> None:
    visitor = signed_in(programs)
    visitor.get("/account")
    visitor.sign_out()
    login = KlarnaLogin(visitor)
    login.go()
    assert login.screens == []
    assert who(visitor) == BERLIN_EMAIL
    assert programs.accounts() == [BERLIN_EMAIL]
    assert programs.identity(BERLIN_EMAIL).generation == 2


def test_an_account_with_the_same_email_asks_for_its_password_once(programs: Programs) -> None:
    owner = Visitor(programs)
    owner.register(BERLIN_EMAIL)
    visitor = Visitor(programs)
    page = KlarnaLogin(visitor).go(next="/cart")
    assert "Is this your account?" in page.text
    assert who(visitor) == ""
    visitor.get("/login/klarna/connect")
    visitor.post("/login/klarna/connect", {"password": "wrong wrong"}, status=422)
    assert who(visitor) == ""
    visitor.get("/login/klarna/connect")
    answer = visitor.send("/login/klarna/connect", {"password": PASSWORD})
    assert answer.url == f"{programs.shop_url}/cart"
    assert "Klarna is connected to this account" in answer.text
    assert who(visitor) == BERLIN_EMAIL
    assert programs.sign_in_events(BERLIN_EMAIL)[0] == "connected"
    # both ways work from now on
    assert who(signed_in(programs)) == BERLIN_EMAIL
    third = Visitor(programs)
    third.sign_in(BERLIN_EMAIL)
    assert who(third) == BERLIN_EMAIL
    assert programs.accounts() == [BERLIN_EMAIL]


def test_who_does_not_connect_leaves_everything_as_it_was(programs: Programs) -> None:
    Visitor(programs).register(BERLIN_EMAIL)
    visitor = Visitor(programs)
    KlarnaLogin(visitor).go()
    visitor.get("/login/klarna/connect")
    visitor.post("/login/klarna/drop", {})
    assert who(visitor) == ""
    assert programs.sign_in_events(BERLIN_EMAIL) == []
    page = visitor.get("/login/klarna/connect")
    assert "That question is answered already, or too old." in page.text
    programs.wait_for_background()
    assert programs.journal("/oauth2/revoke"), "what Klarna gave is handed back"


@pytest.mark.parametrize("path", ["email", "switch", "drop", "disconnect", "take-over", "connect"])
def test_an_answer_loaded_again_leads_to_sign_in(programs: Programs, path: str) -> None:
    page = Visitor(programs).get(f"/login/klarna/{path}")
    assert "Welcome back" in page.text


def test_who_stopped_at_klarna_may_load_that_page_again(programs: Programs) -> None:
    visitor = Visitor(programs)
    stopped = KlarnaLogin(visitor, allow=False).go(next="/cart")
    assert "You stopped at Klarna" in stopped.text
    again = visitor.http.get(stopped.url, timeout=60)
    assert (again.status_code, "You stopped at Klarna" in again.text) == (200, True)
    assert 'href="/cart"' in again.text


def test_an_unverified_email_matches_nobody(programs: Programs) -> None:
    programs.control("PATCH", "people/de-approved", {"email_verified": False})
    Visitor(programs).register(BERLIN_EMAIL)
    visitor = Visitor(programs)
    page = KlarnaLogin(visitor).go()
    assert "Klarna has not verified" in page.text
    visitor.get("/login/klarna/connect")
    assert visitor.send("/login/klarna/connect", {"password": PASSWORD}).url.endswith("/login/klarna/connect")
    assert who(visitor) == ""
    page_again = visitor.post("/login/klarna/email", {"email": BERLIN_EMAIL}, status=422)
    assert "There is an account with this email" in page_again.text
    other = new_email()
    visitor.post("/login/klarna/email", {"email": other})
    assert who(visitor) == other
    assert programs.accounts() == [BERLIN_EMAIL, other]


def test_without_an_email_only_that_is_asked_for(programs: Programs) -> None:
    programs.control("PATCH", "people/de-approved", {"withheld": ["email"]})
    visitor = Visitor(programs)
    page = KlarnaLogin(visitor).go(next="/cart")
    assert "Klarna did not tell us an email" in page.text
    visitor.get("/login/klarna/connect")
    visitor.post("/login/klarna/email", {"email": "not an email"}, status=422)
    mine = new_email()
    answer = visitor.send("/login/klarna/email", {"email": mine})
    assert answer.url == f"{programs.shop_url}/cart"
    assert who(visitor) == mine


def test_signed_in_as_one_while_klarna_says_another(programs: Programs) -> None:
    signed_in(programs)
    visitor = Visitor(programs)
    email = visitor.register()
    page = KlarnaLogin(visitor).go()
    assert "Which account is yours?" in page.text
    assert who(visitor) == email
    visitor.get("/login/klarna/connect")
    visitor.post("/login/klarna/drop", {})
    assert who(visitor) == email
    KlarnaLogin(visitor).go()
    visitor.get("/login/klarna/connect")
    visitor.post("/login/klarna/switch", {})
    assert who(visitor) == BERLIN_EMAIL
    assert programs.sign_in_events(email) == []


def test_who_is_signed_in_connects_with_the_password(programs: Programs) -> None:
    visitor = Visitor(programs)
    email = visitor.register()
    page = KlarnaLogin(visitor).go(next="/account/klarna")
    assert "Connect Klarna to this account?" in page.text
    visitor.get("/login/klarna/connect")
    visitor.post("/login/klarna/connect", {"password": ""}, status=422)
    visitor.post("/login/klarna/connect", {"password": "wrong wrong"}, status=422)
    assert programs.sign_in_events(email) == []
    visitor.post("/login/klarna/connect", {"password": PASSWORD})
    assert "Connected" in visitor.get("/account/klarna").text
    assert programs.accounts() == [email]
    assert who(signed_in(programs)) == email


def test_a_second_identity_of_the_same_issuer_is_refused(programs: Programs) -> None:
    visitor = signed_in(programs)
    other = Visitor(programs, http=visitor.http)
    programs.control("PATCH", "people/de-approved", {"signed_in": False})
    page = KlarnaLogin(other, STOCKHOLM_PHONE).go()
    assert "Another Klarna account is connected" in page.text
    assert who(visitor) == BERLIN_EMAIL
    assert len(programs.accounts()) == 1


def test_an_email_changed_at_klarna_keeps_the_account(programs: Programs) -> None:
    signed_in(programs)
    programs.control("PATCH", "people/de-approved", {"email": "customer+new@email.de"})
    assert who(signed_in(programs)) == BERLIN_EMAIL
    assert len(programs.accounts()) == 1


def test_two_browsers_of_a_new_person_at_once_make_one_account(programs: Programs) -> None:
    visitors = [Visitor(programs) for _ in range(4)]
    threads = [Thread(target=KlarnaLogin(visitor).go) for visitor in visitors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [who(visitor) for visitor in visitors] == [BERLIN_EMAIL] * 4
    assert programs.accounts() == [BERLIN_EMAIL]


def test_deny_brings_back_without_a_trace(programs: Programs) -> None:
    visitor = Visitor(programs)
    page = KlarnaLogin(visitor, allow=False).go(next="/cart")
    assert "You stopped at Klarna" in page.text
    assert programs.accounts() == []


def test_consent_is_asked_for_again_when_the_presenter_wants_it(programs: Programs) -> None:
    visitor = signed_in(programs)
    visitor.get("/account")
    visitor.sign_out()
    login = KlarnaLogin(visitor)
    login.go(**{"klarna-auth-prompt": "consent"})
    assert login.screens == ["consent"]


# --- profile and prefill


def test_name_phone_and_address_are_filled_in(programs: Programs) -> None:
    visitor = signed_in(programs)
    visitor.add()
    page = visitor.checkout().page
    assert page.values["given_name"] == "Mock"
    assert page.values["street_address"] == "Neue Schönhauser Str. 2"
    assert page.values["email"] == BERLIN_EMAIL
    assert page.values["phone"] == BERLIN_PHONE


def test_what_the_shopper_typed_stays_unless_they_say_otherwise(programs: Programs) -> None:
    visitor = Visitor(programs)
    visitor.register(BERLIN_EMAIL)
    visitor.get("/account")
    visitor.post("/account", {"given_name": "Moritz", "family_name": "", "phone": ""})
    KlarnaLogin(visitor).go()
    visitor.get("/login/klarna/connect")
    visitor.post("/login/klarna/connect", {"password": PASSWORD})
    profile = visitor.get("/account").values
    assert (profile["given_name"], profile["family_name"]) == ("Moritz", "Mock")
    page = visitor.get("/account/klarna")
    assert "instead of Moritz" in page.text
    mine = {"identity": programs.identity(BERLIN_EMAIL).id}
    for field in ("password_hash", "email", "date_of_birth", ""):
        visitor.post("/login/klarna/take-over", mine | {"field": field})
    visitor.post("/login/klarna/take-over", {"identity": 10**8, "field": "given_name"})
    assert visitor.get("/account").values["given_name"] == "Moritz"
    visitor.get("/account/klarna")
    visitor.post("/login/klarna/take-over", mine | {"field": ["given_name", "given_name"]})
    assert visitor.get("/account").values["given_name"] == "Mock"


def test_another_address_at_klarna_is_shown_and_taken_over_as_the_default(programs: Programs) -> None:
    visitor = Visitor(programs)
    email = visitor.register(BERLIN_EMAIL)
    visitor.get("/account/addresses/new")
    mine = {name: value for name, value in BERLIN.items() if name != "email"} | {"street_address": "Ackerstr. 1"}
    visitor.post("/account/addresses/new", mine)
    KlarnaLogin(visitor).go()
    visitor.get("/login/klarna/connect")
    visitor.post("/login/klarna/connect", {"password": PASSWORD})
    page = visitor.get("/account/klarna")
    assert "Address: Mock Mock, Neue Schönhauser Str. 2, 10178 Berlin, Germany" in page.text
    assert "instead of Mock Mock, Ackerstr. 1" in page.text
    taken = {"identity": programs.identity(email).id, "field": "address"}
    assert "Taken over from Klarna: address." in visitor.post("/login/klarna/take-over", taken).text
    assert "instead of" not in visitor.get("/account/klarna").text
    visitor.add()
    assert visitor.checkout().page.values["street_address"] == "Neue Schönhauser Str. 2"
    assert "Ackerstr. 1" in visitor.get("/account").text


def test_declined_and_missing_claims_leave_just_those_fields_empty(programs: Programs) -> None:
    programs.control("PATCH", "people/de-approved", {"withheld": ["phone", "billing_address", "shipping_address"]})
    visitor = signed_in(programs)
    visitor.add()
    page = visitor.checkout().page
    assert page.values["given_name"] == "Mock"
    assert (page.values["phone"], page.values["street_address"]) == ("", "")


def test_one_missing_claim_costs_just_that_part_of_the_address(programs: Programs) -> None:
    programs.control("PATCH", "people/de-approved", {"withheld": ["family_name"]})
    visitor = signed_in(programs)
    visitor.add()
    typed = visitor.checkout().page.values
    assert (typed["given_name"], typed["family_name"]) == ("Mock", "")
    assert (typed["street_address"], typed["city"]) == ("Neue Schönhauser Str. 2", "Berlin")
    assert "Neue Schönhauser" not in visitor.get("/account").text, "only a whole address is kept"


def test_parts_of_an_address_elsewhere_do_not_fill_this_markets_form(programs: Programs) -> None:
    programs.control("PATCH", "people/de-approved", {"withheld": ["family_name"]})
    visitor = signed_in(programs)
    visitor.shop_in("SE")
    visitor.add()
    typed = visitor.checkout().page.values
    assert (typed["given_name"], typed["street_address"]) == ("Mock", "")


def test_a_country_outside_the_markets_is_left_out_and_said(programs: Programs) -> None:
    page = KlarnaLogin(Visitor(programs), "+31689124321").go()
    assert "where we do not deliver yet" in page.text


def test_a_swede_in_the_german_market_is_told_where_the_address_is(programs: Programs) -> None:
    page = KlarnaLogin(Visitor(programs), STOCKHOLM_PHONE).go()
    assert "You live in Sweden" in page.text


# --- guests


def test_a_guest_becomes_the_owner_of_the_order(programs: Programs) -> None:
    visitor = Visitor(programs)
    confirmation = buy(visitor, link=False)
    number = confirmation.text.split("Order M-")[1].split()[0]
    assert f"order=M-{number}" in confirmation.markup
    page = KlarnaLogin(visitor).go(next=f"/orders/M-{number}", order=f"M-{number}")
    assert page.url.endswith(f"/orders/M-{number}")
    assert f"Order M-{number} is in your account now." in page.text
    assert f"M-{number}" in visitor.get("/account/orders").text
    elsewhere = signed_in(programs)
    assert elsewhere.get(f"/orders/M-{number}").text.count(number)


def test_nobody_gets_an_order_by_its_number_alone(programs: Programs) -> None:
    guest = Visitor(programs)
    number = "M-" + buy(guest, link=False).text.split("Order M-")[1].split()[0]
    thief = signed_in(programs, STOCKHOLM_PHONE, order=number)
    assert number not in thief.get("/account/orders").text
    thief.get(f"/orders/{number}", status=404)
    guest.get(f"/orders/{number}")


# --- the end of it


def test_disconnecting_needs_a_password_first_and_then_revokes(programs: Programs) -> None:
    visitor = signed_in(programs)
    visitor.get("/account/klarna")
    identity = programs.identity(BERLIN_EMAIL)
    answer = visitor.send("/login/klarna/disconnect", {"identity": identity.id})
    assert "Set a password first" in answer.text
    visitor.get("/account/password")
    visitor.post("/account/password", {"password": PASSWORD, "next": "/account/klarna"})
    visitor.get("/account/klarna")
    answer = visitor.send("/login/klarna/disconnect", {"identity": identity.id, "password": "wrong wrong"})
    assert "not your password" in answer.text
    answer = visitor.send("/login/klarna/disconnect", {"identity": identity.id, "password": PASSWORD})
    assert "is disconnected" in answer.text
    assert programs.sign_in_events(BERLIN_EMAIL)[-1] == "disconnected"
    programs.wait_for_background()
    revoked = [e["request"]["body"]["token"] for e in programs.journal("/oauth2/revoke")]
    assert revoked == [identity.refresh_token]
    visitor.sign_out()
    visitor.sign_in(BERLIN_EMAIL)
    assert who(visitor) == BERLIN_EMAIL
    visitor.sign_out()
    assert "Is this your account?" in KlarnaLogin(visitor).go().text


def test_nobody_disconnects_somebody_else(programs: Programs) -> None:
    signed_in(programs)
    identity = programs.identity(BERLIN_EMAIL)
    other = Visitor(programs)
    other.register()
    other.get("/account/klarna")
    for named in (str(identity.id), "", "-1", "x", "9" * 40):
        other.send("/login/klarna/disconnect", {"identity": named})
    assert programs.identity(BERLIN_EMAIL).id == identity.id


def test_deleting_an_account_without_a_password_takes_its_email_and_revokes(programs: Programs) -> None:
    visitor = signed_in(programs)
    visitor.get("/account/delete")
    visitor.post("/account/delete", {"email": "other@example.com"}, status=422)
    assert programs.accounts() == [BERLIN_EMAIL]
    visitor.post("/account/delete", {"email": BERLIN_EMAIL.upper()})
    assert programs.accounts() == []
    programs.wait_for_background()
    (revoked,) = programs.journal("/oauth2/revoke")
    assert revoked["status"] == 200
    with programs.shop.app_context():
        assert db.session.query(EndedSignIn).count() == 0
    assert signed_in(programs).get("/account").text.count("Mock")


@pytest.mark.parametrize("pause", ["503", "lost"])
def test_a_revocation_that_fails_is_tried_again(programs: Programs, pause: str) -> None:
    visitor = signed_in(programs)
    action = {"status": 503} if pause == "503" else {"drop": "before"}
    programs.fault("POST", "*/oauth2/revoke", 1, **action)
    visitor.get("/account/delete")
    visitor.post("/account/delete", {"email": BERLIN_EMAIL})
    programs.wait_for_background()
    with programs.shop.app_context():
        assert endings.revoke_all() == 0
        assert db.session.query(EndedSignIn).count() == 1
    programs.let_time_pass(timedelta(minutes=1))
    with programs.shop.app_context():
        assert endings.revoke_all() == 1
        assert db.session.query(EndedSignIn).count() == 0


def test_a_revocation_somebody_else_made_meanwhile_is_no_trouble(
    programs: Programs, caplog: pytest.LogCaptureFixture
) -> None:
    def revoked() -> None:
        with programs.shop.app_context():
            db.session.execute(delete(EndedSignIn))
            db.session.commit()

    visitor = signed_in(programs)
    with meanwhile(programs, "/oauth2/revoke", revoked):
        visitor.get("/account/delete")
        visitor.post("/account/delete", {"email": BERLIN_EMAIL})
        programs.wait_for_background()
    assert len(programs.journal("/oauth2/revoke")) == 1
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []


def test_one_odd_revocation_does_not_hold_up_the_next(programs: Programs) -> None:
    with programs.shop.app_context():
        db.session.add(EndedSignIn(region="XX", client_id="another", refresh_token="of a newer release"))
        db.session.add(EndedSignIn(region="EU", client_id="another", refresh_token="of an older client"))
        db.session.commit()
        assert endings.revoke_all() == 1


# --- regions


def test_each_region_has_an_issuer_of_its_own(programs: Programs) -> None:
    visitor = Visitor(programs)
    visitor.shop_in("US")
    KlarnaLogin(visitor, NEW_YORK_PHONE).go()
    email = who(visitor)
    assert programs.identity(email).issuer.endswith("/na/lp/idp")
    visitor.add()
    attempt = visitor.checkout()
    opened = programs.journal("/na/payments/v1/sessions")[-1]["request"]["body"]
    assert opened["customer"]["klarna_access_token"].startswith("ory_at_")
    assert programs.recognised(attempt.session_id) == "us-approved"
    visitor.shop_in("DE")
    visitor.checkout()
    european = [e for e in programs.journal("/payments/v1/sessions") if not e["path"].startswith("/na")]
    assert "customer" not in european[-1]["request"]["body"]


def american_in_germany(programs: Programs) -> Visitor:
    """Signed in with Klarna in the United States, shopping in Germany."""
    visitor = Visitor(programs)
    visitor.shop_in("US")
    KlarnaLogin(visitor, NEW_YORK_PHONE).go()
    visitor.shop_in("DE")
    return visitor


def test_who_shops_elsewhere_proves_themselves_where_their_identity_is(programs: Programs) -> None:
    visitor = american_in_germany(programs)
    programs.let_time_pass(timedelta(minutes=15))
    page = KlarnaLogin(visitor, NEW_YORK_PHONE).start(prove="1", next="/account/password")
    assert page.url.startswith(f"{programs.klarna.url}/na/")


def test_a_sign_in_that_has_run_out_is_renewed_where_it_is_from(programs: Programs) -> None:
    visitor = american_in_germany(programs)
    programs.let_time_pass(timedelta(days=61))
    page = visitor.get("/account/klarna")
    (link,) = re.findall(r'class="klarna-button" href="([^"]+identity[^"]+)"', page.markup)
    answer = visitor.http.get(programs.shop_url + unescape(link), timeout=60, allow_redirects=False)
    assert answer.headers["Location"].startswith(f"{programs.klarna.url}/na/")
    stranger = signed_in(programs)
    answer = stranger.http.get(programs.shop_url + unescape(link), timeout=60, allow_redirects=False)
    assert not answer.headers["Location"].startswith(f"{programs.klarna.url}/na/")


def test_no_secret_leaves_the_server(programs: Programs) -> None:
    visitor = signed_in(programs)
    identity = programs.identity(BERLIN_EMAIL)
    visitor.add()
    pages = [visitor.get(path).markup for path in ("/account", "/account/klarna", "/checkout", "/cart")]
    told = " ".join(pages) + str(dict(visitor.http.cookies))
    secrets = [identity.refresh_token, identity.access_token]
    assert all(secret and secret not in told for secret in secrets)
    with programs.shop.app_context():
        assert vault.mark(identity.user_id, Region.EU)
        db.session.commit()
        raw = text("SELECT refresh_token, access_token, claims FROM klarna_identity")
        stored = b" ".join(bytes(value) for value in db.session.execute(raw).one())
    assert not any(str(secret).encode() in stored for secret in [*secrets, "Mock", BERLIN_EMAIL])
