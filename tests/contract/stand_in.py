"""Starts the offline stand-in on a real port, and holds what only it allows: its clock and its customer tokens.

This module and `shopper.py` are the only ones here that know the stand-in; the tests themselves speak Klarna's API.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import requests
from flask import Flask
from werkzeug.serving import make_server

from app.sandbox import clock, config, create_app, people
from tests.support.calls import Calls

from .client import Access

EUROPE = ("7c0ffee1-0e00-4a11-8a11-c047ac000001", "klarna_test_api_contract_europe")
CHECKOUT = ("7c0ffee1-0c00-4a11-8a11-c047ac000003", "klarna_test_api_contract_checkout")
NORTH_AMERICA = ("7c0ffee1-00a0-4a11-8a11-c047ac000002", "klarna_test_api_contract_north_america")
PARTNER_ACCOUNT = "krn:partner:global:account:test:CONTRACT"


@dataclass(frozen=True)
class StandIn:
    """A running stand-in."""

    app: Flask
    url: str
    calls: Calls = field(default_factory=Calls)

    @property
    def europe(self) -> Access:
        return Access(self.url, *EUROPE)

    @property
    def north_america(self) -> Access:
        return Access(self.url + "/na", *NORTH_AMERICA)

    @property
    def checkout(self) -> Access:
        return Access(self.url, *CHECKOUT)


@contextmanager
def running(folder: Path, *, rate_limits: str, **more: str) -> Iterator[StandIn]:
    """A stand-in with a memory of its own in `folder`, gone at the end."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        url = f"http://localhost:{listening.getsockname()[1]}"
        chosen = {
            "SANDBOX_URL": url,
            "SANDBOX_DATABASE": str(folder / "stand-in.sqlite3"),
            "SANDBOX_SECRET_KEY": "only-for-the-contract-tests-0123456789",
            "SANDBOX_RATE_LIMITS": rate_limits,
            "SANDBOX_USERNAME": EUROPE[0],
            "SANDBOX_PASSWORD": EUROPE[1],
            "SANDBOX_USERNAME_NA": NORTH_AMERICA[0],
            "SANDBOX_PASSWORD_NA": NORTH_AMERICA[1],
            "SANDBOX_CHECKOUT_USERNAME": CHECKOUT[0],
            "SANDBOX_CHECKOUT_PASSWORD": CHECKOUT[1],
            "SANDBOX_PARTNER_ACCOUNT_ID": PARTNER_ACCOUNT,
            "SANDBOX_WEBHOOK_URL": "",
            **more,
        }
        settings = config.load({**os.environ, **chosen})
        app = create_app(replace(settings, callback_patience=60.0))  # a busy machine is no merchant who is silent
        calls = Calls()
        server = make_server("127.0.0.1", 0, calls.of(app), threaded=True, fd=listening.fileno())
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        serving.start()
        try:
            yield StandIn(app, url, calls)
        finally:
            server.shutdown()
            serving.join()


@dataclass(frozen=True)
class Control:
    """Klarna's side, moved by hand."""

    stand_in: StandIn

    def now(self) -> datetime:
        with self.stand_in.app.app_context():
            return clock.now()

    def advance(self, seconds: int) -> None:
        self._post("clock", {"advance": seconds})

    def rotate(self, customer_token: str) -> None:
        self._post("customer-tokens/rotate", {"customer_token": customer_token})

    def revoke(self, customer_token: str) -> None:
        self._post("customer-tokens/revoke", {"customer_token": customer_token})

    def expire(self, customer_token: str) -> None:
        self._post("customer-tokens/expire", {"customer_token": customer_token})

    def rotate_always(self, on: bool) -> None:
        """From now on each linked purchase brings a new token, or no longer."""
        switches = {"rotate_on_every_order": "on" if on else "off"}
        address = f"{self.stand_in.url}/_sandbox/switches"
        requests.patch(address, json=switches, timeout=60).raise_for_status()

    def decide(self, order_id: str, decision: str) -> None:
        """End Klarna's review of an order."""
        self._post(f"orders/{order_id}/decide", {"decision": decision})

    def payment_token(self, token: str, **wanted: str) -> None:
        """What Klarna makes of a payment token, or of its next charge."""
        self._post(f"payment-tokens/{token}", wanted)

    def fault(self, method: str, path: str, **action: Any) -> None:
        """The next such call fails."""
        self._post("faults", {"method": method, "path": path, "times": 1, "action": action})

    @contextmanager
    def pending(self, person: str) -> Iterator[None]:
        """As long as this lasts, what this person buys is looked at first."""
        with self._expecting(person, people.Outcome.PEND):
            yield

    def status_of(self, customer_token: str) -> str:
        answer = requests.get(f"{self.stand_in.url}/_sandbox/customer-tokens", timeout=60)
        answer.raise_for_status()
        by_token = {link["customer_token"]: link["status"] for link in answer.json()}
        return str(by_token[customer_token])

    @contextmanager
    def refusing(self, person: str) -> Iterator[None]:
        """As long as this lasts, Klarna refuses what this person buys."""
        with self._expecting(person, people.Outcome.REFUSE):
            yield

    @contextmanager
    def _expecting(self, person: str, outcome: people.Outcome) -> Iterator[None]:
        with self.stand_in.app.app_context():
            people.expect(person, outcome)
        try:
            yield
        finally:
            with self.stand_in.app.app_context():
                people.expect(person, people.Outcome.APPROVE)

    def _post(self, path: str, body: dict[str, Any]) -> None:
        requests.post(f"{self.stand_in.url}/_sandbox/{path}", json=body, timeout=60).raise_for_status()
