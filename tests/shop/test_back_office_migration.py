"""Orders of a shop that is in use come through the back office's migration, there and back, with all their lines."""

from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.shop import create_app
from app.shop.config import load_settings
from app.shop.extensions import db

USER = """INSERT INTO "user" (email, given_name, family_name, phone, session_key, created_at)
    VALUES ('a@example.com', '', '', '', 'k', '2026-01-01')"""
ORDER = """INSERT INTO "order" (number, user_id, state, way, market, currency, goods, delivery_fee, tax, total,
    delivery_name, email, billing, klarna_order_id, fraud_status, payment_method, redirect_url, created_at)
    VALUES ('M-1', 1, 'placed', 'payments', 'DE', 'EUR', 100, 0, 16, 100, '', 'a@example.com', '{}', 'klarna-1',
    'ACCEPTED', '', '', '2026-01-01')"""
LINE = """INSERT INTO order_line (order_id, kind, reference, slug, name, quantity, unit_price, total, tax_rate, tax)
    VALUES (1, 'physical', 'r', 's', 'n', 1, 100, 100, 1900, 16)"""


@pytest.fixture
def shop(tmp_path: Path) -> Flask:
    """A shop before the back office, with an order."""
    app = create_app(load_settings({"DATABASE_URL": f"sqlite:///{tmp_path / 'shop.sqlite3'}"}))
    with app.app_context():
        flask_migrate.upgrade(revision="0004")
        for statement in (USER, ORDER, LINE):
            db.session.execute(text(statement))
        db.session.commit()
    return app


def test_orders_and_their_lines_survive_both_ways(shop: Flask) -> None:
    with shop.app_context():
        flask_migrate.upgrade(revision="0005")
        row = db.session.execute(text('SELECT captured, released, refunded, revision FROM "order"')).one()
        assert tuple(row) == (0, 0, 0, 0)
        db.session.execute(text("""UPDATE "order" SET state = 'captured', captured = 100"""))
        db.session.commit()
        flask_migrate.downgrade(revision="0004")
        assert db.session.scalar(text('SELECT state FROM "order"')) == "placed"
        db.session.commit()
        flask_migrate.downgrade(revision="0002")
        assert db.session.scalar(text("SELECT count(*) FROM order_line")) == 1


@pytest.mark.parametrize(
    "change", ["captured = 101", "captured = -1", "captured = 60, released = 41", "captured = 5, refunded = 6"]
)
def test_amounts_that_cannot_be_are_not_stored(shop: Flask, change: str) -> None:
    with shop.app_context():
        flask_migrate.upgrade(revision="0005")
        with pytest.raises(IntegrityError):
            db.session.execute(text(f'UPDATE "order" SET {change}'))  # noqa: S608 - our own words
        db.session.rollback()
