"""Letters leave the outbox by SMTP, in the background, with patience. Where no MAIL_URL is set they stay in it.

A letter is claimed before it is sent, so that two processes never send it both. One whose process died between the
server's yes and our note of it is sent again; it has the same Message-ID, by which mailboxes tell.
"""

import logging
import smtplib
import ssl
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, parseaddr

from sqlalchemy import delete, or_, select, update

from .. import background
from ..config import MailConfig
from ..extensions import db, rows_changed, utcnow
from ..web import settings
from .models import OutboxMail

log = logging.getLogger(__name__)

PAUSES = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
LIFE = timedelta(days=3)  # older news is no news; also what waited for a MAIL_URL that came late
AT_ONCE = 50
KEPT = 1000  # enough to look into what was written lately; letters hold addresses, and are nobody's archive
PATIENCE = 10.0  # seconds, for each step of the conversation
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def send_soon() -> None:
    """Send in the background what was put into the outbox. Call it after the commit."""
    if settings().mail is not None:
        background.soon(send_all)


def settle_all() -> Iterator[str]:
    """Send what is due, one line of words for it, and forget what is old. Commits."""
    sent = send_all()
    if sent:
        yield f"{sent} letters sent"
    forget_old()


def send_all() -> int:
    """Send what is due; how many letters left. Commits after each."""
    config = settings().mail
    if config is None:
        return 0
    now = utcnow()
    waiting = (
        OutboxMail.sent_at.is_(None),
        OutboxMail.due_at <= now,
        OutboxMail.attempts <= len(PAUSES),
        OutboxMail.created_at > now - LIFE,
    )
    due = select(OutboxMail.id, OutboxMail.due_at).where(*waiting).order_by(OutboxMail.id).limit(AT_ONCE)
    claimed = [row.id for row in db.session.execute(due).all() if _claim(row.id, row.due_at)]
    return sum(_send(mail_id, config) for mail_id in claimed)


def forget_old() -> int:
    """Keep the newest letters, and older ones that may still leave; how many were forgotten. Commits."""
    first_kept = select(OutboxMail.id).order_by(OutboxMail.id.desc()).offset(KEPT - 1).limit(1).scalar_subquery()
    done = or_(OutboxMail.sent_at.is_not(None), OutboxMail.created_at < utcnow() - LIFE)
    forgotten = rows_changed(delete(OutboxMail).where(OutboxMail.id < first_kept, done))
    db.session.commit()
    return forgotten


def message(mail: OutboxMail, config: MailConfig) -> EmailMessage:
    """A letter as it travels. Raises ValueError for a header that would break out of its line."""
    name, address = parseaddr(config.sender)
    made = EmailMessage()
    made["From"] = formataddr((name or settings().shop_name, address))
    made["To"] = mail.recipient
    made["Subject"] = mail.subject
    made["Date"] = format_datetime(mail.created_at)
    named = (mail.kind, mail.order_number or str(mail.id), mail.occasion)
    made["Message-ID"] = f"<{'.'.join(filter(None, named))}@{address.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(mail.text)
    made.add_alternative(mail.html, subtype="html")
    return made


def _claim(mail_id: int, due_at: datetime) -> bool:
    """Take a letter, unless somebody else just did; the next try is set before this one is made."""
    mail = db.session.get_one(OutboxMail, mail_id)
    pause = PAUSES[min(mail.attempts, len(PAUSES) - 1)]
    mine = update(OutboxMail).where(OutboxMail.id == mail_id, OutboxMail.due_at == due_at)
    taken = rows_changed(mine.values(attempts=OutboxMail.attempts + 1, due_at=utcnow() + pause))
    db.session.commit()
    return bool(taken)


def _send(mail_id: int, config: MailConfig) -> bool:
    mail = db.session.get_one(OutboxMail, mail_id)
    attempts = mail.attempts
    try:
        letter = message(mail, config)
        db.session.commit()  # no transaction is open while somebody else's server takes its time
        _deliver(letter, config)
    except (OSError, smtplib.SMTPException, ValueError) as trouble:
        log.warning("letter %d was not sent, try %d: %s", mail_id, attempts, type(trouble).__name__)
        if attempts > len(PAUSES):
            log.error("letter %d is given up", mail_id)
        db.session.rollback()
        return False
    rows_changed(update(OutboxMail).where(OutboxMail.id == mail_id).values(sent_at=utcnow()))
    db.session.commit()
    return True


def _deliver(letter: EmailMessage, config: MailConfig) -> None:
    """Raises OSError, SMTPException."""
    with _connection(config) as server:
        if config.username:
            server.login(config.username, config.password)
        server.send_message(letter)


def _connection(config: MailConfig) -> smtplib.SMTP:
    """Encrypted from the start, or as soon as the server offers it: a password never travels in the open."""
    trusted = ssl.create_default_context()
    if config.tls:
        return smtplib.SMTP_SSL(config.host, config.port, timeout=PATIENCE, context=trusted)
    server = smtplib.SMTP(config.host, config.port, timeout=PATIENCE)
    try:
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=trusted)
        elif config.username and config.host not in LOOPBACK:
            raise smtplib.SMTPNotSupportedError("MAIL_URL: the server does not encrypt")
    except (OSError, smtplib.SMTPException):
        server.close()
        raise
    return server
