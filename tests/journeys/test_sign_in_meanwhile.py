"""What happens between two steps of a sign-in: somebody else at the browser, two tabs, time, a refresh under way."""

import json
import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests
from flask import Response
from sqlalchemy import func, select, update

from app.klarna import Region
from app.shop.accounts import service as accounts
from app.shop.checkout.models import CheckoutAttempt
from app.shop.extensions import db
from app.shop.signin import vault
from app.shop.signin.models import EndedSignIn, HeldSignIn, KlarnaIdentity
from app.shop.signin.provider import Tokens
from tests.support import forger as forging
from tests.support.klarna_login import STOCKHOLM_PHONE, KlarnaLogin
from tests.support.programs import Programs
from tests.support.visitor import PASSWORD, Page, Visitor, new_email

EMAIL = "customer@email.de"


@pytest.fixture
def forger(programs: Programs) -> Iterator[forging.Forger]:
    with forging.running() as forger, forging.signing_in_at(programs, forging.config(forger.url)):
        yield forger


def sign_in(programs: Programs) -> Visitor:
    """At the forger, who asks nothing."""
    visitor = Visitor(programs)
    visitor.http.get(f"{programs.shop_url}/login/klarna", timeout=60)
    return visitor


def ask(programs: Programs) -> str:
    with programs.shop.app_context():
        user_id = db.session.query(KlarnaIdentity).one().user_id
        db.session.commit()
        return vault.access_token_for(user_id, Region.EU)


def ended(programs: Programs) -> int:
    with programs.shop.app_context():
        return db.session.scalar(select(func.count()).select_from(EndedSignIn)) or 0


# --- one transaction, one answer


def test_an_account_that_is_not_finished_is_not_there(programs: Programs) -> None:
    with programs.shop.app_context():
        accounts.create("half@example.com")
        db.session.rollback()
    assert programs.accounts() == []


def test_two_tabs_with_different_emails_make_one_account(programs: Programs) -> None:
    programs.control("PATCH", "people/de-approved", {"withheld": ["email"]})
    visitor = Visitor(programs)
    KlarnaLogin(visitor).go()
    visitor.get("/login/klarna/connect")

    def answer(number: int) -> int:
        with requests.Session() as browser:
            browser.cookies.update(visitor.http.cookies)
            said = {"csrf_token": visitor.csrf, "email": f"tab{number}@example.com"}
            return browser.post(f"{programs.shop_url}/login/klarna/email", data=said, timeout=60).status_code

    with ThreadPoolExecutor(6) as pool:
        assert 500 not in set(pool.map(answer, range(6)))
    assert len(programs.accounts()) == 1
    assert len(programs.sign_in_events(programs.accounts()[0])) >= 1


def test_a_question_is_answered_once(programs: Programs) -> None:
    Visitor(programs).register(EMAIL)
    visitor = Visitor(programs)
    KlarnaLogin(visitor).go()
    visitor.get("/login/klarna/connect")
    visitor.post("/login/klarna/connect", {"password": PASSWORD})
    again = visitor.send("/login/klarna/connect", {"password": PASSWORD})
    assert again.url.endswith("/account/klarna")
    assert programs.sign_in_events(EMAIL).count("connected") == 1
    with programs.shop.app_context():
        assert db.session.scalar(select(func.count()).select_from(HeldSignIn)) == 0


def test_a_question_is_too_old_after_ten_minutes(programs: Programs) -> None:
    Visitor(programs).register(EMAIL)
    visitor = Visitor(programs)
    KlarnaLogin(visitor).go()
    programs.let_time_pass(timedelta(minutes=11))
    assert "That question is answered already, or too old." in visitor.get("/login/klarna/connect").text


def test_tabs_that_come_back_together_each_get_an_answer(programs: Programs) -> None:
    Visitor(programs).register(EMAIL)
    visitor = Visitor(programs)
    KlarnaLogin(visitor).go()

    def once_more(_: int) -> int:
        with requests.Session() as browser:
            browser.cookies.update(visitor.http.cookies)
            return browser.get(f"{programs.shop_url}/login/klarna", timeout=60).status_code

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(once_more, range(6))) == {200}


def test_nobody_else_at_the_same_browser_may_answer(programs: Programs) -> None:
    """The victim stops at the question; somebody signs in there with an account of their own."""
    Visitor(programs).register(EMAIL)
    mallory = Visitor(programs)
    mallory_email = mallory.register()
    visitor = Visitor(programs)
    KlarnaLogin(visitor).go()
    visitor.sign_in(mallory_email)
    answer = visitor.http.get(f"{programs.shop_url}/login/klarna/connect", timeout=60)
    assert "Connect Klarna" not in answer.text
    visitor.get("/account")
    visitor.send("/login/klarna/connect", {"password": PASSWORD})
    assert programs.sign_in_events(mallory_email) == []
    with programs.shop.app_context():
        assert db.session.scalar(select(func.count()).select_from(KlarnaIdentity)) == 0


