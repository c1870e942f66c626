"""A bare HTTP client of Klarna's merchant APIs: what is given is sent, what comes back is handed on."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import requests

SESSIONS = "/payments/v1/sessions"
AUTHORIZATIONS = "/payments/v1/authorizations"
ORDERS = "/ordermanagement/v1/orders"
TOKENS = "/customer-token/v1/tokens"
NOBODY = "00000000-0000-4000-8000-000000000000"
"""An id that was never given to anything."""
_TIMEOUT = 30


@dataclass(frozen=True)
class Access:
    """Where Klarna is and who asks."""

    url: str
    username: str
    password: str = field(repr=False)


def basic(username: str, password: str) -> str:
    return "Basic " + b64encode(f"{username}:{password}".encode()).decode()


@dataclass(frozen=True)
class Klarna:
    """One region of one Klarna. `patience` is asked after a 429 and lets time pass, so that a test's own pace
    is not what it measures; it answers False where it can do nothing."""

    target: str
    access: Access
    patience: Callable[[], bool]

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        data: bytes | None = None,
        headers: dict[str, str] | None = None,
        authorization: str | None = "",
    ) -> requests.Response:
        """Send `body` as JSON, or `data` as it is. `authorization`: empty for the usual one, None for none."""
        sent = {"Content-Type": "application/json"} if body is not None or data is not None else {}
        if authorization is not None:
            sent["Authorization"] = authorization or basic(self.access.username, self.access.password)
        if body is not None:
            data = json.dumps(body).encode()
        for _ in range(8):
            answer = requests.request(
                method,
                self.access.url + path,
                data=data,
                headers=sent | (headers or {}),
                timeout=_TIMEOUT,
                allow_redirects=False,
            )
            if answer.status_code != 429 or not self.patience():
                break
        return answer

    def impatient(self) -> Klarna:
        """The same, taking a 429 for an answer."""
        return replace(self, patience=lambda: False)

    def create_session(self, body: Any, **how: Any) -> requests.Response:
        return self.call("POST", SESSIONS, body, **how)

    def open_session(self, body: Any, **how: Any) -> str:
        answer = self.create_session(body, **how)
        assert answer.status_code == 200, f"{answer.status_code} {answer.text}"
        session_id: str = answer.json()["session_id"]
        return session_id

    def read_session(self, session_id: str) -> requests.Response:
        return self.call("GET", f"{SESSIONS}/{session_id}")

    def update_session(self, session_id: str, body: Any) -> requests.Response:
        return self.call("POST", f"{SESSIONS}/{session_id}", body)

    def create_order(self, token: str, body: Any, **how: Any) -> requests.Response:
        return self.call("POST", f"{AUTHORIZATIONS}/{token}/order", body, **how)

    def cancel_authorization(self, token: str) -> requests.Response:
        return self.call("DELETE", f"{AUTHORIZATIONS}/{token}")

    def create_customer_token(self, token: str, body: Any, **how: Any) -> requests.Response:
        return self.call("POST", f"{AUTHORIZATIONS}/{token}/customer-token", body, **how)

    def manage(self, method: str, order_id: str, what: str = "", body: Any = None, **how: Any) -> requests.Response:
        """Order Management: `what` is the path below the order."""
        return self.call(method, f"{ORDERS}/{order_id}" + (what and f"/{what}"), body, **how)

    def read_order(self, order_id: str) -> dict[str, Any]:
        answer = self.manage("GET", order_id)
        assert answer.status_code == 200, f"{answer.status_code} {answer.text}"
        order: dict[str, Any] = answer.json()
        return order

    def capture(
        self, order_id: str, amount: Any, *, headers: dict[str, str] | None = None, **more: Any
    ) -> requests.Response:
        return self.manage("POST", order_id, "captures", {"captured_amount": amount} | more, headers=headers)

    def refund(self, order_id: str, amount: Any, **more: Any) -> requests.Response:
        return self.manage("POST", order_id, "refunds", {"refunded_amount": amount} | more)

    def charge(self, token: str, body: Any, **how: Any) -> requests.Response:
        return self.call("POST", f"{TOKENS}/{token}/order", body, **how)
