"""Registered clients, and a shop that signs shoppers in without any library: requests as they stand in the RFCs."""

import base64
import hashlib
import re
import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from app.sandbox import create_app
from app.sandbox.clients import AuthMethod, Client
from app.sandbox.config import RateLimits, Settings
from app.sandbox.merchants import Region
from tests.sandbox.conftest import EUROPE as EUROPE_MERCHANT
from tests.sandbox.conftest import Answer, Api
from tests.sandbox.idp.screens import SCOPE, Pages, RealShop

CALLBACK = "https://shop.example/login/klarna/callback"
POST = Client(
    "klarna_test_client_post", (CALLBACK, "https://shop.example/other?a=b"), "klarna_test_api_post",
    auth_methods=(AuthMethod.POST,), post_logout_redirect_uris=("https://shop.example/",),
    policy_uri="https://shop.example/privacy", terms_uri="https://shop.example/terms",
)  # fmt: skip
BASIC = Client("klarna_test_client_basic", (CALLBACK,), "klarna_test_api_basic:+%/ü", auth_methods=(AuthMethod.BASIC,))
EITHER = Client("klarna_test_client_either", (CALLBACK,), "klarna_test_api_either")
PUBLIC = Client("klarna_test_client_public", (CALLBACK,))
EUROPEAN = Client("klarna_test_client_europe", (CALLBACK,), "klarna_test_api_europe", region=Region.EUROPE)
NARROW = Client("klarna_test_client_narrow", (CALLBACK,), "klarna_test_api_narrow", scopes=("openid", "profile:name"))
ROOT, EUROPE, AMERICA = "", "/eu/lp/idp", "/na/lp/idp"
MOCK, ALICE, AMERICAN = "+4917614284340", "+46701740615", "+13106683312"
NEWCOMER, DUTCH = "+491713920066", "+31689124321"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, clients=(POST, BASIC, EITHER, PUBLIC, EUROPEAN, NARROW))


