"""An offline Klarna: a WSGI application that merchants, browsers and tests talk to as they talk to Klarna.

It refuses what Klarna documents as refused, keeps Klarna's lifetimes, and knows neither the shop nor its
client of Klarna's APIs. What it does without a document that says so is marked "inferred" where it is done.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from .config import Settings

LARGEST_REQUEST = 1024 * 1024  # bytes: https://docs.klarna.com/api/request-limits/


def create_app(settings: "Settings | None" = None) -> "Flask":
    """The sandbox, for any WSGI server; without settings they come from the environment."""
    from flask import Flask

    from . import config

    settings = settings or config.load()
    app = Flask(
        __name__,
        template_folder=str(config.ROOT / "templates" / "sandbox"),
        static_folder=str(config.ROOT / "static" / "sandbox"),
        static_url_path="/static",
    )
    app.config.update(
        SANDBOX_SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="sandbox_session",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.url.startswith("https:"),
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
    )
    _install(app, settings)
    return app


def _install(app: "Flask", settings: "Settings") -> None:
    from . import callbacks, exchange, hosted, idp, store, timetable
    from .api import checkout, customer_tokens, errors, idempotency, identity, orders, payments, rate_limit
    from .control import (
        callback_views,
        checkout_views,
        order_views,
        payment_token_views,
        people_views,
        preparing,
        sign_in_views,
        views,
    )
    from .merchants import Region

    store.install(app, settings.database)
    errors.install(app)
    rate_limit.install(app)
    exchange.install(app)
    for region in Region:
        for api in (payments, orders, customer_tokens):
            name = f"{api.blueprint.name}_{region}"
            prefix = f"{region.prefix}{api.blueprint.url_prefix or ''}" or None
            app.register_blueprint(api.blueprint, url_prefix=prefix, name=name, url_defaults={"region": region})
    app.register_blueprint(checkout.blueprint)
    app.register_blueprint(identity.blueprint)
    app.register_blueprint(views.blueprint)
    views_of_control = (callback_views, people_views, sign_in_views, order_views, payment_token_views, checkout_views)
    for part in (*views_of_control, preparing):
        app.register_blueprint(part.blueprint)
    hosted.install(app)
    idp.install(app)
    with app.app_context():
        idempotency.forget_interrupted()
    callbacks.install(app)
    timetable.install(app)
