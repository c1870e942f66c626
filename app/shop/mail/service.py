"""The outbox: letters are put into it in the transaction of what they tell about, and read out of it.

What is odd about a recipient is logged and raises nothing: an order must not fail for a letter.
"""

import logging
from functools import lru_cache
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask import current_app
from jinja2 import Environment
from sqlalchemy import func, select

from ..extensions import db
from ..paging import Page, stretch
from ..web import settings
from .letters import Kind, LinkLetter, OrderLetter, SubscriptionLetter, WalletLetter, subject
from .models import OutboxMail

log = logging.getLogger(__name__)

PER_PAGE = 20


def about_order(kind: Kind, recipient: str, letter: OrderLetter, occasion: str = "") -> bool:
    """Write to whoever ordered, once for each kind and occasion, in the caller's transaction; False when there is no
    letter.
    """
    return _put(kind, recipient, letter.number, {"order": letter}, occasion)


def about_link(recipient: str, letter: LinkLetter) -> bool:
    """Tell that a link ended, in the caller's transaction; False when there is no letter."""
    return _put(Kind.UNLINKED, recipient, None, {"link": letter})


def about_wallet(recipient: str, letter: WalletLetter) -> bool:
    """Tell that one click pays from now on, in the caller's transaction; False when there is no letter."""
    return _put(Kind.WALLET, recipient, None, {"wallet": letter})


def about_subscription(
    kind: Kind, recipient: str, letter: SubscriptionLetter, order: OrderLetter | None = None
) -> bool:
    """Tell of a subscription, in the caller's transaction; with an order, once of each kind. False without a letter."""
    return _put(kind, recipient, order.number if order else None, {"subscription": letter, "order": order})


def newest(page: int) -> Page[OutboxMail]:
    """The outbox, the newest first."""
    total = db.session.scalar(select(func.count()).select_from(OutboxMail)) or 0
    shown = stretch(total, page, PER_PAGE)
    rows = select(OutboxMail).order_by(OutboxMail.id.desc()).limit(PER_PAGE).offset(shown.offset)
    return Page(list(db.session.scalars(rows)), shown.number, shown.pages, total)


def find(mail_id: int) -> OutboxMail | None:
    return db.session.get(OutboxMail, mail_id)


def _put(kind: Kind, recipient: str, number: str | None, about: dict[str, Any], occasion: str = "") -> bool:
    same = (OutboxMail.kind == kind, OutboxMail.order_number == number, OutboxMail.occasion == occasion)
    if number and db.session.scalar(select(OutboxMail.id).where(*same)) is not None:
        return False
    address = _deliverable(recipient)
    if not address:
        log.warning("no %s letter%s: the address cannot be written to", kind, f" for {number}" if number else "")
        return False
    written = {form: _render(f"mail/{kind}.{form}", about) for form in ("txt", "html")}
    mail = OutboxMail(
        kind=kind,
        order_number=number,
        occasion=occasion,
        recipient=address,
        subject=subject(kind, settings().shop_name, number or ""),
        text=written["txt"],
        html=written["html"],
    )
    db.session.add(mail)
    return True


def _render(template: str, about: dict[str, Any]) -> str:
    """Without the globals of a page: there may be no request, and a letter must not depend on one."""
    known = {"shop_name": settings().shop_name, "shop_url": settings().shop_url}
    return _environment(current_app.jinja_env).get_template(template).render(known | about)


@lru_cache(maxsize=8)
def _environment(pages: Environment) -> Environment:
    """As for pages, without the line breaks of tags: in plain text they would show."""
    return pages.overlay(trim_blocks=True, lstrip_blocks=True)


def _deliverable(recipient: str) -> str:
    """The address as a header takes it; empty when it is none. The test domains of RFC 6761 are taken, too."""
    try:
        found = validate_email(recipient, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return ""
    return found.ascii_email or ""
