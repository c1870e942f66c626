"""The shop: a WSGI application, one package a feature. The factory is the only place that knows them all."""

import logging
from collections.abc import Callable
from functools import partial

from flask import Flask
from flask.logging import default_handler
from werkzeug.middleware.proxy_fix import ProxyFix

from app.klarna import CheckoutClient, KlarnaClient, Region
from app.klarna.identity import Identity
from app.klarna.transport import Watcher

from . import background, cli, errors, web
from .accounts import views as accounts
from .admin import views as admin
from .cart import views as cart
from .catalogue import views as catalogue
from .checkout import callbacks
from .checkout import views as checkout
from .config import REGION_SUFFIXES, ROOT, Settings, load_settings
from .console import elsewhere, lanes, panels, paper, recorder, side_by_side
from .console import views as console
from .encryption import Cipher
from .extensions import babel, csrf, db, limiter, login_manager, migrate, tune_sqlite
from .klarna_checkout import callbacks as checkout_callbacks
from .klarna_checkout import views as klarna_checkout
from .linking import callbacks as link_callbacks
from .linking import views as linking
from .mail import views as outbox
from .markets import offered
from .orders import views as orders
from .payment_tokens import callbacks as token_callbacks
from .payment_tokens import views as payment_tokens
from .signin import views as signin
from .signin.provider import Provider
from .subscriptions import views as subscriptions
from .wallet import views as wallet

MIGRATIONS = "app/shop/migrations"


def create_app(settings: Settings | None = None) -> Flask:
    """The shop as a WSGI application. Raises :class:`.config.SettingsError`, naming the setting at fault."""
    settings = settings or load_settings()
    app = Flask(
        "app.shop",
        template_folder=str(ROOT / "templates" / "shop"),
        static_folder=str(ROOT / "static" / "shop"),
        static_url_path="/static",
        instance_path=str(ROOT / "instance"),
    )
    configure(app, settings)
    if settings.console:
        recorder.install(app)
        lanes.install(app)
        elsewhere.install(app)
    bind_extensions(app, settings)
    for views in (web, catalogue, accounts, cart, linking, link_callbacks, signin, orders):
        app.register_blueprint(views.blueprint)
    for views in (checkout, callbacks, klarna_checkout, checkout_callbacks, outbox, admin):
        app.register_blueprint(views.blueprint)
    for views in (payment_tokens, token_callbacks, subscriptions, wallet):
        app.register_blueprint(views.blueprint)
    background.install(app)
    web.install(app)
    errors.install(app)
    cli.install(app)
    if settings.console:  # after the rest, so that its word on the shop's name counts
        app.register_blueprint(console.blueprint)
        app.register_blueprint(panels.blueprint)
        app.register_blueprint(side_by_side.blueprint)
        app.register_blueprint(paper.blueprint)
        app.register_blueprint(elsewhere.blueprint)
    return app


def configure(app: Flask, settings: Settings) -> None:
    """Flask's own settings, from ours."""
    app.config.update(
        SHOP=settings,
        SECRET_KEY=settings.secret_key,
        HASH_METHOD="scrypt",
        SESSION_COOKIE_NAME="shop_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
        REMEMBER_COOKIE_NAME="shop_remember",
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=settings.secure,
        PERMANENT_SESSION_LIFETIME=30 * 24 * 3600,
        MAX_CONTENT_LENGTH=256 * 1024,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        # What a failing statement was about to store stays out of the log.
        SQLALCHEMY_ENGINE_OPTIONS={"hide_parameters": True},
        RATELIMIT_STORAGE_URI=settings.ratelimit_storage_uri,
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE="en",
    )
    # urllib3 logs the address of each try, and an address may hold a token; ours are logged masked.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    ours = logging.getLogger("app")
    ours.setLevel(logging.INFO)
    if not ours.handlers:
        ours.addHandler(default_handler)
        ours.propagate = False  # a server that sets up the root logger would say everything twice
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def bind_extensions(app: Flask, settings: Settings) -> None:
    """Database, sessions and limits, and one client of Klarna per region, shared by all threads."""
    app.extensions["cipher"] = Cipher(settings.token_keys)
    watch = partial(recorder.Recorder, app) if settings.console else unwatched
    app.extensions["klarna"] = {
        region: KlarnaClient(config, watch(f"KLARNA{REGION_SUFFIXES[region]}"))
        for region, config in settings.klarna.items()
    }
    app.extensions["identity"] = Identity(settings.identity, watch("KLARNA_IDENTITY")) if settings.identity else None
    app.extensions["klarna_checkout"] = (
        CheckoutClient(settings.checkout, watch("KLARNA_CHECKOUT")) if settings.checkout else None
    )
    app.extensions["sign_in"] = providers(settings, watch)
    app.extensions["markets"] = offered(settings.klarna)
    db.init_app(app)
    tune_sqlite(app)
    migrate.init_app(app, db, directory=str(ROOT / MIGRATIONS))
    csrf.init_app(app)
    limiter.init_app(app)
    login_manager.init_app(app)
    babel.init_app(app)


def unwatched(_account: str) -> None:
    """Nobody is told of the calls."""


def providers(settings: Settings, watch: Callable[[str], Watcher | None] = unwatched) -> dict[Region, Provider]:
    """One client an issuer, whichever regions sign in there."""
    back = f"{settings.shop_url}/login/klarna/callback"
    made = {config: Provider(config, back, watch("KLARNA_ISSUER")) for config in set(settings.sign_in.values())}
    return {region: made[config] for region, config in settings.sign_in.items()}
