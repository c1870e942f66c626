"""The links of shoppers to their Klarna accounts: asked for, kept up to date, ended."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from app.klarna import Region

from ..encryption import fingerprint
from ..extensions import db, utcnow
from ..mail import sending
from ..markets import MARKETS
from . import letters, questions
from .letters import REGION_NAMES
from .models import KlarnaAccount, LinkEvent, Question
from .rules import WORDS, Decision, LinkChange, decide

LONGEST_TOKEN = 1024
AT_ONCE = 100


@dataclass(frozen=True)
class LinkView:
    """A link as its owner sees it."""

    region: str
    region_name: str
    markets: list[str]
    fingerprint: str
    linked_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class EventView:
    """A line of a link's history."""

    at: datetime
    text: str
    order_number: str
    region_name: str


@dataclass(frozen=True)
class Answer:
    """What Klarna said about a link with an order: the token or nothing, and to which checkout.

    ``asked_at`` is when the order was written before Klarna was first asked: one clock for an answer that came at
    once and for one that had to be asked for again.
    """

    customer_token: str = field(repr=False)
    asked_at: datetime
    order_number: str
    checkout_opened_at: datetime


def customer_token_for(user_id: int | None, region: Region) -> str:
    """The token by which Klarna recognises this user in this region; empty for guests and the unlinked."""
    account = _account(user_id, region) if user_id else None
    return account.customer_token if account else ""


def record_order(user_id: int, region: Region, answer: Answer) -> None:
    """Follow Klarna's answer to a linking order, in the caller's transaction. The rule is :func:`.rules.decide`."""
    account = _held(user_id, region)
    stored = account.customer_token if account else ""
    returned = answer.customer_token if len(answer.customer_token) <= LONGEST_TOKEN else ""
    newest = account is None or account.asked_at <= answer.asked_at
    decision = decide(stored, returned, newest, _unlinked_since(user_id, region, answer.checkout_opened_at))
    if decision.store and account is None:
        account = _new_account(user_id, region, decision.store)
        if account is None:
            record_order(user_id, region, answer)  # by what another order of theirs wrote a moment ago
            return
    if decision.store and account is not None:
        account.keep(decision.store)
    if account is not None and returned and newest:
        account.asked_at, account.updated_at = answer.asked_at, utcnow()
    event = _tell(user_id, region, decision.change, stored, decision.store or stored, answer.order_number)
    _ask_later(event, decision, stored, returned)


def unlink(user_id: int, region: Region) -> bool:
    """Forget the token at once, and have it revoked at Klarna in the background. Commits.

    The next purchase needs Klarna's login again. False when there was no link.
    """
    account = _held(user_id, region)
    if account is None:
        return False
    _tell(user_id, region, LinkChange.UNLINKED, account.customer_token, "")
    _end(account)
    letters.unlinked(user_id, region, by_shopper=True)
    db.session.commit()
    questions.answer_soon()
    sending.send_soon()
    return True


def unlink_everywhere(user_id: int) -> None:
    """Forget and revoke every link of a user who leaves, in the caller's transaction.

    Call :func:`.questions.answer_soon` after the commit.
    """
    for region in Region:
        account = _held(user_id, region)
        if account is not None:
            _end(account)


def doubt(reference: str) -> int:
    """Klarna says that the link of this reference was ended: have that verified. Commits; how many are in doubt.

    Some links whose reference is not known yet are asked about as well: the message may be about one of them.
    """
    named = select(KlarnaAccount).where(KlarnaAccount.reference == reference, KlarnaAccount.reference != "")
    nameless = select(KlarnaAccount).where(KlarnaAccount.reference == "").order_by(func.random()).limit(AT_ONCE)
    accounts = [*db.session.scalars(named), *db.session.scalars(nameless)]
    for account in accounts:
        questions.put(Question.VERIFY, account.customer_token, Region(account.region), account.user_id)
    db.session.commit()
    questions.answer_soon()
    return len(accounts)


