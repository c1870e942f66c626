"""The control calls about Sign in with Klarna: tokens that end before their time, keys that change."""

from flask import Blueprint, Response, jsonify

from ..idp import chains, keys, tokens
from . import guard, listing
from .reading import sent_text

blueprint = Blueprint("control_sign_in", __name__, url_prefix="/_sandbox/sign-in")
guard.protect(blueprint)


@blueprint.get("/tokens")
def list_tokens() -> Response:
    return jsonify([listing.chain(chain) for chain in chains.with_tokens()])


@blueprint.post("/tokens/expire")
def expire() -> Response:
    """This one token, of either kind."""
    return jsonify(listing.chain(tokens.expire(_token()).chain))


@blueprint.post("/tokens/revoke")
def revoke() -> Response:
    """The whole sign-in it belongs to, as the revocation endpoint does."""
    return jsonify(listing.chain(tokens.revoke(_token()).chain))


@blueprint.get("/keys")
def list_keys() -> Response:
    return jsonify([listing.key(key) for key in keys.everything()])


@blueprint.post("/keys/rotate")
def rotate() -> Response:
    keys.rotate()
    return list_keys()


@blueprint.post("/keys/retire")
def retire() -> Response:
    keys.retire()
    return list_keys()


def _token() -> str:
    return sent_text("token", "ory_rt_...")