def test_a_cookie_copied_before_the_question_does_not_answer_it(programs: Programs) -> None:
    Visitor(programs).register(EMAIL)
    visitor = Visitor(programs)
    visitor.http.get(f"{programs.shop_url}/login/klarna", timeout=60)
    thief = Visitor(programs)
    thief.http.cookies.update(visitor.http.cookies)
    KlarnaLogin(visitor).go()
    assert "That question is answered already, or too old." in thief.get("/login/klarna/connect").text


def test_what_nobody_decided_about_is_revoked_when_its_time_is_up(programs: Programs) -> None:
    Visitor(programs).register(EMAIL)
    assert "Is this your account?" in KlarnaLogin(Visitor(programs)).go().text
    given = programs.journal("/oauth2/token")[-1]["response"]["body"]["refresh_token"]
    programs.let_time_pass(timedelta(minutes=11))
    KlarnaLogin(Visitor(programs)).start()
    programs.wait_for_background()
    revoked = [(e["request"]["body"]["token"], e["status"]) for e in programs.journal("/oauth2/revoke")]
    assert revoked == [(given, 200)]
    KlarnaLogin(Visitor(programs)).start()
    programs.wait_for_background()
    assert len(programs.journal("/oauth2/revoke")) == 1


# --- who has no password


def test_a_borrowed_session_cannot_set_the_first_password(programs: Programs) -> None:
    visitor = Visitor(programs)
    KlarnaLogin(visitor).go()
    visitor.get("/account")
    visitor.sign_out()
    programs.control("POST", "clock", {"advance": 3600})
    login = KlarnaLogin(visitor)
    login.go()
    assert login.screens == [], "Klarna knew the browser, and asked nobody"
    for path in ("/account/password", "/account/delete"):
        assert "Is it you?" in visitor.get(path).text
        visitor.post(path, {"password": PASSWORD, "email": EMAIL})
    assert programs.accounts() == [EMAIL]
    assert not programs.has_password(EMAIL)
    proof = KlarnaLogin(visitor)
    page = proof.go(prove="1", next="/account/password")
    assert proof.screens == ["phone", "code"]
    assert "Set a password" in page.text
    visitor.get("/account/password")
    visitor.post("/account/password", {"password": PASSWORD})
    assert programs.has_password(EMAIL)


def test_switching_forgets_the_long_lived_cookie_of_the_other(programs: Programs) -> None:
    KlarnaLogin(Visitor(programs)).go()
    visitor = Visitor(programs)
    email = visitor.register()
    visitor.sign_out()
    visitor.get("/login")
    visitor.post("/login", {"email": email, "password": PASSWORD, "remember": "y"})
    assert "shop_remember" in visitor.http.cookies
    KlarnaLogin(visitor).go()
    visitor.get("/login/klarna/connect")
    visitor.post("/login/klarna/switch", {})
    assert not visitor.http.cookies.get("shop_remember")


# --- odd data


@pytest.mark.parametrize(
    "email", ["x", "a b@c.de", "user@localhost", "<script>@x.de", "karl\u200b@email.de", "Ka@é", 7, ""]
)
def test_an_email_our_own_forms_would_not_take_counts_as_not_told(
    programs: Programs, forger: forging.Forger, email: Any
) -> None:
    forger.claims = {"email": email}
    visitor = sign_in(programs)
    assert "One thing is missing" in visitor.get("/login/klarna/connect").text
    assert programs.accounts() == []


def test_an_address_somebody_else_has_is_no_dead_end(programs: Programs) -> None:
    Visitor(programs).register(EMAIL)
    visitor = Visitor(programs)
    KlarnaLogin(visitor).go()
    visitor.get("/login/klarna/connect")
    mine = new_email()
    visitor.post("/login/klarna/email", {"email": mine})
    assert programs.accounts() == [EMAIL, mine]


def test_an_account_without_a_password_is_opened_by_its_own_klarna_only(
    programs: Programs, forger: forging.Forger
) -> None:
    sign_in(programs)
    forger.claims = {"sub": "krn:kuid:another-person-with-that-email"}
    visitor = sign_in(programs)
    page = visitor.get("/login/klarna/connect")
    assert "This email has an account here" in page.text
    visitor.send("/login/klarna/connect", {"password": ""})
    assert len(programs.accounts()) == 1
    visitor.get("/login/klarna/connect")
    visitor.post("/login/klarna/email", {"email": "other@example.com"})
    assert programs.accounts() == [EMAIL, "other@example.com"]


