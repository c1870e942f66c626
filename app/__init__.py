"""Three packages that share nothing but the wire.

* ``app.klarna``   the client of Klarna's APIs; knows no Flask, no shop
* ``app.shop``     the shop, a WSGI application; talks to Klarna through ``app.klarna``
* ``app.sandbox``  an offline Klarna, a WSGI application; imports neither of the two

This module imports nothing at the top, so that each package works with the others deleted.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def create_app() -> "Flask":
    """The shop, for ``flask --app app`` and any WSGI server: settings come from the environment."""
    from app.shop import create_app as create_shop

    return create_shop()
