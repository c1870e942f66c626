"""Refusals in the shape Klarna documents: `error_code`, `error_messages`, `correlation_id`.

https://docs.klarna.com/api/errors/ and, for the codes and messages of Klarna Payments,
https://docs.klarna.com/resources/developer-tools/error-handling/error-codes-and-messages-for-klarna-payments/
The Klarna Network has another body: `error_id`, `error_type`, `error_code`, `error_message`.
https://docs.klarna.com/klarna-network-distribution/setup-your-integration/integration-resilience/error-handling/
"""

import logging
import uuid
from typing import Any

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException, InternalServerError

from .surface import is_api, is_network, is_sign_in, is_sign_in_page

log = logging.getLogger(__name__)
CORRELATION_HEADER = "Klarna-Correlation-Id"
# What the web framework refuses by itself. Codes: 413 is documented, the rest inferred.
_CODES = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED", 413: "REQUEST_TOO_LARGE", 415: "UNSUPPORTED_MEDIA_TYPE"}
_MESSAGES = {413: "Request is too large"}
# The four types are documented; which status has which is inferred, as are a missing row's two.
_NETWORK_TYPES = dict.fromkeys((401, 403), "ACCESS_ERROR") | dict.fromkeys((404, 410), "RESOURCE_ERROR")


class ApiError(Exception):
    """A documented refusal of the merchant API. Few of them have details, which stand beside the code."""

    def __init__(self, status: int, code: str, *messages: str, **details: Any) -> None:
        super().__init__(code, *messages)
        self.details = details
        self.status = status
        self.code = code
        self.messages = list(messages)


def bad_value(*paths: str) -> ApiError:
    """Fields that are missing, malformed or do not fit together, each by its path."""
    return ApiError(400, "BAD_VALUE", *(f"Bad value: {path}" for path in paths))


def bad_request(message: str) -> ApiError:
    return ApiError(400, "BAD_REQUEST", message)


def not_found(message: str, *hints: str) -> ApiError:
    """The documented message first; what else may help stands behind it."""
    return ApiError(404, "NOT_FOUND", message, *hints)


def not_matching(differences: list[str]) -> ApiError:
    return ApiError(409, "BAD_VALUE", f"Not matching fields: [{', '.join(differences)}]")


def invalid_operation(message: str) -> ApiError:
    return ApiError(403, "INVALID_OPERATION", message)


def correlation_id() -> str:
    """The id of this exchange: the same in the header and in an error's body."""
    if "correlation_id" not in g:
        g.correlation_id = str(uuid.uuid4())
    value: str = g.correlation_id
    return value


def install(app: Flask) -> None:
    """Answer every failure of the merchant API in Klarna's shape; other pages keep plain ones."""
    app.register_error_handler(ApiError, _refused)
    app.register_error_handler(HTTPException, _framework_refused)
    app.register_error_handler(Exception, _failed)


def _answer(status: int, code: str, messages: list[str], details: dict[str, Any] | None = None) -> Response:
    shape = _network_body if is_network(request.path) else _body
    response = jsonify(shape(status, code, messages) | (details or {}))
    response.status_code = status
    response.headers[CORRELATION_HEADER] = correlation_id()
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="Klarna"'
    return response


def _body(_status: int, code: str, messages: list[str]) -> dict[str, Any]:
    return {"error_code": code, "error_messages": messages, "correlation_id": correlation_id()}


def _network_body(status: int, code: str, messages: list[str]) -> dict[str, Any]:
    return {
        "error_id": correlation_id(),
        "error_type": _NETWORK_TYPES.get(status, "TECHNICAL_ERROR" if status >= 500 else "INPUT_ERROR"),
        "error_code": code,
        "error_message": ". ".join(messages),
    }


def _refused(error: ApiError) -> Response:
    return _answer(error.status, error.code, error.messages, error.details)


def _framework_refused(error: HTTPException) -> Response | HTTPException:
    """An error that brings its own answer (a 401 has another shape) is left alone."""
    if _is_oauth() and error.code is not None and error.response is None:
        return _oauth_answer(error.code, error.name)
    if not is_api(request.path) or error.code is None or error.response is not None:
        return error
    response = _answer(error.code, _CODES.get(error.code, "BAD_REQUEST"), [_MESSAGES.get(error.code) or error.name])
    response.headers.extend((name, value) for name, value in error.get_headers() if name == "Allow")
    return response


def _failed(error: Exception) -> Response | HTTPException:
    log.exception("%s %s failed, correlation id %s", request.method, request.path, correlation_id())
    if _is_oauth():
        return _oauth_answer(500, "Internal error")
    if not is_api(request.path):
        return InternalServerError()
    return _answer(500, "INTERNAL_SERVER_ERROR", ["Internal error"])


def _is_oauth() -> bool:
    return is_sign_in(request.path) and not is_sign_in_page(request.path)


def _oauth_answer(status: int, words: str) -> Response:
    """Sign in with Klarna has the errors of RFC 6749."""
    response = jsonify(error="server_error" if status >= 500 else "invalid_request", error_description=words)
    response.status_code = status
    return response
