"""The JSON object a call brings, or a refusal in words: whatever arrives, nothing gets further unread."""

import json
from typing import Any, NoReturn

from flask import request

from .errors import ApiError, bad_request, bad_value

DEEPEST = 250  # levels of objects and lists, well below what Python can read and write; the API needs four
_UNREADABLE = "The body is not a JSON object"


def read() -> dict[str, Any]:
    """The body of the current call; raises ApiError 400 or 415."""
    if not request.is_json:
        raise ApiError(415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type has to be application/json")
    body = _parsed(request.get_data(cache=True))
    if not isinstance(body, dict):
        raise bad_request(_UNREADABLE)
    check(body)
    return body


def _parsed(raw: bytes) -> Any:
    """Python's reader takes NaN and numbers without end; the first is refused, the second it refuses itself."""
    try:
        return json.loads(raw.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise bad_request(_UNREADABLE) from error


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def check(body: dict[str, Any]) -> None:
    """Refuse text that no database or header can hold, and nesting without end; raises ApiError 400."""
    waiting: list[tuple[str, Any, int]] = [("", body, 0)]
    while waiting:
        path, value, depth = waiting.pop()
        if depth > DEEPEST:
            raise bad_request("The body is nested too deeply")
        if isinstance(value, str) and not _is_text(value):
            raise bad_value(path)
        waiting.extend((name, part, depth + 1) for name, part in _parts(path, value))


def _parts(path: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, list):
        return [(f"{path}[{index}]", part) for index, part in enumerate(value)]
    if isinstance(value, dict):
        if not all(_is_text(name) for name in value):
            raise bad_request("A field's name holds characters that are no text")
        return [(f"{path}.{name}" if path else name, part) for name, part in value.items()]
    return []


def _is_text(value: str) -> bool:
    return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
