"""What surrounds every request: faults first; at the end correlation id, journal, and the lost answer."""

from flask import Flask, Response, request

from . import faults, journal
from .api.errors import CORRELATION_HEADER, correlation_id
from .api.surface import is_api, is_sign_in


def install(app: Flask) -> None:
    app.before_request(faults.before)
    app.before_request(_keep_form)
    app.after_request(_close)


def _keep_form() -> None:
    """Reading a form uses the body up; the journal wants it, too."""
    if is_sign_in(request.path):
        request.get_data(cache=True)


def _close(response: Response) -> Response:
    """In this order: the journal knows the answer that a fault then takes away."""
    if is_api(request.path):
        response.headers[CORRELATION_HEADER] = correlation_id()
    journal.record(response, answered=not faults.nothing_happened())
    return faults.after(response)
