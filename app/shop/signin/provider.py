"""Klarna's OpenID provider, by Authlib: discovery, keys, tokens. Knows no user, no page and no database.

https://docs.klarna.com/conversion-boosters/sign-in-with-klarna/integrate-sign-in-with-klarna/openidconnect/
"""

import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from blinker import Namespace
from flask import current_app
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from urllib3.exceptions import ProtocolError

from app.klarna import Region
from app.klarna.transport import Watcher

from ..config import SignInConfig
from ..web import refuse_inside_transaction
from . import id_token
from .id_token import Claims, Expected, IdTokenRefused, UnknownKey
from .remembered import Remembered
from .wire import PromptAdapter

log = logging.getLogger(__name__)

DOCUMENTS_LIVE = 3600.0  # seconds; keys are looked up before that when one is missing
KEYS_REST = 10.0  # seconds between two looks for a key that is not there: a forged kid must not hammer Klarna
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
# Sent after the checks of an id_token: its claims, or which check refused it.
checked = Namespace().signal("checked")
TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")  # RFC 6749, appendix A
ACCESS_TOKEN_LIFE = 300


class SignInUnavailable(Exception):
    """No answer, 5xx, or one nobody can read: whether the request had its effect is not known."""


class LineBroke(SignInUnavailable):
    """The connection was there and ended before the answer."""


class SignInRefused(Exception):
    """The provider said no. ``code`` is OAuth's, such as ``invalid_grant``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Tokens:
    """An answer of the token endpoint. ``expires_in`` in seconds from ``received_at``; empty where nothing came."""

    access_token: str = field(repr=False)
    expires_in: int
    received_at: float  # seconds since 1970
    refresh_token: str = field(repr=False, default="")
    id_token: str = field(repr=False, default="")


class Provider:
    """One issuer. Safe to share between threads."""

    def __init__(self, config: SignInConfig, redirect_uri: str, watcher: Watcher | None = None) -> None:
        self.config = config
        self._redirect_uri = redirect_uri
        self._adapter = PromptAdapter(config.connect_timeout + config.read_timeout, watcher)
        self._metadata = Remembered(self._discover, SignInUnavailable)
        self._keys = Remembered(lambda: _key_set(self._read(self.metadata()["jwks_uri"])), SignInUnavailable)

    def authorization_url(self, state: str, nonce: str, code_verifier: str, **more: str) -> str:
        """Where the browser goes to sign in. Raises SignInUnavailable."""
        endpoint = self.metadata()["authorization_endpoint"]
        with self._session(scope=self.config.scope) as session:
            url, _ = session.create_authorization_url(
                endpoint, state=state, nonce=nonce, code_verifier=code_verifier, **more
            )
            return str(url)

    def names_itself(self) -> bool:
        """Whether it says who it is in every callback (RFC 9207); Klarna does not say so. Raises SignInUnavailable."""
        return self.metadata().get("authorization_response_iss_parameter_supported") is True

    def exchange(self, code: str, code_verifier: str) -> Tokens:
        """The tokens for a code. Raises SignInRefused, SignInUnavailable."""
        endpoint = self.metadata()["token_endpoint"]
        with self._session() as session:
            return _tokens(
                lambda: session.fetch_token(
                    endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=code_verifier,
                    redirect_uri=self._redirect_uri,
                    allow_redirects=False,
                )
            )

    def refresh(self, refresh_token: str) -> Tokens:
        """New tokens for a refresh token, which is spent by this. Raises SignInRefused, SignInUnavailable.

        https://docs.klarna.com/conversion-boosters/sign-in-with-klarna/integrate-sign-in-with-klarna/siwk-tokens/
        """
        endpoint = self.metadata()["token_endpoint"]
        with self._session() as session:
            tokens = _tokens(lambda: session.refresh_token(endpoint, refresh_token, allow_redirects=False))
        # Where the answer has none, Authlib puts in the one that was sent: nothing new.
        return replace(tokens, refresh_token="") if tokens.refresh_token == refresh_token else tokens

    def revoke(self, refresh_token: str) -> None:
        """Have a refresh token and what came of it ended (RFC 7009). Raises SignInRefused, SignInUnavailable."""
        endpoint = self.metadata().get("revocation_endpoint")
        if not endpoint:
            return
        try:
            with self._session() as session:
                answer = session.revoke_token(endpoint, refresh_token, "refresh_token", allow_redirects=False)
        except requests.RequestException as lost:
            raise SignInUnavailable(type(lost).__name__) from None
        if answer.status_code >= 500:
            raise SignInUnavailable(f"revoke: {answer.status_code}")
        if answer.status_code >= 400:
            raise SignInRefused(f"revoke: {answer.status_code}")

    def claims(self, tokens: Tokens, nonce: str | None) -> Claims:
        """What the id_token says, after every check. Raises IdTokenRefused, SignInUnavailable."""
        expected = Expected(self.config.issuer, self.config.client_id, int(time.time()), nonce, tokens.access_token)
        try:
            claims = self._verified(tokens.id_token, expected)
        except IdTokenRefused as no:
            checked.send(claims={}, refused=str(no))
            raise
        checked.send(claims=claims, refused="")
        return claims

    def _verified(self, token: str, expected: Expected) -> Claims:
        try:
            return id_token.verify(token, self.keys(), expected)
        except UnknownKey:
            return id_token.verify(token, self.keys(anew=True), expected)

    def metadata(self) -> dict[str, Any]:
        """The discovery document. Raises SignInUnavailable."""
        return self._metadata.get(DOCUMENTS_LIVE)

    def keys(self, anew: bool = False) -> KeySet:
        """Klarna's public keys; ``anew`` when one was missing. Raises SignInUnavailable."""
        return self._keys.get(KEYS_REST if anew else DOCUMENTS_LIVE)

    def _discover(self) -> dict[str, Any]:
        """The document of exactly this issuer, with every address on its own scheme."""
        found = self._read(f"{self.config.issuer}/.well-known/openid-configuration")
        scheme = urlsplit(self.config.issuer).scheme
        named = [found.get(name) for name in ENDPOINTS]
        named += [found["revocation_endpoint"]] if found.get("revocation_endpoint") else []
        if found.get("issuer") != self.config.issuer:
            raise SignInUnavailable("discovery: another issuer than ours")
        if not all(isinstance(address, str) and urlsplit(address).scheme == scheme for address in named):
            raise SignInUnavailable("discovery: an endpoint is missing or odd")
        return found

    def _read(self, address: str) -> dict[str, Any]:
        try:
            with self._session() as session:
                answer = session.get(address, withhold_token=True, allow_redirects=False)
                found = answer.json() if answer.status_code == 200 else None
        except (requests.RequestException, ValueError) as lost:
            raise SignInUnavailable(f"{urlsplit(address).path}: {type(lost).__name__}") from None
        if not isinstance(found, dict):
            raise SignInUnavailable(f"{urlsplit(address).path}: {answer.status_code} or no JSON object")
        return found

    def _session(self, scope: str | None = None) -> OAuth2Session:
        """A session of its own for each use, over one pool: Authlib's keeps the last token it saw."""
        session = OAuth2Session(
            self.config.client_id,
            self.config.client_secret or None,
            token_endpoint_auth_method=self.config.auth_method,
            revocation_endpoint_auth_method=self.config.auth_method,
            redirect_uri=self._redirect_uri,
            scope=scope,
            code_challenge_method="S256",
            default_timeout=(self.config.connect_timeout, self.config.read_timeout),
        )
        session.trust_env = False
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.headers["Accept"] = "application/json"
        session.mount("https://", self._adapter)
        session.mount("http://", self._adapter)
        session.close = lambda: None  # the pool is everybody's
        return session


