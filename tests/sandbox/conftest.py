"""A sandbox of its own for each test, a merchant that calls it, and a shop that listens."""

import base64
import functools
import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers

from app.sandbox import authorizations, callbacks, create_app, sessions, store
from app.sandbox.config import RateLimits, Settings
from app.sandbox.idp import keys
from app.sandbox.merchants import Merchant, Region

EUROPE = Merchant("6f1d0c1e-0000-4000-8000-000000000001", "klarna_test_api_eu", Region.EUROPE, "Morrow")
AMERICA = Merchant("6f1d0c1e-0000-4000-8000-000000000002", "klarna_test_api_na", Region.NORTH_AMERICA, "Morrow")
CHECKOUT = Merchant("6f1d0c1e-0000-4000-8000-000000000003", "klarna_test_api_checkout", Region.EUROPE, "Morrow")


@pytest.fixture(scope="session")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with nothing in it but the keys that sign: making them takes longer than most tests do."""
    database = tmp_path_factory.mktemp("seed") / "sandbox.sqlite3"
    with create_app(Settings("http://localhost:8001", (), database, "k" * 48)).app_context():
        keys.everything()
    return database


@pytest.fixture
def settings(tmp_path: Path, seed: Path) -> Settings:
    return Settings(
        url="http://localhost:8001",
        merchants=(EUROPE, AMERICA),
        database=Path(shutil.copy(seed, tmp_path)),
        secret_key="a key for tests only, of sufficient length",
        rate_limits=RateLimits.OFF,
        checkout_merchants=(CHECKOUT,),
    )


@pytest.fixture
def app(settings: Settings, seed: Path) -> Iterator[Flask]:
    """Made once for its settings; what it remembers is in the database, and that is each test's own."""
    app = made(replace(settings, database=seed))
    app.config["SANDBOX_SETTINGS"] = settings
    yield app
    with app.app_context():
        assert callbacks.wait(60)
        store.reset()  # what is still to be sent is not


made = functools.cache(create_app)


class Answer(Protocol):
    """An answer as tests look at it: the JSON in it is whatever a test expects."""

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> Headers: ...
    @property
    def text(self) -> str: ...
    @property
    def is_json(self) -> bool: ...
    @property
    def json(self) -> Any: ...


@dataclass(frozen=True)
class Api:
    """A merchant's server, and the shopper who confirms in between."""

    app: Flask
    merchant: Merchant = EUROPE

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def send(self, method: str, path: str, **how: Any) -> Answer:
        return self.client.open(path, method=method, **how)

    def at(self, merchant: Merchant) -> "Api":
        return replace(self, merchant=merchant)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        return self.call_at(f"/payments/v1/{path}", method, body, **headers)

    def call_at(self, path: str, method: str, body: Any = None, **headers: str) -> Answer:
        """Any of the merchant APIs, in the merchant's region."""
        pair = f"{self.merchant.username}:{self.merchant.password}".encode()
        sent = {"Authorization": "Basic " + base64.b64encode(pair).decode()}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.open(self.merchant.region.prefix + path, method=method, json=body, headers=sent)

    def create(self, body: Any, **headers: str) -> Answer:
        return self.call("POST", "sessions", body, **headers)

    def open(self, body: Any) -> str:
        answer = self.create(body)
        assert answer.status_code == 200, answer.text
        return str(answer.json["session_id"])

    def read(self, session_id: str) -> Answer:
        return self.call("GET", f"sessions/{session_id}")

    def update(self, session_id: str, body: Any) -> Answer:
        return self.call("POST", f"sessions/{session_id}", body)

    def approve(self, session_id: str, person: str = "de-approved", link: bool = True) -> str:
        with self.app.app_context():
            return authorizations.approve(sessions.find(session_id, self.merchant), person, link)

    def order(self, token: str, body: Any, **headers: str) -> Answer:
        return self.call("POST", f"authorizations/{token}/order", body, **headers)

    def buy(self, body: Any, person: str = "de-approved", link: bool = True) -> dict[str, Any]:
        answer = self.order(self.approve(self.open(body), person, link), body)
        assert answer.status_code == 200, answer.text
        bought: dict[str, Any] = answer.json
        return bought

    def recognised(self, session_id: str) -> str | None:
        with self.app.app_context():
            return sessions.find(session_id, self.merchant).recognised

    def control(self, method: str, path: str, body: Any = None, **how: Any) -> Answer:
        return self.client.open(f"/_sandbox/{path}", method=method, json=body, **how)


@pytest.fixture
def api(app: Flask) -> Api:
    return Api(app)


def refusal(answer: Answer) -> tuple[int, str, list[str]]:
    """Status, code and messages of a refusal, once its shape is right."""
    body = answer.json
    assert set(body) == {"error_code", "error_messages", "correlation_id"}
    assert body["correlation_id"] == answer.headers["Klarna-Correlation-Id"]
    return answer.status_code, body["error_code"], body["error_messages"]


@dataclass
class Shop:
    """A merchant's server that notes what Klarna sends and answers with the next of `answers`, else 204."""

    url: str
    answers: list[int] = field(default_factory=list)
    received: list[tuple[str, Any]] = field(default_factory=list)


@pytest.fixture
def shop() -> Iterator[Shop]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            listening.received.append((self.path, json.loads(body) if body else None))
            self.send_response(listening.answers.pop(0) if listening.answers else 204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening = Shop(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()
    yield listening
    server.shutdown()
    server.server_close()
