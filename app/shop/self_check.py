"""Is the shop fit to open? Each fault in words; nothing is changed.

Knows the settings, the database and Klarna's doors, and nothing that is behind them.
"""

from collections.abc import Callable, Iterator

import requests
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import LargeBinary, Table, select, type_coerce
from sqlalchemy.exc import SQLAlchemyError

from app.klarna import KlarnaConfig, KlarnaError, Region
from app.klarna.errors import BadRequest, Forbidden, NotAuthenticated, NotFound

from .encryption import Unreadable
from .extensions import cipher, db
from .key_rotation import encrypted_columns
from .signin.provider import SignInRefused, SignInUnavailable, provider
from .web import identity, klarna, klarna_checkout, settings

NOTHING_THERE = "00000000-0000-4000-8000-000000000000"
NO_SUCH_TOKEN = "krn:partner:eu1:test:identity:customer-token:00000000000000000000000000000000"  # noqa: S105


def faults() -> Iterator[str]:
    """What is wrong, a sentence each; nothing when the shop can open."""
    yield from database_faults()
    db.session.rollback()
    for region, config in settings().klarna.items():
        yield from klarna_faults(region, config)
    yield from identity_faults()
    yield from checkout_faults(settings().checkout)
    for issuer in sorted({config.issuer for config in settings().sign_in.values()}):
        yield from issuer_faults(issuer)
    yield from library_faults(settings().sdk_url)


def database_faults() -> Iterator[str]:
    try:
        with db.engine.connect() as connection:
            behind = compare_metadata(MigrationContext.configure(connection), db.metadata)
    except SQLAlchemyError as trouble:
        yield f"DATABASE_URL: the database does not answer ({type(trouble).__name__})"
        return
    if behind:
        yield "DATABASE_URL: the schema is not up to date; run: flask --app app db upgrade"
        return
    yield from key_faults()


def key_faults() -> Iterator[str]:
    """Secrets that no listed key reads: each is a link or a session lost."""
    for name in sorted({table.name for table, column in encrypted_columns() if not readable(table, column)}):
        yield f"TOKEN_KEYS: none of the keys reads the secrets in {name}; add the one they were written with"


def readable(table: Table, column: str) -> bool:
    raw = type_coerce(table.c[column], LargeBinary)
    try:
        for secret in db.session.scalars(select(raw).where(table.c[column].is_not(None))):
            cipher().decrypt(secret)
    except Unreadable:
        return False
    return True


def klarna_faults(region: Region, config: KlarnaConfig) -> Iterator[str]:
    """Ask for a session that cannot be there: 404 means that address and credentials are right."""
    where = (f"KLARNA_USERNAME, KLARNA_PASSWORD ({region})", f"KLARNA_API_URL ({region})", config.api_url)
    yield from door_faults(lambda: klarna(region).payments.read_session(NOTHING_THERE), *where)


def checkout_faults(config: KlarnaConfig | None) -> Iterator[str]:
    """As :func:`klarna_faults`, with an order of Klarna Checkout, for a merchant who has it."""
    if config is None:
        return
    where = ("KLARNA_CHECKOUT_USERNAME, KLARNA_CHECKOUT_PASSWORD", "KLARNA_CHECKOUT_URL", config.api_url)
    yield from door_faults(lambda: klarna_checkout().checkout.read(NOTHING_THERE), *where)


def door_faults(read: Callable[[], object], credentials: str, address: str, url: str) -> Iterator[str]:
    """Read what cannot be there; ``credentials`` and ``address`` name the settings at fault."""
    try:
        read()
    except NotFound:
        return
    except NotAuthenticated:
        yield f"{credentials}: {url} does not accept them"
    except KlarnaError as trouble:
        yield f"{address}: {url} does not answer as Klarna does: {trouble}"


def identity_faults() -> Iterator[str]:
    """Ask about a token nobody has: that Klarna does not know it means that address, path and key are right."""
    client, config = identity(), settings().identity
    if client is None or config is None:
        return
    try:
        client.introspect(NO_SUCH_TOKEN)
    except BadRequest:
        return  # Klarna read the token, and saw that it is none
    except (NotAuthenticated, Forbidden):
        yield f"KLARNA_IDENTITY_API_KEY, KLARNA_PARTNER_ACCOUNT_ID: {config.api_url} does not accept them"
    except KlarnaError as trouble:
        yield (
            f"KLARNA_IDENTITY_URL, KLARNA_IDENTITY_INTROSPECT_PATH: {config.api_url} does not answer as Klarna does: "
            f"{trouble}"
        )


def issuer_faults(issuer: str) -> Iterator[str]:
    """Sign in with Klarna stands and falls with the discovery document; our client has to be known there."""
    try:
        said = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=5).json()
    except (requests.RequestException, ValueError):
        said = None
    if not isinstance(said, dict):
        yield f"KLARNA_ISSUER: {issuer} has no discovery document that can be read"
    elif said.get("issuer") != issuer:
        yield f"KLARNA_ISSUER: {issuer} calls itself {said.get('issuer')}; set exactly that"
    else:
        for region, config in settings().sign_in.items():
            if config.issuer == issuer:
                yield from client_faults(region, issuer)


def client_faults(region: Region, issuer: str) -> Iterator[str]:
    """Bring a code that was never given out: a client that is refused for the code alone is known."""
    door = provider(region)
    try:
        if door is not None:
            door.exchange(NOTHING_THERE, 2 * NOTHING_THERE)
    except SignInRefused as no:
        if no.code in ("invalid_client", "unauthorized_client"):
            names = f"KLARNA_CLIENT_ID, KLARNA_CLIENT_SECRET, KLARNA_CLIENT_AUTH ({region})"
            yield f"{names}: {issuer} does not know this client ({no.code})"
    except SignInUnavailable as trouble:
        yield f"KLARNA_ISSUER ({region}): the token endpoint does not answer as Klarna's does: {trouble}"


def library_faults(address: str) -> Iterator[str]:
    try:
        found = requests.get(address, timeout=5)
    except requests.RequestException:
        yield f"KLARNA_SDK_URL: {address} cannot be reached"
        return
    if "javascript" not in found.headers.get("Content-Type", ""):
        yield f"KLARNA_SDK_URL: {address} answers with no JavaScript"
