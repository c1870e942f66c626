"""The shop on a real port, talking over the wire to an offline Klarna on another."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import flask_migrate
import requests
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import delete, select, update
from werkzeug.serving import BaseWSGIServer, make_server

from app.klarna import KlarnaClient
from app.sandbox import authorizations, sessions
from app.sandbox.callbacks import courier
from app.shop import create_app
from app.shop.accounts.models import User, new_session_key
from app.shop.catalogue import service as catalogue
from app.shop.catalogue.models import Product
from app.shop.checkout.models import CheckoutAttempt
from app.shop.config import Settings, load_settings
from app.shop.extensions import UTCDateTime, db, limiter, utcnow
from app.shop.linking.models import IdentityTask, KlarnaAccount, LinkEvent
from app.shop.signin.models import KlarnaIdentity, SignInEvent
from tests.contract.stand_in import CHECKOUT, EUROPE, NORTH_AMERICA, StandIn
from tests.support.calls import Calls

STOCK = 50
PARTNER_ACCOUNT_ID = "krn:partner:global:account:test:TESTS1"
WEBHOOK_SECRET = "secret-of-the-tests"
CLIENT = ("klarna_test_client_tests", "klarna_test_api_of_the_tests")


@dataclass(frozen=True)
class Programs:
    """Both programs, and the levers a test may pull: Klarna's control calls, and the shop's database."""

    klarna: StandIn
    shop: Flask
    shop_url: str
    calls: Calls

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One of Klarna's control calls."""
        response = requests.request(method, f"{self.klarna.url}/_sandbox/{path}", json=body, timeout=60)
        response.raise_for_status()
        return response.json() if response.content else None

    def journal(self, path: str = "", actor: str = "merchant") -> list[dict[str, Any]]:
        """What reached Klarna, in order; only what has ``path`` in its path."""
        exchanges: list[dict[str, Any]] = self.control("GET", "journal?after=0")
        return [e for e in exchanges if path in e["path"] and e["actor"] == actor]

    def fault(self, method: str, path: str, times: int, **action: Any) -> None:
        """Let Klarna fail: ``status`` and ``body``, ``delay``, or ``drop`` before or after."""
        self.control("POST", "faults", {"method": method, "path": path, "times": times, "action": action})

    def klarna_orders(self) -> list[dict[str, Any]]:
        orders: list[dict[str, Any]] = self.control("GET", "orders")
        return orders

    def cancelled(self) -> list[str]:
        """The approvals the shop had Klarna cancel, by their authorization tokens."""
        sent = [e for e in self.journal("/authorizations/") if (e["method"], e["status"]) == ("DELETE", 204)]
        return [e["path"].rpartition("/")[2] for e in sent]

    def browser_data(self, session_id: str, billing_address: dict[str, str]) -> None:
        """What the page's ``authorize`` tells Klarna about the shopper."""
        with self.klarna.app.app_context():
            told = {"billing_address": billing_address, "shipping_address": billing_address}
            sessions.merge_from_browser(sessions.read_by_id(session_id), told)

    def approve(self, session_id: str, person: str = "de-approved", link: bool = True) -> str:
        """What the shopper does in Klarna's window; the authorization token the page would get."""
        with self.klarna.app.app_context():
            return authorizations.approve(sessions.read_by_id(session_id), person, link)

    def refuse(self, session_id: str, person: str = "de-approved") -> None:
        with self.klarna.app.app_context():
            authorizations.refuse(sessions.read_by_id(session_id), person)

    def wait_for_callbacks(self) -> None:
        """Until everything Klarna wanted to tell the shop has been told."""
        with self.klarna.app.app_context():
            assert courier.wait(60)

    def wait_for_background(self) -> None:
        """Until the shop has done what it does after its answers."""
        assert self.shop.extensions["background"].wait(60)

    def attempt(self, attempt_id: str) -> tuple[str, str, str]:
        """Order number, session at Klarna and market of an attempt."""
        with self.shop.app_context():
            attempt = db.session.get_one(CheckoutAttempt, attempt_id)
            return attempt.order_number, attempt.klarna_session_id or "", attempt.market

    def events(self, visitor_email: str) -> list[str]:
        """What happened to somebody's links, oldest first."""
        with self.shop.app_context():
            mine = select(LinkEvent.kind).join(User, User.id == LinkEvent.user_id).where(User.email == visitor_email)
            return [str(kind) for kind in db.session.scalars(mine.order_by(LinkEvent.id))]

    def put_token(self, token: str) -> None:
        """Every link of the shop now has this token, as after a restored backup, whatever Klarna thinks of it."""
        with self.shop.app_context():
            db.session.execute(update(KlarnaAccount).values(customer_token=token, reference=""))
            db.session.commit()

    def spoil_oldest_attempt(self) -> None:
        """Its stored request is no JSON any more."""
        with self.shop.app_context():
            oldest = select(CheckoutAttempt.id).order_by(CheckoutAttempt.opened_at).limit(1).scalar_subquery()
            spoilt = update(CheckoutAttempt).where(CheckoutAttempt.id == oldest).values(order_body="not json")
            db.session.execute(spoilt)
            db.session.commit()

    def let_questions_be_due(self) -> None:
        """As if the pauses between two tries were over."""
        with self.shop.app_context():
            db.session.execute(update(IdentityTask).values(due_at=utcnow() - timedelta(seconds=1)))
            db.session.commit()

    def let_attempts_rest(self) -> None:
        """As if nothing had happened to any attempt for an hour."""
        with self.shop.app_context():
            an_hour_ago = utcnow() - timedelta(hours=1)
            db.session.execute(update(CheckoutAttempt).values(changed_at=an_hour_ago))
            db.session.commit()

    @contextmanager
    def impatient(self) -> Iterator[None]:
        """As long as this lasts, the shop waits one second for Klarna: less than a slow answer takes."""
        patient = self.shop.extensions["klarna"]
        configs = self.shop.config["SHOP"].klarna.items()
        hasty = {region: KlarnaClient(replace(config, read_timeout=1.0)) for region, config in configs}
        self.shop.extensions["klarna"] = hasty
        try:
            yield
        finally:
            self.shop.extensions["klarna"] = patient

    def let_time_pass(self, span: timedelta) -> None:
        """As if the shop had done all it did earlier by ``span``; questions to the Identity API are not due sooner.

        When somebody signed in stays: open attempts know the sign-in by it.
        """
        with self.shop.app_context():
            for table in db.metadata.sorted_tables:
                times = [c for c in table.columns if isinstance(c.type, UTCDateTime) and c.name != "signed_in_at"]
                if times and table.name not in ("product", IdentityTask.__tablename__):
                    key = list(table.primary_key)
                    for row in db.session.execute(select(*key, *times)).all():
                        here = [column == row._mapping[column] for column in key]
                        earlier = {c: row._mapping[c] - span for c in times if row._mapping[c] is not None}
                        db.session.execute(update(table).where(*here).values(earlier))
            db.session.commit()

    def recognised(self, session_id: str) -> str | None:
        """Whom Klarna recognised when the session was opened."""
        with self.klarna.app.app_context():
            return sessions.read_by_id(session_id).recognised

    def identity(self, email: str) -> KlarnaIdentity:
        """Somebody's sign-in with Klarna, as the shop keeps it."""
        with self.shop.app_context():
            mine = select(KlarnaIdentity).join(User, User.id == KlarnaIdentity.user_id).where(User.email == email)
            return db.session.scalars(mine).one()

    def sign_in_events(self, email: str) -> list[str]:
        """What happened to somebody's sign-in with Klarna, oldest first."""
        with self.shop.app_context():
            mine = select(SignInEvent.kind).join(User, User.id == SignInEvent.user_id).where(User.email == email)
            return [str(kind) for kind in db.session.scalars(mine.order_by(SignInEvent.id))]

    def end_sessions(self, email: str) -> None:
        """As if the user had changed the password in another browser."""
        with self.shop.app_context():
            db.session.execute(update(User).where(User.email == email).values(session_key=new_session_key()))
            db.session.commit()

    def has_password(self, email: str) -> bool:
        with self.shop.app_context():
            return db.session.scalars(select(User).where(User.email == email)).one().has_password

    def accounts(self) -> list[str]:
        """The e-mails of all accounts."""
        with self.shop.app_context():
            return list(db.session.scalars(select(User.email).order_by(User.id)))

    def refreshes(self) -> list[dict[str, Any]]:
        """Refreshes that reached Klarna."""
        sent = self.journal("/oauth2/token")
        return [e for e in sent if (e["request"]["body"] or {}).get("grant_type") == "refresh_token"]

    def stored_tokens(self) -> list[str]:
        with self.shop.app_context():
            return list(db.session.scalars(select(KlarnaAccount.customer_token).order_by(KlarnaAccount.id)))

    def set_stock(self, slug: str, stock: int) -> None:
        with self.shop.app_context():
            db.session.execute(update(Product).where(Product.slug == slug).values(stock=stock))
            db.session.commit()

    def stock(self, slug: str) -> int:
        with self.shop.app_context():
            return db.session.scalars(select(Product.stock).where(Product.slug == slug)).one()

    def reset(self) -> None:
        """Klarna as at its first start, the shop without customers and with full shelves; nothing else goes on."""
        self.calls.wait()
        self.wait_for_background()
        self.klarna.calls.wait()
        self.control("DELETE", "faults")
        self.control("POST", "reset")
        limiter.reset()
        with self.shop.app_context():
            for table in reversed(db.metadata.sorted_tables):
                if table.name not in ("category", "product", "price"):
                    db.session.execute(delete(table))
            db.session.execute(update(Product).values(stock=STOCK))
            db.session.commit()
            catalogue.seed()
        if "timeline" in self.shop.extensions:
            self.shop.extensions["timeline"].forget("")  # what was nobody's own doing, shown to everybody


