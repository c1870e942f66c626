"""Which client is calling: its id and, where it has one, its secret, sent in one of the two registered ways.

https://docs.klarna.com/conversion-boosters/sign-in-with-klarna/integrate-sign-in-with-klarna/openidconnect/
The secret is the merchant's API key. A public client has none, and says its id only.
"""

import base64
import binascii
from typing import NoReturn
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError, UnauthorizedClientError

from ..clients import AuthMethod, Client
from .oauth import BadAuthorizationHeader, Request, find_client


def authenticate(request: Request) -> Client:
    """The client of a request to the token or the revocation endpoint; raises OAuth2Error."""
    request.refuse_repeated()
    header = request.headers.get("Authorization", "")
    said_id, said_secret = request.form.get("client_id"), request.form.get("client_secret")
    if header:
        if said_secret:
            raise InvalidRequestError("The secret came twice: in the header and as a parameter")
        client = _proven(request, *_pair(header, said_id))
        return _admitted(client, AuthMethod.BASIC, request)
    if not said_id:
        _refuse("No client authentication")
    if said_secret:
        return _admitted(_proven(request, said_id, [said_secret]), AuthMethod.POST, request)
    client = _known(request, said_id)
    if not client.is_public:
        _refuse("This client has to authenticate with its secret")
    request.auth_method = AuthMethod.NONE
    return client


def _proven(request: Request, client_id: str, secrets: list[str]) -> Client:
    client = _known(request, client_id)
    if not any(client.is_proven_by(secret) for secret in secrets):
        _refuse("The client's secret is wrong")
    return client


def _known(request: Request, client_id: str) -> Client:
    client = find_client(client_id, request.region)
    if client is None:
        _refuse("There is no such client in this region")
    return client


def _admitted(client: Client, method: AuthMethod, request: Request) -> Client:
    if method not in client.auth_methods:
        raise UnauthorizedClientError(f"This client is not registered for {method}")
    request.auth_method = method
    return client


def _pair(header: str, said_id: str | None) -> tuple[str, list[str]]:
    """The id and the secret of a header: as they are, and as RFC 6749 wants them encoded (section 2.3.1)."""
    scheme, _, value = header.partition(" ")
    try:
        text = base64.b64decode(value.strip(), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise BadAuthorizationHeader from error
    client_id, colon, secret = text.partition(":")
    if scheme.lower() != "basic" or not colon:
        raise BadAuthorizationHeader
    if said_id not in (None, client_id, unquote_plus(client_id)):
        raise InvalidRequestError("The client_id of the header is another one than the parameter")
    return unquote_plus(client_id), [secret, unquote_plus(secret)]


def _refuse(words: str) -> NoReturn:
    raise InvalidClientError(words, status_code=401)
