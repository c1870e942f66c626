"""What a shop asks for when it sends a shopper here, and every reason to send them straight back.

Klarna says "follow RFC 6749"; with OpenID Connect's errors beside it. A wrong client or address is told the
shopper on a page, as there is nobody trustworthy to send them back to (RFC 6749, 4.1.2.1).
"""

from dataclasses import dataclass
from typing import Any

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError, InvalidScopeError, UnsupportedResponseTypeError
from authlib.oidc.core.errors import RequestNotSupportedError, RequestURINotSupportedError

from ..clients import Client
from ..merchants import Region
from . import grants, scopes
from .oauth import Request, find_client

FORCED_CONSENT = "klarna-auth-prompt"
_SHORTEST_STATE = 8  # characters, as Hydra wants (inferred)
_PROMPTS = {"none", "login", "consent", "select_account"}


class InvalidStateError(OAuth2Error):
    """Hydra's error for a state that is too easy to guess (inferred)."""

    error = "invalid_state"
    description = "The state is missing or has fewer than 8 characters"


class NotRedirectable(Exception):
    """The client or its address is wrong: nobody is sent anywhere. The message is for the shopper's page."""


@dataclass(frozen=True)
class AuthorizationRequest:
    """A request that is in order. Its fields are text, so that it can travel in a ticket."""

    region: str
    client_id: str
    redirect_uri: str
    scope: str
    state: str
    nonce: str | None
    code_challenge: str | None
    prompt: str
    max_age: int | None
    forced_consent: bool
    ui_locales: str

    @property
    def scopes(self) -> tuple[str, ...]:
        return scopes.parse(self.scope)

    @property
    def client(self) -> Client:
        client = find_client(self.client_id, Region(self.region))
        if client is None:
            raise NotRedirectable("The shop is no longer registered.")
        return client

    def prompts(self, what: str) -> bool:
        return what in self.prompt.split()

    def success(self, code: str, granted: tuple[str, ...]) -> str:
        """Where the browser goes with a code."""
        return _with(self.redirect_uri, code=code, scope=" ".join(granted), state=self.state)

    def failure(self, error: OAuth2Error) -> str:
        """Where the browser goes with an error."""
        return failure(self.redirect_uri, self.state, error)


def failure(redirect_uri: str, state: str, error: OAuth2Error) -> str:
    """The shop's address with an error; without a state where none was sent."""
    told = {"error": error.error, "error_description": error.get_error_description()}
    return _with(redirect_uri, **told, **({"state": state} if state else {}))


def addressee(asked: Request) -> tuple[Client, str]:
    """The client, and which of its addresses the answer goes to; raises NotRedirectable."""
    given = asked.payload.datalist
    client = find_client(asked.payload.client_id, asked.region)
    if client is None or len(given["client_id"]) > 1:
        raise NotRedirectable("No shop is registered here under this client_id.")
    redirect_uri = asked.payload.redirect_uri
    if redirect_uri not in client.redirect_uris or len(given["redirect_uri"]) > 1:
        raise NotRedirectable("The redirect_uri is not one of those the shop has registered, letter by letter.")
    return client, redirect_uri


def read(asked: Request, client: Client, redirect_uri: str) -> AuthorizationRequest:
    """The request, once everything about it is in order; raises OAuth2Error."""
    given: Any = asked.payload.data
    asked.refuse_repeated()
    if len(given.get("state", "")) < _SHORTEST_STATE:
        raise InvalidStateError
    _refuse_request_objects(given)
    _refuse_response(given)
    _refuse_scopes(client, given.get("scope"))
    _refuse_prompt(given.get("prompt", "").split())
    asked.client = client
    grants.Pkce().validate_code_challenge(grants.CodeGrant(asked, None), redirect_uri)
    return AuthorizationRequest(
        region=asked.region,
        client_id=client.client_id,
        redirect_uri=redirect_uri,
        scope=given["scope"],
        state=given["state"],
        nonce=given.get("nonce") or None,
        code_challenge=given.get("code_challenge") or None,
        prompt=given.get("prompt", ""),
        max_age=_seconds(given.get("max_age")),
        forced_consent=given.get(FORCED_CONSENT) == "consent",
        ui_locales=given.get("ui_locales", ""),
    )


def _refuse_request_objects(given: Any) -> None:
    """Discovery offers them, as Klarna's does; nobody is known to use them."""
    if given.get("request"):
        raise RequestNotSupportedError("Send the parameters themselves")
    if given.get("request_uri"):
        raise RequestURINotSupportedError("Send the parameters themselves")


def _refuse_response(given: Any) -> None:
    if not given.get("response_type"):
        raise InvalidRequestError("Missing 'response_type' in request.")
    if given["response_type"] != "code":
        raise UnsupportedResponseTypeError(given["response_type"])
    if given.get("response_mode", "query") != "query":
        raise InvalidRequestError("The response_mode has to be query")


def _refuse_scopes(client: Client, scope: str | None) -> None:
    """Which scopes a client may ask for is settled when it is registered."""
    asked = scopes.parse(scope)
    if not asked:
        raise InvalidScopeError("The scope is missing")
    if not set(asked) <= set(client.scopes):
        raise InvalidScopeError("A scope is unknown, or this client may not ask for it")


def _refuse_prompt(prompts: list[str]) -> None:
    if not set(prompts) <= _PROMPTS:
        raise InvalidRequestError("The prompt is none, login, consent or select_account")
    if "none" in prompts and len(prompts) > 1:
        raise InvalidRequestError("The prompt none stands alone")


def _seconds(text: str | None) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise InvalidRequestError("The max_age is a number of seconds")
    return int(text)


def _with(address: str, **parameters: str) -> str:
    return str(add_params_to_uri(address, list(parameters.items())))
