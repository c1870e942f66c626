"""The links of shoppers to their Klarna accounts: asked for, kept up to date, ended."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.klarna import Region

from ..encryption import fingerprint
from ..extensions import db, utcnow
from ..markets import MARKETS
from .models import KlarnaAccount, LinkEvent
from .rules import WORDS, LinkChange, decide

REGION_NAMES = {Region.EU: "Europe", Region.NA: "North America", Region.OC: "Oceania"}
LONGEST_TOKEN = 1024


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


def customer_token_for(user_id: int | None, region: Region) -> str:
    """The token by which Klarna recognises this user in this region; empty for guests and the unlinked."""
    account = _account(user_id, region) if user_id else None
    return account.customer_token if account else ""


def record_order(user_id: int, region: Region, returned: str, order_number: str) -> LinkChange:
    """Follow Klarna's answer to a linking order, in the caller's transaction. The rule is :func:`.rules.decide`."""
    account = _account(user_id, region)
    stored = account.customer_token if account else ""
    decision = decide(stored, returned if len(returned) <= LONGEST_TOKEN else "")
    if decision.store:
        account = account or _new_account(user_id, region, decision.store)
        account.customer_token = decision.store
    if account is not None and returned:
        account.updated_at = utcnow()
    _tell(user_id, region, decision.change, stored, decision.store or stored, order_number)
    return decision.change


def unlink(user_id: int, region: Region) -> bool:
    """Forget the token; the next purchase needs Klarna's login again. Commits. False when there was no link."""
    account = _account(user_id, region)
    if account is None:
        return False
    _tell(user_id, region, LinkChange.UNLINKED, account.customer_token, "")
    db.session.delete(account)
    db.session.commit()
    return True


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


def _new_account(user_id: int, region: Region, token: str) -> KlarnaAccount:
    """A new row, or the one that another order of the same user wrote a moment ago."""
    account = KlarnaAccount(user_id=user_id, region=str(region), customer_token=token)
    try:
        with db.session.begin_nested():
            db.session.add(account)
    except IntegrityError:
        return db.session.scalars(select(KlarnaAccount).filter_by(user_id=user_id, region=str(region))).one()
    return account


def _tell(
    user_id: int, region: Region, change: LinkChange, old_token: str, new_token: str, order_number: str = ""
) -> None:
    db.session.add(
        LinkEvent(
            user_id=user_id,
            region=str(region),
            kind=str(change),
            old_fingerprint=fingerprint(old_token) if old_token else "",
            new_fingerprint=fingerprint(new_token) if new_token else "",
            order_number=order_number,
        )
    )