def shop_environment(folder: Path, klarna: StandIn, shop_url: str) -> dict[str, str]:
    """What a shop against a stand-in is told, with a database in ``folder``."""
    return {
        "KLARNA_ENVIRONMENT": "offline",
        "SHOP_URL": shop_url,
        "KLARNA_API_URL": klarna.url,
        "KLARNA_USERNAME": EUROPE[0],
        "KLARNA_PASSWORD": EUROPE[1],
        "KLARNA_API_URL_NA": f"{klarna.url}/na",
        "KLARNA_USERNAME_NA": NORTH_AMERICA[0],
        "KLARNA_PASSWORD_NA": NORTH_AMERICA[1],
        "KLARNA_SDK_URL": f"{klarna.url}/kp/lib/v1/api.js",
        "KLARNA_IDENTITY_URL": klarna.url,
        "KLARNA_IDENTITY_API_KEY": EUROPE[1],
        "KLARNA_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "KLARNA_PARTNER_ACCOUNT_ID": PARTNER_ACCOUNT_ID,
        "KLARNA_CHECKOUT_URL": klarna.url,
        "KLARNA_CHECKOUT_USERNAME": CHECKOUT[0],
        "KLARNA_CHECKOUT_PASSWORD": CHECKOUT[1],
        "KLARNA_ISSUER": klarna.url,
        "KLARNA_CLIENT_ID": CLIENT[0],
        "KLARNA_CLIENT_SECRET": CLIENT[1],
        "KLARNA_ISSUER_NA": f"{klarna.url}/na/lp/idp",
        "KLARNA_CLIENT_ID_NA": CLIENT[0],
        "KLARNA_CLIENT_SECRET_NA": CLIENT[1],
        "SECRET_KEY": "for tests only: for tests only: for tests only",
        "TOKEN_KEYS": Fernet.generate_key().decode(),
        # The tests' own variable: the shop itself reads DATABASE_URL.
        "DATABASE_URL": os.environ.get("SHOP_TEST_DATABASE_URL") or f"sqlite:///{folder / 'shop.sqlite3'}",
    }


