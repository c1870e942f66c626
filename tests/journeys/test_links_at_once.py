"""Two hands on one link at the same moment: whoever comes second decides by what the first one wrote."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import select

from app.klarna import Region
from app.shop.accounts.models import User
from app.shop.extensions import db, utcnow
from app.shop.linking import service as linking
from app.shop.linking.service import Answer
from tests.support.programs import Programs
from tests.support.visitor import Visitor, buy

NEW = "krn:partner:eu1:test:identity:customer-token:" + "1" * 32
LONG_ENOUGH = 0.5
"""Seconds in which the second one comes as far as it can. Where it does not, nothing is tested, and nothing fails."""


@pytest.fixture
def user_id(programs: Programs) -> int:
    visitor = Visitor(programs)
    email = visitor.register()
    with programs.shop.app_context():
        return db.session.scalars(select(User.id).where(User.email == email)).one()


@pytest.fixture
def linked_id(programs: Programs) -> int:
    visitor = Visitor(programs)
    email = visitor.register()
    buy(visitor)
    programs.wait_for_background()
    with programs.shop.app_context():
        return db.session.scalars(select(User.id).where(User.email == email)).one()


@contextmanager
def uncommitted(programs: Programs, second: Callable[[], object]) -> Iterator[None]:
    """What is done in here is committed when the second one waits for it, or is through."""

    def run() -> None:
        with programs.shop.app_context():
            second()
            db.session.commit()

    with programs.shop.app_context():
        yield
        other = Thread(target=run)
        other.start()
        other.join(LONG_ENOUGH)
        db.session.commit()
        other.join(60)
    programs.wait_for_background()


def answer(token: str, number: str, age: int = 0) -> Answer:
    now = utcnow()
    return Answer(token, now - timedelta(seconds=age), number, now - timedelta(minutes=1))


def test_unlinking_while_an_order_brings_another_token_revokes_that_one(programs: Programs, linked_id: int) -> None:
    with uncommitted(programs, lambda: linking.unlink(linked_id, Region.EU)):
        linking.record_order(linked_id, Region.EU, answer(NEW, "M-1"))
    assert programs.stored_tokens() == []
    (revoked,) = programs.journal("/revoke")
    assert revoked["request"]["headers"]["X-Klarna-Customer-Token"] == NEW


@pytest.mark.parametrize(("late", "kept"), [(9, "first"), (-9, "second")], ids=["older", "newer"])
def test_of_two_first_links_at_once_the_newer_answer_stays(
    programs: Programs, user_id: int, late: int, kept: str
) -> None:
    with uncommitted(programs, lambda: linking.record_order(user_id, Region.EU, answer("second", "M-2", late))):
        linking.record_order(user_id, Region.EU, answer("first", "M-1"))
    assert programs.stored_tokens() == [kept]
