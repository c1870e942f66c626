"""No page asks the database once per row."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask, has_request_context, request
from sqlalchemy import event

from app.shop import create_app
from app.shop.catalogue import service as catalogue
from app.shop.config import load_settings
from app.shop.extensions import db


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder: Path = tmp_path_factory.mktemp("shop")
    app = create_app(load_settings({"DATABASE_URL": f"sqlite:///{folder / 'shop.sqlite3'}"}))
    with app.app_context():
        flask_migrate.upgrade()
        catalogue.seed()
    return app


@contextmanager
def counting(app: Flask, path: str = "") -> Iterator[list[str]]:
    """What this thread asks the database, or whoever answers ``path``; the shop's background has its own business."""
    said: list[str] = []
    here = threading.get_ident()

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if threading.get_ident() == here or (path and has_request_context() and request.path == path):
            said.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/", 3),
        ("/products", 3),
        ("/category/books", 4),
        ("/products/house-blend", 3),
        ("/search?q=wool", 3),
        ("/login", 1),
    ],
)
def test_pages_need_few_queries(shop: Flask, path: str, most: int) -> None:
    with counting(shop) as said:
        assert shop.test_client().get(path).status_code == 200
    assert len(said) <= most, said


def test_a_full_cart_needs_as_many_queries_as_a_small_one(shop: Flask) -> None:
    shop.config["WTF_CSRF_ENABLED"] = False
    counts = []
    for slugs in (["house-blend"], ["house-blend", "paper-filters", "cast-iron-teapot", "earl-grey"]):
        client = shop.test_client()
        for slug in slugs:
            client.post("/cart/add", data={"product": slug, "quantity": 1})
        client.get("/cart")
        with counting(shop) as said:
            client.get("/cart")
        counts.append(len(said))
    assert counts[0] == counts[1]


def test_a_dead_database_is_told_in_words_with_a_reference(tmp_path: Path) -> None:
    app = create_app(load_settings({"DATABASE_URL": f"sqlite:///{tmp_path / 'missing' / 'shop.sqlite3'}"}))
    answer = app.test_client().get("/products")
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert app.test_client().get("/healthz").status_code == 200