@pytest.mark.parametrize("path", ["/login/klarna/email", "/login/klarna/connect", "/login", "/register"])
def test_a_file_where_text_belongs_is_refused(programs: Programs, path: str) -> None:
    visitor = Visitor(programs)
    visitor.get("/login")
    files = {"email": ("a.txt", b"x"), "password": ("b.txt", b"y")}
    assert visitor.send(path, {}, files=files).status_code == 400


def test_a_line_break_in_an_error_makes_no_line_in_the_log(
    programs: Programs, forger: forging.Forger, caplog: pytest.LogCaptureFixture
) -> None:
    visitor = Visitor(programs)
    answer = visitor.http.get(f"{programs.shop_url}/login/klarna", allow_redirects=False, timeout=60)
    state = forger.saw(answer.headers["Location"])["state"]
    shop_log = logging.getLogger("app")
    shop_log.addHandler(caplog.handler)
    try:
        visitor.http.get(f"{programs.shop_url}/login/klarna/callback?state={state}&error=x%0aERROR+in+shop", timeout=60)
    finally:
        shop_log.removeHandler(caplog.handler)
    assert not any("\n" in record.getMessage() for record in caplog.records)


# --- tokens


def test_the_age_of_tokens_counts_from_when_they_came() -> None:
    tokens = Tokens("ory_at_x", 300, time.time() - 600, "ory_rt_x")
    kept = vault.columns(tokens, 1, timedelta(days=60))
    assert kept["access_expires_at"].timestamp() < time.time()


def test_a_token_about_to_end_is_not_worth_sending(programs: Programs, forger: forging.Forger) -> None:
    sign_in(programs)
    programs.let_time_pass(timedelta(seconds=280))
    calls = forger.calls.count("/token")
    ask(programs)
    assert forger.calls.count("/token") == calls + 1


def test_signing_in_again_revokes_the_refresh_token_of_before(programs: Programs, forger: forging.Forger) -> None:
    visitor = sign_in(programs)
    before = programs.identity(EMAIL).refresh_token
    visitor.http.get(f"{programs.shop_url}/login/klarna", timeout=60)
    assert programs.identity(EMAIL).refresh_token != before
    programs.wait_for_background()
    assert forger.calls.count("/revoke") == 1
    assert ended(programs) == 0


def test_a_sign_in_without_a_refresh_token_revives_no_dead_one(programs: Programs, forger: forging.Forger) -> None:
    visitor = sign_in(programs)
    with programs.shop.app_context():
        db.session.execute(update(KlarnaIdentity).values(ended_at=vault.utcnow()))
        db.session.commit()
    forger.answer = {"refresh_token": None}
    visitor.http.get(f"{programs.shop_url}/login/klarna", timeout=60)
    assert programs.identity(EMAIL).ended_at is not None


def test_after_sixty_days_the_account_says_that_it_ran_out(programs: Programs, forger: forging.Forger) -> None:
    visitor = sign_in(programs)
    programs.let_time_pass(timedelta(days=61))
    assert "Run out" in visitor.get("/account/klarna").text


def test_another_clients_token_is_left_alone(programs: Programs, forger: forging.Forger) -> None:
    sign_in(programs)
    programs.let_time_pass(timedelta(minutes=6))
    config = replace(forging.config(forger.url), client_id="klarna_test_client_of_tomorrow")
    calls = list(forger.calls)
    with forging.signing_in_at(programs, config):
        assert ask(programs) == ""
    assert forger.calls == calls
    assert programs.identity(EMAIL).ended_at is None


@pytest.mark.parametrize(
    "said",
    [
        '{"access_token": "a", "token_type": "bearer", "expires_in": 1e400}',
        '{"access_token": "a\\ud800", "token_type": "bearer", "expires_in": 300}',
        '{"access_token": "a", "token_type": "bearer", "expires_in": 300, "refresh_token": "b\\ud800"}',
        '{"access_token": "a b", "token_type": "bearer"}',
        '{"access_token": "' + "a" * 5000 + '", "token_type": "bearer"}',
        '{"access_token": 7, "token_type": "bearer"}',
        '"' + "x" * 2_000_000 + '"',
    ],
)
def test_an_odd_answer_at_the_refresh_costs_nothing(programs: Programs, forger: forging.Forger, said: str) -> None:
    sign_in(programs)
    programs.let_time_pass(timedelta(minutes=6))
    before = programs.identity(EMAIL)
    forger.responses["/token"] = Response(said, 200, content_type="application/json")
    assert ask(programs) == ""
    kept = programs.identity(EMAIL)
    assert (kept.refresh_token, kept.ended_at, kept.refreshing_until) == (before.refresh_token, None, None)


