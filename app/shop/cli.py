"""Commands: ``flask --app app seed`` and the like."""

import sys
import time

import click
from flask import Flask

from .accounts import service as accounts
from .admin import settling as back_office
from .catalogue import service as catalogue
from .checkout import reconcile as reconciliation
from .extensions import db
from .key_rotation import rotate_keys
from .klarna_checkout import settling
from .payment_tokens import reconcile as payment_tokens
from .self_check import faults
from .web import settings

STAFF = "staff@example.com"


def install(app: Flask) -> None:
    """Hang the commands on the application."""
    app.cli.command("check")(check)
    app.cli.command("rotate-keys")(rotate)
    app.cli.command("seed")(seed)
    app.cli.command("reconcile")(reconcile)


def check() -> None:
    """Look at settings, database, keys and Klarna; say each fault in words."""
    found = list(faults())
    for fault in found:
        click.echo(fault)
    click.echo(f"{len(found)} faults" if found else "all is well")
    sys.exit(1 if found else 0)


def rotate() -> None:
    """Re-encrypt stored secrets under the first of TOKEN_KEYS."""
    click.echo(f"{rotate_keys()} secrets re-encrypted")


def seed() -> None:
    """Write the catalogue into the database; stock of products that are there already is left alone.

    Offline also the account of the back office, whose password is SHOP_STAFF_PASSWORD.
    """
    click.echo(f"{catalogue.seed()} products")
    password = settings().staff_password
    if password and not accounts.keep_staff(STAFF, password):
        click.echo(f"{STAFF} is a shopper's account: there is none for the back office")


@click.option("--every", type=click.IntRange(1), help="Go on for ever, with so many seconds between two rounds.")
def reconcile(every: int | None) -> None:
    """Finish what was interrupted between us and Klarna."""
    while True:
        for feature in (reconciliation, settling, payment_tokens, back_office):
            for line in feature.settle_all():
                click.echo(line)
        if every is None:
            return
        db.session.remove()
        time.sleep(every)
