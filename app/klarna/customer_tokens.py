"""Customer Token API v1: a way of paying the shopper let us keep, and charging it without them.

https://docs.klarna.com/api/customertoken/ . Amounts are integers in minor units of the currency, tax included.
Klarna calls the token ``token_id``, and its APIs *customer token*; so is the token of account linking called, which
says who somebody is and pays nothing. Here the two have different types.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from .answers import FraudStatus, fraud_status, payment_method, required
from .transport import Transport

TOKENS = "/customer-token/v1/tokens"
_LINKING = re.compile(r"krn:partner:[^:]*:[^:]*:identity:customer-token:.*", re.DOTALL)


class WrongTokenKind(ValueError):
    """Another kind of token was given where a payment token is wanted. The text tells which, never the token."""


class TokenStatus(StrEnum):
    """``SUSPENDED`` is Klarna's doing and may end, ``CANCELLED`` is for good."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class PaymentToken:
    """A token that may be charged. A secret. Raises WrongTokenKind for a linking token, and for none at all."""

    token_id: str = field(repr=False)

    def __post_init__(self) -> None:
        if not self.token_id:
            raise WrongTokenKind("a payment token (token_id) is wanted, and there is none")
        if _LINKING.fullmatch(self.token_id):
            raise WrongTokenKind(
                "a customer_token of account linking was given (krn:partner:...:identity:customer-token:...), which "
                "says who somebody is; a payment token (token_id, from an intent to tokenize) is wanted"
            )


@dataclass(frozen=True)
class NewPaymentToken:
    """A token just made. ``redirect_url`` is empty when Klarna does not want the browser to pass by."""

    token: PaymentToken
    redirect_url: str


@dataclass(frozen=True)
class TokenState:
    """What became of a token, and how it pays, such as ``INVOICE``."""

    status: TokenStatus
    payment_method_type: str


@dataclass(frozen=True)
class Charge:
    """An order at Klarna that the shopper did not have to confirm."""

    order_id: str
    fraud_status: FraudStatus
    redirect_url: str
    payment_method: str


class CustomerTokens:
    """Payment tokens of one region. Every method raises the classes of :mod:`.errors`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def generate(self, authorization_token: str, body: dict[str, Any], idempotency_key: str) -> NewPaymentToken:
        """Make a token of an approval (60 minutes) whose session had the intent ``tokenize`` or ``buy_and_tokenize``.

        https://docs.klarna.com/acquirer/klarna/web-payments/integrate-with-klarna-payments/tokenized-payments/customer-token/
        """
        path = f"/payments/v1/authorizations/{quote(authorization_token, safe='')}/customer-token"
        reply = self._transport.call("generate payment token", "POST", path, body, idempotency_key)
        token_id = required(reply, "generate payment token", "token_id")
        return NewPaymentToken(PaymentToken(token_id), str(reply.body.get("redirect_url") or ""))

    def read(self, token: PaymentToken) -> TokenState:
        """The state of a token. Raises NotFound."""
        reply = self._transport.call("read payment token", "GET", _path(token))
        status = required(reply, "read payment token", "status").upper()
        # A word we do not know: not to be charged, and not given up either.
        known = TokenStatus(status) if status in set(TokenStatus) else TokenStatus.SUSPENDED
        return TokenState(known, str(reply.body.get("payment_method_type") or ""))

    def cancel(self, token: PaymentToken, idempotency_key: str) -> None:
        """End it for good. Klarna accepts at once and ends it soon. Raises NotFound when there is nothing to end."""
        path = f"{_path(token)}/status"
        self._transport.call("cancel payment token", "PATCH", path, {"status": "CANCELLED"}, idempotency_key)

    def charge(self, token: PaymentToken, body: dict[str, Any], idempotency_key: str) -> Charge:
        """Make an order. Repeat with the same body and key after KlarnaUnavailable: it stays one order.

        With ``step_up: SUPPORTED`` (the shopper is there) ChargeFailed may have a ``step_up_id`` for a session in which
        they repair it. Raises TokenCancelled, TokenSuspended and ChargeFailed.
        https://docs.klarna.com/acquirer/klarna/web-payments/integrate-with-klarna-payments/tokenized-payments/recover-charge-failure/
        """
        reply = self._transport.call("charge payment token", "POST", f"{_path(token)}/order", body, idempotency_key)
        return Charge(
            order_id=required(reply, "charge payment token", "order_id"),
            fraud_status=fraud_status(reply.body),
            redirect_url=str(reply.body.get("redirect_url") or ""),
            payment_method=payment_method(reply.body.get("authorized_payment_method")),
        )


def _path(token: PaymentToken) -> str:
    return f"{TOKENS}/{quote(token.token_id, safe='')}"