def test_a_trickle_of_bytes_is_no_answer(programs: Programs, forger: forging.Forger) -> None:
    sign_in(programs)
    programs.let_time_pass(timedelta(minutes=6))

    def trickle() -> Iterator[bytes]:
        for _ in range(40):
            time.sleep(0.25)
            yield b" " * 20_000

    forger.responses["/token"] = lambda: Response(trickle(), 200, content_type="application/json")
    before = forger.calls.count("/token")
    with forging.signing_in_at(programs, forging.config(forger.url, read_timeout=2.0)):
        assert ask(programs) == ""
    assert forger.calls.count("/token") == before + 1
    assert programs.identity(EMAIL).ended_at is None


@pytest.mark.parametrize("error", ["invalid_client", "unauthorized_client", "invalid_scope"])
def test_a_refusal_that_is_about_us_ends_no_sign_in(programs: Programs, forger: forging.Forger, error: str) -> None:
    sign_in(programs)
    programs.let_time_pass(timedelta(minutes=6))
    forger.responses["/token"] = Response(json.dumps({"error": error}), 401, content_type="application/json")
    assert ask(programs) == ""
    kept = programs.identity(EMAIL)
    assert kept.ended_at is None
    assert kept.refreshing_until is None
    assert kept.retry_at is not None


@pytest.mark.parametrize("outcome", ["tokens", "invalid_grant"])
def test_a_sign_in_during_a_refresh_is_what_counts(programs: Programs, forger: forging.Forger, outcome: str) -> None:
    """The refresh comes back late, for a row that moved on: it may neither overwrite nor end the new sign-in."""
    sign_in(programs)
    programs.let_time_pass(timedelta(minutes=6))

    def late() -> Response:
        with programs.shop.app_context():
            moved = {"generation": KlarnaIdentity.generation + 1, "refresh_token": "ory_rt_of-the-new-sign-in"}
            db.session.execute(update(KlarnaIdentity).values(moved))
            db.session.commit()
        if outcome == "invalid_grant":
            return Response('{"error": "invalid_grant"}', 400, content_type="application/json")
        return Response(json.dumps(forger.tokens()), 200, content_type="application/json")

    forger.responses["/token"] = late
    assert ask(programs) == ""
    kept = programs.identity(EMAIL)
    assert kept.refresh_token == "ory_rt_of-the-new-sign-in"
    assert kept.ended_at is None
    programs.wait_for_background()
    assert forger.calls.count("/revoke") == (1 if outcome == "tokens" else 0)


def test_another_persons_refresh_is_revoked_and_told(programs: Programs, forger: forging.Forger) -> None:
    sign_in(programs)
    programs.let_time_pass(timedelta(minutes=6))
    forger.claims = {"sub": "krn:kuid:somebody-else", "nonce": None}
    assert ask(programs) == ""
    programs.wait_for_background()
    assert forger.calls.count("/revoke") == 1
    assert programs.identity(EMAIL).access_token is None
    assert programs.sign_in_events(EMAIL)[-1] == "ended"


def test_a_redirect_at_the_token_endpoint_is_not_followed(programs: Programs, forger: forging.Forger) -> None:
    with forging.running() as other:
        forger.responses["/token"] = Response(status=307, headers={"Location": f"{other.url}/token"})
        page = Page(sign_in(programs).http.get(f"{programs.shop_url}/login/klarna", timeout=60).text)
        assert other.calls == []
    assert "Nobody was signed in" in page.text or "does not answer" in page.text


def test_a_document_of_another_issuer_is_not_ours(programs: Programs, forger: forging.Forger) -> None:
    with forging.running() as other:
        found = requests.get(f"{other.url}/.well-known/openid-configuration", timeout=60).json()
    forger.responses["/.well-known/openid-configuration"] = Response(json.dumps(found), 200)
    assert Visitor(programs).http.get(f"{programs.shop_url}/login/klarna", timeout=60).status_code == 502


def test_after_an_update_the_attempt_says_by_what_it_was_recognised(programs: Programs) -> None:
    visitor = Visitor(programs)
    KlarnaLogin(visitor, STOCKHOLM_PHONE).go()
    visitor.add()
    attempt = visitor.checkout()
    programs.fault("POST", "*/oauth2/token", 3, status=503)
    programs.let_time_pass(timedelta(minutes=6))
    status, _ = visitor.call("/checkout/delivery", {"delivery": "express", "attempt": attempt.attempt})
    assert status == 200
    with programs.shop.app_context():
        kept = db.session.get_one(CheckoutAttempt, attempt.attempt)
        assert kept.carrier == "nothing"
