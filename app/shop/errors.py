"""Failures as pages in words: what happened, what to do, and a number to name when asking for help."""

import logging
import secrets
from typing import Any

from flask import Flask, jsonify, render_template, request
from flask.json.provider import DefaultJSONProvider
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError

from app.klarna import KlarnaError

from .extensions import db

log = logging.getLogger(__name__)

WORDS = {
    400: ("That did not work", "Something in the request was not as expected. Nothing was changed."),
    403: ("Not for you", "You may not see or do this. Nothing was changed."),
    404: ("Nothing here", "This page does not exist, or it is not yours to see."),
    405: ("Not possible here", "This address cannot be used in that way."),
    413: ("Too much at once", "That was larger than we accept. Nothing was changed."),
    429: ("A moment, please", "That was tried very often in a short time. Wait a minute and try again."),
    500: ("Our mistake", "Something went wrong on our side. Your cart is kept; please try again."),
}


class Json(DefaultJSONProvider):
    """JSON that is nested without end is none."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            return super().loads(s, **kwargs)
        except RecursionError as deep:
            raise ValueError("nested too deeply") from deep


def install(app: Flask) -> None:
    """Answer every failure with a page, or with JSON where a script asked."""
    app.json = Json(app)
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(KlarnaError, show_klarna_error)
    app.register_error_handler(Exception, show_unexpected)


def show_http_error(error: HTTPException) -> ResponseReturnValue:
    """A refusal of our own or of Flask's."""
    status = error.code or 500
    title, message = WORDS.get(status, WORDS[400] if status < 500 else WORDS[500])
    if isinstance(error, CSRFError):
        title, message = "Please try again", "This page was open for too long, or in two sessions. Nothing was changed."
        return answer(status, title, message, code="session_changed")
    return answer(status, title, message)


def show_klarna_error(error: KlarnaError) -> ResponseReturnValue:
    """Klarna failed where no view had a better answer."""
    db.session.rollback()
    log.warning("unhandled: %s", error)
    return answer(
        502,
        "Klarna does not answer",
        "We could not reach Klarna just now. Your cart is kept and nothing was charged.",
        error.correlation_id,
    )


def show_unexpected(error: Exception) -> ResponseReturnValue:
    """A defect: written down with the number the shopper sees."""
    db.session.rollback()
    reference = secrets.token_hex(6)
    log.exception("unexpected failure %s at %s", reference, request.endpoint, exc_info=error)
    title, message = WORDS[InternalServerError.code]
    return answer(500, title, message, reference)


def answer(status: int, title: str, message: str, correlation_id: str = "", code: str = "") -> ResponseReturnValue:
    """The failure in the form the asker reads. ``code`` is for scripts; without one they may try again."""
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return jsonify(error=code, title=title, message=message, correlation_id=correlation_id), status
    said = {"status": status, "title": title, "message": message, "correlation_id": correlation_id}
    try:
        return render_template("errors/error.html", **said), status
    except SQLAlchemyError:  # the page's frame shows cart and categories, and the database may be what failed
        db.session.rollback()
        return f"{title}\n\n{message}\n\n{correlation_id}\n", status, {"Content-Type": "text/plain; charset=utf-8"}
