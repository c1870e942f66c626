"""What can go wrong between us and Klarna.

::

    KlarnaError
    ├── KlarnaUnavailable          no verdict: it may or may not have happened
    │   ├── KlarnaUnreachable      no answer at all (refused, broken or timed-out connection)
    │   ├── KlarnaFailed           5xx, 408, 423, 425, or an answer nobody can read
    │   └── RateLimited            429
    └── KlarnaRefused              a verdict: it did not happen
        ├── BadRequest             400, 413, 415, 422
        ├── NotAuthenticated       401: our credentials, never the shopper
        ├── Forbidden              403
        │   ├── PurchaseRejected       REJECTED
        │   ├── InvalidOperation       INVALID_OPERATION: a used authorization token, among others
        │   ├── NotAllowed             NOT_ALLOWED: this order, as it stands, does not allow it
        │   │   ├── CaptureNotAllowed      CAPTURE_NOT_ALLOWED
        │   │   ├── CancelNotAllowed       CANCEL_NOT_ALLOWED
        │   │   └── RefundNotAllowed       REFUND_NOT_ALLOWED
        │   ├── TokenUnusable          TOKEN_FORBIDDEN, PAYMENT_METHOD_CURRENCY_MISMATCH
        │   │   ├── TokenCancelled         TOKEN_CANCELED: for good
        │   │   └── TokenSuspended         TOKEN_SUSPENDED: for now
        │   ├── ChargeFailed           PAYMENT_METHOD_FAILED, UNAVAILABLE_PAYMENT_METHOD
        │   └── ReadOnlyOrder          READ_ONLY_ORDER: a checkout that was completed or ended
        ├── NotFound               404: unknown or expired
        │   └── SessionCompleted       the session has its order already
        ├── Conflict               409: the order differs from what was authorized
        └── Gone                   410: it was ended before

https://docs.klarna.com/resources/developer-tools/error-handling/error-codes-and-messages-for-klarna-payments/
https://docs.klarna.com/resources/developer-tools/error-handling/error-codes-and-messages-for-order-management/
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(eq=False)
class KlarnaError(Exception):
    """A call that did not succeed.

    ``error_messages`` are English, for logs only: never parsed, never shown to a shopper.
    ``correlation_id`` is what Klarna's support asks for; without an answer it is one of ours, found in the log.
    ``attempts`` is how often
    it was tried: a refusal of the second try says nothing of what the first one did. ``body`` is all Klarna said.
    """

    operation: str
    status: int = 0
    error_code: str = ""
    error_messages: list[str] = field(default_factory=list)
    correlation_id: str = ""
    attempts: int = 1
    body: dict[str, Any] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        said = "; ".join(self.error_messages) or "no message"
        return f"{self.operation}: {self.status or 'no answer'} {self.error_code} ({said}) [{self.correlation_id}]"


class KlarnaUnavailable(KlarnaError):
    """No verdict: ask again with the same idempotency key, or read back."""


class KlarnaUnreachable(KlarnaUnavailable):
    """The connection was refused, broke or timed out."""


class KlarnaFailed(KlarnaUnavailable):
    """Klarna answered 5xx, or something that is not Klarna's."""


class RateLimited(KlarnaUnavailable):
    """429: too many calls for this merchant and kind of call."""


class KlarnaRefused(KlarnaError):
    """Klarna's no. Repeating the same call brings the same answer."""


class BadRequest(KlarnaRefused):
    """What we sent is malformed: a defect on our side."""


class NotAuthenticated(KlarnaRefused):
    """Wrong credentials, or credentials of another region or environment."""


class Forbidden(KlarnaRefused):
    """Not allowed for this merchant or in this state."""


class PurchaseRejected(Forbidden):
    """Klarna assessed the purchase anew and will not take it."""


class InvalidOperation(Forbidden):
    """Not possible in this state; on placing an order: the authorization token was used before."""


class NotAllowed(Forbidden):
    """The order's state or its assessment does not allow it; read the order to learn what it is."""


class CaptureNotAllowed(NotAllowed):
    """Above what is left, pending, cancelled, expired or captured before."""


class CancelNotAllowed(NotAllowed):
    """Something was captured, or the order is over."""


class RefundNotAllowed(NotAllowed):
    """Nothing was captured, or not that much."""


class TokenUnusable(Forbidden):
    """The payment token cannot be charged like this."""


class TokenCancelled(TokenUnusable):
    """It was ended, by us, the shopper or Klarna: the shopper has to agree anew."""


class TokenSuspended(TokenUnusable):
    """Klarna does not let it be charged for now."""


class ChargeFailed(Forbidden):
    """The saved way of paying could not be charged. No order was made.

    https://docs.klarna.com/acquirer/klarna/web-payments/integrate-with-klarna-payments/tokenized-payments/recover-charge-failure/
    """

    @property
    def step_up_id(self) -> str:
        """Opens a session in which the shopper repairs the token; empty when Klarna offers none."""
        return str(self.body.get("step_up_id") or "")

    @property
    def may_be_tried_again(self) -> bool:
        """Whether Klarna advises to try the same charge again later, with another idempotency key."""
        return self.error_code == "PAYMENT_METHOD_FAILED"


class ReadOnlyOrder(Forbidden):
    """The checkout was completed, perhaps in another tab, or ended: show its confirmation, or open a new one."""


class NotFound(KlarnaRefused):
    """Unknown, expired, replaced by a newer one, or another merchant's."""


class SessionCompleted(NotFound):
    """An order was placed from this session."""


class Conflict(KlarnaRefused):
    """The order does not match what the shopper approved."""


class Gone(KlarnaRefused):
    """It existed and was ended."""


BY_STATUS: dict[int, type[KlarnaError]] = {
    400: BadRequest,
    401: NotAuthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    413: BadRequest,
    415: BadRequest,
    422: BadRequest,
    # Not a no to the purchase, but to the moment: it may have happened, or may still.
    408: KlarnaFailed,
    423: KlarnaFailed,
    425: KlarnaFailed,
    429: RateLimited,
}

BY_CODE: dict[tuple[int, str], type[KlarnaError]] = {
    (403, "REJECTED"): PurchaseRejected,
    (403, "INVALID_OPERATION"): InvalidOperation,
    (403, "NOT_ALLOWED"): NotAllowed,
    (403, "CAPTURE_NOT_ALLOWED"): CaptureNotAllowed,
    (403, "CANCEL_NOT_ALLOWED"): CancelNotAllowed,
    (403, "REFUND_NOT_ALLOWED"): RefundNotAllowed,
    (403, "TOKEN_CANCELED"): TokenCancelled,
    (403, "TOKEN_CANCELLED"): TokenCancelled,  # so an older page spells it
    (403, "TOKEN_SUSPENDED"): TokenSuspended,
    (403, "TOKEN_FORBIDDEN"): TokenUnusable,
    (403, "PAYMENT_METHOD_CURRENCY_MISMATCH"): TokenUnusable,
    (403, "PAYMENT_METHOD_FAILED"): ChargeFailed,
    (403, "UNAVAILABLE_PAYMENT_METHOD"): ChargeFailed,
    (403, "READ_ONLY_ORDER"): ReadOnlyOrder,
    (404, "SESSION_COMPLETED"): SessionCompleted,
}


def error_class(status: int, error_code: str) -> type[KlarnaError]:
    """The narrowest class for an answer: by status and code, else by status, else by family."""
    narrow = BY_CODE.get((status, error_code)) or BY_STATUS.get(status)
    return narrow or (KlarnaRefused if 400 <= status < 500 else KlarnaFailed)
