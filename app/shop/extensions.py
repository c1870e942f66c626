"""The Flask extensions, made once and bound to the application by the factory."""

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, current_app
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import (
    Connection,
    CursorResult,
    DateTime,
    Delete,
    Dialect,
    LargeBinary,
    MetaData,
    TypeDecorator,
    Update,
    event,
)
from sqlalchemy.orm import DeclarativeBase

from .encryption import Cipher, Unreadable

log = logging.getLogger(__name__)

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(TypeDecorator[datetime]):
    """Times are UTC and aware in the program, whatever the database keeps."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Encrypted(TypeDecorator[str]):
    """Text that is encrypted at rest under the first of ``TOKEN_KEYS``.

    What no listed key reads counts as empty, and is logged: a lost key costs a login, it must not cost an order.
    """

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else cipher().encrypt(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        try:
            return cipher().decrypt(value)
        except Unreadable as lost:
            log.error("a stored secret cannot be read: %s", lost)
            return ""


class Base(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(naming_convention=NAMES)


db = SQLAlchemy(model_class=Base)
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model
migrate = Migrate()
login_manager = LoginManager()
csrf = CSRFProtect()
limiter = Limiter(get_remote_address)
babel = Babel()


def cipher() -> Cipher:
    """The cipher of the running application."""
    found: Cipher = current_app.extensions["cipher"]
    return found


def rows_changed(statement: Update | Delete) -> int:
    """Run a conditional UPDATE or DELETE in the caller's transaction; how many rows it changed."""
    return cast(CursorResult[Any], db.session.execute(statement)).rowcount


def utcnow() -> datetime:
    return datetime.now(UTC)


def tune_sqlite(app: Flask) -> None:
    """Readers beside a writer, foreign keys enforced, and patience instead of "database is locked"."""
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            return

        @event.listens_for(db.engine, "connect")
        def set_pragmas(connection: Any, _record: Any) -> None:
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=8000"):
                connection.execute(f"PRAGMA {pragma}")

        @event.listens_for(db.engine, "savepoint")
        def begin_first(connection: Connection, _name: str) -> None:
            """Python's driver begins a transaction with the first change only; a savepoint alone would be one itself,
            and its release a commit.
            """
            if not getattr(connection.connection.dbapi_connection, "in_transaction", True):
                connection.exec_driver_sql("BEGIN IMMEDIATE")
