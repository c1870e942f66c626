"""Serves the browser library: the parts in ``static/sandbox/library``, joined into one script with one scope."""

from pathlib import Path

from flask import Blueprint, Response, current_app, request
from werkzeug.wrappers import Response as AnyResponse

blueprint = Blueprint("library", __name__)

# In the order in which one part builds on another.
PARTS = ("origin", "errors", "arguments", "events", "service", "frame", "surface", "purchase", "payments", "start")


@blueprint.get("/kp/lib/v1/api.js")
def api() -> AnyResponse:
    """`window.Klarna.Payments`. Browsers may keep it for a minute, then ask whether it changed."""
    folder = Path(str(current_app.static_folder)) / "library"
    parts = "\n".join((folder / f"{name}.js").read_text(encoding="utf-8") for name in PARTS)
    script = f'(() => {{\n"use strict";\n\n{parts}}})();\n'
    response = Response(script, content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=60"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.add_etag()
    return response.make_conditional(request)
