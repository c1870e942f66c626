"""A shop on a real port, with the page a sign-in comes back to, and what a shopper does at Klarna in words."""

import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlencode

import requests
from playwright.sync_api import Page

SCOPE = "openid offline_access customer:login profile:name profile:email profile:phone profile:billing_address"
OPTIONAL = "profile:date_of_birth profile:country"
_BACK = '<!doctype html><html lang="en"><title>Back</title><h1>Back at the shop</h1>'


@dataclass(frozen=True)
class RealShop:
    """A shop in a browser. Its client is a confidential one."""

    url: str
    klarna: str
    client_id: str
    secret: str

    @property
    def callback(self) -> str:
        return f"{self.url}/login/klarna/callback"

    def address(self, **changes: str) -> str:
        """Where its button leads."""
        usual = {
            "client_id": self.client_id,
            "redirect_uri": self.callback,
            "response_type": "code",
            "scope": f"{SCOPE} {OPTIONAL}",
            "state": "state-of-the-shop",
        }
        return f"{self.klarna}/oauth2/auth?{urlencode(usual | changes)}"

    def tokens(self, code: str) -> dict[str, Any]:
        body = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.callback}
        body |= {"client_id": self.client_id, "client_secret": self.secret}
        return answered(requests.post(f"{self.klarna}/oauth2/token", data=body, timeout=60))

    def userinfo(self, code: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.tokens(code)['access_token']}"}
        return answered(requests.get(f"{self.klarna}/userinfo", headers=headers, timeout=60))

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = requests.request(method, f"{self.klarna}/_sandbox/{path}", json=body, timeout=60)
        assert answer.ok, answer.text
        return answer.json()

    def person(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = next(row for row in self.control("GET", "people") if row["id"] == name)
        return found


def answered(answer: requests.Response) -> dict[str, Any]:
    assert answer.ok, answer.text
    body: dict[str, Any] = json.loads(answer.text)
    return body


class Pages:
    """Serves the page that a sign-in comes back to."""

    def __init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Back)
        self.url = f"http://localhost:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Back(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(_BACK.encode())

    def log_message(self, *_arguments: object) -> None:
        """Quiet."""


def log_in(page: Page, number: str = "+49 1761 4284340") -> None:
    page.get_by_label("Mobile number").fill(number)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Code").fill("123456")
    page.get_by_role("button", name="Continue").click()


def brought(page: Page) -> dict[str, str]:
    """The parameters the browser came back to the shop with."""
    page.get_by_role("heading", name="Back at the shop").wait_for()
    pairs: list[tuple[str, str]] = page.evaluate("[...new URL(location.href).searchParams]")
    return dict(pairs)
