"""Klarna as a browser meets it: the library, its widget and purchase window, the start page.

Decides nothing about money or sessions; it shows them, and hands what shoppers do to the modules that know.
"""

from flask import Flask

from . import frames, library, redirects, service, start, window


def install(app: Flask) -> None:
    """Add all hosted pages to the sandbox."""
    for module in (library, service, frames, window, redirects, start):
        app.register_blueprint(module.blueprint)
