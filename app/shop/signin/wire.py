"""The connection to an OpenID provider: patient only so long, and every call told, masked.

Knows no OAuth beyond the names of what is sent.
"""

import logging
import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import HTTPAdapter

from app.klarna.redaction import redact
from app.klarna.transport import Exchange, Watcher

log = logging.getLogger(__name__)

LARGEST_ANSWER = 1_000_000  # bytes


class PromptAdapter(HTTPAdapter):
    """A pool whose answers have to be whole within ``patience`` seconds: a trickle of bytes is no answer."""

    def __init__(self, patience: float, watcher: Watcher | None = None) -> None:
        super().__init__(pool_connections=2, pool_maxsize=32)
        self._patience = patience
        self._watcher = watcher

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        if self._watcher is not None:
            path, sent = _said(request)
            self._watcher.before(_operation(path, sent), str(request.method), path)
        started, answer = time.monotonic(), None
        try:
            answer = self._whole(request, *args, **kwargs)
            return answer
        finally:
            self._tell(request, answer, time.monotonic() - started)

    def _tell(self, request: requests.PreparedRequest, answer: requests.Response | None, seconds: float) -> None:
        """A line in the log, without anything that travels in address or body; the watcher hears the rest, masked."""
        path, status = urlsplit(str(request.url)).path, answer.status_code if answer is not None else 0
        log.info("%s %s -> %s in %.3f s", request.method, path, status or "no answer", seconds)
        if self._watcher is not None:
            self._watcher.after(_exchange(request, answer, seconds))

    def _whole(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        until, body = time.monotonic() + self._patience, b""
        answer = super().send(request, *args, **kwargs | {"stream": True})
        for part in answer.iter_content(16_384):
            body += part
            if time.monotonic() > until or len(body) > LARGEST_ANSWER:
                answer.close()
                raise requests.ReadTimeout("an answer without an end", request=request)
        answer._content = body
        return answer


def _said(request: requests.PreparedRequest) -> tuple[str, dict[str, str]]:
    """Path and form of a request."""
    return urlsplit(str(request.url)).path, dict(parse_qsl(request.body if isinstance(request.body, str) else ""))


def _exchange(request: requests.PreparedRequest, answer: requests.Response | None, seconds: float) -> Exchange:
    path, sent = _said(request)
    return Exchange(
        operation=_operation(path, sent),
        method=str(request.method),
        path=path,
        request=redact(sent),
        status=answer.status_code if answer is not None else 0,
        response=redact(_json(answer)),
        correlation_id=answer.headers.get("Klarna-Correlation-Id", "") if answer is not None else "",
        seconds=seconds,
        attempts=1,
    )


def _operation(path: str, sent: dict[str, str]) -> str:
    """The call in words; the provider's addresses are known by discovery only."""
    if "grant_type" in sent:
        return "exchange code" if sent["grant_type"] == "authorization_code" else "refresh sign-in"
    if "token" in sent:
        return "revoke refresh token"
    return "discover issuer" if path.endswith("/.well-known/openid-configuration") else "read issuer's keys"


def _json(answer: requests.Response | None) -> Any:
    try:
        return answer.json() if answer is not None and answer.content else None
    except ValueError:
        return None
