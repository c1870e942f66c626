"""Reading Klarna's answers where several of its APIs give the same ones. What cannot be read is no answer."""

from enum import StrEnum
from typing import Any

from .errors import KlarnaFailed
from .transport import Reply


class FraudStatus(StrEnum):
    """Klarna's verdict on a placed order; ``PENDING`` is decided later and nothing may ship before."""

    ACCEPTED = "ACCEPTED"
    PENDING = "PENDING"
    REJECTED = "REJECTED"


def required(reply: Reply, operation: str, name: str) -> str:
    """A text the answer has to hold; raises KlarnaFailed."""
    value = reply.body.get(name)
    if not isinstance(value, str) or not value:
        raise unreadable(reply, operation, name)
    return value


def required_amount(reply: Reply, operation: str, part: dict[str, Any], name: str) -> int:
    """An amount in minor units that this part of the answer has to hold; raises KlarnaFailed."""
    value = part.get(name)
    if type(value) is not int:
        raise unreadable(reply, operation, name)
    return value


def created(reply: Reply, operation: str, header: str) -> str:
    """The id of what was created: a header's value, or the end of ``Location``; raises KlarnaFailed."""
    named = reply.headers.get(header) or reply.headers.get("Location", "").rstrip("/").rpartition("/")[2]
    if not named:
        raise unreadable(reply, operation, header)
    return named


def fraud_status(body: dict[str, Any]) -> FraudStatus:
    try:
        return FraudStatus(str(body.get("fraud_status")))
    except ValueError:
        return FraudStatus.PENDING  # the cautious reading of a word we do not know: nothing ships


def payment_method(value: Any) -> str:
    # The API description says an object, a guide prints a bare string.
    return str(value.get("type") or "") if isinstance(value, dict) else str(value or "")


def unreadable(reply: Reply, operation: str, name: str) -> KlarnaFailed:
    return KlarnaFailed(operation, 200, "", [f"answer without {name}"], reply.correlation_id)
