"""Serves the two browser libraries: parts in ``static/sandbox``, joined into one script with one scope each."""

from pathlib import Path

from flask import Blueprint, Response, current_app, request
from werkzeug.wrappers import Response as AnyResponse

blueprint = Blueprint("library", __name__)

# In the order in which one part builds on another.
PARTS = ("origin", "errors", "arguments", "events", "service", "frame", "surface", "purchase", "payments", "start")
CHECKOUT_PARTS = ("context", "events", "frame", "start")


@blueprint.get("/kp/lib/v1/api.js")
def api() -> AnyResponse:
    """`window.Klarna.Payments`. Browsers keep it and ask each time whether it changed: a fault meets every page."""
    return _joined("library", PARTS)


@blueprint.get("/kco/checkout.bootstrap.js")
def bootstrap() -> AnyResponse:
    """What an `html_snippet` loads: draws the checkout's frame and answers to `_klarnaCheckout`."""
    return _joined("checkout/library", CHECKOUT_PARTS)


def _joined(place: str, parts: tuple[str, ...]) -> AnyResponse:
    folder = Path(str(current_app.static_folder)) / place
    text = "\n".join((folder / f"{name}.js").read_text(encoding="utf-8") for name in parts)
    script = f'(() => {{\n"use strict";\n\n{text}}})();\n'
    response = Response(script, content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.add_etag()
    return response.make_conditional(request)