def provider(region: Region) -> Provider | None:
    """The issuer of a region, where the merchant has a client; fetched right before each call."""
    refuse_inside_transaction()
    found: dict[Region, Provider] = current_app.extensions["sign_in"]
    return found.get(region)


def _tokens(ask: Callable[[], Any]) -> Tokens:
    """The token endpoint's answer, or what its failure means."""
    try:
        answer = ask()
    except OAuthError as no:
        raise SignInRefused(str(no.error)[:60]) from None
    except requests.RequestException as lost:
        broke = isinstance(lost, requests.ConnectionError) and isinstance(lost.args[0], ProtocolError)
        raise (LineBroke if broke else SignInUnavailable)(type(lost).__name__) from None
    except (ValueError, TypeError, KeyError, OverflowError) as odd:
        raise SignInUnavailable(type(odd).__name__) from None
    return _read_tokens(answer)


def _read_tokens(answer: dict[str, Any]) -> Tokens:
    texts = {name: answer.get(name) or "" for name in ("access_token", "refresh_token", "id_token", "token_type")}
    life = str(answer.get("expires_in") or ACCESS_TOKEN_LIFE)
    readable = all(isinstance(text, str) for text in texts.values())
    tokens = (texts["access_token"], texts["refresh_token"] or "-")
    fine = readable and all(TOKEN.fullmatch(token) for token in tokens) and life.isdecimal() and len(life) < 10
    if not fine or str(texts.pop("token_type")).lower() != "bearer":
        raise SignInUnavailable("token endpoint: an answer nobody can read")
    return Tokens(expires_in=min(int(life), 24 * 3600), received_at=time.time(), **texts)


def _key_set(found: dict[str, Any]) -> KeySet:
    """The keys we can read; others in the set are no reason to refuse all. Raises SignInUnavailable."""
    listed = found.get("keys")
    if not isinstance(listed, list):
        raise SignInUnavailable("keys: no list")
    keys = []
    for one in listed:
        try:
            keys.extend(KeySet.import_key_set({"keys": [one]}).keys)
        except (JoseError, ValueError, TypeError, KeyError):
            log.info("a key of the issuer cannot be read and is left out")
    return KeySet(keys)
