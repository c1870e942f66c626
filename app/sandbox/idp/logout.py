"""The way out of Klarna: a shop sends its shopper here, and gets them back where it registered.

https://openid.net/specs/openid-connect-rpinitiated-1_0.html . With an id_token as a hint the login of this browser
ends at once; without one the shopper is asked first, as anybody may have sent them. Tokens stay good (inferred).
"""

from authlib.common.urls import add_params_to_uri
from flask import Blueprint, g, redirect, request
from werkzeug.wrappers import Response

from ..hosted import headers
from ..merchants import Region
from . import id_tokens, logins, screens
from .endpoints import open_to_pages
from .id_tokens import BadIdToken
from .oauth import find_client

blueprint = Blueprint("logout", __name__)
blueprint.after_request(headers.protect)
blueprint.after_request(open_to_pages)
Page = str | Response | tuple[str, int]


@blueprint.url_value_preprocessor
def take_region(_endpoint: str | None, values: dict[str, Region] | None) -> None:
    g.region = (values or {}).pop("region")


@blueprint.get("/oauth2/sessions/logout")
def ask() -> Page:
    """Ends the login that the id_token names; asks where none was sent."""
    hint, address = request.args.get("id_token_hint"), request.args.get("post_logout_redirect_uri")
    try:
        addresses = _addresses(hint)
    except BadIdToken:
        return screens.end(
            "refused", reason="The id_token_hint is none that Klarna signed with a key it still uses."
        ), 400
    if address and address not in addresses:
        return screens.end("refused", reason="The post_logout_redirect_uri is not one the shop has registered."), 400
    if not hint:
        return screens.end("log_out")
    logins.end(g.region)
    return redirect(_with_state(address)) if address else screens.end("logged_out")


@blueprint.post("/oauth2/sessions/logout")
def confirm() -> Page:
    """The shopper says so."""
    logins.end(g.region)
    return screens.end("logged_out")


def _addresses(hint: str | None) -> tuple[str, ...]:
    """Where the client that the id_token was made for may be sent back to; nowhere without one."""
    if not hint:
        return ()
    audience = id_tokens.read(hint, g.region).get("aud", [])
    client = find_client(audience[0], g.region) if audience else None
    return client.post_logout_redirect_uris if client else ()


def _with_state(address: str) -> str:
    state = request.args.get("state")
    return str(add_params_to_uri(address, [("state", state)])) if state else address
