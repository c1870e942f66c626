"""What the token endpoint changes for tokens: a code, or a refresh token. Authlib's grants, with Klarna's answers.

https://docs.klarna.com/conversion-boosters/sign-in-with-klarna/additional-resources/siwk-tokens/
A refusal that ends a sign-in has to be kept, so errors are answers here and roll nothing back.
"""

from collections.abc import Iterable
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7636.challenge import CODE_VERIFIER_PATTERN

from .. import clock, switches
from ..clients import Client
from . import chains, client_authentication, id_tokens, scopes, tokens
from .chains import Chain
from .oauth import Provider
from .tokens import Kind, Token

# Whether a refresh token that comes twice counts as stolen and ends the sign-in (inferred from Hydra).
REUSE_REVOKES = "refresh_reuse_revokes"
Answer = tuple[int, dict[str, Any], list[tuple[str, str]]]


class Pkce(CodeChallenge):
    """S256 only; public clients have to use it (inferred: Klarna's library does)."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def validate_code_challenge(self, grant: "CodeGrant", redirect_uri: str) -> None:
        asked = grant.request.payload.data
        challenge, method = asked.get("code_challenge"), asked.get("code_challenge_method")
        if grant.client.is_public and not challenge:
            raise InvalidRequestError("A public client has to send a code_challenge")
        if challenge and method != "S256":
            raise InvalidRequestError("The code_challenge_method has to be S256")
        super().validate_code_challenge(grant, redirect_uri)

    def validate_code_verifier(self, grant: "CodeGrant", result: None) -> None:
        verifier = grant.request.form.get("code_verifier")
        if verifier and not CODE_VERIFIER_PATTERN.match(verifier):
            raise InvalidGrantError("The code_verifier does not belong to the code_challenge")
        super().validate_code_verifier(grant, result)


class CodeGrant(AuthorizationCodeGrant):
    """A code is changed once, within ten minutes, by the client it was given to."""

    def authenticate_token_endpoint_client(self) -> Client:
        return client_authentication.authenticate(self.request)

    def query_authorization_code(self, code: str, client: Client) -> Chain:
        chain = chains.by_code(code)
        if chain is None or (chain.client_id, chain.region) != (client.client_id, self.request.region):
            raise InvalidGrantError("This code was not given to this client")
        if chain.status is not chains.Status.CODE:
            chains.revoke(chain)
            raise InvalidGrantError("This code was used before, or is revoked")
        if clock.now() >= chain.code_expires_at:
            raise InvalidGrantError("This code has expired")
        self._refuse_other_address(chain)
        return chain

    def create_token_response(self) -> Answer:
        chain: Chain = self.request.authorization_code
        chains.spend_code(chain)
        body = _tokens(chain, chain.scopes, chain.nonce)
        return 200, body | {"expires_in": 300, "token_type": "bearer"}, self.TOKEN_RESPONSE_HEADER

    def _refuse_other_address(self, chain: Chain) -> None:
        """One that is left out is fine: so does Klarna's own sample (inferred)."""
        if self.request.form.get("redirect_uri", chain.redirect_uri) != chain.redirect_uri:
            raise InvalidGrantError("The redirect_uri is another one than the code was sent to")


class RefreshGrant(RefreshTokenGrant):
    """A refresh token is changed once; from then on only its successor is good."""

    def authenticate_token_endpoint_client(self) -> Client:
        return client_authentication.authenticate(self.request)

    def authenticate_refresh_token(self, refresh_token: str) -> Token:
        found = tokens.find(refresh_token, Kind.REFRESH)
        if found is None or not found.check_client(self.client) or found.chain.region is not self.request.region:
            raise InvalidGrantError("This refresh token was not given to this client")
        if found.status is tokens.Status.USED and switches.get(REUSE_REVOKES, "on") == "on":
            chains.revoke(found.chain)
        if found.status is not tokens.Status.ACTIVE:
            raise InvalidGrantError(f"This refresh token is no longer good: {found.status}")
        return found

    def create_token_response(self) -> Answer:
        spent: Token = self.request.refresh_token
        tokens.use(spent)
        wanted = scopes.parse(self.request.form.get("scope")) or spent.scopes
        # The documents' sample of a refresh differs from the one of a code in these two members.
        body = _tokens(spent.chain, wanted, nonce=None)
        return 200, body | {"expires_in": 299, "token_type": "Bearer"}, self.TOKEN_RESPONSE_HEADER


def _tokens(chain: Chain, granted: Iterable[str], nonce: str | None) -> dict[str, Any]:
    """An access token; an id_token and a refresh token where the scopes ask for them."""
    wanted = tuple(granted)
    body = {"access_token": tokens.issue(Kind.ACCESS, chain, wanted), "scope": " ".join(wanted)}
    if scopes.OPENID in wanted:
        body["id_token"] = id_tokens.sign(chain, body["access_token"], wanted, nonce)
    if scopes.OFFLINE in chain.scopes:
        body["refresh_token"] = tokens.issue(Kind.REFRESH, chain, chain.scopes)
    return body


def provider() -> Provider:
    """Authlib's server with the two grants of the token endpoint."""
    server = Provider()
    server.register_grant(CodeGrant, [Pkce(required=True)])
    server.register_grant(RefreshGrant)
    return server
