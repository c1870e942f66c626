"""The refresh vault: one refresh for everybody, nothing overwritten with nothing, a checkout that always goes on."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from app.klarna import Region
from app.shop.extensions import db
from app.shop.signin import vault
from app.shop.signin.models import KlarnaIdentity
from tests.contract.stand_in import StandIn
from tests.support import forger as forging
from tests.support.klarna_login import KlarnaLogin
from tests.support.main_job import free_port
from tests.support.patience import until
from tests.support.programs import Programs, shop_environment
from tests.support.visitor import Page, Visitor, buy

EMAIL = "customer@email.de"
ROOT = Path(__file__).resolve().parents[2]
STALE = timedelta(minutes=6)


@pytest.fixture
def shopper(programs: Programs) -> Visitor:
    """Somebody signed in with Klarna, with something in the cart."""
    visitor = Visitor(programs)
    KlarnaLogin(visitor).go()
    visitor.add()
    return visitor


def grow_stale(programs: Programs, seconds: int = 360) -> None:
    """The access token is past its five minutes, by both clocks."""
    programs.control("POST", "clock", {"advance": seconds})
    programs.let_time_pass(timedelta(seconds=seconds))


def ask(programs: Programs) -> str:
    with programs.shop.app_context():
        identity = db.session.query(KlarnaIdentity).one()
        user_id = identity.user_id
        db.session.commit()
        return vault.access_token_for(user_id, Region.EU)


def sent(programs: Programs) -> list[dict[str, Any]]:
    """The ``customer`` of every session that was opened."""
    bodies = [e["request"]["body"] for e in programs.journal("/payments/v1/sessions") if e["method"] == "POST"]
    return [body.get("customer", {}) for body in bodies]


def test_a_young_access_token_is_used_as_it_is(programs: Programs, shopper: Visitor) -> None:
    attempt = shopper.checkout()
    assert programs.refreshes() == []
    assert sent(programs) == [{"klarna_access_token": programs.identity(EMAIL).access_token}]
    assert programs.recognised(attempt.session_id) == "de-approved"
    assert "You signed in with Klarna" in attempt.page.text


def test_a_stale_one_is_refreshed_once_and_the_new_refresh_token_kept(programs: Programs, shopper: Visitor) -> None:
    before = programs.identity(EMAIL)
    grow_stale(programs)
    attempt = shopper.checkout()
    after = programs.identity(EMAIL)
    assert [e["request"]["body"]["refresh_token"] for e in programs.refreshes()] == [before.refresh_token]
    assert after.generation == before.generation + 1
    assert after.refresh_token not in (None, before.refresh_token)
    lives = (before.refresh_expires_at, after.refresh_expires_at)
    assert None not in lives
    assert lives[0] != lives[1], "rolling: each refresh brings a full new life"
    assert programs.recognised(attempt.session_id) == "de-approved"
    shopper.checkout()
    assert len(programs.refreshes()) == 1, "the page loaded anew asks nothing"


def test_the_refresh_comes_before_the_session(programs: Programs, shopper: Visitor) -> None:
    grow_stale(programs)
    shopper.checkout()
    paths = [e["path"].rsplit("/", 1)[-1] for e in programs.journal()]
    assert paths.index("sessions") == len(paths) - 1
    assert paths[-2] == "token"


def test_a_customer_token_goes_first(programs: Programs, shopper: Visitor) -> None:
    shopper.checkout().pay()
    programs.wait_for_background()
    grow_stale(programs)
    shopper.add("earl-grey-loose-leaf")
    attempt = shopper.checkout()
    assert set(sent(programs)[-1]) == {"customer_token"}
    assert programs.refreshes() == []
    assert programs.recognised(attempt.session_id) == "de-approved"


def test_after_the_purchase_the_shopper_is_linked_as_anybody_is(programs: Programs, shopper: Visitor) -> None:
    shopper.checkout().pay()
    assert programs.events(EMAIL) == ["linked"]


# --- what can go wrong: the checkout goes on, and what is stored stays


def goes_on(programs: Programs, shopper: Visitor) -> None:
    """A purchase without being recognised, from the cart to the confirmation."""
    attempt = shopper.checkout()
    assert sent(programs)[-1] == {}
    assert "run out" not in attempt.page.text
    assert "Thank you" in attempt.pay().text


@pytest.mark.parametrize("action", [{"status": 503}, {"status": 500, "body": {"error": "server_error"}}, {"delay": 6}])
def test_a_provider_that_fails_changes_nothing_and_is_left_alone_for_a_while(
    programs: Programs, shopper: Visitor, action: dict[str, Any]
) -> None:
    before = programs.identity(EMAIL)
    grow_stale(programs)
    programs.fault("POST", "*/oauth2/token", 1, **action)
    goes_on(programs, shopper)
    kept = programs.identity(EMAIL)
    assert (kept.refresh_token, kept.generation) == (before.refresh_token, before.generation)
    assert kept.ended_at is None
    calls = heard(programs)
    assert ask(programs) == ""
    assert len(programs.refreshes()) == calls, "nobody asks again right away"


def heard(programs: Programs) -> int:
    """How many refreshes Klarna heard of, with one that it was slow about."""
    programs.klarna.calls.wait()
    return len(programs.refreshes())


def test_after_a_failure_the_next_try_succeeds(programs: Programs, shopper: Visitor) -> None:
    grow_stale(programs)
    programs.fault("POST", "*/oauth2/token", 1, status=503)
    assert ask(programs) == ""
    programs.let_time_pass(timedelta(minutes=2))
    assert ask(programs).startswith("ory_at_")


def test_a_lost_answer_is_told_once_at_the_next_sign_in(programs: Programs, shopper: Visitor) -> None:
    shopper.get("/account/password")
    shopper.post("/account/password", {"password": "correct horse battery"})
    grow_stale(programs)
    programs.fault("POST", "*/oauth2/token", 1, drop="after")
    goes_on(programs, shopper)
    assert programs.identity(EMAIL).ended_at is not None
    assert programs.sign_in_events(EMAIL)[-1] == "ended"
    assert len(programs.refreshes()) == 2, "once more with the same token, and never again"
    assert ask(programs) == ""
    assert len(programs.refreshes()) == 2
    for told in (True, False):
        other = Visitor(programs)
        other.get("/login")
        page = other.post("/login", {"email": EMAIL, "password": "correct horse battery"})
        assert ("has run out" in page.text) is told
    assert "Run out" in shopper.get("/account/klarna").text
    KlarnaLogin(shopper).go()
    assert programs.identity(EMAIL).ended_at is None
    assert ask(programs).startswith("ory_at_")


def test_an_answer_lost_before_klarna_saw_the_question_costs_nothing(programs: Programs, shopper: Visitor) -> None:
    grow_stale(programs)
    programs.fault("POST", "*/oauth2/token", 1, drop="before")
    assert ask(programs).startswith("ory_at_")
    assert programs.identity(EMAIL).ended_at is None


def test_consent_withdrawn_at_klarna_ends_the_sign_in_and_keeps_the_account(
    programs: Programs, shopper: Visitor
) -> None:
    programs.control("PATCH", "people/de-approved", {"consents": []})
    grow_stale(programs)
    goes_on(programs, shopper)
    assert programs.identity(EMAIL).ended_at is not None
    assert programs.accounts() == [EMAIL]


def test_sixty_one_days_later_nobody_is_asked_and_nothing_fails(programs: Programs, shopper: Visitor) -> None:
    grow_stale(programs, 61 * 24 * 3600)
    shopper.add()
    goes_on(programs, shopper)
    assert programs.refreshes() == []


def test_a_lost_key_costs_the_sign_in_and_nothing_else(programs: Programs, shopper: Visitor) -> None:
    grow_stale(programs)
    with programs.shop.app_context():
        db.session.connection().exec_driver_sql("UPDATE klarna_identity SET refresh_token = 'x', access_token = 'x'")
        db.session.commit()
    goes_on(programs, shopper)


# --- a provider that lies at the refresh


@pytest.fixture
def forger(programs: Programs) -> Iterator[forging.Forger]:
    with forging.running() as forger, forging.signing_in_at(programs, forging.config(forger.url)):
        yield forger


def signed_in_at(forger: forging.Forger, programs: Programs) -> Visitor:
    visitor = Visitor(programs)
    visitor.http.get(f"{programs.shop_url}/login/klarna", timeout=60)
    programs.let_time_pass(STALE)
    return visitor


def test_another_persons_tokens_end_the_sign_in(programs: Programs, forger: forging.Forger) -> None:
    signed_in_at(forger, programs)
    forger.claims = {"sub": "krn:kuid:somebody-else", "nonce": None}
    assert ask(programs) == ""
    assert programs.identity(EMAIL).ended_at is not None


def test_an_id_token_that_cannot_be_believed_is_left_aside(programs: Programs, forger: forging.Forger) -> None:
    signed_in_at(forger, programs)
    forger.claims = {"aud": ["another-client"], "given_name": "Mallory"}
    assert ask(programs) == forging.ACCESS_TOKEN
    assert "Mallory" not in programs.identity(EMAIL).claims


def test_new_claims_of_a_refresh_are_the_newest(programs: Programs, forger: forging.Forger) -> None:
    signed_in_at(forger, programs)
    forger.claims = {"given_name": "Renamed", "nonce": None}
    assert ask(programs) == forging.ACCESS_TOKEN
    assert "Renamed" in programs.identity(EMAIL).claims


@pytest.mark.parametrize("answer", [{"refresh_token": None}, {"refresh_token": ""}])
def test_an_answer_without_a_refresh_token_keeps_the_one_that_is_there(
    programs: Programs, forger: forging.Forger, answer: dict[str, Any]
) -> None:
    signed_in_at(forger, programs)
    before = programs.identity(EMAIL)
    forger.answer = answer
    assert ask(programs) == forging.ACCESS_TOKEN
    kept = programs.identity(EMAIL)
    assert (kept.refresh_token, kept.refresh_expires_at) == (before.refresh_token, before.refresh_expires_at)


@pytest.mark.parametrize("answer", [{"access_token": None}, {"token_type": "mac"}, {"expires_in": "soon"}])
def test_an_answer_nobody_can_read_keeps_what_is_there(
    programs: Programs, forger: forging.Forger, answer: dict[str, Any]
) -> None:
    signed_in_at(forger, programs)
    before = programs.identity(EMAIL)
    forger.answer = answer
    assert ask(programs) == ""
    assert programs.identity(EMAIL).refresh_token == before.refresh_token


# --- many at once


def test_thirty_threads_need_one_refresh(programs: Programs, shopper: Visitor) -> None:
    grow_stale(programs)
    with ThreadPoolExecutor(30) as pool:
        tokens = list(pool.map(lambda _: ask(programs), range(30)))
    assert len(programs.refreshes()) == 1
    assert set(tokens) == {programs.identity(EMAIL).access_token}


def test_fifty_checkouts_over_two_processes_need_one_refresh(
    programs: Programs, shopper: Visitor, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        doors = [stack.enter_context(another_process(programs)) for _ in range(2)]
        grow_stale(programs)
        with ThreadPoolExecutor(50) as pool:
            pages = list(pool.map(lambda n: check_out(doors[n % 2], shopper), range(50)))
    assert [page.status_code for page in pages] == [200] * 50
    assert all(Page(page.text).data["client-token"] for page in pages)
    assert len(programs.refreshes()) == 1
    opened = sent(programs)
    assert opened == [{"klarna_access_token": programs.identity(EMAIL).access_token}] * 50


def check_out(door: str, shopper: Visitor) -> requests.Response:
    """The checkout page in a browser of its own: the same cookies, sent to one of the processes."""
    with requests.Session() as browser:
        browser.cookies.update(shopper.http.cookies)
        return browser.get(f"{door}/checkout", timeout=60)


@contextmanager
def another_process(programs: Programs) -> Iterator[str]:
    """One more process of the same shop, with the same database and keys."""
    port = free_port()
    settings = programs.shop.config["SHOP"]
    same = {"SECRET_KEY": settings.secret_key, "TOKEN_KEYS": ",".join(settings.token_keys)}
    told = shop_environment(ROOT, StandIn(programs.klarna.app, programs.klarna.url), programs.shop_url)
    told |= same | {"DATABASE_URL": settings.database_url}
    line = [sys.executable, "-m", "tests.support.patient_shop", str(port)]
    process = subprocess.Popen(line, cwd=ROOT, env={**os.environ, **told})
    try:
        wait_for(f"http://localhost:{port}/healthz")
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(60)


def wait_for(address: str) -> None:
    until(lambda: answers(address))


def answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=60).ok
    except requests.ConnectionError:
        return False


def test_a_guest_and_a_password_account_ask_klarna_for_nothing(programs: Programs) -> None:
    visitor = Visitor(programs)
    visitor.register()
    buy(visitor)
    assert programs.journal("/oauth2/") == []
