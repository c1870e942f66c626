"""The shopper's part of a purchase, which takes place in Klarna's window in a browser.

Here the stand-in is told directly what the shopper decided, so that the suite needs no browser.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import requests

from app.sandbox import authorizations, clock, sessions
from app.sandbox.idp import chains, consents
from app.sandbox.merchants import Region

from .client import Klarna
from .stand_in import StandIn

Result = TypeVar("Result")


@dataclass(frozen=True)
class Shopper:
    """A test person of the market the session is in."""

    stand_in: StandIn

    def approve(self, klarna: Klarna, session_id: str, *, link: bool = True) -> str:
        """Confirm the purchase; `link` is the ticked box. Returns the authorization token."""
        with self.stand_in.app.app_context():
            session = sessions.read_by_id(session_id)
            return authorizations.approve(session, self.name(klarna), link)

    def sign_in(self, klarna: Klarna, client_id: str, redirect_uri: str, scope: str) -> str:
        """Sign in with Klarna and agree to everything; the code the browser brings back to the shop."""
        region = Region.NORTH_AMERICA if self.name(klarna).startswith("us") else Region.EUROPE
        with self.stand_in.app.app_context():
            consents.give(self.name(klarna), client_id, scope.split(), [])
            beginning = chains.Beginning(
                region=region,
                client_id=client_id,
                person=self.name(klarna),
                scopes=tuple(scope.split()),
                redirect_uri=redirect_uri,
                nonce="nonce-of-the-shop",
                code_challenge=None,
                sid="a login in a browser",
                authenticated_at=clock.now(),
            )
            return chains.begin(beginning).code

    def pay_checkout(self, order_id: str, person: str = "de-approved") -> None:
        """Pay in Klarna Checkout's frame."""
        body = {"order_id": order_id, "person": person}
        address = f"{self.stand_in.url}/_sandbox/checkouts/complete"
        requests.post(address, json=body, timeout=60).raise_for_status()

    def is_recognised(self, session_id: str) -> bool:
        """Whether Klarna skips the login, because it knows who is buying from the customer token."""
        with self.stand_in.app.app_context():
            return sessions.read_by_id(session_id).recognised is not None

    def visit(self, url: str) -> requests.Response:
        """Follow a link, one step."""
        return requests.get(url, allow_redirects=False, timeout=60)

    def name(self, klarna: Klarna) -> str:
        return "us-approved" if klarna.access == self.stand_in.north_america else "de-approved"


def at_once(count: int, call: Callable[[], Result]) -> list[Result]:
    """The results of so many calls made at the same moment."""
    with ThreadPoolExecutor(count) as threads:
        return [future.result() for future in [threads.submit(call) for _ in range(count)]]
