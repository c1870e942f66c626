"""The joint between Flask, Authlib's grants and this provider: what a request says, and how an error is answered.

Authlib checks in which order a grant is looked at, and PKCE. Klarna's answers differ from its own in shape.
"""

from typing import Any

from authlib.oauth2 import AuthorizationServer, OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Payload
from flask import Request as FlaskRequest
from flask import Response, jsonify
from werkzeug.datastructures import CombinedMultiDict, MultiDict

from ..clients import Client
from ..config import current
from ..merchants import Region

UNREADABLE_HEADER = "Invalid authorization header"


class BadAuthorizationHeader(OAuth2Error):
    """An Authorization header that is not `Basic` and a pair in base64. Klarna documents a bare text for it."""

    error = "invalid_request"
    description = UNREADABLE_HEADER


class Parameters(OAuth2Payload):
    """The parameters of a request. The body is where they belong; the address is read as well."""

    def __init__(self, body: MultiDict[str, str], address: MultiDict[str, str]) -> None:
        self._all: CombinedMultiDict[str, str] = CombinedMultiDict([body, address])

    @property
    def data(self) -> CombinedMultiDict[str, str]:
        return self._all

    @property
    def datalist(self) -> dict[str, list[str]]:
        return {name: self._all.getlist(name) for name in self._all}


class Request(OAuth2Request):
    """A request at one region's endpoints, in the form Authlib reads."""

    def __init__(self, asked: FlaskRequest, region: Region) -> None:
        # Authlib takes plain http from localhost only. Whether TLS stands before a sandbox is its owner's affair.
        super().__init__(asked.method, asked.url.replace("http://", "https://", 1), headers=asked.headers)
        self.region = region
        self.payload = Parameters(asked.form, asked.args)

    @property
    def form(self) -> CombinedMultiDict[str, str]:
        return self.payload.data

    def refuse_repeated(self) -> None:
        """No parameter may come twice; raises InvalidRequestError. https://datatracker.ietf.org/doc/html/rfc6749#section-3.2"""
        if any(len(values) > 1 for values in self.payload.datalist.values()):
            raise InvalidRequestError("A parameter is there more than once")


class Provider(AuthorizationServer):
    """Authlib's server, which finds the grant a request is about."""

    def query_client(self, client_id: str) -> Client | None:
        return find_client(client_id)

    def create_oauth2_request(self, request: Request) -> Request:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        return answer(body, status)

    def handle_error_response(self, request: Request, error: OAuth2Error) -> Response:
        return refusal(error)

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""


def find_client(client_id: str | None, region: Region | None = None) -> Client | None:
    """A registered client, where it may be used in this region."""
    known = (client for client in current().clients if client.client_id == client_id)
    return next((client for client in known if None in (region, client.region) or client.region is region), None)


def answer(body: dict[str, Any], status: int = 200) -> Response:
    """JSON that nobody may keep. https://datatracker.ietf.org/doc/html/rfc6749#section-5.1"""
    response = jsonify(body)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    return response


def refusal(error: OAuth2Error) -> Response:
    """An error in the shape of RFC 6749, section 5.2."""
    if isinstance(error, BadAuthorizationHeader):
        return Response(UNREADABLE_HEADER, 400, content_type="text/plain; charset=utf-8")
    response = answer({"error": error.error, "error_description": error.get_error_description()}, error.status_code)
    if error.status_code == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="Klarna"'
    return response
