"""What the shop sends to Klarna byte by byte: method, address, headers and body."""

import io
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from .programs import Programs

BROWSER = "Mozilla/5.0 a browser"
# Order numbers, ids and secrets, whatever they are made of, and moments.
MADE_ANEW = re.compile(r"M(-\w{4}){3}|\d{4}-\d\d-\d\dT[\d:.]+|[\w.-]{24,}|[\w.-]*\d[\w.-]{7,}")
# The client of the connection adds these; the length differs with nothing but the body.
UNTOLD = ("HTTP_HOST", "CONTENT_LENGTH")


@contextmanager
def tapped(programs: Programs) -> Iterator[list[str]]:
    """Every request of the shop to Klarna while this lasts, and none of a browser's, which calls itself Mozilla."""
    sent: list[str] = []
    klarna = programs.klarna.app
    answering = klarna.wsgi_app
    klarna.wsgi_app = _noting(answering, sent, programs)  # type: ignore[method-assign]
    try:
        yield sent
    finally:
        klarna.wsgi_app = answering  # type: ignore[method-assign]


@contextmanager
def meanwhile(programs: Programs, path: str, happens: Callable[[], object]) -> Iterator[None]:
    """Let something happen once, after Klarna was asked for ``path`` and before it answers."""
    klarna = programs.klarna.app
    answering = klarna.wsgi_app
    to_come = [happens]

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"].endswith(path) and to_come:
            to_come.pop()()
        return answering(environ, start_response)

    klarna.wsgi_app = answer  # type: ignore[method-assign]
    try:
        yield
    finally:
        klarna.wsgi_app = answering  # type: ignore[method-assign]


def _noting(answering: Callable[..., Iterable[bytes]], sent: list[str], programs: Programs) -> Any:
    def note(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        lever = environ["PATH_INFO"].startswith("/_sandbox/")
        if not lever and not environ.get("HTTP_USER_AGENT", "").startswith("Mozilla/"):
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(body)
            sent.append(_comparable(_request(environ, body), programs))
        return answering(environ, start_response)

    return note


def _request(environ: dict[str, Any], body: bytes) -> str:
    headers = [f"{name}: {environ[name]}" for name in sorted(environ) if name.startswith(("HTTP_", "CONTENT_"))]
    told = [line for line in headers if not line.startswith(UNTOLD)]
    return "\n".join((f"{environ['REQUEST_METHOD']} {environ['RAW_URI']}", *told, "", body.decode()))


def _comparable(request: str, programs: Programs) -> str:
    """The same from two shops at different addresses; what is made anew each time is left out."""
    for address, name in ((programs.shop_url, "SHOP"), (programs.klarna.url, "KLARNA")):
        request = request.replace(address, name).replace(quote(address, safe=""), name)
    return MADE_ANEW.sub("…", request)
