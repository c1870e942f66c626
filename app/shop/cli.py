"""Commands: ``flask --app app seed`` and the like."""

import click
from flask import Flask

from .catalogue import service as catalogue
from .checkout import reconcile as reconciliation


def install(app: Flask) -> None:
    """Hang the commands on the application."""
    app.cli.command("seed")(seed)
    app.cli.command("reconcile")(reconcile)


def seed() -> None:
    """Write the catalogue into the database; stock of products that are there already is left alone."""
    click.echo(f"{catalogue.seed()} products")


def reconcile() -> None:
    """Finish what was interrupted between us and Klarna."""
    for line in reconciliation.settle_all():
        click.echo(line)
