"""Questions to Klarna's Identity API: written down with what raised them, asked in the background, with patience.

Where the merchant has no Identity API nothing is written: the shop then only forgets, and its events say less.
"""

import logging
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from app.klarna import KlarnaError, Region
from app.klarna.identity import Identity, Introspection, TokenStatus

from .. import background
from ..encryption import fingerprint
from ..extensions import db, rows_changed, utcnow
from ..mail import sending
from ..web import CALL_MAY_TAKE, identity, settings
from . import letters
from .models import IdentityTask, KlarnaAccount, LinkEvent, Question
from .rules import LinkChange, explain

log = logging.getLogger(__name__)

# https://docs.klarna.com/api/escalation-and-retry-policy/ , but never while a call may still be under way.
# After the last a person has to look.
PAUSES = (CALL_MAY_TAKE, timedelta(minutes=5), timedelta(hours=5))


def put(
    question: Question, customer_token: str, region: Region, user_id: int | None = None, event_id: int | None = None
) -> None:
    """Write a question down, in the caller's transaction."""
    if settings().identity is not None and customer_token:
        task = IdentityTask(
            question=str(question),
            customer_token=customer_token,
            region=str(region),
            user_id=user_id,
            event_id=event_id,
        )
        db.session.add(task)


def answer_soon() -> None:
    """Ask in the background what was written down. Call it after the commit."""
    if settings().identity is not None:
        background.soon(_answer_and_tell)


def _answer_and_tell() -> None:
    answer_all()
    sending.send_all()


def answer_all() -> int:
    """Ask every question that is due; how many were answered. Commits after each."""
    due = select(IdentityTask.id, IdentityTask.due_at).where(IdentityTask.due_at <= utcnow())
    waiting = [(row.id, row.due_at) for row in db.session.execute(due.order_by(IdentityTask.id).limit(200))]
    return sum(_answer(task_id, due_at) for task_id, due_at in waiting)


def _answer(task_id: int, due_at: datetime) -> bool:
    """Ask one question. Raises nothing: the next one has its turn whatever happens."""
    try:
        return _answer_alone(task_id, due_at)
    except Exception:
        db.session.rollback()
        log.exception("question %d could not be asked", task_id)
        return False


def _answer_alone(task_id: int, due_at: datetime) -> bool:
    """Ask one question, unless somebody else is at it; postponed when Klarna does not answer."""
    task = db.session.get(IdentityTask, task_id)
    if task is None:
        return False
    pause = PAUSES[min(task.attempts, len(PAUSES) - 1)]
    taken = {"attempts": task.attempts + 1, "due_at": utcnow() + pause}
    mine = rows_changed(
        update(IdentityTask).where(IdentityTask.id == task_id, IdentityTask.due_at == due_at).values(**taken)
    )
    db.session.commit()
    if not mine:
        return False
    try:
        _ask(task_id)
    except KlarnaError as trouble:
        return _postpone(task_id, trouble)
    _forget(task_id)
    return True


def _postpone(task_id: int, trouble: KlarnaError) -> bool:
    task = db.session.get_one(IdentityTask, task_id)
    log.warning("%s of a customer token, try %d: %s", task.question, task.attempts, trouble)
    if task.attempts > len(PAUSES):
        log.error("%s of customer token %s given up", task.question, fingerprint(task.customer_token))
        _forget(task_id)
    db.session.commit()
    return False


def _forget(task_id: int) -> None:
    """Whoever is first; the row may be gone. Commits."""
    db.session.execute(delete(IdentityTask).where(IdentityTask.id == task_id))
    db.session.commit()


def _ask(task_id: int) -> None:
    task = db.session.get_one(IdentityTask, task_id)
    question, token = Question(task.question), task.customer_token
    user_id, region, event_id = task.user_id, task.region, task.event_id
    in_use = select(KlarnaAccount.id).where(KlarnaAccount.fingerprint == fingerprint(token)).limit(1)
    wanted = db.session.scalar(in_use) is not None
    db.session.commit()
    client = identity()
    if client is None:
        return
    if question is Question.REVOKE:
        if not wanted:  # Klarna may have given it out again, to another account of the same person
            client.revoke(token)
    elif question is Question.EXPLAIN:
        _explain(client, token, user_id, region, event_id)
    else:
        _check(client.introspect(token), token, user_id, region)


def _check(told: Introspection, token: str, user_id: int | None, region: str) -> None:
    """Learn the reference of a link that holds; drop one that was ended. Only if it still has this token.

    What Klarna does not know is kept: its token may have been rotated, and the next order brings another.
    """
    account = _account(user_id, region)
    if account is None or account.customer_token != token:
        return
    # It may have been ended or replaced while Klarna was asked: then this answer is about something else.
    unchanged = (KlarnaAccount.id == account.id, KlarnaAccount.fingerprint == account.fingerprint)
    if told.status is TokenStatus.ACTIVE:
        rows_changed(update(KlarnaAccount).where(*unchanged).values(reference=told.reference))
        return
    if told.status is TokenStatus.UNKNOWN:
        log.warning("Klarna does not know customer token %s; the link is kept", account.fingerprint)
        return
    gone = LinkEvent(
        user_id=account.user_id, region=region, kind=LinkChange.REVOKED, old_fingerprint=account.fingerprint
    )
    if rows_changed(delete(KlarnaAccount).where(*unchanged)):
        db.session.add(gone)
        letters.unlinked(gone.user_id, Region(region), by_shopper=False)


def _explain(client: Identity, old: str, user_id: int | None, region: str, event_id: int | None) -> None:
    """Ask about the old token and the one that replaced it, and say in the event which it was."""
    account = _account(user_id, region)
    known, new = (account.reference, account.customer_token) if account else ("", "")
    db.session.commit()
    was = client.introspect(old)
    now = client.introspect(new) if new else Introspection(TokenStatus.UNKNOWN)
    event = db.session.get(LinkEvent, event_id) if event_id else None
    if event is not None:
        event.kind = explain(was.status, same_link=bool(known) and known == now.reference)
    if new:
        _check(now, new, user_id, region)


def _account(user_id: int | None, region: str) -> KlarnaAccount | None:
    return db.session.scalar(select(KlarnaAccount).filter_by(user_id=user_id, region=region))
