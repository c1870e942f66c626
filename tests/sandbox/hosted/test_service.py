"""Who may ask what: origins, tickets and headers of the hosted pages, without a browser."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.sandbox import clock, create_app, sessions
from app.sandbox.config import Settings
from app.sandbox.hosted import formats, purchases, tickets
from app.sandbox.hosted.origins import is_origin, merchant_origins, origin_of
from app.sandbox.hosted.tickets import FrameTicket, InvalidTicket, WindowTicket
from tests.sandbox.hosted.conftest import ACCOUNTS, PURCHASE

SHOP = "http://localhost:8000"
URLS = {"confirmation": f"{SHOP}/thanks", "authorization": "http://localhost:8080/told"}


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    settings = Settings("http://localhost:8001", ACCOUNTS, tmp_path / "sandbox.sqlite3", "k" * 48)
    return create_app(settings)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def client_token(app: Flask) -> str:
    with app.app_context():
        return sessions.create(ACCOUNTS[0], {**PURCHASE, "merchant_urls": URLS}).client_token


def ask(client: FlaskClient, token: str, origin: str | None, operation: str = "load", **body: Any) -> Any:
    headers = {"Authorization": f"Bearer {token}"} | ({"Origin": origin} if origin else {})
    return client.post(f"/kp/v1/{operation}", json=body, headers=headers)


@pytest.mark.parametrize("origin", [SHOP, "http://localhost:8080"])
def test_the_merchants_origins_may_ask_and_read(client: FlaskClient, client_token: str, origin: str) -> None:
    answer = ask(client, client_token, origin)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("origin", ["http://localhost:9", "http://localhost", "https://localhost:8000", "null", None])
def test_other_origins_are_refused_before_anything_changes(
    app: Flask, client: FlaskClient, client_token: str, origin: str | None
) -> None:
    answer = ask(client, client_token, origin, data={"merchant_reference1": "changed"})
    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers
    with app.app_context():
        assert "merchant_reference1" not in sessions.by_client_token(client_token).request


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer a.b.c", "Basic abc"])
def test_without_a_client_token_there_is_no_session(client: FlaskClient, header: str) -> None:
    answer = client.post("/kp/v1/load", json={}, headers={"Authorization": header, "Origin": SHOP})
    assert (answer.status_code, answer.json) == (
        404,
        {"error_code": "NOT_FOUND", "error_messages": ["Invalid client token"]},
    )


@pytest.mark.parametrize("body", ["", "[]", "null", '{"data": 7}', '{"categories": 7}', '{"categories": [[]]}', "{"])
def test_odd_bodies_are_no_failure(client: FlaskClient, client_token: str, body: str) -> None:
    headers = {"Authorization": f"Bearer {client_token}", "Origin": SHOP, "Content-Type": "application/json"}
    assert client.post("/kp/v1/load", data=body, headers=headers).status_code < 500


@pytest.mark.parametrize("operation", ["finalize", "outcome"])
def test_made_up_tickets_approve_nothing(client: FlaskClient, client_token: str, operation: str) -> None:
    answer = ask(client, client_token, SHOP, operation, agreement="made up", ticket="made up")
    assert answer.json == {"result": {"approved": False, "show_form": True}}


def test_the_widget_is_framed_by_its_merchant_only(client: FlaskClient, client_token: str) -> None:
    frame = client.get(ask(client, client_token, SHOP).json["frame"])
    policy = frame.headers["Content-Security-Policy"]
    assert f"frame-ancestors {SHOP}" in policy
    assert "unsafe" not in policy
    assert client_token not in frame.text


def test_a_widget_ticket_can_do_nothing_in_a_window(client: FlaskClient, client_token: str) -> None:
    ticket = ask(client, client_token, SHOP).json["frame"].rpartition("/")[2]
    assert client.post("/kp/window/open", data={"ticket": ticket}).status_code == 410


@pytest.mark.parametrize("step", ["open", "phone", "code", "other", "address", "confirm"])
def test_every_step_wants_a_ticket(client: FlaskClient, step: str) -> None:
    answer = client.post(f"/kp/window/{step}", data={"ticket": "made up"})
    assert answer.status_code == 410
    assert "This window has ended" in answer.text


@pytest.mark.parametrize("step", ["address", "confirm"])
def test_nobody_confirms_without_logging_in(app: Flask, client: FlaskClient, client_token: str, step: str) -> None:
    with app.test_request_context():
        session = sessions.by_client_token(client_token)
        ticket = purchases.open_window(session, SHOP, auto_finalize=True).claim("de-approved")
        form = {"ticket": tickets.write(ticket.show(purchases.purchase_shown(session)))}
    answer = client.post(f"/kp/window/{step}", data=form)
    assert "Mobile number" in answer.text
    with app.app_context():
        assert sessions.by_client_token(client_token).authorization_token is None


def test_tickets_end_by_the_sandboxs_clock(app: Flask) -> None:
    with app.app_context():
        text = tickets.write(WindowTicket("session", SHOP, True, ""))
        assert tickets.read_window(text).session_id == "session"
        with pytest.raises(InvalidTicket):
            tickets.read_frame(text)
        clock.advance(tickets.LIFETIME_SECONDS + 1)
        with pytest.raises(InvalidTicket):
            tickets.read_window(text)


def test_a_ticket_changed_on_the_way_is_invalid(app: Flask) -> None:
    with app.app_context():
        text = tickets.write(FrameTicket("session", SHOP, "offer"))
        with pytest.raises(InvalidTicket):
            tickets.read_frame("A" + text)


@pytest.mark.parametrize("origin", ["javascript:alert(1)", "http://a b", "http://x; script-src *", "http://x/", ""])
def test_the_waiting_page_takes_origins_only(client: FlaskClient, origin: str) -> None:
    page = client.get("/kp/window", query_string={"origin": origin})
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert 'data-origin=""' in page.text


def test_pages_set_no_cookie(client: FlaskClient) -> None:
    for path in ("/", "/kp/window", "/kp/lib/v1/api.js", "/payments/redirect/nothing"):
        assert "Set-Cookie" not in client.get(path).headers


def test_the_library_may_be_kept_and_asked_for_again(client: FlaskClient) -> None:
    first = client.get("/kp/lib/v1/api.js")
    assert first.headers["Cache-Control"] == "no-cache"
    assert client.get("/kp/lib/v1/api.js", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Shop.example/thanks?a=1", "https://shop.example"),
        ("https://shop.example:443/", "https://shop.example"),
        ("http://localhost:8000/thanks", "http://localhost:8000"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
        ("shop://thanks", None),
        ("http://localhost:99999/", None),
        (None, None),
    ],
)
def test_origins_are_spelled_as_browsers_do(url: Any, origin: str | None) -> None:
    assert origin_of(url) == origin
    assert origin is None or is_origin(origin)


def test_a_session_without_addresses_belongs_to_no_page() -> None:
    assert merchant_origins({}) == frozenset()


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "text"),
    [
        (25900, "EUR", "de-DE", "259,00\xa0€"),
        (25900, "USD", "en-US", "$259.00"),
        (100, "SEK", "sv-SE", "1,00\xa0kr"),
        (-500, "GBP", "en-GB", "-£5.00"),
        (5, "EUR", "xx-YY", "€0.05"),
    ],
)
def test_amounts_read_as_in_the_sessions_locale(amount: int, currency: str, locale: str, text: str) -> None:
    assert formats.money(amount, currency, locale) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("+49017614284340", "+49 1761 4284340"),
        ("+13106683312", "+1 310 6683312"),
        ("+358401234567", "+358401234567"),
    ],
)
def test_numbers_read_in_groups(number: str, text: str) -> None:
    assert formats.phone(number) == text
