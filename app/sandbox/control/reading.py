"""What control calls send, read and refused in words."""

from collections.abc import Iterable
from typing import Any

from flask import request

from ..api import body
from ..api.errors import ApiError


class BadInput(ValueError):
    """What was sent makes no sense; the message says why."""


def sent_object() -> dict[str, Any]:
    """The JSON object of the current call; raises BadInput."""
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise BadInput("send a JSON object")
    try:
        body.check(sent)
    except ApiError as error:
        raise BadInput(", ".join(error.messages)) from error
    return sent


def sent_text(name: str, example: str) -> str:
    """A field that has to be there and hold text; raises BadInput."""
    value = sent_object().get(name)
    if not isinstance(value, str) or not value:
        raise BadInput(f'send {{"{name}": "{example}"}}')
    return value


def one_of(value: Any, choices: Iterable[str], name: str) -> str:
    """The value, where it is one of the choices; raises BadInput."""
    known = [str(choice) for choice in choices]
    if not isinstance(value, str) or value not in known:
        raise BadInput(f"{name} has to be one of {', '.join(known)}")
    return value
