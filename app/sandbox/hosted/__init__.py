"""Klarna as a browser meets it: the library, its widget and purchase window, the checkout's frame, the start page.

Decides nothing about money or sessions; it shows them, and hands what shoppers do to the modules that know.
"""

from flask import Flask

from . import checkout_frame, checkout_service, frames, library, redirects, service, start, window


def install(app: Flask) -> None:
    """Add all hosted pages to the sandbox."""
    for module in (library, service, frames, window, redirects, checkout_service, checkout_frame, start):
        app.register_blueprint(module.blueprint)
