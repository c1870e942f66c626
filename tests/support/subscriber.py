"""A shopper who lets the shop charge Klarna: the page that leads there, driven as its script drives it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from app.shop.extensions import db, utcnow
from app.shop.mail.models import OutboxMail
from app.shop.payment_tokens.models import EndedToken, PaymentToken, TokenSignup
from app.shop.subscriptions.models import Renewal, Subscription

from .programs import Programs
from .visitor import BERLIN, NEW_YORK, Page, Visitor

INDEX = "/account/subscriptions"


@dataclass
class SignUp:
    """A page on which Klarna's widget asks for a permission to charge."""

    visitor: Visitor
    attempt: str
    version: str
    page: Page

    @property
    def programs(self) -> Programs:
        return self.visitor.programs

    @property
    def session_id(self) -> str:
        """Klarna's session behind this page, from Klarna's own journal."""
        opened = [
            e
            for e in self.programs.journal("/payments/v1/sessions")
            if self.attempt in str((e["request"]["body"] or {}).get("merchant_urls")) and e["response"]["body"]
        ]
        return str(opened[0]["response"]["body"]["session_id"])

    def details(self, address: dict[str, str]) -> tuple[int, dict[str, Any]]:
        return self.visitor.call("/payment-tokens/details", address | {"attempt": self.attempt})

    def approve(self, person: str = "de-approved") -> str:
        """Save the address, and confirm in Klarna's window; the authorization token."""
        status, body = self.details(NEW_YORK if person.startswith("us") else BERLIN)
        assert status == 200, body
        self.programs.browser_data(self.session_id, body["billing_address"])
        return self.programs.approve(self.session_id, person)

    def confirm(self, token: str, **changes: str) -> tuple[int, dict[str, Any]]:
        sent = {"attempt": self.attempt, "version": self.version, "authorization_token": token} | changes
        return self.visitor.call("/payment-tokens/confirm", sent)

    def refresh(self, **more: str) -> tuple[int, dict[str, Any]]:
        return self.visitor.call("/payment-tokens/refresh", {"attempt": self.attempt} | more)

    def finish(self, person: str = "de-approved") -> Page:
        """All of it, up to the page of subscriptions."""
        status, body = self.confirm(self.approve(person))
        assert status == 200, body
        response = self.visitor.http.get(body["redirect"], timeout=60)
        assert response.status_code == 200, response.text[:500]
        return Page(response.text)


def opened(visitor: Visitor, path: str) -> SignUp:
    page = visitor.get(path)
    return SignUp(visitor, page.data["attempt"], page.data["version"], page)


def sign_up(visitor: Visitor, rhythm: str = "month", start: str = "now", quantity: int = 1) -> SignUp:
    """The page behind *Subscribe*."""
    return opened(visitor, f"/subscribe/house-blend?rhythm={rhythm}&start={start}&quantity={quantity}")


def subscribed(programs: Programs, **how: Any) -> Visitor:
    """Somebody with an account and a subscription."""
    visitor = Visitor(programs)
    visitor.email = visitor.register()
    sign_up(visitor, **how).finish()
    return visitor


def pay_again(visitor: Visitor) -> SignUp:
    return opened(visitor, f"{INDEX}/{subscription(visitor.programs).id}/payment")


def subscription(programs: Programs) -> Subscription:
    """The only subscription there is."""
    with programs.shop.app_context():
        return db.session.scalars(select(Subscription)).one()


def renewals(programs: Programs) -> list[Renewal]:
    """What became of each period, in their order."""
    with programs.shop.app_context():
        return list(db.session.scalars(select(Renewal).order_by(Renewal.period)))


def renew(programs: Programs, *options: str) -> list[str]:
    """Run the command; its lines."""
    done = programs.shop.test_cli_runner().invoke(args=["renew-subscriptions", *options])
    assert done.exit_code == 0, done.output
    programs.wait_for_background()
    return done.stdout.splitlines()


def charges(programs: Programs) -> list[dict[str, Any]]:
    """The charges that reached Klarna, in order."""
    sent = programs.journal("/customer-token/v1/tokens/")
    return [e for e in sent if e["method"] == "POST"]


def payment_tokens(programs: Programs) -> list[dict[str, Any]]:
    """The tokens, as Klarna sees them."""
    found: list[dict[str, Any]] = programs.control("GET", "payment-tokens")
    return found


def tokens(programs: Programs) -> list[tuple[str, str]]:
    """State and secret of every token the shop keeps."""
    with programs.shop.app_context():
        rows = db.session.execute(select(PaymentToken.state, PaymentToken.token).order_by(PaymentToken.id))
        return [(state, token) for state, token in rows]


def letters(programs: Programs) -> list[str]:
    """The kinds of letters written, in their order."""
    with programs.shop.app_context():
        return list(db.session.scalars(select(OutboxMail.kind).order_by(OutboxMail.id)))


def last_letter(programs: Programs) -> str:
    """The text of the newest letter."""
    with programs.shop.app_context():
        return db.session.scalars(select(OutboxMail.text).order_by(OutboxMail.id.desc()).limit(1)).one()


def decide(programs: Programs, **wanted: str) -> None:
    """What Klarna makes of the newest token: its ``status``, or ``next_charge``."""
    programs.control("POST", f"payment-tokens/{payment_tokens(programs)[-1]['token_id']}", wanted)


def reconcile(programs: Programs) -> None:
    """What was interrupted is finished, as after a while."""
    programs.wait_for_background()
    with programs.shop.app_context():
        an_hour_ago = utcnow() - timedelta(hours=1)
        db.session.execute(update(TokenSignup).values(changed_at=an_hour_ago))
        db.session.execute(update(EndedToken).values(due_at=an_hour_ago))
        db.session.commit()
    done = programs.shop.test_cli_runner().invoke(args=["reconcile"])
    assert done.exit_code == 0, done.output