def links(user_id: int) -> list[LinkView]:
    accounts = db.session.scalars(select(KlarnaAccount).filter_by(user_id=user_id).order_by(KlarnaAccount.region))
    return [
        LinkView(
            region=account.region,
            region_name=REGION_NAMES[Region(account.region)],
            markets=[market.country for market in MARKETS if market.region == account.region],
            fingerprint=account.fingerprint,
            linked_at=account.linked_at,
            updated_at=account.updated_at,
        )
        for account in accounts
    ]


def events(user_id: int, most: int = 50) -> list[EventView]:
    """The newest first."""
    newest = select(LinkEvent).filter_by(user_id=user_id).order_by(LinkEvent.id.desc()).limit(most)
    return [
        EventView(event.at, WORDS[LinkChange(event.kind)], event.order_number, REGION_NAMES[Region(event.region)])
        for event in db.session.scalars(newest)
    ]


def change_by(order_number: str) -> LinkChange | None:
    """What an order did to its buyer's link; None for a guest's."""
    kind = db.session.scalar(select(LinkEvent.kind).where(LinkEvent.order_number == order_number).limit(1))
    return LinkChange(kind) if kind else None


def _account(user_id: int, region: Region) -> KlarnaAccount | None:
    return db.session.scalar(select(KlarnaAccount).filter_by(user_id=user_id, region=str(region)))


def _held(user_id: int, region: Region) -> KlarnaAccount | None:
    """The row as it is now, and stays until the caller commits: what is decided by it is written to it.

    An UPDATE that changes nothing locks it in every database; SQLite has no SELECT FOR UPDATE.
    """
    mine = (KlarnaAccount.user_id == user_id, KlarnaAccount.region == str(region))
    db.session.execute(update(KlarnaAccount).where(*mine).values(updated_at=KlarnaAccount.updated_at))
    return db.session.scalar(select(KlarnaAccount).where(*mine).execution_options(populate_existing=True))


def _end(account: KlarnaAccount) -> None:
    """Forget a link and have its token revoked, unless another account of this shop is linked by the same one."""
    shared = select(KlarnaAccount.id).where(KlarnaAccount.fingerprint == account.fingerprint)
    if db.session.scalar(shared.where(KlarnaAccount.id != account.id).limit(1)) is None:
        questions.put(Question.REVOKE, account.customer_token, Region(account.region))
    db.session.execute(delete(KlarnaAccount).where(KlarnaAccount.id == account.id))


def _new_account(user_id: int, region: Region, token: str) -> KlarnaAccount | None:
    """A new row; None where there is one by now."""
    account = KlarnaAccount(user_id=user_id, region=str(region), customer_token=token)
    try:
        with db.session.begin_nested():
            db.session.add(account)
    except IntegrityError:
        return None
    return account


def _unlinked_since(user_id: int, region: Region, moment: datetime) -> bool:
    ended = select(LinkEvent.id).filter_by(user_id=user_id, region=str(region), kind=str(LinkChange.UNLINKED))
    return db.session.scalar(ended.where(LinkEvent.at > moment).limit(1)) is not None


def _ask_later(event: LinkEvent, decision: Decision, stored: str, returned: str) -> None:
    """What only the Identity API can tell: why a token was replaced, and whether an unconfirmed one still holds."""
    asked = {
        LinkChange.LINKED: (Question.LEARN, decision.store),
        LinkChange.REPLACED: (Question.EXPLAIN, stored),
        LinkChange.KEPT: (Question.VERIFY, stored),
        LinkChange.UNWANTED: (Question.REVOKE, returned),
    }
    if decision.change in asked:
        question, token = asked[decision.change]
        questions.put(question, token, Region(event.region), event.user_id, event.id)


def _tell(
    user_id: int, region: Region, change: LinkChange, old_token: str, new_token: str, order_number: str = ""
) -> LinkEvent:
    event = LinkEvent(
        user_id=user_id,
        region=str(region),
        kind=str(change),
        old_fingerprint=fingerprint(old_token) if old_token else "",
        new_fingerprint=fingerprint(new_token) if new_token else "",
        order_number=order_number,
    )
    db.session.add(event)
    db.session.flush()
    return event
