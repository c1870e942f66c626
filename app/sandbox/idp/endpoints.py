"""The addresses that programs call: discovery, JWKS, token, userinfo, revocation. Those for people are in `pages`.

Every web page may read the answers (Klarna's browser library is served from elsewhere than the shop's page).
"""

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from flask import Blueprint, Response, g, jsonify, request

from .. import people, store
from ..merchants import Region
from . import access_tokens, claims, client_authentication, grants, issuers, keys, tokens
from .oauth import Request, answer, refusal

blueprint = Blueprint("idp", __name__)


@blueprint.url_value_preprocessor
def take_region(_endpoint: str | None, values: dict[str, Region] | None) -> None:
    """The region comes from where the blueprint stands."""
    g.region = (values or {}).pop("region")


@blueprint.after_request
def open_to_pages(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "")
        response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
        response.headers["Access-Control-Max-Age"] = "600"
    return response


@blueprint.get("/.well-known/openid-configuration")
def discovery() -> Response:
    return jsonify(issuers.discovery(g.region))


@blueprint.get("/.well-known/jwks.json")
def jwks() -> Response:
    return jsonify(keys.jwks(g.region))


@blueprint.post("/oauth2/token")
def token() -> Response:
    """One caller at a time, so that of two who bring the same code or refresh token one comes second."""
    asked = Request(request, g.region)
    if not asked.form.get("grant_type"):
        return refusal(InvalidRequestError("Missing 'grant_type' in request."))
    with store.transaction():
        answered: Response = grants.provider().create_token_response(asked)
        return answered


@blueprint.route("/userinfo", methods=["GET", "POST"])
def userinfo() -> Response:
    """The claims as they are now, whatever the id_token said."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    found = access_tokens.good(value.strip(), g.region) if scheme.lower() == "bearer" else None
    if found is None:
        return _unauthorized()
    person = people.find(found.chain.person)
    return answer({"sub": claims.subject(person)} | claims.of(person, found.scopes))


@blueprint.post("/oauth2/revoke")
def revoke() -> Response:
    """RFC 7009. A token that is unknown, or another client's, is answered like one that was revoked."""
    asked = Request(request, g.region)
    try:
        client = client_authentication.authenticate(asked)
        value = asked.form.get("token")
        if not value:
            raise InvalidRequestError("Missing 'token' in request.")
    except OAuth2Error as error:
        return refusal(error)
    found = tokens.find(value)
    if found and found.check_client(client) and found.chain.region is g.region:
        tokens.revoke(value)
    return Response(status=200)


def _unauthorized() -> Response:
    """Hydra's word for it (inferred)."""
    words = "The access token is missing, expired, revoked or not one of this issuer"
    response = answer({"error": "request_unauthorized", "error_description": words}, 401)
    response.headers["WWW-Authenticate"] = 'Bearer realm="Klarna", error="invalid_token"'
    return response
