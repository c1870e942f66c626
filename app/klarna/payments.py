"""Klarna Payments API v1: sessions, orders, authorizations.

https://docs.klarna.com/api/payments/ . Amounts are integers in minor units of the currency, tax included;
tax rates are hundredths of a percent. Bodies are plain JSON objects as Klarna describes them.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from .answers import FraudStatus, fraud_status, payment_method, required
from .transport import Transport

__all__ = ["Category", "FraudStatus", "Intent", "NewSession", "Payments", "PlacedOrder", "SessionState"]

SESSIONS = "/payments/v1/sessions"


class Intent(StrEnum):
    """Why a session is opened. ``buy_and_link`` stands in the guides, not in the API description."""

    BUY = "buy"
    BUY_AND_LINK = "buy_and_link"
    TOKENIZE = "tokenize"
    BUY_AND_TOKENIZE = "buy_and_tokenize"


@dataclass(frozen=True)
class Category:
    """One way to pay to show, with Klarna's own name and badge."""

    identifier: str
    name: str
    badge_url: str


@dataclass(frozen=True)
class NewSession:
    """An open session (48 h). ``client_token`` is for the page, ``session_id`` stays on the server."""

    session_id: str
    client_token: str = field(repr=False)
    categories: tuple[Category, ...]


@dataclass(frozen=True)
class SessionState:
    """A session read back, ``incomplete`` or ``complete``; with its authorization token once the shopper approved."""

    status: str
    authorization_token: str = field(repr=False)
    expires_at: str


@dataclass(frozen=True)
class PlacedOrder:
    """An order at Klarna. ``customer_token`` is empty when the shopper did not agree to link."""

    order_id: str
    fraud_status: FraudStatus
    redirect_url: str
    payment_method: str
    customer_token: str = field(repr=False)


class Payments:
    """Klarna Payments of one region. Every method raises the classes of :mod:`.errors`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create_session(self, body: dict[str, Any], idempotency_key: str) -> NewSession:
        """Open a session. With ``customer.customer_token`` of a linked shopper Klarna skips its login;
        a token it does not accept is ignored, not refused.
        https://docs.klarna.com/payments/web-payments/additional-resources/use-cases/account-linking
        """
        reply = self._transport.call("create session", "POST", SESSIONS, body, idempotency_key)
        categories = reply.body.get("payment_method_categories")
        return NewSession(
            session_id=required(reply, "create session", "session_id"),
            client_token=required(reply, "create session", "client_token"),
            categories=tuple(_category(item) for item in categories or [] if isinstance(item, dict)),
        )

    def update_session(self, session_id: str, body: dict[str, Any], idempotency_key: str) -> None:
        """Replace the session's lines and amounts. Raises NotFound for an expired one."""
        path = f"{SESSIONS}/{quote(session_id, safe='')}"
        self._transport.call("update session", "POST", path, body, idempotency_key)

    def read_session(self, session_id: str) -> SessionState:
        """Where a session stands: the way back when the browser or the callback was lost."""
        reply = self._transport.call("read session", "GET", f"{SESSIONS}/{quote(session_id, safe='')}")
        return SessionState(
            status=str(reply.body.get("status") or ""),
            authorization_token=str(reply.body.get("authorization_token") or ""),
            expires_at=str(reply.body.get("expires_at") or ""),
        )

    def place_order(self, authorization_token: str, body: dict[str, Any], idempotency_key: str) -> PlacedOrder:
        """Turn an authorization (60 minutes, single use) into an order.

        Repeat with the same body and key after KlarnaUnavailable: Klarna answers with the same order.
        After any KlarnaRefused the token is worthless and the shopper has to approve anew.
        https://docs.klarna.com/payments/web-payments/integrate-with-klarna-payments/integrate-via-sdk/step-3-create-an-order/
        """
        path = f"/payments/v1/authorizations/{quote(authorization_token, safe='')}/order"
        reply = self._transport.call("place order", "POST", path, body, idempotency_key)
        return PlacedOrder(
            order_id=required(reply, "place order", "order_id"),
            fraud_status=fraud_status(reply.body),
            redirect_url=str(reply.body.get("redirect_url") or ""),
            payment_method=payment_method(reply.body.get("authorized_payment_method")),
            customer_token=str(reply.body.get("customer_token") or ""),
        )

    def cancel_authorization(self, authorization_token: str) -> None:
        """Free the shopper's credit when no order will follow. Raises NotFound when there is nothing left to cancel."""
        path = f"/payments/v1/authorizations/{quote(authorization_token, safe='')}"
        self._transport.call("cancel authorization", "DELETE", path)


def _category(item: dict[str, Any]) -> Category:
    badges = item.get("asset_urls")
    badges = badges if isinstance(badges, dict) else {}
    return Category(
        identifier=str(item.get("identifier") or ""),
        name=str(item.get("name") or ""),
        badge_url=str(badges.get("standard") or ""),
    )