@dataclass
class Shop:
    """A shop's server with one client, and one shopper's browser. `home` is a family of paths."""

    app: Flask
    client: Client = POST
    home: str = ROOT
    browser: FlaskClient = field(init=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    def __post_init__(self) -> None:
        self.browser = self.app.test_client()

    def at(self, client: Client | None = None, home: str | None = None) -> "Shop":
        """The same browser at another client's or another family's door."""
        other = replace(self, client=client or self.client, home=self.home if home is None else home)
        other.browser = self.browser
        return other

    # --- the browser

    def request(self, **changes: str | None) -> dict[str, str]:
        """The parameters of an authorization request; None leaves one out."""
        usual: dict[str, str | None] = {
            "client_id": self.client.client_id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": SCOPE,
            "state": "state-of-the-shop",
            "nonce": "nonce-of-the-shop",
        }
        if self.client.is_public:
            usual |= {"code_challenge": self.challenge, "code_challenge_method": "S256"}
        return {name: value for name, value in (usual | changes).items() if value is not None}

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def authorize(self, **changes: str | None) -> Answer:
        return self.follow(self.browser.get(f"{self.home}/oauth2/auth?{urlencode(self.request(**changes))}"))

    def follow(self, answer: Answer) -> Answer:
        """The page an answer leads to; what leads back to the shop is left as it is."""
        return self.follow(self.browser.get(answer.headers["Location"])) if answer.status_code == 303 else answer

    def submit(self, page: Answer, to: str, **fields: Any) -> Answer:
        """Send the form of a page with these fields."""
        ticket = re.search(r'name="ticket" value="([^"]+)"', page.text)
        assert ticket, page.text
        return self.follow(self.browser.post(f"{self.home}/login/{to}", data={"ticket": ticket[1], **fields}))

    def log_in(self, phone: str = MOCK, **changes: str | None) -> Answer:
        """The page after number and code."""
        page = self.submit(self.authorize(**changes), "phone", phone=phone)
        return self.submit(page, "code", code="123456")

    def allow(self, page: Answer) -> Answer:
        """Agree to everything a consent page offers."""
        assert "Allow" in page.text, page.text
        items = re.findall(r'name="item" type="checkbox" value="([^"]+)"', page.text)
        return self.submit(page, "consent", item=items)

    def code(self, phone: str = MOCK, **changes: str | None) -> str:
        """The code of a sign-in, whatever pages it takes."""
        answer = self.authorize(**changes)
        if answer.status_code == 200 and "Mobile number" in answer.text:
            answer = self.log_in(phone, **changes)
        if answer.status_code == 200:
            answer = self.allow(answer)
        return sent_back(answer)["code"]

    # --- the server

    def token(self, **parameters: str) -> Answer:
        """A call of the token endpoint, with the client's credentials as it is registered."""
        body, headers = self.credentials()
        return self.app.test_client().post(f"{self.home}/oauth2/token", data=body | parameters, headers=headers)

    def credentials(self) -> tuple[dict[str, str], dict[str, str]]:
        client = self.client
        if client.is_public:
            return {"client_id": client.client_id}, {}
        if AuthMethod.POST in client.auth_methods:
            return {"client_id": client.client_id, "client_secret": client.secret}, {}
        pair = base64.b64encode(f"{client.client_id}:{client.secret}".encode()).decode()
        return {}, {"Authorization": f"Basic {pair}"}

    def exchange(self, code: str, **changes: str) -> Answer:
        usual = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        if self.client.is_public:
            usual["code_verifier"] = self.verifier
        return self.token(**usual | changes)

    def refresh(self, refresh_token: str, **changes: str) -> Answer:
        return self.token(**{"grant_type": "refresh_token", "refresh_token": refresh_token, **changes})

    def sign_in(self, phone: str = MOCK, **changes: str | None) -> dict[str, Any]:
        """The tokens of a complete sign-in."""
        answer = self.exchange(self.code(phone, **changes))
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json
        return tokens

    def userinfo(self, access_token: str) -> Answer:
        headers = {"Authorization": f"Bearer {access_token}"}
        return self.app.test_client().get(f"{self.home}/userinfo", headers=headers)

    def revoke(self, token: str) -> Answer:
        body, headers = self.credentials()
        return self.app.test_client().post(f"{self.home}/oauth2/revoke", data=body | {"token": token}, headers=headers)

    def jwks(self) -> list[dict[str, Any]]:
        answer: Answer = self.app.test_client().get(f"{self.home}/.well-known/jwks.json")
        keys: list[dict[str, Any]] = answer.json["keys"]
        return keys

    def claims(self, id_token: str) -> dict[str, Any]:
        """What an id_token says, once its signature is right."""
        keys = KeySet.import_key_set({"keys": self.jwks()})
        return dict(jwt.decode(id_token, keys, algorithms=["RS256"]).claims)


@pytest.fixture
def shop(app: Flask) -> Shop:
    return Shop(app)


@pytest.fixture
def control(app: Flask) -> Api:
    return Api(app)


def sent_back(answer: Answer) -> dict[str, str]:
    """The parameters a browser brings back to the shop."""
    assert answer.status_code == 302, answer.text
    address = answer.headers["Location"]
    assert address.startswith("https://shop.example/"), address
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def error(answer: Answer) -> tuple[int, str]:
    """Status and code of a refusal, once its shape is right."""
    assert set(answer.json) == {"error", "error_description"}
    assert answer.json["error_description"]
    return answer.status_code, answer.json["error"]


# --- a real shop and a real browser


@pytest.fixture(scope="session")
def running_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealShop]:
    """A sandbox and a shop, each on a port of its own."""
    pages, server = Pages(), make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    url = f"http://localhost:{server.server_port}"
    client = Client("klarna_test_client_real", (f"{pages.url}/login/klarna/callback",), "klarna_test_api_real")
    database = tmp_path_factory.mktemp("sign-in") / "sandbox.sqlite3"
    server.app = create_app(
        Settings(url, (EUROPE_MERCHANT,), database, "k" * 48, rate_limits=RateLimits.OFF, clients=(client,))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield RealShop(pages.url, url, client.client_id, client.secret)
    server.shutdown()
    pages.close()


@pytest.fixture
def real_shop(running_shop: RealShop) -> RealShop:
    """In seed state."""
    running_shop.control("POST", "reset")
    return running_shop


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh profile. A test fails when a content policy was violated or a script failed."""
    context = browser.new_context(viewport={"width": 1100, "height": 800}, locale="en-GB")
    faults: list[str] = []
    context.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda failure: faults.append(f"Error: {failure.error}"))
    yield context.new_page()
    context.close()
    assert [fault for fault in faults if "Content Security Policy" in fault or "Error:" in fault] == []
