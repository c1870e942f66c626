"""One pooled HTTP session to one region of Klarna: authentication, patience, idempotency, retry.

Knows paths and bodies only as data; what they mean stands in :mod:`.payments`, :mod:`.orders` and
:mod:`.customer_tokens`.
"""

import logging
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Protocol

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from .config import KlarnaConfig
from .errors import KlarnaFailed, KlarnaUnreachable, error_class
from .redaction import redact, redact_path

log = logging.getLogger(__name__)

# https://docs.klarna.com/api/escalation-and-retry-policy/ : a 4xx is a verdict and is never repeated.
RETRIED_STATUSES = (429, 500, 502, 503, 504)
# Klarna documents the first; one sample of the account-linking page prints the second.
IDEMPOTENCY_HEADERS = ("Klarna-Idempotency-Key", "Idempotency-Key")


@dataclass(frozen=True)
class Exchange:
    """One call as it may be logged and shown: bodies and path are masked. ``seconds`` covers all attempts."""

    operation: str
    method: str
    path: str
    request: Any
    status: int
    response: Any
    correlation_id: str
    seconds: float
    attempts: int
    idempotency_key: str = ""


@dataclass(frozen=True)
class Reply:
    """Klarna's successful answer: the JSON body (``{}`` when empty), its correlation id, its headers in any case."""

    body: dict[str, Any]
    correlation_id: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class Watcher(Protocol):
    """Somebody who is told of every call, masked, and changes none; what it raises is the caller's to see."""

    def before(self, operation: str, method: str, path: str) -> None:
        """A call is about to be sent. May take its time."""

    def after(self, exchange: Exchange) -> None:
        """It was answered, or was not."""


class Transport:
    """Calls one region's API. Safe to share between threads."""

    def __init__(self, config: KlarnaConfig, watcher: Watcher | None = None) -> None:
        self._config = config
        self._watcher = watcher
        # Two pools of the same make: urllib3 sets its retries per pool, and a POST without a key must go once.
        self._repeatable = self._session(config.retries)
        self._once = self._session(0)

    def call(
        self,
        operation: str,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        idempotency_key: str = "",
        headers: dict[str, str] | None = None,
        repeatable: bool = False,
    ) -> Reply:
        """Send one call and return the answer.

        GET, DELETE, anything with an idempotency key and what is called ``repeatable`` is sent again when the
        answer was lost or 5xx; the rest is sent once. Raises the classes of :mod:`.errors`.
        """
        repeatable = repeatable or bool(idempotency_key) or method in ("GET", "DELETE")
        session = self._repeatable if repeatable else self._once
        headers = (headers or {}) | (dict.fromkeys(IDEMPOTENCY_HEADERS, idempotency_key) if idempotency_key else {})
        if self._watcher is not None:
            self._watcher.before(operation, method, redact_path(path))
        started = time.monotonic()
        try:
            response = session.request(
                method,
                self._config.api_url + path,
                json=body,
                headers=headers,
                timeout=(self._config.connect_timeout, self._config.read_timeout),
                allow_redirects=False,
            )
        except requests.RequestException as lost:
            reference = f"no-answer-{secrets.token_hex(4)}"
            self._tell(operation, method, path, body, None, started, idempotency_key, reference)
            # Without its cause: that one's text holds the address, and the address a token.
            raise KlarnaUnreachable(operation, error_messages=[type(lost).__name__], correlation_id=reference) from None
        self._tell(operation, method, path, body, response, started, idempotency_key)
        return read_reply(operation, response)

    def _session(self, retries: int) -> requests.Session:
        session = requests.Session()
        session.auth = (self._config.username, self._config.password)
        session.trust_env = False  # a .netrc must not replace the merchant's credentials
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.headers.update({"User-Agent": self._config.user_agent, "Accept": "application/json"})
        retry = Retry(
            total=retries,
            allowed_methods=None,
            status_forcelist=RETRIED_STATUSES,
            backoff_factor=0.2,
            backoff_jitter=0.2,
            raise_on_status=False,
            respect_retry_after_header=False,
        )
        adapter = HTTPAdapter(pool_connections=2, pool_maxsize=32, max_retries=retry)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        return session

    def _tell(
        self,
        operation: str,
        method: str,
        path: str,
        body: Any,
        response: requests.Response | None,
        started: float,
        idempotency_key: str,
        reference: str = "",
    ) -> None:
        exchange = Exchange(
            operation=operation,
            method=method,
            path=redact_path(path),
            request=redact(body),
            status=response.status_code if response is not None else 0,
            response=redact(_json(response)) if response is not None else None,
            correlation_id=reference or _correlation_id(response),
            seconds=time.monotonic() - started,
            attempts=_attempts(response),
            idempotency_key=idempotency_key,
        )
        log.info(
            "%s %s -> %s in %.3f s [%s]",
            exchange.method,
            exchange.path,
            exchange.status or "no answer",
            exchange.seconds,
            exchange.correlation_id,
        )
        if self._watcher is not None:
            self._watcher.after(exchange)


def read_reply(operation: str, response: requests.Response) -> Reply:
    """The answer, or the error it stands for. Raises :class:`~.errors.KlarnaError`."""
    body = _json(response)
    fine = 200 <= response.status_code < 300
    if fine and isinstance(body, dict):
        return Reply(body, _correlation_id(response), response.headers)
    said = body if isinstance(body, dict) else {}
    code = str(said.get("error_code") or "")
    # Some services send one message, most a list; 401 has a shape of its own, or is HTML.
    messages = said.get("error_messages") or said.get("error_message") or said.get("internal_message")
    messages = messages if isinstance(messages, list) else [messages]
    raise (KlarnaFailed if fine else error_class(response.status_code, code))(
        operation,
        response.status_code,
        code,
        [str(message) for message in messages if message],
        _correlation_id(response),
        _attempts(response),
        said,
    )


def _json(response: requests.Response) -> Any:
    if not response.content:
        return {}
    try:
        return response.json()
    except ValueError:
        return None


def _correlation_id(response: requests.Response | None) -> str:
    if response is None:
        return ""
    body = _json(response)
    named = body.get("correlation_id") if isinstance(body, dict) else ""
    return str(response.headers.get("Klarna-Correlation-Id") or named or "")


def _attempts(response: requests.Response | None) -> int:
    retries = getattr(getattr(response, "raw", None), "retries", None)
    return 1 + len(retries.history) if retries else 1
