"""How Alembic reaches the shop's database; called through ``flask --app app db``."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from click import ClickException
from flask import current_app
from sqlalchemy import Connection, Engine, TypeDecorator
from sqlalchemy.exc import OperationalError


def render_item(type_: str, item: Any, autogen_context: AutogenContext) -> str | Literal[False]:
    """Write our own column types as what they are in the database: a migration imports nothing of the shop."""
    if type_ == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


def connect(engine: Engine) -> Connection:
    """Raises a ClickException, which ends the command in one line, where nothing answers."""
    try:
        return engine.connect()
    except OperationalError as silent:
        raise ClickException(f"DATABASE_URL: the database does not answer: {silent.orig}".splitlines()[0]) from silent


def run() -> None:
    database = current_app.extensions["migrate"].db
    with connect(database.engine) as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            render_as_batch=True,
            render_item=render_item,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