def shop_settings(folder: Path, klarna: StandIn, shop_url: str, **more: str) -> Settings:
    """The shop's settings against a stand-in."""
    return load_settings(shop_environment(folder, klarna, shop_url) | more)


def klarna_account(shop_url: str) -> dict[str, str]:
    """What a stand-in is told of the merchant whose shop is there."""
    return {
        "SANDBOX_WEBHOOK_URL": f"{shop_url}/klarna/callbacks/webhooks/{WEBHOOK_SECRET}",
        "SANDBOX_PARTNER_ACCOUNT_ID": PARTNER_ACCOUNT_ID,
        "SANDBOX_CLIENT_ID": CLIENT[0],
        "SANDBOX_CLIENT_SECRET": CLIENT[1],
        "SANDBOX_REDIRECT_URIS": f"{shop_url}/login/klarna/callback",
    }


@contextmanager
def running_shop(folder: Path, klarna: StandIn, port: int, **more: str) -> Iterator[Programs]:
    """A shop with an empty database, its schema made by the migrations, its catalogue seeded."""
    url = f"http://localhost:{port}"
    shop = create_app(shop_settings(folder, klarna, url, **more))
    shop.config["HASH_METHOD"] = "pbkdf2:sha256:1"
    with shop.app_context():
        flask_migrate.upgrade()
        catalogue.seed()
    calls = Calls()
    with serving(make_server("localhost", port, calls.of(shop), threaded=True)):
        yield Programs(klarna, shop, url, calls)


@contextmanager
def serving(server: BaseWSGIServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
