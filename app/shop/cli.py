"""Commands: ``flask --app app seed`` and the like."""

import logging
import sys
import time
from datetime import UTC, datetime, timedelta
from types import ModuleType

import click
import flask_migrate
from flask import Flask

from . import background
from .accounts import service as accounts
from .admin import settling as back_office
from .catalogue import service as catalogue
from .checkout import reconcile as reconciliation
from .extensions import db, utcnow
from .key_rotation import rotate_keys
from .klarna_checkout import settling
from .mail import sending
from .payment_tokens import reconcile as payment_tokens
from .self_check import faults
from .subscriptions import renewing
from .web import settings

log = logging.getLogger(__name__)

STAFF = "staff@example.com"
LETTERS_TAKE = 60.0  # seconds, for those that are leaving when the command ends
FURTHEST = timedelta(days=100 * 365)


def install(app: Flask) -> None:
    """Hang the commands on the application."""
    app.cli.command("check")(check)
    app.cli.command("rotate-keys")(rotate)
    app.cli.command("seed")(seed)
    app.cli.command("prepare")(prepare)
    app.cli.command("reconcile")(reconcile)
    app.cli.command("renew-subscriptions")(renew_subscriptions)


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


def prepare() -> None:
    """Bring the schema up to date, then the catalogue: both in one start of Python."""
    flask_migrate.upgrade()
    seed()


@click.option("--every", type=click.IntRange(1), help="Go on for ever, with so many seconds between two rounds.")
def reconcile(every: int | None) -> None:
    """Finish what was interrupted between us and Klarna."""
    while True:
        features = (reconciliation, settling, payment_tokens, back_office, sending)  # letters of all, last
        finished = [_settle(feature) for feature in features]
        if every is None:
            background.wait(LETTERS_TAKE)
            sys.exit(0 if all(finished) else 1)
        time.sleep(every)


def _settle(feature: ModuleType) -> bool:
    """One round of one feature. What goes wrong is logged: the others have their turn, and so has the next round."""
    try:
        for line in feature.settle_all():
            click.echo(line)
    except Exception:
        log.exception("%s could not finish its round", feature.__name__)
        return False
    finally:
        db.session.remove()
    return True


@click.option("--at", type=click.DateTime(["%Y-%m-%dT%H:%M"]), help="As if it were then, UTC. For demos and tests.")
@click.option("--days", type=click.IntRange(0, FURTHEST.days), help="As if it were so many days later. The same.")
def renew_subscriptions(at: datetime | None, days: int | None) -> None:
    """Charge the subscriptions that are due, each period once; safe to run as often and in as many places as one likes.

    What was missed while it did not run is charged once, and not for every period.
    """
    now = utcnow()
    if (at or days) and settings().environment == "live":
        raise click.UsageError("--at and --days are for demos and tests; with live keys they would charge early.")
    moment = at.replace(tzinfo=UTC) if at else now + timedelta(days=days or 0)
    if moment > now + FURTHEST:
        raise click.UsageError(f"--at may be {FURTHEST.days // 365} years ahead at most.")
    for line in renewing.renew_all(moment):
        click.echo(line)
